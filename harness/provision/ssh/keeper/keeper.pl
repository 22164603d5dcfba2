#!/usr/bin/perl
# Keeps one node on a machine that is reached over ssh: starts its processes and everything that is done to them, and puts
# the machine right when the run ends, or when the harness is not heard of for too long.
#
#     keeper.pl FOLDER RUN UID GID LEASE_SECONDS
#
# Runs as root, in the background; prints "kept" when it can be reached at FOLDER/socket. The node's processes are those
# of the user UID, all of them descendants of this process: whoever makes itself independent becomes its child.
#
# A harness that lives asks for something all the time, be it only what the node has said.
#
# A connection begins with the name of a channel in a line of its own; after that it has requests, `ID COMMAND WORD...`,
# and answers, `ID ok WORD...` or `ID error WHY`. A channel outlives its connections: what has been asked already is not done
# again, only answered again. The channel `agent` is for the commands below, and hands all others on to agent.pl; other channels
# belong to programs that `helper` has started. Words marked HEX are hexadecimal.
#
#   node-start ARGV_HEX ENV_HEX   the node, each list joined by zero bytes, in FOLDER/data; its output goes to FOLDER/stdout.log
#                                 and stderr.log
#   node-processes                -> ok PID...: all that it has
#   node-state                    -> ok running|paused|dead
#   node-ended                    -> ok exit CODE | ok signal NUMBER | ok: how its first process has ended, if it has
#   node-kill, node-pause, node-resume
#                                 of every process
#   node-stop MS                  SIGTERM to the first, and after so long kill -> ok ended|killed
#   follow FILE OFFSET MS         -> ok HEX: what FOLDER/FILE has from there on; waits up to so long for something to be there
#   nft SCRIPT...                 one transaction; `;` separates commands
#   helper NAME ARGV_HEX          a program that speaks this protocol, on a channel of its own
#   dismiss NAME                  its end
#   alive                         nothing, but that the harness is
#   finish                        the machine as it was; the keeper ends
use strict;
use warnings;
use Fcntl;
use POSIX qw(:sys_wait_h :errno_h);
use Socket;

my ($folder, $run, $uid, $gid, $lease) = @ARGV;
my $PRCTL = (POSIX::uname())[4] eq 'x86_64' ? 157 : 167;
use constant { SUBREAPER => 36, REMEMBERED => 2000, PATIENCE => 10, CHUNK => 32768 };

my %channel;      # name -> { helper, done => { id -> answer }, order, line }
my %line;         # fileno -> { handle, unread, unsent, channel }
my %task;         # "channel id" -> what is looked at until it answers
my ($main, $ending);
my %commands = (
    'node-start' => \&start, 'node-processes' => \&mine, 'node-state' => \&state,
    'node-ended' => sub { $ending ? @$ending : () }, 'node-kill' => \&end_all, 'node-pause' => \&pause,
    'node-resume' => sub { kill CONT => mine(); () },
    alive => sub { () }, nft => sub { nft("@_\n"); () }, helper => \&helper, dismiss => \&dismiss,
);
my %lasting = ('node-stop' => \&stop, follow => \&follow);

$| = 1;
$SIG{$_} = 'IGNORE' for qw(INT HUP QUIT PIPE);
$SIG{TERM} = sub { finish(); POSIX::_exit(0) };
pipe(my $told, my $tell) or die "pipe: $!\n";
my $child = fork() // die "fork: $!\n";
if ($child) {
    close $tell;
    my $said = do { local $/; <$told> } // '';
    print $said;
    exit 0;
}
close $told;
my $listener = eval { begin() };
if (!$listener) { syswrite($tell, "the keeper cannot start: $@"); POSIX::_exit(1) }
syswrite($tell, "kept\n");
close $tell;
my $heard = now();
serve();

sub begin {
    POSIX::setsid();
    syscall($PRCTL, SUBREAPER, 1, 0, 0, 0) == 0 or die "prctl: $!\n";
    chdir '/' or die "/: $!\n";
    open(STDIN, '<', '/dev/null') && open(STDOUT, '>>', "$folder/keeper.log") && open(STDERR, '>&', \*STDOUT)
        or die "$folder/keeper.log: $!\n";
    $0 = "labrys keeper of $run in $folder";
    spit("$folder/keeper.pid", "$$\n");
    $channel{agent} = { done => {}, order => [] };
    employ('agent', 'perl', "$folder/agent/agent.pl");
    socket(my $socket, PF_UNIX, SOCK_STREAM | Socket::SOCK_NONBLOCK() | Socket::SOCK_CLOEXEC(), 0) or die "socket: $!\n";
    bind($socket, pack_sockaddr_un("$folder/socket")) && listen($socket, 8) or die "$folder/socket: $!\n";
    chown($uid, $gid, "$folder/socket") or die "$folder/socket: $!\n";
    return $socket;
}

sub serve {
    for (;;) {
        my ($reads, $writes) = ('', '');
        vec($reads, fileno($_), 1) = 1 for $listener, map({ $_->{handle} } values %line), map({ $_->{helper}{out} } employed());
        vec($writes, fileno($_->{handle}), 1) = 1 for grep { $_->{unsent} ne '' } values %line;
        my $ready = select($reads, $writes, undef, %task ? 0.01 : 0.5);
        reap();
        next if $ready < 0;
        accept_line() if vec($reads, fileno($listener), 1);
        for my $number (keys %line) { hear($number) if vec($reads, $number, 1) }
        for my $channel (employed()) { pass_on($channel) if vec($reads, fileno($channel->{helper}{out}), 1) }
        look();
        for my $number (keys %line) { send_off($number) }
        if (now() - $heard > $lease) { finish(); POSIX::_exit(0) }
    }
}

# --- Lines

sub accept_line {
    accept(my $handle, $listener) or return;
    fcntl($handle, F_SETFL, O_NONBLOCK);
    $line{ fileno $handle } = { handle => $handle, unread => '', unsent => '' };
}

sub hear {
    my ($number) = @_;
    my $line = $line{$number};
    my $got = sysread($line->{handle}, $line->{unread}, 1 << 20, length $line->{unread});
    return if !defined $got && $! == EAGAIN;
    return hang_up($number) unless $got;
    # Not that a line is open: the other end of an open line may have lost its power an hour ago.
    $heard = now();
    while ($line->{unread} =~ s/^(.*)\n//) {
        if (defined $line->{channel}) { ask($line->{channel}, $1) }
        elsif ($channel{$1}) { $line->{channel} = $1; $channel{$1}{line} = $line }
        else { return hang_up($number) }
    }
}

sub hang_up {
    my ($line) = delete $line{ $_[0] };
    my $channel = $channel{ $line->{channel} // '' } or return;
    delete $channel->{line} if ($channel->{line} // 0) == $line;
}

sub send_off {
    my ($line) = $line{ $_[0] } // return;
    return if $line->{unsent} eq '';
    my $sent = syswrite($line->{handle}, $line->{unsent});
    return hang_up($_[0]) if !defined $sent && $! != EAGAIN;
    substr($line->{unsent}, 0, $sent // 0) = '';
}

# --- Requests

sub ask {
    my ($name, $request) = @_;
    my $channel = $channel{$name} // return;
    my ($id, $command, @words) = split ' ', $request;
    return unless defined $command;
    if (exists $channel->{done}{$id}) {
        answer($name, $id, $channel->{done}{$id}) if defined $channel->{done}{$id};
        return;
    }
    $channel->{done}{$id} = undef;
    push @{ $channel->{order} }, $id;
    delete $channel->{done}{ shift @{ $channel->{order} } } if @{ $channel->{order} } > REMEMBERED;
    my $own = $name eq 'agent';
    if ($own && $command eq 'finish') { finish($name, $id); POSIX::_exit(0) }
    if ($own && $lasting{$command}) {
        my $look = eval { $lasting{$command}->(@words) };
        return answer($name, $id, 'error ' . trimmed($@)) unless $look;
        $task{"$name $id"} = $look;
    } elsif ($own && $commands{$command}) {
        my @result = eval { $commands{$command}->(@words) };
        answer($name, $id, $@ ? "error $command: " . trimmed($@) : join ' ', 'ok', @result);
    } else {
        my $helper = $channel->{helper} or return answer($name, $id, 'error its program has ended');
        print { $helper->{in} } "$request\n";
    }
}

sub answer {
    my ($name, $id, $words) = @_;
    my $channel = $channel{$name} // return;
    $channel->{done}{$id} = $words;
    $channel->{line}{unsent} .= "$id $words\n" if $channel->{line};
}

sub look {
    for my $key (keys %task) {
        my @result = eval { $task{$key}->() };
        next unless @result || $@;
        my ($name, $id) = split ' ', $key;
        delete $task{$key};
        answer($name, $id, $@ ? 'error ' . trimmed($@) : "@result");
    }
}

sub trimmed { $_[0] =~ s/\s*\n\s*/ /gr =~ s/ $//r }

# --- Programs that speak as we do

sub helper {
    my ($name, $argv) = @_;
    $channel{$name} = { done => {}, order => [] };
    employ($name, split /\0/, pack 'H*', $argv);
    return;
}

sub employ {
    my ($name, @argv) = @_;
    pipe(my $asks, my $in) && pipe(my $out, my $says) or die "pipe: $!\n";
    my $pid = fork() // die "fork: $!\n";
    if ($pid == 0) {
        # What stands on it ends when we do, however we do.
        open(STDIN, '<&', $asks);
        open(STDOUT, '>&', $says);
        exec { $argv[0] } @argv or POSIX::_exit(127);
    }
    $in->autoflush(1);
    $channel{$name}{helper} = { pid => $pid, in => $in, out => $out, unread => '' };
}

sub employed { grep { $_->{helper} } values %channel }

sub pass_on {
    my ($channel) = @_;
    my $helper = $channel->{helper};
    my ($name) = grep { $channel{$_} == $channel } keys %channel;
    my $got = sysread($helper->{out}, $helper->{unread}, 65536, length $helper->{unread});
    if (!$got) {
        delete $channel->{helper};
        # Whoever asks it something learns that it is gone; so does whoever waits.
        my $done = $channel->{done};
        answer($name, $_, 'error its program has ended') for grep { !defined $done->{$_} && !$task{"$name $_"} } keys %$done;
        return;
    }
    while ($helper->{unread} =~ s/^(\S+) (.*)\n//) { answer($name, $1, $2) }
}

sub dismiss {
    my ($name) = @_;
    let_go(delete $channel{$name} // return);
    return;
}

sub let_go {
    my ($channel) = @_;
    my $helper = delete $channel->{helper} // return;
    close $helper->{in};
    # It ends with its input; what hangs is not waited for.
    my $end = now() + 2;
    while (kill(0, $helper->{pid}) && now() < $end) { waitpid($helper->{pid}, WNOHANG); select(undef, undef, undef, 0.005) }
    kill KILL => $helper->{pid};
}

# --- The node

sub start {
    my ($argv, $env) = map { [split /\0/, pack 'H*', $_] } @_;
    die "it runs already\n" if mine();
    pipe(my $why, my $fails) or die "pipe: $!\n";
    my $pid = fork() // die "fork: $!\n";
    if ($pid == 0) {
        eval {
            POSIX::setsid();
            open(STDIN,  '<',  '/dev/null') or die "/dev/null: $!\n";
            open(STDOUT, '>>', "$folder/stdout.log") or die "stdout.log: $!\n";
            open(STDERR, '>>', "$folder/stderr.log") or die "stderr.log: $!\n";
            if ($uid != 0) { $) = "$gid $gid"; POSIX::setgid($gid); POSIX::setuid($uid) or die "setuid: $!\n" }
            chdir "$folder/data" or die "$folder/data: $!\n";
            $SIG{$_} = 'DEFAULT' for keys %SIG;
            %ENV = map { split /=/, $_, 2 } @$env;
            { no warnings; exec { $argv->[0] } @$argv }
            die "$argv->[0]: $!\n";
        };
        syswrite($fails, $@);
        POSIX::_exit(127);
    }
    ($main, $ending) = ($pid, undef);
    close $fails;
    my $said = do { local $/; <$why> };
    die $said if defined $said && $said ne '';
    return $pid;
}

# Descendants of ours that are not programs of ours, nor theirs. Zombies are nobody.
sub mine {
    my %not = map { $_->{helper}{pid} => 1 } employed();
    my (%children, %dead);
    opendir(my $all, '/proc') or die "/proc: $!\n";
    for my $pid (grep { /^\d+$/ } readdir $all) {
        my ($state, $parent) = stat_of($pid) or next;
        push @{ $children{$parent} }, $pid;
        $dead{$pid} = 1 if $state =~ /[ZX]/;
    }
    my @left = grep { !$not{$_} } @{ $children{$$} // [] };
    my @found;
    while (defined(my $pid = shift @left)) {
        push @found, $pid unless $dead{$pid};
        push @left, @{ $children{$pid} // [] };
    }
    return @found;
}

# The program's name, in parentheses, may contain anything, so the rest is found from behind.
sub stat_of {
    open(my $stat, '<', "/proc/$_[0]/stat") or return;
    local $/;
    return (<$stat> // '') =~ /.*\) (\w) (\d+)/s;
}

sub state {
    my @states = map { (stat_of($_))[0] // () } mine();
    return @states == 0 ? 'dead' : (grep { $_ ne 'T' } @states) ? 'running' : 'paused';
}

# Again until none is left: a process may have started another while we looked.
sub end_all {
    until_none('still runs after kill -9', sub {
        my @left = mine();
        kill KILL => @left;
        return @left;
    });
    return;
}

sub pause {
    until_none('does not stop', sub {
        my @moving = grep { ((stat_of($_))[0] // 'T') ne 'T' } mine();
        kill STOP => @moving;
        return @moving;
    });
    return;
}

sub until_none {
    my ($else, $act) = @_;
    my $end = now() + PATIENCE;
    while (my @left = $act->()) {
        die "process $left[0] $else\n" if now() > $end;
        reap();
        select(undef, undef, undef, 0.002);
    }
    reap();
}

sub stop {
    my ($ms) = @_;
    my $end = now() + $ms / 1000;
    kill TERM => $main if defined $main && !$ending;
    return sub {
        return 'ok ended' unless mine();
        return if now() < $end;
        end_all();
        return 'ok killed';
    };
}

sub reap {
    while ((my $pid = waitpid(-1, WNOHANG)) > 0) {
        next unless defined $main && $pid == $main;
        $ending = WIFSIGNALED($?) ? ['signal', WTERMSIG($?)] : ['exit', WEXITSTATUS($?)];
    }
}

sub follow {
    my ($name, $offset, $ms) = @_;
    $name =~ /^(stdout|stderr)\.log$/ or die "no log $name\n";
    my $end = now() + $ms / 1000;
    return sub {
        my $bytes = '';
        if (open(my $file, '<:raw', "$folder/$name")) {
            sysseek($file, $offset, 0);
            sysread($file, $bytes, CHUNK);
        }
        return 'ok ' . unpack('H*', $bytes) if $bytes ne '';
        return $end <= now() ? 'ok' : ();
    };
}

# --- The machine

sub nft {
    my ($script) = @_;
    local $ENV{PATH} = "$ENV{PATH}:/usr/sbin:/sbin";
    pipe(my $asks, my $asked) && pipe(my $tells, my $says) or die "pipe: $!\n";
    my $pid = fork() // die "fork: $!\n";
    if ($pid == 0) {
        open(STDIN, '<&', $asks);
        open($_, '>&', $says) for \*STDOUT, \*STDERR;
        exec 'nft', '-f', '-' or do { print "nft: $!\n"; POSIX::_exit(127) };
    }
    close $_ for $asks, $says;
    print $asked $script;
    close $asked;
    my $said = do { local $/; <$tells> } // '';
    waitpid $pid, 0;
    die "nft: $said\n" if $?;
}

# In an order in which a keeper that is killed meanwhile leaves less, never more.
sub finish {
    my ($name, $id) = @_;
    eval { end_all() };
    eval { nft("delete table inet labrys\n") };
    let_go($_) for employed();
    system 'rm', '-rf', '--one-file-system', $folder;
    return unless defined $id;
    answer($name, $id, -e $folder ? "error $folder cannot be removed" : 'ok');
    for (1 .. 100) { send_off($_) for keys %line; last unless grep { $_->{unsent} ne '' } values %line; select(undef, undef, undef, 0.01) }
}

sub spit { my ($path, $text) = @_; open(my $file, '>', $path) or die "$path: $!\n"; print $file $text; close $file }

sub now { my $clock = "\0" x 16; syscall((POSIX::uname())[4] eq 'x86_64' ? 228 : 113, 1, $clock); my ($s, $n) = unpack('q q', $clock); $s + $n / 1e9 }
