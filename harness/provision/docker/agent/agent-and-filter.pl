#!/usr/bin/perl
# The network agent, beside a packet filter: agent.pl in a container on the engine's machine, with one addition.
#
#     agent-and-filter.pl TABLE
#
# Speaks agent.pl's protocol, and hands every request on to it but these:
#
#   nft SCRIPT...     one transaction; `;` separates commands         -> ok
#   tables            -> ok (NAME OWNER)...: tables of ours, and the harness that made each
#   folders PATH...   make them, with all that they are in
#
# When stdin ends, the harness is gone, however it went: TABLE is deleted, so that no cut outlives the run, and what is mounted in
# /disks, which the engine's machine sees, is unmounted.
use strict;
use warnings;
use Errno;
use POSIX ();

my $table = shift // die "which table?\n";
my $pid = open(my $agent, '|-', 'perl', '/agent.pl') or die "agent.pl: $!\n";
$agent->autoflush(1);
$| = 1;
# An agent that has died is noticed by what it no longer answers; writing to it must not end the filter.
$SIG{PIPE} = 'IGNORE';

while (my $line = <STDIN>) {
    my ($id, $command, @words) = split ' ', $line;
    next unless defined $command;
    if    ($command eq 'nft')    { answer($id, sub { nft('-f', '-', "@words\n"); () }) }
    elsif ($command eq 'tables') { answer($id, \&tables) }
    elsif ($command eq 'folders') { answer($id, sub { folders(@words) }) }
    else                         { print $agent $line }
}
eval { nft('delete', 'table', 'bridge', $table, '') };
unmount();
close $agent;

sub answer {
    my ($id, $does) = @_;
    my @result = eval { $does->() };
    print $@ ? "$id error " . $@ =~ s/\s*\n\s*/ /gr . "\n" : join(' ', $id, 'ok', @result) . "\n";
}

sub folders {
    for my $path (@_) {
        my $so_far = '';
        for my $name (split m{/}, $path =~ s{^/}{}r) {
            mkdir $so_far .= "/$name" or $!{EEXIST} or die "$so_far: $!\n";
        }
    }
    return;
}

# Lazily: whoever still uses it loses sight of it, and it goes with the last of them. Those that are dead already, too.
sub unmount {
    my $UMOUNT2 = (POSIX::uname())[4] eq 'x86_64' ? 166 : 39;
    open(my $mounts, '<', '/proc/self/mounts') or return;
    for my $path (grep { m{^/disks/at/} } map { (split ' ')[1] } <$mounts>) {
        syscall($UMOUNT2, $path, 2) == 0 or print STDERR "unmount $path: $!\n";
    }
}

sub tables {
    my $listed = nft('list', 'tables', 'bridge', '');
    my @found;
    for my $name ($listed =~ /^table bridge (labrys-\S+)$/mg) {
        my ($owner) = nft('list', 'table', 'bridge', $name, '') =~ /comment "([^"\s]+)"/;
        push @found, $name, $owner // '-';
    }
    return @found;
}

# nft's arguments, and last what it reads on stdin. Returns what it printed; dies with its complaint.
sub nft {
    my $script = pop;
    my @arguments = @_;
    pipe(my $asks, my $asked) && pipe(my $tells, my $told) or die "pipe: $!\n";
    my $child = fork() // die "fork: $!\n";
    if ($child == 0) {
        close $agent;
        open STDIN,  '<&', $asks;
        open STDOUT, '>&', $told;
        open STDERR, '>&', $told;
        close $_ for $asks, $asked, $tells, $told;
        exec 'nft', @arguments or print "nft: $!\n";
        exit 127;
    }
    close $_ for $asks, $told;
    print $asked $script;
    close $asked;
    my $said = do { local $/; <$tells> } // '';
    waitpid $child, 0;
    die "nft: $said\n" if $?;
    return $said;
}
