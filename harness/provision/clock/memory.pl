# Reads and writes the memory of processes, for the agent, and has them stand still meanwhile.
#
#   processes PID                 -> ok PID...: all that are in PID's process namespace, as ours numbers them
#   times                         -> ok WALL MONOTONIC, in nanoseconds
#   grip PID                      -> ok HANDLE, of the program that PID runs now; should it become another, it is gone
#   release HANDLE
#   vdso HANDLE                   -> ok [AT LENGTH]
#   peek HANDLE AT LENGTH         -> ok HEX
#   poke HANDLE AT HEX
#   halt HANDLE FROZEN (AT LENGTH)...
#                                 every thread stands still, and none in the middle of one of these; FROZEN is 1 where
#                                 its container is, so that none of them could even stop
#   resume HANDLE                 go on, unless it stood still already when it was halted
#
# A process that is no more is answered by "gone". One that is halted goes on by itself when we end, and after two seconds.
package Memory;
use strict;
use warnings;
use Errno;

use constant { PATIENCE => 1, AT_MOST => 2 };

my %grip;      # handle -> { pid, memory }
my %halted;    # pid -> 1
my $handles = 0;

$SIG{ALRM} = \&resume_all;

sub resume_all { kill(CONT => keys %halted); %halted = () }
END { resume_all() }

sub processes_with {
    my ($pid) = @_;
    my $namespace = readlink("/proc/$pid/ns/pid") // gone();
    opendir(my $all, '/proc') or die "/proc: $!\n";
    return grep { /^\d+$/ && (readlink("/proc/$_/ns/pid") // '') eq $namespace && state("/proc/$_") !~ /[ZX]/ } readdir $all;
}

sub grip {
    my ($pid) = @_;
    open(my $memory, '+<:raw', "/proc/$pid/mem") or refuse();
    $grip{ ++$handles } = { pid => $pid, memory => $memory };
    return $handles;
}

sub vdso {
    no warnings 'portable';
    my ($held) = held(@_);
    open(my $maps, '<', "/proc/$held->{pid}/maps") or refuse();
    while (<$maps>) { return (hex $1, hex($2) - hex($1)) if /^(\w+)-(\w+) .*\[vdso\]$/ }
    return;
}

sub peek {
    my ($held, $at, $length) = held(@_);
    sysseek($held->{memory}, $at, 0);
    my $read = sysread($held->{memory}, my $bytes, $length) // refuse();
    gone() if $read != $length;
    return unpack('H*', $bytes);
}

sub poke {
    my ($held, $at, $hex) = held(@_);
    my $bytes = pack('H*', $hex);
    sysseek($held->{memory}, $at, 0);
    my $written = syswrite($held->{memory}, $bytes) // refuse();
    gone() if $written != length $bytes;
    return;
}

sub halt {
    my ($held, $frozen, @spans) = held(@_);
    my $pid = $held->{pid};
    my $moving = !$frozen && grep { $_->{state} ne 'T' } threads($pid);
    my $end = main::now() + PATIENCE;
    for (my $round = 1;; $round++) {
        if ($moving) {
            $halted{$pid} = 1;
            alarm AT_MOST;
            kill(STOP => $pid) or refuse();
        }
        my @where = eval { standing($pid, $frozen, $end) };
        my $why = $@;
        return if $why eq '' && !grep { inside($_, @spans) } @where;
        resume($_[0]);
        die $why if $why ne '';
        die "a thread stands where its code is to be changed\n" if !$moving || main::now() > $end;
        select(undef, undef, undef, $round / 1000);
    }
}

sub resume {
    my ($held) = held(@_);
    kill(CONT => $held->{pid}) if delete $halted{ $held->{pid} };
    alarm 0 unless %halted;
    return;
}

# Where each thread stands, once none runs. When one has stopped, all others will before they run another instruction.
sub standing {
    my ($pid, $frozen, $end) = @_;
    for (my $round = 0;; $round++) {
        my @threads = grep { $_->{state} !~ /[ZX]/ } threads($pid) or gone();
        if ($frozen || grep { $_->{state} =~ /[Tt]/ } @threads) {
            my @where = map { counter("/proc/$pid/task/$_->{id}") } @threads;
            return @where if @where == @threads;
        }
        die "it does not stand still\n" if main::now() > $end;
        select(undef, undef, undef, $round < 20 ? 0.0001 : 0.002) if $round > 3;
    }
}

sub threads {
    my ($pid) = @_;
    opendir(my $tasks, "/proc/$pid/task") or refuse();
    return grep { $_->{state} ne '' } map { { id => $_, state => state("/proc/$pid/task/$_") } } grep { /^\d+$/ } readdir $tasks;
}

# The program's name, in parentheses, may contain anything, so the state is found from behind.
sub state { open(my $stat, '<', "$_[0]/stat") or return ''; local $/; return (<$stat> // '') =~ /.*\) (\w)/s ? $1 : '' }

# The instruction that it will run next; nothing while it is running.
sub counter {
    no warnings 'portable';
    open(my $call, '<', "$_[0]/syscall") or refuse();
    return (<$call> // '') =~ /0x(\w+)$/ ? hex $1 : ();
}

# A thread may be about to run the first instruction: it will run the new one then.
sub inside {
    my ($where, @spans) = @_;
    while (my ($at, $length) = splice(@spans, 0, 2)) { return 1 if $where > $at && $where < $at + $length }
    return 0;
}

sub held { my $handle = shift; return ($grip{$handle} // die("no handle $handle\n"), @_) }

sub gone { die "gone\n" }

sub refuse {
    gone() if $!{ENOENT} || $!{ESRCH};
    die "the kernel lets nobody write to code through /proc/PID/mem (proc_mem.force_override)\n" if $!{EIO};
    die "$!\n";
}

{
    processes => \&processes_with,
    times     => sub { map { Clock::truth($_) } 0, 1 },
    grip      => \&grip,
    release   => sub { delete $grip{ $_[0] }; return },
    vdso      => \&vdso,
    peek      => \&peek,
    poke      => \&poke,
    halt      => \&halt,
    resume    => \&resume,
};
