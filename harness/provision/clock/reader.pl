# Reads a process's clock, for the agent.
#
#   clock PID VDSO LENGTH ENTRY    -> ok NAME WALL AT MONOTONIC AT
#
# What clock_gettime would tell process PID now, against the kernel's own word: nanoseconds ahead of it, and when that
# was, of both clocks. VDSO and LENGTH are where the process has its vDSO, ENTRY where in it clock_gettime begins.
#
# The process is not asked, and not touched. The bytes of its vDSO are copied, and a child of ours that has put them
# over its own runs them: what they say there, they say in the process, for they use nothing else that is a process's own.
# So it does not matter what anybody believes to have written there. The truth is what the system call says, which no
# vDSO can bend.
package Clock;
use strict;
use warnings;

my $machine = (POSIX::uname())[4];
my $CLOCK_GETTIME = $machine eq 'x86_64' ? 228 : 113;
use constant { WALL => 0, STEADY => 1, TRIES => 50, SOON => 20_000 };

sub read_clock {
    my ($pid, $vdso, $length, $entry) = @_;
    open(my $memory, '<:raw', "/proc/$pid/mem") or die "$!\n";
    sysseek($memory, $vdso, 0) && (sysread($memory, my $code, $length) // 0) == $length or die "its vDSO cannot be read: $!\n";
    open(my $called, '<', "/proc/$pid/comm") or die "$!\n";
    chomp(my $name = <$called> // '?');

    pipe(my $told, my $tell) or die "pipe: $!\n";
    my $child = fork() // die "fork: $!\n";
    if ($child == 0) {
        my @read = eval { run_clock($code, $entry) };
        syswrite($tell, $@ ? "! $@" : "@read");
        POSIX::_exit(0);
    }
    close $tell;
    my $said = do { local $/; <$told> } // '';
    waitpid($child, 0);
    die $said =~ s/^! //r if $said =~ /^!/;
    die "the program that ran its vDSO ended without a word\n" if $said eq '';
    return ($name =~ s/\s/_/gr, split ' ', $said);
}

# In a child: become, as far as clocks go, the process that the code is from.
sub run_clock {
    my ($code, $entry) = @_;
    my ($from, $to) = own_vdso();
    die "another kernel’s vDSO\n" if $to - $from != length $code;
    my @clocks = map { { number => $_, out => "\0" x 16 } } WALL, STEADY;
    my $at = $to;
    for my $clock (@clocks) {
        my $thunk = thunk($clock->{number}, unpack('Q', pack('p', $clock->{out})), $from + $entry);
        $at -= 64;
        substr($code, $at - $from, 64) =~ /^\0*$/ or die "no room beside its vDSO\n";
        substr($code, $at - $from, length $thunk) = $thunk;
        $clock->{at} = $at;
    }
    open(my $memory, '+<:raw', '/proc/self/mem') or die "$!\n";
    sysseek($memory, $from, 0) && (syswrite($memory, $code) // 0) == length $code or die "writing our own vDSO: $!\n";
    require DynaLoader;
    return map { ahead($_) } @clocks;
}

# How far the clock is ahead, and when; of several tries the one that was the least interrupted.
sub ahead {
    my ($clock) = @_;
    my $read = DynaLoader::dl_install_xsub("Clock::call_$clock->{number}", $clock->{at});
    my ($best, $when, $least);
    for (1 .. TRIES) {
        my $began  = truth(STEADY);
        my $before = truth($clock->{number});
        $read->();
        my $after = truth($clock->{number});
        my $took  = truth(STEADY) - $began;
        next if defined $least && $took >= $least;
        my ($seconds, $nanoseconds) = unpack('q q', $clock->{out});
        $best = $seconds * 1_000_000_000 + $nanoseconds - ($before + $after >> 1);
        ($when, $least) = ($began, $took);
        last if $took < SOON;
    }
    return ($best, $when);
}

sub truth {
    my $out = "\0" x 16;
    syscall($CLOCK_GETTIME, $_[0], $out);
    my ($seconds, $nanoseconds) = unpack('q q', $out);
    return $seconds * 1_000_000_000 + $nanoseconds;
}

# Machine code, called as Perl calls a function of C: clock_gettime(NUMBER, OUT), and nothing with the result.
sub thunk {
    my ($number, $out, $function) = @_;
    return pack('C CV H4Q H4Q H4 C C', 0x53, 0xbf, $number, '48be', $out, '48b8', $function, 'ffd0', 0x5b, 0xc3)
        if $machine eq 'x86_64';
    return pack('V8 Q3', 0xa9bf7bfd, 0x580000e0, 0x58000101, 0x58000129, 0xd63f0120, 0xa8c17bfd, 0xd65f03c0, 0xd503201f,
        $number, $out, $function);
}

sub own_vdso {
    no warnings 'portable';
    open(my $maps, '<', '/proc/self/maps') or die "$!\n";
    while (<$maps>) { return (hex $1, hex $2) if /^(\w+)-(\w+) .*\[vdso\]$/ }
    die "we have no vDSO ourselves\n";
}

{ clock => \&read_clock };
