# The agent's probes: what becomes of what is sent over a link. Part of agent.pl, which says how they are asked.
#
# Each is a task: it is looked at whenever something has come and whenever it is due, sends what it has to, and answers in
# the end. None of them waits, so that many go on at once, and a cut meanwhile is not held up.
use strict;
use warnings;
use POSIX qw(:errno_h);
use Socket;

use constant { SECONDS_A_TRY => 0.025, TCP => 6, NODELAY => 1 };

our %space;
our %tasks;     # id -> { due, look }; look answers the words of the answer, once it has them
our %probing = (probe => \&probe, measure => \&measure, converse => \&converse);
my %arrived;    # text of a datagram -> [moment, ...]
my %damaged;    # name -> how many came that nobody sent so

sub begin {
    my ($id, $command, @words) = @_;
    my $task = eval { $probing{$command}->("labrys $$ $id", @words) };
    return print "$id error $command: @{[ $@ =~ s/\s*\n.*//sr ]}\n" unless $task;
    $task->{due} = now();
    $tasks{$id} = $task;
    look();
}

sub look {
    receive();
    for my $id (keys %tasks) {
        next unless $tasks{$id};   # another may have ended it meanwhile
        my @answer = eval { $tasks{$id}{look}->($tasks{$id}) };
        next unless @answer || $@;
        print $@ ? "$id error " . $@ =~ s/\s*\n.*//sr . "\n" : join(' ', $id, 'ok', @answer) . "\n";
        delete $tasks{$id};
    }
    (%arrived, %damaged) = () unless %tasks;
}

sub receive {
    for my $name (keys %space) {
        for my $socket (sockets($space{$name})) {
            while (defined recv($socket, $_, 65536, 0)) {
                if (whole($_)) { push @{ $arrived{"$name $_"} }, now() }
                else           { $damaged{$name}++ }
            }
        }
    }
}

# When that text has come to NAME, and how much has come there that nobody sent so; for as long as there are tasks.
sub moments   { my ($name, $text) = @_; $arrived{"$name $text"} // [] }
sub damage_at { $damaged{ $_[0] } // 0 }

sub known { exists $space{$_} or die "no namespace $_\n" for @_ }

# Datagrams are sent again and again until each has come out, or their time is up.
sub probe {
    my ($label, $ms, $tries, @words) = @_;
    my (@links, $end);
    while (my ($from, $to, $address) = splice(@words, 0, 3)) {
        known($from, $to);
        push @links, { from => $from, to => $to, address => $address, text => datagram("$label " . @links, 64) };
    }
    return { look => sub {
        my ($task) = @_;
        my @lost = grep { !$arrived{"$_->{to} $_->{text}"} } @links;
        $end //= now() + $ms / 1e3 + $tries * SECONDS_A_TRY;
        return map { $arrived{"$_->{to} $_->{text}"} ? 1 : 0 } @links if !@lost || $end <= now();
        return if $task->{due} > now();
        if ($tries-- > 0) { ship(@$_{qw(from to address text)}) for @lost }
        $task->{due} = $tries > 0 ? now() + SECONDS_A_TRY : $end;
        return;
    } };
}

# A row of datagrams, and when each of them came out.
sub measure {
    my ($label, $from, $to, $address, $count, $every, $bytes, $wait) = @_;
    known($from, $to);
    my (@texts, @sent, $last);
    my $damaged = $damaged{$to} // 0;
    return { look => sub {
        my ($task) = @_;
        while (@sent < $count && $task->{due} <= now()) {
            $texts[@sent] = datagram("$label " . @sent, $bytes);
            my $moment = now();
            # What waits in the sender's kernel takes up its room.
            if (!ship($from, $to, $address, $texts[-1])) { $task->{due} = $moment + 0.001; last }
            push @sent, $moment;
            $task->{due} += $every / 1e3;
            # A machine that was busy for a while has many to send now; where they come in there is room for a few.
            receive() if @sent % 16 == 0;
        }
        return if @sent < $count;
        my @came = map { $arrived{"$to $_"} // [] } @texts;
        my $altered = ($damaged{$to} // 0) - $damaged;
        my $missing = $count - $altered - grep { @$_ } @came;
        # When all are there, a moment longer, for those that come twice.
        $last //= $missing <= 0 ? now() + 0.01 : undef;
        my $end = $last // $sent[-1] + $wait / 1e3;
        if ($end > now()) { $task->{due} = $end; return }
        my ($again, $overtaken, $latest) = (0, 0, 0);
        for my $moments (grep { @$_ } @came) {
            $again += @$moments - 1;
            $overtaken++ if $moments->[0] < $latest;
            $latest = $moments->[0] if $moments->[0] > $latest;
        }
        my @delays = map { @{ $came[$_] } ? sprintf('%.3f', 1e3 * ($came[$_][0] - $sent[$_])) : () } 0 .. $#came;
        return ($count, scalar @delays, $again, $altered, $overtaken, @delays);
    } };
}

# A connection on which something is sent all the while, until it breaks or its time is up.
sub converse {
    my ($label, $from, $to, $address, $ms) = @_;
    known($from, $to);
    my $server = tcp($to);
    bind($server, pack_sockaddr_in(0, INADDR_ANY)) && listen($server, 1) or die "listen: $!\n";
    my $client = tcp($from);
    setsockopt($client, TCP, NODELAY, 1);
    connect($client, pack_sockaddr_in((unpack_sockaddr_in(getsockname($server)))[0], inet_aton($address)))
        || $! == EINPROGRESS or die "connect: $!\n";
    my ($end, $accepted, $heard);
    return { look => sub {
        my ($task) = @_;
        return if $task->{due} > now();
        $end //= now() + $ms / 1e3;
        $accepted = undef unless $accepted || accept($accepted, $server);
        if ($accepted) {
            fcntl($accepted, Fcntl::F_SETFL(), Fcntl::O_NONBLOCK());
            my $got = sysread($accepted, my $text, 4096);
            $heard ||= $got;
            return 'reset' if !defined $got && $! == ECONNRESET;
        }
        my $said = syswrite($client, 'labrys ');
        return 'reset' if !defined $said && ($! == ECONNRESET || $! == EPIPE);
        return $heard ? 'held' : 'silent' if $end <= now();
        $task->{due} = now() + 0.005;
        return;
    } };
}

sub tcp {
    my ($name) = @_;
    inside($name, sub {
        socket(my $it, PF_INET, SOCK_STREAM | Socket::SOCK_NONBLOCK() | Socket::SOCK_CLOEXEC(), 0) or die "socket: $!\n";
        return $it;
    });
}

# With a sum of its own: the network's would have a damaged one dropped, and nobody would know.
sub datagram {
    my ($text, $bytes) = @_;
    my $head = "$text " . unpack('%32C*', $text) . ' ';
    return $head . '.' x ($bytes - length $head);
}

sub whole { return $_[0] =~ /^(labrys \d+ \d+ \d+) (\d+) \.*$/ && unpack('%32C*', $1) == $2 }

sub ship {
    my ($from, $to, $address, $text) = @_;
    return 1 unless $space{$from} && $space{$to};
    # A refusal that an earlier datagram met is reported by a later send: nothing to us.
    if ($address =~ /:/) {
        my ($socket, $port) = ($space{$from}{socket6}, $space{$to}{port6});
        return 1 unless $socket && $port;
        my $there = pack_sockaddr_in6($port, Socket::inet_pton(AF_INET6, $address));
        return defined send($socket, $text, 0, $there) || !($! == EAGAIN || $! == ENOBUFS);
    }
    return defined send($space{$from}{socket}, $text, 0, pack_sockaddr_in($space{$to}{port}, inet_aton($address)))
        || !($! == EAGAIN || $! == ENOBUFS);
}

1;
