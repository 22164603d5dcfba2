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
#   plant                         pages that are not durable, and a name -> ok PAGES NAMES
#   harvest                       -> ok PAGES NAMES: how many of them are there
#   files FOLDER                  -> ok (PATH SIZE)...: regular ones that are not empty, 10,000 at most; each path in hexadecimal
#   flip PATH BIT...              of a file, counted from its beginning
#   cut PATH BYTES                from its end
#   damaged                       -> ok (PATH BYTES)...: how many of them are not as they were before that
#   mend                          all that is still as it was damaged -> ok PATH...: what is not, for somebody has changed it
use strict;
use warnings;
use Errno;
use Fcntl qw(O_RDONLY O_WRONLY O_RDWR O_CREAT);
use POSIX ();

my $at = shift // die "which disk?\n";
my ($probe, $planted, $named) = map { "$at/$_" } qw(probe planted named);
my $names = 0;
my ($FSYNC, $CLOCK) = (POSIX::uname())[4] eq 'x86_64' ? (74, 228) : (82, 113);
use constant { PAGE => 4096, MONOTONIC => 1 };
# So many are planted: that all of them survive by chance, or none, does not happen.
use constant PAGES => 64;

my %damage;     # path -> { flips => { at => [as it was, as it is] }, size, tail }
my %commands = (
    lay => \&lay, try => \&try, plant => \&plant, harvest => \&harvest,
    files => \&files, flip => \&flip, cut => \&cut, damaged => \&damaged, mend => \&mend,
);
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
    opened($planted, O_WRONLY | O_CREAT);
    durable(opened($_, O_RDONLY)) for $at, "$at/$folder";
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
    my $file = opened($planted, O_WRONLY);
    put($file, 'a' x (PAGES * PAGE), 0);
    durable($file);
    put($file, 'b' x (PAGES * PAGE), 0);
    # What is in it is durable, and what it is called is not. No folder may be synced now: what the node did to names would be durable, too.
    put(my $new = opened($named . ++$names, O_WRONLY | O_CREAT), 'named', 0);
    durable($new);
    return (PAGES, 1);
}

sub harvest {
    my $file = opened($planted, O_RDONLY);
    my $all = '';
    while (sysread($file, $all, PAGES * PAGE + 1 - length $all, length $all)) { }
    my $there = -e "$named$names" ? 1 : 0;
    # One of an earlier time may be back.
    unlink "$named$_" for 1 .. $names;
    my @pages = unpack '(a' . PAGE . ')*', $all;
    die "what had been synced is not there either\n" if @pages != PAGES || grep { !/^(a+|b+)$/ } @pages;
    return (scalar(grep { /^b/ } @pages), $there);
}

sub files {
    my ($root) = @_;
    my (@found, @folders);
    for (@folders = ''; @folders && @found < 20_000;) {
        my $folder = shift @folders;
        opendir(my $all, "$at/$root/$folder") or next;
        for my $name (sort grep { !/^\.\.?$/ } readdir $all) {
            my $path = "$at/$root/$folder$name";
            if    (-l $path)            { }
            elsif (-d _)                { push @folders, "$folder$name/" }
            elsif (-f _ && (my $size = -s _)) { push @found, unpack('H*', "$root/$folder$name"), $size }
        }
    }
    return @found;
}

sub flip {
    my ($path, @bits) = @_;
    my $file = damaging($path);
    my %flips;
    for my $bit (@bits) {
        my $at = $bit >> 3;
        my $is = $flips{$at} ? $flips{$at}[1] : bytes($file, $at, 1);
        $flips{$at} = [$flips{$at} ? $flips{$at}[0] : $is, $is ^ chr(1 << ($bit & 7))];
    }
    put($file, $flips{$_}[1], $_) for keys %flips;
    durable($file);
    $damage{$path} = { flips => \%flips };
    return;
}

sub cut {
    my ($path, $bytes) = @_;
    my $file = damaging($path);
    my $size = (-s $file) - $bytes;
    die "it has no more than that\n" if $size < 0;
    my $tail = bytes($file, $size, $bytes);
    truncate($file, $size) or refuse();
    durable($file);
    $damage{$path} = { size => $size, tail => $tail };
    return;
}

sub damaging {
    my ($path) = @_;
    die "it is damaged already\n" if $damage{$path};
    return opened("$at/" . pack('H*', $path), O_RDWR);
}

# Opened again, and read: what is there now, whoever looks.
sub damaged {
    my @found;
    for my $path (sort keys %damage) {
        my ($damage, $differ) = ($damage{$path}, 0);
        if (my $file = still_there($path)) {
            my $flips = $damage->{flips} // {};
            $differ = grep { bytes($file, $_, 1) ne $flips->{$_}[0] } keys %$flips;
            $differ = length($damage->{tail}) if defined $damage->{tail} && -s $file == $damage->{size};
        }
        push @found, $path, $differ if $differ;
    }
    return @found;
}

sub mend {
    my @changed;
    for my $path (sort keys %damage) {
        my $damage = delete $damage{$path};
        my $file = still_there($path);
        my $flips = $damage->{flips} // {};
        my $as_left = $file && !grep { bytes($file, $_, 1) ne $flips->{$_}[1] } keys %$flips;
        $as_left &&= -s $file == $damage->{size} if defined $damage->{tail};
        if (!$as_left) { push @changed, $path; next }
        put($file, $flips->{$_}[0], $_) for keys %$flips;
        put($file, $damage->{tail}, $damage->{size}) if defined $damage->{tail};
        durable($file);
    }
    return @changed;
}

sub still_there {
    my ($path) = @_;
    my $whole = "$at/" . pack('H*', $path);
    sysopen(my $file, $whole, O_RDWR) or return undef;
    return $file;
}

# Fewer, where the file ends.
sub bytes {
    my ($file, $at, $count) = @_;
    my $bytes = '';
    sysseek($file, $at, 0) // refuse();
    while ($count > length $bytes) {
        last unless sysread($file, $bytes, $count - length $bytes, length $bytes) // refuse();
    }
    return $bytes;
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
