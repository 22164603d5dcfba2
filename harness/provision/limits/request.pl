# What a process is given that asks for more, for the agent: it is made to ask, once, and what it was given is given back.
#
#   request PID files COUNT       sockets, one after the other -> ok NAME [EMFILE]: how the last of them was refused
#   request PID memory BYTES      one mapping                  -> ok NAME [ENOMEM]
#
# The main thread is stopped as a debugger would, wherever it is, makes the system calls, and goes on where it was: a call that it was
# waiting in is taken up again by the kernel. x86-64 alone. A process that is no more is answered by "gone".
package Request;
use strict;
use warnings;
no warnings 'portable';   # addresses have 64 bits
use Errno;
use POSIX ();

use constant { SEIZE => 0x4206, INTERRUPT => 0x4207, GETREGS => 12, SETREGS => 13, STEP => 9, DETACH => 17 };
use constant { PTRACE => 101, ALL => 0x40000000, SIGTRAP => 5 };
use constant { SOCKET => 41, CLOSE => 3, MMAP => 9, MUNMAP => 11 };
# Among the registers, as the kernel lists them.
use constant { R10 => 7, R9 => 8, R8 => 9, RAX => 10, RDX => 12, RSI => 13, RDI => 14, ORIG_RAX => 15, RIP => 16 };
use constant { UNIX_STREAM => [1, 0x80001, 0], PRIVATE_ANONYMOUS => 0x22, READ => 1, NO_FILE => ~0 };
# One that stands still with all of its container cannot be asked.
use constant PATIENCE_S => 1;

sub request {
    my ($pid, $what, $amount) = @_;
    die "only on x86-64\n" if (POSIX::uname())[4] ne 'x86_64';
    my ($name) = slurp("/proc/$pid/comm") =~ /^(.*)/;
    # In a process of its own: whatever becomes of it, the kernel lets go of the one that it had stopped.
    pipe(my $hears, my $says) or die "pipe: $!\n";
    my $child = fork() // die "fork: $!\n";
    if ($child == 0) {
        my $answer = eval { $what eq 'files' ? sockets($pid, $amount) : mapping($pid, $amount) } // "!$@";
        syswrite($says, $answer);
        POSIX::_exit(0);
    }
    close $says;
    sysread($hears, my $answer, 1000);
    waitpid $child, 0;
    die "it does not stop to be asked\n" unless defined $answer && length $answer;
    die substr($answer, 1) =~ s/\n?$/\n/r if $answer =~ /^!/;
    return ($name =~ s/\s/_/gr, $answer eq '-' ? () : $answer);
}

sub sockets {
    my ($pid, $count) = @_;
    my ($calls, @given) = (stopped($pid));
    my $result = 0;
    for (1 .. $count) {
        $result = $calls->(SOCKET, @{ UNIX_STREAM() });
        last if $result < 0;
        push @given, $result;
    }
    $calls->(CLOSE, $_) for @given;
    $calls->();
    return refusal($result);
}

sub mapping {
    my ($pid, $bytes) = @_;
    my $calls = stopped($pid);
    my $result = $calls->(MMAP, 0, $bytes, READ, PRIVATE_ANONYMOUS, NO_FILE, 0);
    my $refused = $result < 0 && $result > -4096;
    $calls->(MUNMAP, $result, $bytes) unless $refused;
    $calls->();
    return refusal($refused ? $result : 0);
}

sub refusal {
    return '-' if $_[0] >= 0;
    $! = -$_[0];
    return (grep { $!{$_} } qw(EMFILE ENOMEM), keys %!)[0] // 'an error';
}

# Has it make system calls; called without one, lets it go on.
sub stopped {
    my ($pid) = @_;
    trace(SEIZE, $pid, 0, 0);
    trace(INTERRUPT, $pid, 0, 0);
    $SIG{ALRM} = 'DEFAULT';
    alarm PATIENCE_S;
    waitpid($pid, ALL) == $pid && (${^CHILD_ERROR_NATIVE} & 0xff) == 0x7f or die "gone\n";
    alarm 0;
    my $registers = "\0" x 216;
    trace(GETREGS, $pid, 0, $registers);
    my $way = instruction($pid, (unpack 'q27', $registers)[RIP]);
    my $signal = 0;
    return sub {
        my ($number, @arguments) = @_;
        if (!defined $number) {
            trace(SETREGS, $pid, 0, $registers);
            trace(DETACH, $pid, 0, $signal);
            return 0;
        }
        my @now = unpack 'q27', $registers;
        @now[RAX, ORIG_RAX, RIP] = ($number, -1, $way);
        @now[(RDI, RSI, RDX, R10, R8, R9)[0 .. $#arguments]] = @arguments;
        my $asking = pack 'q27', @now;
        trace(SETREGS, $pid, 0, $asking);
        for (;;) {
            trace(STEP, $pid, 0, 0);
            waitpid($pid, ALL) == $pid && (${^CHILD_ERROR_NATIVE} & 0xff) == 0x7f or die "gone\n";
            last if (${^CHILD_ERROR_NATIVE} >> 8 & 0xff) == SIGTRAP;
            # It was sent one meanwhile, and gets it when it goes on.
            $signal = ${^CHILD_ERROR_NATIVE} >> 8 & 0xff;
        }
        trace(GETREGS, $pid, 0, $asking);
        return (unpack 'q27', $asking)[RAX];
    };
}

# Where the process has an instruction that makes a system call: most often the one that it waits in.
sub instruction {
    my ($pid, $at) = @_;
    open(my $memory, '<:raw', "/proc/$pid/mem") or refuse();
    sysseek($memory, $at - 2, 0);
    sysread($memory, my $here, 2);
    return $at - 2 if ($here // '') eq "\x0f\x05";
    for (grep { /r-xp.* \// } split /\n/, slurp("/proc/$pid/maps")) {
        my ($from, $to) = map { hex } /^(\w+)-(\w+)/ or next;
        sysseek($memory, $from, 0);
        sysread($memory, my $code, $to - $from) // next;
        my $found = index $code, "\x0f\x05";
        return $from + $found if $found >= 0;
    }
    die "it has no system call to be found\n";
}

sub trace {
    my ($request, $pid, $address) = @_;
    # The last is where registers are read from or put, or a number.
    syscall(PTRACE, $request, $pid + 0, $address, $_[3]) != -1 or refuse();
}

sub slurp {
    open(my $file, '<', $_[0]) or refuse();
    local $/;
    return <$file> // die "gone\n";
}

sub refuse { die "gone\n" if $!{ENOENT} || $!{ESRCH}; die "$!\n" }

return { request => \&request };
