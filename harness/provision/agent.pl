#!/usr/bin/perl
# Keeps the nodes' networks: makes them, cuts links in them, and tells which links carry anything.
#
# One process serves any number of network namespaces: a socket belongs to the namespace that it was opened in, so
# one entry into each is enough, and from then on a cut is one system call. Perl, because perl-base is on every
# Debian, and it can do all this without iproute2, nftables, or any tool in the nodes' images.
#
# Requests come on stdin, a line each, `ID COMMAND WORD...`; each is answered on stdout, `ID ok WORD...` or
# `ID error WHY`, not always in the order asked: a probe takes its time. The end of stdin ends the agent.
#
#   hold NAME                     a new namespace, named NAME here   -> ok PATH, which is it to nsenter --net=PATH
#   enter NAME PATH               an existing one: /proc/PID/ns/net; again, when a restarted node has a new one
#   bridge NAME DEVICE MAC ADDRESS MASK [ADDRESS6]
#                                 a bridge, up; fails with "File exists"
#   wire NAME BRIDGE PORT OTHER DEVICE MAC ADDRESS MASK [ADDRESS6]
#                                 a cable from PORT on NAME's BRIDGE to DEVICE in OTHER, up
#   unlink NAME DEVICE            remove a device, and with a cable's one end the other
#   neighbour (NAME ADDRESS MAC)...    what NAME sends to ADDRESS goes to MAC, for good: 01:80:c2:00:00:01 is nowhere
#   probe MS TRIES (FROM TO ADDRESS)...
#                                 -> ok 1|0 ...: whether a datagram sent by FROM to ADDRESS came out at TO
#   measure FROM TO ADDRESS COUNT EVERY_MS BYTES WAIT_MS
#                                 -> ok SENT ARRIVED AGAIN ALTERED OVERTAKEN DELAY_MS...: what became of a row of them
#   converse FROM TO ADDRESS MS   -> ok held|reset|silent: what became of a connection in that time
#
# Each file in clock/, limits/ and across/ beside this one adds commands of its own, and says which.
use strict;
use warnings;
use Fcntl ();
use POSIX qw(:errno_h);
use Socket;

my $machine = (POSIX::uname())[4];
my ($SETNS, $UNSHARE, $CLOCK) = $machine eq 'x86_64' ? (308, 272, 228) : (268, 97, 113);
use constant { NEWNET => 0x40000000, MONOTONIC => 1 };
use constant { SIOCSIFFLAGS => 0x8914, SIOCSIFADDR => 0x8916, SIOCSIFNETMASK => 0x891c, SIOCSIFHWADDR => 0x8924 };
use constant { SIOCGIFINDEX => 0x8933, SIOCSARP => 0x8955 };
use constant { NEWLINK => 16, DELLINK => 17, NEWADDR => 20, NEWNEIGH => 28 };
use constant { CREATE_EXCLUSIVELY => 0x600, CREATE_OR_REPLACE => 0x500 };
use constant { ADDRESS => 1, NAME => 3, MASTER => 10, LINKINFO => 18, NAMESPACE => 28 };
use constant { ADDRESS6 => 1, LOCAL6 => 2, AT6 => 1, MAC6 => 2, CERTAIN => 2, PERMANENT => 0x80 };
use constant { KIND => 1, DATA => 2, PEER => 1, MULTICAST_SNOOPING => 23 };
use constant { UP => 0x41, COMPLETE_AND_PERMANENT => 6, ETHERNET => 1, NO_CHECKSUM => 11 };
use constant BEYOND_LIMITS => 33, 32;   # the same two, for those who may

our %space;     # name -> { handle, socket, port, and where there is IPv6 socket6, port6, device }
require(__FILE__ =~ s/[^\/]*$/agent-probes.pl/r);   # beside us, whose path is absolute
our %probing;   # command -> what begins it
our %tasks;     # id -> { due, look }: what is being probed

my %commands = (
    hold => \&hold, enter => \&enter, bridge => \&bridge, wire => \&wire, unlink => \&remove,
    neighbour => \&neighbour,
);
my ($here) = $0 =~ m{^(.*)/};
for my $more (glob(($here // '.') . '/{clock,limits,across}/*.pl')) {
    my $added = do $more or die "$more: ", $@ || $!, "\n";
    %commands = (%commands, %$added);
}

$SIG{$_} = 'IGNORE' for qw(INT TERM HUP QUIT PIPE);
$| = 1;
open(my $home, '<', '/proc/self/ns/net') or die "no network namespaces here: $!\n";
serve();

sub serve {
    my $unread = '';
    for (;;) {
        my $ready = '';
        vec($ready, fileno($_), 1) = 1 for *STDIN, map { sockets($_) } values %space;
        my ($next) = sort { $a <=> $b } map { $_->{due} } values %tasks;
        my $wait = defined $next ? $next - now() : undef;
        select($ready, undef, undef, defined $wait && $wait < 0 ? 0 : $wait);
        look();
        next unless vec($ready, fileno(STDIN), 1);
        sysread(STDIN, $unread, 65536, length $unread) or exit 0;
        answer($1) while $unread =~ s/^(.*)\n//;
    }
}

sub answer {
    my ($id, $command, @words) = split ' ', $_[0];
    return unless defined $command;
    return begin($id, $command, @words) if $probing{$command};
    my $does = $commands{$command};
    my @result = eval { $does ? $does->(@words) : die "unknown command $command\n" };
    my $why = $@ =~ s/\s*\n.*//sr;
    print $@ ? "$id error $command @words: $why\n" : join(' ', $id, 'ok', @result) . "\n";
}

# --- Namespaces

sub hold {
    my ($name) = @_;
    syscall($UNSHARE, NEWNET) == 0 or die "unshare: $!\n";
    my $made = eval { adopt($name, '/proc/self/ns/net') };
    my $why = $@;
    go($home);
    die $why unless $made;
    flags($space{$name}, 'lo', UP);
    return "/proc/$$/fd/" . fileno($space{$name}{handle});
}

sub enter {
    my ($name, $path) = @_;
    # Where we are already there is nothing to enter, which would take powers that not every agent needs.
    if ($path eq '/proc/self/ns/net') { adopt($name, $path); return }
    open(my $handle, '<', $path) or die "$!\n";
    go($handle);
    my $made = eval { adopt($name, '/proc/self/ns/net') };
    my $why = $@;
    go($home);
    die $why unless $made;
    return;
}

# Keep what is needed of the namespace that we are in.
sub adopt {
    my ($name, $path) = @_;
    open(my $handle, '<', $path) or die "$path: $!\n";
    socket(my $socket, PF_INET, SOCK_DGRAM | Socket::SOCK_NONBLOCK() | Socket::SOCK_CLOEXEC(), 0) or die "socket: $!\n";
    bind($socket, pack_sockaddr_in(0, INADDR_ANY)) or die "bind: $!\n";
    # Without checksums, so that what was damaged on the way arrives, and is seen to be.
    setsockopt($socket, SOL_SOCKET, NO_CHECKSUM, 1);
    setsockopt($socket, SOL_SOCKET, $_, 4 << 20) for SO_RCVBUF, SO_SNDBUF, BEYOND_LIMITS;
    my ($port) = unpack_sockaddr_in(getsockname($socket));
    $space{$name} = { handle => $handle, socket => $socket, port => $port };
    # A kernel without IPv6 has no nodes that speak it.
    if (socket(my $socket6, PF_INET6, SOCK_DGRAM | Socket::SOCK_NONBLOCK() | Socket::SOCK_CLOEXEC(), 0)) {
        setsockopt($socket6, Socket::IPPROTO_IPV6(), Socket::IPV6_V6ONLY(), 1);
        bind($socket6, pack_sockaddr_in6(0, Socket::IN6ADDR_ANY())) or return 1;
        @{ $space{$name} }{qw(socket6 port6)} = ($socket6, (unpack_sockaddr_in6(getsockname($socket6)))[0]);
    }
    return 1;
}

sub sockets { grep { defined } @{ $_[0] }{qw(socket socket6)} }

# Do something in a namespace.
sub inside {
    my ($name, $does) = @_;
    go(space($name)->{handle});
    my @result = eval { $does->() };
    my $why = $@;
    go($home);
    die $why if $why;
    return wantarray ? @result : $result[0];
}

sub go { syscall($SETNS, fileno($_[0]), NEWNET) == 0 or die "setns: $!\n" }

sub space { $space{ $_[0] } // die "no namespace $_[0]\n" }

# --- Devices

sub bridge {
    my ($name, $device, $mac, $address, $mask, $address6) = @_;
    my $space = space($name);
    # A bridge that snoops on multicast joins a group of its own, which is traffic that no node sent.
    my $quiet = attribute(MULTICAST_SNOOPING, pack('C', 0));
    netlink($space, NEWLINK, CREATE_EXCLUSIVELY,
        interface() . attribute(NAME, "$device\0") . attribute(ADDRESS, bytes_of($mac))
            . attribute(LINKINFO, kind('bridge', $quiet)));
    without_ipv6($space, $device) unless defined $address6;
    address($space, $device, $address, $mask);
    address6($space, $device, $address6);
    flags($space, $device, UP);
    return;
}

sub wire {
    my ($name, $bridge, $port, $other, $device, $mac, $address, $mask, $address6) = @_;
    my ($near, $far) = (space($name), space($other));
    my $peer = interface() . attribute(NAME, "$device\0") . attribute(ADDRESS, bytes_of($mac))
        . attribute(NAMESPACE, pack('L', fileno($far->{handle})));
    netlink($near, NEWLINK, CREATE_EXCLUSIVELY,
        interface() . attribute(NAME, "$port\0") . attribute(MASTER, pack('L', index_of($near, $bridge)))
            . attribute(LINKINFO, kind('veth', attribute(PEER, $peer))));
    without_ipv6($near, $port);
    flags($near, $port, UP);
    without_ipv6($far, $device) unless defined $address6;
    address($far, $device, $address, $mask);
    address6($far, $device, $address6);
    flags($far, $device, UP);
    return;
}

# An address that no cut knows of would be a way around it. Where there is no IPv6, there is nothing to switch off.
sub without_ipv6 { my ($space, $device) = @_; setting6($space, $device, 'disable_ipv6', 1) }

# This one and no other: none that the kernel makes of the hardware's, or that a router tells of.
sub address6 {
    my ($space, $device, $address) = @_;
    return unless defined $address;
    setting6($space, $device, @$_) for [addr_gen_mode => 1], [accept_ra => 0], [router_solicitations => 0];
    my $bytes = Socket::inet_pton(AF_INET6, $address) // die "no address $address\n";
    netlink($space, NEWADDR, CREATE_EXCLUSIVELY,
        pack('C C C C L', AF_INET6, 64, CERTAIN, 0, index_of($space, $device))
            . attribute(LOCAL6, $bytes) . attribute(ADDRESS6, $bytes));
    $space->{device} = $device;
}

sub setting6 {
    my ($space, $device, $name, $value) = @_;
    go($space->{handle});
    if (open(my $switch, '>', "/proc/sys/net/ipv6/conf/$device/$name")) { syswrite($switch, $value) }
    go($home);
}

sub remove {
    my ($name, $device) = @_;
    my $space = space($name);
    netlink($space, DELLINK, 0, interface(index_of($space, $device)));
    return;
}

sub neighbour {
    while (my ($name, $address, $mac) = splice(@_, 0, 3)) {
        if ($address =~ /:/) { neighbour6(space($name), $address, $mac); next }
        control(space($name), SIOCSARP,
            pack('a16 S a14 l a16 a16', internet($address), ETHERNET, bytes_of($mac), COMPLETE_AND_PERMANENT, '', ''));
    }
    return;
}

sub neighbour6 {
    my ($space, $address, $mac) = @_;
    my $device = $space->{device} // die "no IPv6 here\n";
    netlink($space, NEWNEIGH, CREATE_OR_REPLACE,
        pack('C x3 l S C C', AF_INET6, index_of($space, $device), PERMANENT, 0, 0)
            . attribute(AT6, Socket::inet_pton(AF_INET6, $address)) . attribute(MAC6, bytes_of($mac)));
}

sub address {
    my ($space, $device, $address, $mask) = @_;
    control($space, SIOCSIFADDR, pack('a16 a16 x8', $device, internet($address)));
    control($space, SIOCSIFNETMASK, pack('a16 a16 x8', $device, internet($mask)));
}

sub flags { my ($space, $device, $flags) = @_; control($space, SIOCSIFFLAGS, pack('a16 S x22', $device, $flags)) }

sub index_of { my ($space, $device) = @_; unpack('x16 l', control($space, SIOCGIFINDEX, pack('a16 x24', $device))) }

sub internet { pack('S n a4 x8', AF_INET, 0, inet_aton($_[0]) // die "no address $_[0]\n") }

sub bytes_of { pack('C6', map { hex } split /:/, $_[0]) }

sub control {
    my ($space, $request, $argument) = @_;
    ioctl($space->{socket}, $request, $argument) or die "$!\n";
    return $argument;
}

# --- Netlink

sub interface { pack('C x S l L L', 0, 0, $_[0] // 0, 0, 0) }

sub kind { my ($kind, $data) = @_; attribute(KIND, "$kind\0") . attribute(DATA, $data) }

sub attribute {
    my ($type, $data) = @_;
    return pack('S S a*', 4 + length $data, $type, $data) . "\0" x (-length($data) % 4);
}

# One request, and its acknowledgement.
sub netlink {
    my ($space, $type, $flags, $body) = @_;
    go($space->{handle});
    my $opened = socket(my $socket, 16, SOCK_RAW | Socket::SOCK_CLOEXEC(), 0);
    go($home);
    $opened or die "netlink: $!\n";
    send($socket, pack('L S S L L a*', 16 + length $body, $type, 5 | $flags, 1, 0, $body), 0) or die "netlink: $!\n";
    sysread($socket, my $reply, 8192) or die "netlink: $!\n";
    my ($kind, $error) = unpack('x4 S x10 l', $reply);
    return if $kind == 2 && $error == 0;
    $! = -$error;
    die "$!\n";
}

sub now {
    my $clock = "\0" x 16;
    syscall($CLOCK, MONOTONIC, $clock);
    my ($seconds, $nanoseconds) = unpack('q q', $clock);
    return $seconds + $nanoseconds / 1e9;
}
