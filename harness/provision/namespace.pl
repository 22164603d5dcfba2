#!/usr/bin/perl
# Runs a command in network, mount and process namespaces of its own.
#
#     caller's process ── this script, outside: waits, passes signals on
#                           └─ process 1, inside: reaps, passes signals on
#                                └─ the command
#
# Perl, because perl-base is on every Debian, and unshare(1) of Debian 12 swallows SIGTERM. When the outer process
# is gone, however it went, the kernel kills process 1, and with it everything that the command ever started.
#
#     perl namespace.pl root|user COMMAND...
#
# Exits as the command does. Exits 125 with one line on stderr, `namespace: STEP: WHY`, when there can be none.
use strict;
use warnings;
use POSIX qw(:sys_wait_h :signal_h);

# Perl knows no names for these: sys/syscall.ph is not in perl-base. The second row is every newer architecture.
my %numbers = (
    x86_64  => { unshare => 272, mount => 165, prctl => 157, rt_sigtimedwait => 128 },
    generic => { unshare => 97, mount => 40, prctl => 167, rt_sigtimedwait => 137 },
);
my $machine = (POSIX::uname())[4];
my $call = $numbers{ $machine eq 'x86_64' ? 'x86_64' : $machine =~ /^(aarch64|riscv64|loongarch64)$/ ? 'generic' : '' }
    or give_up("no system call numbers for $machine");

use constant { NEWNS => 0x20000, NEWUSER => 0x10000000, NEWPID => 0x20000000, NEWNET => 0x40000000 };
use constant { PRIVATE => 0x44000, NOSUID_NODEV_NOEXEC => 14 };
use constant { SET_DEATH_SIGNAL => 1, FROM_KERNEL => 0x80 };
use constant { SIOCSIFFLAGS => 0x8914, UP => 0x41 };

my ($powers, @command) = @ARGV;
my @passed_on = (SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2);
my $attended = POSIX::SigSet->new(@passed_on, SIGCHLD);

separate();
pipe(my $asks, my $asked) && pipe(my $tells, my $told) or give_up("pipe: $!");
# From here on signals wait until attend() takes them.
sigprocmask(SIG_BLOCK, $attended);
my $first = fork() // give_up("fork: $!");
$first ? outside($first) : inside();

# Leave the caller's namespaces. The process namespace begins with the next child.
sub separate {
    my ($uid, $gid) = ($>, $) + 0);
    syscall($call->{unshare}, NEWNET | NEWNS | NEWPID | ($powers eq 'user' ? NEWUSER : 0)) == 0
        or give_up("unshare: $!");
    if ($powers eq 'user') {
        spill('/proc/self/setgroups', 'deny');
        spill('/proc/self/uid_map', "0 $uid 1");
        spill('/proc/self/gid_map', "0 $gid 1");
    }
    $ENV{LABRYS_NAMESPACE} = readlink('/proc/self/ns/net');
    socket(my $any, 2, 2, 0) or give_up("socket: $!");
    my $loopback = pack('a16 s x22', 'lo', UP);
    ioctl($any, SIOCSIFFLAGS, $loopback) or give_up("loopback: $!");
}

sub outside {
    my ($first) = @_;
    # A launcher that cannot become us, but only wait for us, asks to be missed.
    my $launcher = $ENV{LABRYS_DIES_WITH} // 0;
    syscall($call->{prctl}, SET_DEATH_SIGNAL, SIGKILL, 0, 0, 0) if $launcher == getppid();
    close $asked;
    close $tells;
    # Process 1 asks after arranging to die with us; an answer means that we were alive after that.
    sysread($asks, my $question, 1);
    syswrite($told, 'y');
    my $status = attend($first);
    sysread($asks, my $inner, 2);
    $status = unpack('S', $inner) if length($inner // '') == 2;
    end_like($status);
}

sub inside {
    close $asks;
    close $told;
    syscall($call->{prctl}, SET_DEATH_SIGNAL, SIGKILL, 0, 0, 0);
    syswrite($asked, '?');
    sysread($tells, my $answer, 1) or POSIX::_exit(125);
    mount('none', '/', 'none', PRIVATE);
    mount('proc', '/proc', 'proc', NOSUID_NODEV_NOEXEC);
    my $main = fork() // give_up("fork: $!");
    if (!$main) {
        sigprocmask(SIG_UNBLOCK, $attended);
        { no warnings; exec { $command[0] } @command }
        give_up("$command[0]: $!");
    }
    syswrite($asked, pack('S', attend($main)));
    POSIX::_exit(0);
}

# Wait for a child to end; reap every other; pass on what a process sent. What the terminal sends (Ctrl-C) comes
# from the kernel and reaches the whole group without us: passed on, one Ctrl-C would look like two.
sub attend {
    my ($child) = @_;
    my $mask = 0;
    $mask |= 1 << ($_ - 1) for @passed_on, SIGCHLD;
    my $set = pack('Q', $mask);
    for (;;) {
        while ((my $ended = waitpid(-1, WNOHANG)) > 0) {
            return $? if $ended == $child;
        }
        my $info = "\0" x 128;
        my $signal = syscall($call->{rt_sigtimedwait}, $set, $info, 0, 8);
        next if $signal <= 0 || $signal == SIGCHLD;
        kill($signal, $child) if unpack('x8 l', $info) != FROM_KERNEL;
    }
}

# Copies its arguments: syscall() wants strings that it could write to.
sub mount {
    my ($source, $target, $type, $flags) = @_;
    syscall($call->{mount}, $source, $target, $type, $flags, 0) == 0 or give_up("mount $target: $!");
}

sub end_like {
    my ($status) = @_;
    if (WIFSIGNALED($status)) {
        sigprocmask(SIG_UNBLOCK, $attended);
        kill(WTERMSIG($status), $$);
    }
    POSIX::_exit(WEXITSTATUS($status));
}

sub spill {
    my ($path, $text) = @_;
    open(my $file, '>', $path) or give_up("$path: $!");
    defined(syswrite($file, $text)) or give_up("$path: $!");
}

sub give_up {
    print STDERR "namespace: $_[0]\n";
    POSIX::_exit(125);
}
