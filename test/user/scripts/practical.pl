# What programs in Perl use: text, data, files, processes, signals, sockets.
use strict;
use warnings;
use Data::Dumper;
use Digest::MD5 qw(md5_hex);
use Fcntl qw(:flock :seek);
use File::Find;
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::UNIX;
use JSON::PP;
use List::Util qw(max shuffle sum);
use POSIX qw(:sys_wait_h strftime);
use Socket;
use Storable qw(dclone);
use Time::HiRes qw(alarm sleep);

$| = 1;
my $folder = tempdir(CLEANUP => 1);

sub child {
  my $work = shift;
  my $pid = fork // die;
  POSIX::_exit($work->()) if !$pid;
  return $pid;
}

sub ended { waitpid shift, 0; return $? >> 8 }

sub text {
  my %ages = (ann => 31, bob => 25, cy => 31);
  print join(" ", sort { $ages{$b} <=> $ages{$a} || $a cmp $b } keys %ages), " ", sum(values %ages), max(1, 9, 4), "\n";
  (my $dates = "2024-05-06, 2025-07-08") =~ s/(\d+)-(\d+)-(\d+)/$3.$2.$1/g;
  print "$dates ", ($dates =~ tr/0-9//), " ", join("|", split /(?<=,)/, "a,b,c"), "\n";
  print "$1|$+{rest}\n" if "key = value # c" =~ /^(\w+)\s*=\s*(?<rest>[^#]*?)\s*(?:#.*)?$/;
  my $balanced;
  $balanced = qr/\((?:[^()]++|(??{ $balanced }))*\)/;
  print join(" ", "(a(b)c)(d" =~ /($balanced)/g), "\n";
  my @sorted = sort { $a->[1] <=> $b->[1] || $a->[0] <=> $b->[0] } map { [$_, ($_ * 7919) % 101] } shuffle 1 .. 5000;
  print join(" ", map { $_->[0] } @sorted[0, 2500, -1]), "\n";
  local ($Data::Dumper::Sortkeys, $Data::Dumper::Indent) = (1, 0);
  print Dumper(dclone({ list => [1, [2, 3]], none => undef })), "\n";
  print JSON::PP->new->canonical->encode({ b => [1, "x"], a => JSON::PP::true }), " ", md5_hex("abc"), "\n";
  printf "%s %.3e %b %o %X %s\n", strftime("%Y-%m-%d %j", gmtime 86400 * 400), 12345.678, 10, 64, 255,
    unpack("H*", pack "NnCa4w", 1, 2, 3, "ab", 300);
}

sub files {
  open my $out, ">", "$folder/file" or die;
  print $out "line $_\n" for 1 .. 1000;
  close $out;
  open my $in, "+<", "$folder/file" or die;
  seek $in, -10, SEEK_END;
  print scalar <$in>;
  seek $in, 0, SEEK_SET;
  my $count = () = <$in>;
  print "$count ", tell $in, "\n";
  truncate $in, 14;
  flock $in, LOCK_EX or die;
  my $pid = child(sub { open my $again, "<", "$folder/file"; flock($again, LOCK_EX | LOCK_NB) ? 0 : 4 });
  print -s $in, " locked: ", ended($pid), "\n";
  mkdir "$folder/$_" or die for "d", "d/e";
  symlink "d/e", "$folder/link";
  rename "$folder/file", "$folder/d/e/f";
  my @found;
  find(sub { push @found, substr $File::Find::name, length $folder }, $folder);
  print join(" ", sort @found), " ", readlink "$folder/link", "\n";
  chmod 0640, "$folder/d/e/f";
  printf "%o %s\n", (stat "$folder/link/f")[2], -e "$folder/none" ? "yes" : $!;
}

sub processes {
  pipe my $reader, my $writer or die;
  my @children = map { my $n = $_; child(sub { syswrite $writer, "$n\n"; $n }) } 1 .. 5;
  close $writer;
  chomp(my @lines = <$reader>);
  print join(" ", sort @lines), ": ", join(" ", map { ended($_) } @children), " ", waitpid(-1, WNOHANG), "\n";
  system "exit 3;";
  print $? >> 8, " ";
  system "sh", "-c", 'kill -9 $$';
  print $? & 127, " ", `printf '3\\n10\\n2\\n' | sort -n | tr '\\n' ,`, "\n";
  open my $upper, "|-", "tr a-z A-Z" or die;
  print $upper "to upper\n";
  close $upper;
  my $pid = open my $from, "-|";
  if (!$pid) { print "from a child\n"; POSIX::_exit(2 + !STDOUT->flush) }
  print <$from>;
  close $from;
  print $? >> 8, "\n";
}

sub signals {
  my @heard;
  local $SIG{USR1} = sub { push @heard, shift };
  kill USR1 => $$;
  eval { local $SIG{ALRM} = sub { die "alarm\n" }; alarm 0.05; sleep 5; 1 } or push @heard, $@;
  local $SIG{CHLD} = sub { push @heard, "CHLD" };
  my $pid = child(sub { 0 });
  sleep 0.02 until $heard[-1] eq "CHLD";
  waitpid $pid, 0;
  chomp @heard;
  print "@heard\n";
}

sub sockets {
  my $server = IO::Socket::UNIX->new(Local => "$folder/s", Listen => 5) or die;
  my $pid = child(sub {
    my $to = IO::Socket::UNIX->new(Peer => "$folder/s") or return 1;
    print $to "hello\n";
    my $back = <$to>;
    print $to "got $back";
    return 0;
  });
  my $peer = $server->accept;
  print "server: ", scalar <$peer>;
  print $peer "welcome\n";
  print "server: ", scalar <$peer>;
  print ended($pid), "\n";
  socketpair my $one, my $other, AF_UNIX, SOCK_DGRAM, PF_UNSPEC or die;
  send $one, $_, 0 for "datagram", "", "next";
  print join(" ", map { recv $other, my $message, 100, 0; "<$message>" } 1 .. 3), "\n";
  my $select = IO::Select->new($other);
  print scalar(() = $select->can_read(0.01)), " ";
  send $one, "x", 0;
  print scalar(() = $select->can_read(1)), "\n";
}

text();
files();
processes();
signals();
sockets();
exit 6;
