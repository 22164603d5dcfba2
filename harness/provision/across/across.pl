# Probes of links whose two ends have an agent each, on two machines: each agent does its half.
#
#   port NAME                     -> ok PORT: where datagrams to NAME come in
#   expect NAME LABEL             remember from now on what comes with that label, until `heard` has told of it, or for a minute
#   row NAME ADDRESS PORT LABEL COUNT EVERY_MS BYTES
#                                 send so many -> ok MOMENT..., in milliseconds of the monotonic clock here
#   heard NAME LABEL COUNT BYTES WAIT_MS [ENOUGH]
#                                 -> ok ALTERED (INDEX:MOMENT[:MOMENT...])...: what has come of them; waits for the rest, or for
#                                 so many
#   door NAME                     -> ok PORT: for one connection, which must come within a minute
#   attend PORT MS                -> ok held|reset|silent: what became of the connection that came there, in that time
#   talk NAME ADDRESS PORT MS     -> ok held|reset: one, on which something is sent all the while
#
# LABEL is two numbers with a hyphen between, of the harness's choosing.
use strict;
use warnings;
use POSIX qw(:errno_h);
use Socket;

our (%space, %tasks, %probing);
my %altered;    # label -> how many had come damaged before
my %door;       # port -> listening socket
use constant AT_MOST_S => 60;

sub text_of {
    my ($label, $index, $bytes) = @_;
    return datagram('labrys ' . ($label =~ s/-/ /r) . " $index", $bytes);
}

sub expect {
    my ($name, $label) = @_;
    known($name);
    $altered{$label} = damage_at($name);
    my $end = now() + AT_MOST_S;
    # A task of nobody's: as long as there is one, what comes is remembered.
    $tasks{"expect $label"} = { due => $end, look => sub { delete $tasks{"expect $label"} if now() >= $end; return } };
    return;
}

sub row {
    my (undef, $name, $address, $port, $label, $count, $every, $bytes) = @_;
    known($name);
    my $to = pack_sockaddr_in($port, inet_aton($address) // die "no address $address\n");
    my @sent;
    return { look => sub {
        my ($task) = @_;
        while (@sent < $count && $task->{due} <= now()) {
            my $moment = now();
            # A refusal that an earlier datagram met is reported by a later send: nothing to us.
            if (!defined send($space{$name}{socket}, text_of($label, scalar @sent, $bytes), 0, $to) && ($! == EAGAIN || $! == ENOBUFS)) {
                $task->{due} = $moment + 0.001;
                last;
            }
            push @sent, $moment;
            $task->{due} += $every / 1e3;
        }
        return @sent < $count ? () : map { sprintf '%.3f', 1e3 * $_ } @sent;
    } };
}

sub heard {
    my (undef, $name, $label, $count, $bytes, $wait, $enough) = @_;
    known($name);
    my @texts = map { text_of($label, $_, $bytes) } 0 .. $count - 1;
    my ($end, $last);
    return { look => sub {
        my ($task) = @_;
        $end //= now() + $wait / 1e3;
        my @came = map { moments($name, $_) } @texts;
        my $altered = damage_at($name) - ($altered{$label} // 0);
        my $there = grep { @$_ } @came;
        # When all are there, a moment longer, for those that come twice.
        $last //= now() + 0.01 if $altered + $there >= $count;
        $last = now() if $there && $there >= ($enough // $count) && $there < $count;
        my $until = $last // $end;
        if ($until > now()) { $task->{due} = $until; return }
        delete $altered{$label};
        delete $tasks{"expect $label"};
        return ($altered, map { @{ $came[$_] } ? join(':', $_, map { sprintf '%.3f', 1e3 * $_ } @{ $came[$_] }) : () } 0 .. $#came);
    } };
}

sub door {
    my ($name) = @_;
    my $server = tcp($name);
    bind($server, pack_sockaddr_in(0, INADDR_ANY)) && listen($server, 1) or die "listen: $!\n";
    my ($port) = unpack_sockaddr_in(getsockname($server));
    $door{$port} = $server;
    return $port;
}

sub attend {
    my (undef, $port, $ms) = @_;
    my $server = delete $door{$port} // die "no door $port\n";
    my ($end, $came, $heard);
    return { look => sub {
        my ($task) = @_;
        return if $task->{due} > now();
        $end //= now() + $ms / 1e3;
        if (!$came && accept(my $connection, $server)) {
            $came = $connection;
            fcntl($came, Fcntl::F_SETFL(), Fcntl::O_NONBLOCK());
        }
        if ($came) {
            my $got = sysread($came, my $text, 4096);
            $heard ||= $got;
            return 'reset' if !defined $got && $! == ECONNRESET;
        }
        return $heard ? 'held' : 'silent' if $end <= now();
        $task->{due} = now() + 0.005;
        return;
    } };
}

sub talk {
    my (undef, $name, $address, $port, $ms) = @_;
    my $client = tcp($name);
    setsockopt($client, 6, 1, 1);   # TCP_NODELAY
    connect($client, pack_sockaddr_in($port, inet_aton($address))) || $! == EINPROGRESS or die "connect: $!\n";
    my $end;
    return { look => sub {
        my ($task) = @_;
        return if $task->{due} > now();
        $end //= now() + $ms / 1e3;
        my $said = syswrite($client, 'labrys ');
        return 'reset' if !defined $said && ($! == ECONNRESET || $! == EPIPE);
        return 'held' if $end <= now();
        $task->{due} = now() + 0.005;
        return;
    } };
}

%probing = (%probing, row => \&row, heard => \&heard, attend => \&attend, talk => \&talk);

{
    port   => sub { space($_[0])->{port} },
    expect => \&expect,
    door   => \&door,
}
