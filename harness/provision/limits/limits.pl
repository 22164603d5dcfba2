# What processes may have of the machine, for the agent: how many open files, how much memory.
#
#   allowance PID files|memory    -> ok NAME MAY HAS: the soft limit, or -1 for none, and what it has, of bytes or of files
#   tighten PID files|memory SPARE
#                                 no more than it has now and SPARE on top -> ok MAY, as it was
#   allow PID files|memory MAY    a soft limit again; never more than the hard one, which stays as it is
#
# A process that is no more is answered by "gone". Only soft limits are touched: whoever lowers a hard one may not raise it again.
package Limits;
use strict;
use warnings;
use Errno;
use POSIX ();

my $PRLIMIT = (POSIX::uname())[4] eq 'x86_64' ? 302 : 261;
my %number = (files => 7, memory => 9);   # RLIMIT_NOFILE, RLIMIT_AS
use constant NONE => ~0;                  # RLIM_INFINITY

sub allowance {
    my ($pid, $what) = @_;
    my ($name) = slurp("/proc/$pid/comm") =~ /^(.*)/;
    my ($may) = limits_of($pid, $what);
    return ($name =~ s/\s/_/gr, $may, $what eq 'files' ? scalar open_files($pid) : memory_of($pid));
}

sub tighten {
    my ($pid, $what, $spare) = @_;
    my ($may, $hard) = limits_of($pid, $what);
    my $wanted = $what eq 'files' ? number_after($pid, $spare) : memory_of($pid) + $spare;
    set($pid, $what, $may != -1 && $may < $wanted ? $may : $wanted, $hard);
    return $may;
}

sub allow {
    my ($pid, $what, $may) = @_;
    my (undef, $hard) = limits_of($pid, $what);
    set($pid, $what, $hard != -1 && ($may == -1 || $may > $hard) ? $hard : $may, $hard);
    return;
}

# A file gets the lowest number that is free, and none from the limit on: the number that leaves so many free below it.
sub number_after {
    my ($pid, $spare) = @_;
    my %taken = map { $_ => 1 } open_files($pid);
    my $number = 0;
    for (my $free = 0; $taken{$number} || $free++ < $spare; $number++) { }
    return $number;
}

sub limits_of {
    my ($pid, $what) = @_;
    my $label = $what eq 'files' ? 'Max open files' : 'Max address space';
    my ($soft, $hard) = slurp("/proc/$pid/limits") =~ /^$label\s+(\S+)\s+(\S+)/m or gone();
    return map { $_ eq 'unlimited' ? -1 : $_ } $soft, $hard;
}

sub open_files {
    opendir(my $all, "/proc/$_[0]/fd") or refuse();
    return grep { /^\d+$/ } readdir $all;
}

sub memory_of { slurp("/proc/$_[0]/status") =~ /^VmSize:\s+(\d+) kB/m ? 1024 * $1 : gone() }

# As the user whose process it is: nobody else may, without a power that many a machine withholds.
sub set {
    my ($pid, $what, $soft, $hard) = @_;
    my ($uid, $gid) = map { slurp("/proc/$pid/status") =~ /^$_:\s+(\d+)/m ? $1 : gone() } 'Uid', 'Gid';
    my $limits = pack('Q Q', map { $_ == -1 ? NONE : $_ } $soft, $hard);
    my $child = fork() // die "fork: $!\n";
    if ($child == 0) {
        if ($uid != $<) { POSIX::setgid($gid); POSIX::setuid($uid) }
        my $done = syscall($PRLIMIT, $pid + 0, $number{$what}, $limits, 0);
        POSIX::_exit($done == 0 ? 0 : $! + 0);
    }
    waitpid $child, 0;
    return if $? == 0;
    $! = $? >> 8;
    refuse();
}

sub slurp {
    open(my $file, '<', $_[0]) or refuse();
    local $/;
    return <$file> // gone();
}

sub refuse { gone() if $!{ENOENT} || $!{ESRCH}; die "$!\n" }
sub gone   { die "gone\n" }

return { allowance => \&allowance, tighten => \&tighten, allow => \&allow };
