# Control groups, for the agent: what all processes of a container may have together. Those of the kernel's first version and of its second.
#
#   squeeze PID SHARE             of one processor, for the group that PID is in; 0 for no limit
#   burn PID MS                   -> ok USED PERIODS THROTTLED: a program in that group wanted a processor for so long: what share of one
#                                 it got, and in how many of how many periods the group was held back
#   starve PID SPARE MS           no more memory than the group has, and SPARE bytes; and something in it that wants more, until the
#                                 kernel has killed PID, or so long -> ok killed|alive
#
# They are gone with the group, which is gone with the container's life. The agent mounts the hierarchies for itself.
package Groups;
use strict;
use warnings;
use Errno;
use POSIX ();

use constant PERIOD_US => 20_000;
use constant MIB => 1 << 20;
my ($MOUNT, $MEMORY_FILE) = (POSIX::uname())[4] eq 'x86_64' ? (165, 319) : (40, 279);
my %mounted;    # controllers -> where

sub squeeze {
    my ($pid, $share) = @_;
    my ($group, $second) = group($pid, 'cpu');
    my $quota = $share > 0 ? int($share * PERIOD_US) : $second ? 'max' : -1;
    if ($second) { spill("$group/cpu.max", "$quota " . PERIOD_US) }
    else {
        spill("$group/cpu.cfs_period_us", PERIOD_US);
        spill("$group/cpu.cfs_quota_us", $quota);
    }
    return;
}

sub burn {
    my (undef, $pid, $ms) = @_;
    my ($group) = group($pid, 'cpu');
    my ($began, $before) = (main::now(), held($group));
    my $child = spawn($group, sub {
        my $end = main::now() + $ms / 1e3;
        1 while main::now() < $end;
        my ($user, $system) = times;
        return $user + $system;
    });
    return later($child, sub {
        my ($used) = @_;
        my $after = held($group);
        return (sprintf('%.3f', ($used || 0) / (main::now() - $began)), $after->[0] - $before->[0], $after->[1] - $before->[1]);
    });
}

sub starve {
    my (undef, $pid, $spare, $ms) = @_;
    my ($group, $second) = group($pid, 'memory');
    my ($has, $may) = $second ? qw(memory.current memory.max) : qw(memory.usage_in_bytes memory.limit_in_bytes);
    for my $each (split /\n/, slurp("$group/cgroup.procs")) {
        # The kernel takes them first, not what wants more: as long as that is smaller itself than what all may have.
        eval { spill("/proc/$each/oom_score_adj", 1000) };
    }
    my $limit = slurp("$group/$has") + $spare;
    spill("$group/$may", $limit);
    # Nothing may go to where memory is swapped to instead.
    eval { spill($second ? "$group/memory.swap.max" : "$group/memory.memsw.limit_in_bytes", $second ? 0 : $limit) };
    my $child = spawn($group, sub {
        my $end = main::now() + $ms / 1e3;
        # A file in memory: the group has it, and nobody is the bigger for it.
        my $name = 'labrys';
        my $file = syscall($MEMORY_FILE, $name, 0);
        open(my $into, '>&=', $file) or die "a file in memory: $!\n";
        my $some = 'x' x MIB;
        for (my $taken = 0; lives($pid) && main::now() < $end;) {
            if ($taken < 2 * $spare) { $taken += syswrite($into, $some) || 0 }
            else                     { select undef, undef, undef, 0.01 }
        }
        return 0;
    });
    return later($child, sub { lives($pid) ? 'alive' : 'killed' });
}

# In periods, and of those, held back.
sub held {
    my ($group) = @_;
    my $stat = slurp("$group/cpu.stat");
    return [map { $stat =~ /^$_ (\d+)/m ? $1 : 0 } qw(nr_periods nr_throttled)];
}

# Where the group that a process is in can be written to, for one controller; and whether it is of the second version.
sub group {
    my ($pid, $controller) = @_;
    for (split /\n/, slurp("/proc/$pid/cgroup")) {
        my ($controllers, $path) = /^\d+:([^:]*):(.*)/ or next;
        next unless grep { $_ eq $controller } split /,/, $controllers;
        return (mounted($controllers) . $path, 0);
    }
    my ($path) = slurp("/proc/$pid/cgroup") =~ /^0::(.*)/m or die "no group with $controller\n";
    return (mounted('') . $path, 1);
}

sub mounted {
    my ($controllers) = @_;
    return $mounted{$controllers} //= do {
        my $at = '/groups-' . ($controllers =~ s/\W/-/gr || 'all');
        mkdir $at or $!{EEXIST} or die "$at: $!\n";
        # Copies: syscall wants strings that it could write to.
        my ($source, $type, $options) = ('labrys', $controllers eq '' ? 'cgroup2' : 'cgroup', $controllers);
        syscall($MOUNT, $source, $at, $type, 0, $options) == 0 or die "mount $type $controllers: $!\n";
        $at;
    };
}

# A process in a group; what its work answers comes when it has ended, and nothing where it was killed.
sub spawn {
    my ($group, $does) = @_;
    pipe(my $hears, my $says) or die "pipe: $!\n";
    my $pid = fork() // die "fork: $!\n";
    if ($pid == 0) {
        eval {
            spill("$group/cgroup.procs", $$);
            syswrite($says, $does->());
            1;
        } or syswrite($says, "!$@");
        POSIX::_exit(0);
    }
    return { pid => $pid, hears => $hears };
}

sub later {
    my ($child, $answer) = @_;
    return { look => sub {
        my ($task) = @_;
        $task->{due} = main::now() + 0.01;
        return if waitpid($child->{pid}, POSIX::WNOHANG()) == 0;
        sysread($child->{hears}, my $said, 1000);
        die substr($said, 1) if ($said // '') =~ /^!/;
        return $answer->($said);
    } };
}

sub lives { (eval { slurp("/proc/$_[0]/stat") } // ') Z') =~ /\) [^ZX]/ }

sub slurp {
    open(my $file, '<', $_[0]) or die $!{ENOENT} || $!{ESRCH} ? "gone\n" : "$_[0]: $!\n";
    local $/;
    return <$file> // die "gone\n";
}

sub spill {
    open(my $file, '>', $_[0]) or die "$_[0]: $!\n";
    defined(syswrite($file, $_[1])) or die "$_[0]: $!\n";
}

# They take their time, and hold up nothing.
our %probing;
*probing = \%main::probing;
@probing{qw(burn starve)} = (\&burn, \&starve);
return { squeeze => \&squeeze };
