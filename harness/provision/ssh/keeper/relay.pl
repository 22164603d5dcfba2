#!/usr/bin/perl
# Joins an ssh session to a channel of the keeper: relay.pl SOCKET CHANNEL. Ends when either of them does.
use strict;
use warnings;
use Socket;

my ($path, $channel) = @ARGV;
$SIG{PIPE} = 'DEFAULT';
socket(my $keeper, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!\n";
connect($keeper, pack_sockaddr_un($path)) or die "$path: $!\n";
forward("$channel\n" => $keeper);
for (;;) {
    my $ready = '';
    vec($ready, fileno($_), 1) = 1 for *STDIN, $keeper;
    select($ready, undef, undef, undef);
    for my $way ([*STDIN, $keeper], [$keeper, *STDOUT]) {
        my ($from, $to) = @$way;
        next unless vec($ready, fileno($from), 1);
        sysread($from, my $bytes, 65536) or exit 0;
        forward($bytes => $to);
    }
}

sub forward { my ($bytes, $to) = @_; while ($bytes ne '') { substr($bytes, 0, syswrite($to, $bytes) // exit 0) = '' } }
