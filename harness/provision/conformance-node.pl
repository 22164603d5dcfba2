#!/usr/bin/perl
# The node that the runtimes' conformance suite runs: it does what a runtime has to be seen to do, and no more.
# Perl, because perl-base is on every Debian and in every Debian image, so that no runtime needs an image of its own.
#
#     perl conformance-node.pl DATA PORT CHILD_PORT PEER=HOST:PORT...
#
# Two processes, as many a real node has; each answers lines on a TCP port of its own:
#   boots                 how often a node has started on this data
#   env NAME | file PATH  what is there
#   reach PEER            opens a connection: connected, silence, or what the system says
#   dial PEER             opens one to keep; over TEXT: sends it there, and says what comes back
#   send PEER TEXT        a datagram; heard: the texts that have come
#   time                  the time of day, by this process's clock; later: by that of another program, started a second ago
use strict;
use warnings;
use IO::Handle;
use POSIX qw(:errno_h);
use Socket;

my ($data, $port, $child_port, @peers) = @ARGV;
my %address_of = map {
    my ($name, $host, $its_port) = /^(.*)=(.*):(\d+)$/ or die "no peer: $_\n";
    ($name => pack_sockaddr_in($its_port, inet_aton($host)))
} @peers;
my $silence = 0.4;
my (@heard, $dialled);

open(my $journal, '>>', "$data/boots") or die "$data/boots: $!\n";
$journal->printflush("boot\n");
$journal->sync;
$| = 1;
print "boot @{[ boots() ]}\n";
print STDERR "listening on $port\n";

my $parent = fork() // die "fork: $!\n";
serve($parent ? $port : $child_port);

sub serve {
    my ($port) = @_;
    socket(my $tcp, PF_INET, SOCK_STREAM, 0) or die "socket: $!\n";
    setsockopt($tcp, SOL_SOCKET, SO_REUSEADDR, 1);
    bind($tcp, pack_sockaddr_in($port, INADDR_ANY)) && listen($tcp, 64) or die "port $port: $!\n";
    socket(my $udp, PF_INET, SOCK_DGRAM, 0) or die "socket: $!\n";
    bind($udp, pack_sockaddr_in($port, INADDR_ANY)) or die "udp $port: $!\n";
    my %open;
    for (;;) {
        my $ready = '';
        vec($ready, fileno($_), 1) = 1 for $tcp, $udp, values %open;
        select($ready, undef, undef, undef);
        if (vec($ready, fileno($udp), 1)) { recv($udp, my $text, 100, 0); push @heard, $text }
        for my $connection (grep { vec($ready, fileno($_), 1) } values %open) {
            if (sysread($connection, my $line, 1000)) { syswrite($connection, answer($udp, split ' ', $line) . "\n") }
            else { delete $open{$connection} }
        }
        if (vec($ready, fileno($tcp), 1)) { accept(my $connection, $tcp) or next; $open{$connection} = $connection }
    }
}

sub answer {
    my ($udp, $command, @words) = @_;
    return boots() if $command eq 'boots';
    return $ENV{ $words[0] } // '' if $command eq 'env';
    return slurp($words[0]) if $command eq 'file';
    return connect_to($words[0]) // 'connected' if $command eq 'reach';
    return connect_to($words[0], \$dialled) // 'connected' if $command eq 'dial';
    return over(@words) if $command eq 'over';
    return "@heard" if $command eq 'heard';
    return $words[0] if $command eq 'echo';
    return time if $command eq 'time';
    return `perl -e 'sleep 1; print time'` if $command eq 'later';
    return send($udp, $words[1], 0, $address_of{ $words[0] }) ? 'sent' : "$!" if $command eq 'send';
    return "what is $command?";
}

# Nothing, or why there is no connection.
sub connect_to {
    my ($peer, $keep) = @_;
    socket(my $socket, PF_INET, SOCK_STREAM | Socket::SOCK_NONBLOCK(), 0) or return "$!";
    connect($socket, $address_of{$peer}) || $! == EINPROGRESS or return "$!";
    my $ready = '';
    vec($ready, fileno($socket), 1) = 1;
    select(undef, $ready, undef, $silence) or return 'silence';
    my $error = unpack('i', getsockopt($socket, SOL_SOCKET, SO_ERROR));
    if ($error) { $! = $error; return "$!" }
    $$keep = $socket if $keep;
    return undef;
}

sub over {
    my ($text) = @_;
    syswrite($dialled, "echo $text\n") or return "$!";
    my $ready = '';
    vec($ready, fileno($dialled), 1) = 1;
    select($ready, undef, undef, $silence) or return 'silence';
    sysread($dialled, my $reply, 1000) or return "closed: $!";
    return $reply =~ s/\s+/ /gr;
}

sub boots { my $times = () = slurp("$data/boots") =~ /boot/g; return $times }

sub slurp { my ($path) = @_; open(my $file, '<', $path) or return "$!"; local $/; return <$file> =~ s/\n/ /gr }
