#!/usr/bin/perl
# Tries out the disk that a node's folder is on, in files that are not the node's: beside its folder, which is all that it sees.
#
#     disk.pl MOUNTPOINT
#
# A process of its own, for what it tries may take long, and be meant to. It runs where the disk is mounted, so that a harness that is
# elsewhere needs nothing there but Perl. Requests come on stdin, a line each, `ID COMMAND WORD...`; each is answered on stdout in turn,
# `ID ok WORD...` or `ID error WHY`. The end of stdin ends it.
#
#   lay FOLDER                    the node's folder, open to whoever the node runs as, and what is needed to try things out
#   try read|write|sync           once -> ok MS [ERROR]: how long it took, and ENOSPC or the like where it failed
#   plant                         pages that are not durable -> ok PAGES
#   harvest                       -> ok PAGES: how many of them are there
use strict;
use warnings;
use Errno;
use Fcntl qw(O_RDONLY O_WRONLY O_RDWR O_CREAT O_TRUNC);
use POSIX ();

my $at = shift // die "which disk?\n";
my ($probe, $planted) = ("$at/probe", "$at/planted");
my ($FSYNC, $CLOCK) = (POSIX::uname())[4] eq 'x86_64' ? (74, 228) : (82, 113);
use constant { PAGE => 4096, MONOTONIC => 1 };
# So many are planted: that all of them survive by chance, or none, does not happen.
use constant PAGES => 64;

my %commands = (lay => \&lay, try => \&try, plant => \&plant, harvest => \&harvest);
# Each by itself, on a file that is there and durable.
my %operations = (
    read  => sub { defined sysread(opened($probe, O_RDONLY), my $some, 16) or refuse() },
    write => sub { put(opened($probe, O_WRONLY), 'probe', 0) },
    sync  => sub { durable(opened($probe, O_RDONLY)) },
);

$SIG{$_} = 'IGNORE' for qw(INT TERM HUP QUIT PIPE);
$| = 1;
umask 0;
while (my $line = <STDIN>) {
    my ($id, $command, @words) = split ' ', $line;
    next unless defined $command;
    my @result = eval { ($commands{$command} // die "unknown command\n")->(@words) };
    my $why = $@ =~ s/\s*\n.*//sr;
    print $@ ? "$id error $command: $why\n" : join(' ', $id, 'ok', @result) . "\n";
}

sub lay {
    my ($folder) = @_;
    mkdir "$at/$folder" or $!{EEXIST} or refuse();
    put(my $file = opened($probe, O_WRONLY | O_CREAT), 'probe', 0);
    durable($file);
    return;
}

sub try {
    my ($operation) = @_;
    my $does = $operations{$operation} // die "no such operation\n";
    my $began = now();
    my $failed = eval { $does->(); 1 } ? undef : (grep { $!{$_} } keys %!)[0] // 'an error';
    return (sprintf('%.3f', 1e3 * (now() - $began)), $failed // ());
}

sub plant {
    my $file = opened($planted, O_WRONLY | O_CREAT | O_TRUNC);
    put($file, 'a' x (PAGES * PAGE), 0);
    durable($file);
    put($file, 'b' x (PAGES * PAGE), 0);
    return PAGES;
}

sub harvest {
    my $file = opened($planted, O_RDONLY);
    my $all = '';
    while (sysread($file, $all, PAGES * PAGE + 1 - length $all, length $all)) { }
    unlink $planted;
    my @pages = unpack '(a' . PAGE . ')*', $all;
    die "what had been synced is not there either\n" if @pages != PAGES || grep { !/^(a+|b+)$/ } @pages;
    return scalar grep { /^b/ } @pages;
}

sub opened {
    my ($path, $how) = @_;
    sysopen(my $file, $path, $how, 0666) or refuse();
    return $file;
}

sub put {
    my ($file, $text, $at) = @_;
    sysseek($file, $at, 0) // refuse();
    for (my $done = 0; $done < length $text;) {
        $done += syswrite($file, $text, length($text) - $done, $done) // refuse();
    }
}

sub durable { syscall($FSYNC, fileno $_[0]) == 0 or refuse() }

sub refuse { die "$!\n" }

sub now {
    my $clock = "\0" x 16;
    syscall($CLOCK, MONOTONIC, $clock);
    my ($seconds, $nanoseconds) = unpack('q q', $clock);
    return $seconds + $nanoseconds / 1e9;
}
