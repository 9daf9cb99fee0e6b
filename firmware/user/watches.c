// inotify: who is told what of files that are made, opened, read, written, changed, moved and taken away.
#include "report.h"
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>

static int watcher;
static char buffer[8192] __attribute__((aligned(8)));

static const struct { uint32_t bit; const char *name; } bits[] = {
  {IN_ACCESS, "ACCESS"}, {IN_MODIFY, "MODIFY"}, {IN_ATTRIB, "ATTRIB"}, {IN_CLOSE_WRITE, "CLOSE_WRITE"},
  {IN_CLOSE_NOWRITE, "CLOSE_NOWRITE"}, {IN_OPEN, "OPEN"}, {IN_MOVED_FROM, "MOVED_FROM"}, {IN_MOVED_TO, "MOVED_TO"},
  {IN_CREATE, "CREATE"}, {IN_DELETE, "DELETE"}, {IN_DELETE_SELF, "DELETE_SELF"}, {IN_MOVE_SELF, "MOVE_SELF"},
  {IN_UNMOUNT, "UNMOUNT"}, {IN_Q_OVERFLOW, "Q_OVERFLOW"}, {IN_IGNORED, "IGNORED"}, {IN_ISDIR, "ISDIR"},
};

// Everything that there is to read, each event on a line of its own; cookies by their differences.
static void told(const char *when) {
  static uint32_t cookie;
  int waiting = 0;
  ioctl(watcher, FIONREAD, &waiting);
  printf("%s: %d bytes\n", when, waiting);
  for (ssize_t length; (length = read(watcher, buffer, sizeof buffer)) > 0;) {
    for (char *at = buffer; at < buffer + length;) {
      struct inotify_event *event = (struct inotify_event *)at;
      printf("  %d", event->wd);
      for (unsigned i = 0; i < sizeof bits / sizeof *bits; i++) if (event->mask & bits[i].bit) printf(" %s", bits[i].name);
      if (event->len) printf(" \"%s\" of %u", event->name, event->len);
      if (event->cookie) printf(event->cookie == cookie ? " as before" : " moves");
      if (event->cookie) cookie = event->cookie;
      printf("\n");
      at += sizeof *event + event->len;
    }
  }
}

static void put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (write(fd, text, strlen(text)) < 0) perror(path);
  close(fd);
}

static void names(void) {
  mkdir("d", 0755);
  show(inotify_add_watch(watcher, "d", IN_ALL_EVENTS));
  put("d/file", "text");
  told("made and written");
  put("d/file", "more");
  told("written again");
  int fd = open("d/file", O_RDWR);
  for (int i = 0; i < 5; i++) read(fd, buffer, 1);
  pread(fd, buffer, 2, 0);
  read(fd, buffer, 100);
  read(fd, buffer, 100);
  told("read");
  for (int i = 0; i < 3; i++) pwrite(fd, "x", 1, i);
  lseek(fd, 0, SEEK_SET);
  write(fd, "", 0);
  told("written to thrice");
  ftruncate(fd, 2);
  told("cut");
  truncate("d/file", 1);
  fchmod(fd, 0600);
  chmod("d/file", 0644);
  struct timespec both[2] = {{1, 2}, {3, 4}}, only_access[2] = {{1, 0}, {0, UTIME_OMIT}}, only_change[2] = {{0, UTIME_OMIT}, {1, 0}},
                  none[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
  futimens(fd, both);
  futimens(fd, only_access);
  futimens(fd, only_change);
  futimens(fd, none);
  fallocate(fd, 0, 0, 100);
  told("changed");
  close(fd);
  told("closed");
  close(open("d/file", O_RDONLY));
  close(open("d/file", O_PATH));
  dup2(fd = open("d/file", O_RDONLY), 50);
  close(fd);
  told("one descriptor of two closed");
  close(50);
  told("and the other");
  symlink("file", "d/link");
  link("d/file", "d/hard");
  mkdir("d/sub", 0755);
  mkfifo("d/pipe", 0600);
  told("links, a directory, a pipe");
  close(open("d/link", O_RDONLY));
  close(open("d/sub", O_RDONLY));
  told("through a link");
  rename("d/file", "d/a name that is longer than others");
  rename("d/sub", "d/other");
  rename("d/hard", "d/link");
  rename("d/link", "elsewhere");
  rename("elsewhere", "d/back");
  told("moved");
  unlink("d/a name that is longer than others");
  unlink("d/back");
  unlink("d/pipe");
  rmdir("d/other");
  told("taken away");
  fd = open("d", O_RDONLY | O_DIRECTORY);
  getdents64(fd, buffer, sizeof buffer);
  getdents64(fd, buffer, sizeof buffer);
  fchmod(fd, 0700);
  close(fd);
  told("the directory itself");
  rename("d", "e");
  told("it has moved");
  rmdir("e");
  told("it is gone");
  show(inotify_rm_watch(watcher, 1));
}

static void selves(void) {
  put("f", "text");
  show(inotify_add_watch(watcher, "f", IN_ALL_EVENTS));
  put("f", "more");
  told("a file");
  rename("f", "g");
  link("g", "h");
  unlink("g");
  told("another name");
  int fd = open("h", O_RDONLY);
  unlink("h");
  told("no name, but open");
  read(fd, buffer, 4);
  fchmod(fd, 0600);
  told("used without a name");
  close(fd);
  told("closed");

  put("f", "text");
  put("over", "text");
  show(inotify_add_watch(watcher, "f", IN_MOVE_SELF | IN_DELETE_SELF));
  show(inotify_add_watch(watcher, "over", IN_ALL_EVENTS));
  rename("f", "over");
  told("one over the other");
  show(inotify_rm_watch(watcher, 3));
  told("watched no longer");
  show(inotify_rm_watch(watcher, 3));
  unlink("over");
  told("nothing");
}

static void masks(void) {
  put("f", "");
  show(inotify_add_watch(watcher, "f", IN_OPEN));
  show(inotify_add_watch(watcher, "./f", IN_CLOSE | IN_MASK_ADD));
  close(open("f", O_RDONLY));
  told("opened and closed");
  show(inotify_add_watch(watcher, "f", IN_CLOSE));
  close(open("f", O_RDONLY));
  told("closed only");
  show(inotify_add_watch(watcher, "f", IN_OPEN | IN_MASK_CREATE));
  show(inotify_add_watch(watcher, "f", IN_OPEN | IN_MASK_CREATE | IN_MASK_ADD));
  show(inotify_add_watch(watcher, "f", IN_OPEN | IN_ONLYDIR));
  show(inotify_add_watch(watcher, "f", 0));
  show(inotify_add_watch(watcher, "f", 0x00800000));
  show(inotify_add_watch(watcher, "nothing", IN_OPEN));
  show(inotify_add_watch(watcher, "f/x", IN_OPEN));
  show(inotify_add_watch(1, "f", IN_OPEN));
  show(inotify_add_watch(99, "f", IN_OPEN));
  show(inotify_rm_watch(watcher, 77));
  show(inotify_rm_watch(1, 1));
  show(inotify_rm_watch(99, 1));
  show(inotify_init1(1));
  symlink("f", "l");
  show(inotify_add_watch(watcher, "l", IN_ALL_EVENTS | IN_DONT_FOLLOW));
  put("l", "x");
  unlink("l");
  told("a link itself");
  show(inotify_add_watch(watcher, "f", IN_OPEN | IN_ONESHOT));
  close(open("f", O_RDONLY));
  close(open("f", O_RDONLY));
  told("once");
  show(inotify_add_watch(watcher, ".", IN_OPEN | IN_MODIFY | IN_EXCL_UNLINK));
  show(inotify_add_watch(watcher, "/", IN_OPEN | IN_EXCL_UNLINK | IN_ONLYDIR));
  int fd = open("f", O_RDWR);
  unlink("f");
  write(fd, "x", 1);
  close(fd);
  told("not of what is unlinked");
  put("f", "x");
  close(open("f", O_RDWR | O_TRUNC));
  int in = open("f", O_RDWR), out = open("g", O_RDWR | O_CREAT, 0600);
  write(in, "text", 4);
  off_t zero = 0;
  told("before");
  sendfile(out, in, &zero, 4);
  told("sendfile");
  close(in);
  close(out);
  unlink("f");
  unlink("g");
  told("end");
}

static void waiting(void) {
  struct pollfd one = {.fd = watcher, .events = POLLIN | POLLOUT};
  show(poll(&one, 1, 0));
  show(read(watcher, buffer, sizeof buffer));
  show(write(watcher, buffer, 1));
  int set = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN};
  show(epoll_ctl(set, EPOLL_CTL_ADD, watcher, &event));
  show(epoll_wait(set, &event, 1, 0));
  mkdir("w", 0755);
  show(inotify_add_watch(watcher, "w", IN_CREATE | IN_DELETE));
  put("w/a name of some length", "");
  show(poll(&one, 1, 0));
  show(one.revents);
  show(epoll_wait(set, &event, 1, 0));
  show(read(watcher, buffer, 16));
  show(read(watcher, buffer, 47));
  show(read(watcher, buffer, 48));
  show(read(watcher, buffer, 48));
  unlink("w/a name of some length");
  told("short");

  // a child that waits is woken; a handler in between does not end its read
  fcntl(watcher, F_SETFL, 0);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    struct sigaction action = {.sa_handler = SIG_IGN, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, 0);
    ssize_t length = read(watcher, buffer, sizeof buffer);
    printf("the child reads %zd: %s\n", length, ((struct inotify_event *)buffer)->name);
    exit(3);
  }
  when_asleep(child);
  kill(child, SIGUSR1);
  when_asleep(child);
  put("w/woken", "");
  int status;
  waitpid(child, &status, 0);
  show(status);
  fcntl(watcher, F_SETFL, O_NONBLOCK);
  unlink("w/woken");
  told("after the child");

  // more than fits
  int limit = 0;
  FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
  if (file == NULL || fscanf(file, "%d", &limit) != 1) printf("no limit\n");
  if (file != NULL) fclose(file);
  for (int i = 0; i <= limit / 2; i++) {
    put("w/x", "");
    unlink("w/x");
  }
  int waits = 0, last = 0, count = 0;
  ioctl(watcher, FIONREAD, &waits);
  printf("%d bytes of %d\n", waits, limit);
  for (ssize_t length; (length = read(watcher, buffer, sizeof buffer)) > 0;) {
    for (char *at = buffer; at < buffer + length; count++) {
      struct inotify_event *one_event = (struct inotify_event *)at;
      if (one_event->mask == IN_Q_OVERFLOW) last = one_event->wd;
      at += sizeof *one_event + one_event->len;
    }
  }
  printf("%d events, overflow %d\n", count - limit, last);
  rmdir("w");
  told("gone");
}

int main(int argc, char **argv) {
  if (argc < 2 || chdir(argv[1]) < 0) return 2;
  char folder[32];
  snprintf(folder, sizeof folder, "watches%d", getpid());
  mkdir(folder, 0755);
  chdir(folder);
  watcher = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  show(watcher >= 0);
  show(fcntl(watcher, F_GETFD));
  names();
  selves();
  masks();
  waiting();
  char link[64] = {0}, path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", watcher);
  readlink(path, link, sizeof link);
  printf("%s\n", link);
  close(watcher);
  chdir("..");
  show(rmdir(folder));
  return wrong;
}
