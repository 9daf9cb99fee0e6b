// Process groups that nobody is left to let go on: those that have stopped are told, and go on. And the ends of sessions.
#include "report.h"
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>

static int news[2];
static char who;

static void say(const char *what) {
  char line[64];
  int length = snprintf(line, sizeof line, "%c: %s\n", who, what);
  if (write(news[1], line, length) < 0) _exit(9);
}

static void heard(int number) {
  char text[32];
  snprintf(text, sizeof text, "hears %s", sigabbrev_np(number));
  say(text);
}

static void listens(void) {
  struct sigaction action = {.sa_handler = heard, .sa_flags = SA_RESTART};
  sigaction(SIGHUP, &action, 0);
  sigaction(SIGCONT, &action, 0);
}

// What is said until all who could say something have ended, or for so long: what each says in its order.
static void listen_to(const char *what, int most) {
  printf("%s\n", what);
  static char text[4096], *lines[64];
  int size = 0, count = 0;
  struct pollfd one = {.fd = news[0], .events = POLLIN};
  while (poll(&one, 1, most) > 0 && one.revents & POLLIN) {
    ssize_t length = read(news[0], text + size, sizeof text - 1 - size);
    if (length <= 0) break;
    size += length;
  }
  text[size] = 0;
  for (char *line = strtok(text, "\n"); line != NULL && count < 64; line = strtok(NULL, "\n")) lines[count++] = line;
  for (char name = 'A'; name <= 'Z'; name++) {
    for (int i = 0; i < count; i++) if (lines[i][0] == name) printf("%s\n", lines[i]);
  }
}

// Sleeps for so long, whatever handlers run meanwhile.
static void nap(int milliseconds) {
  struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  while (nanosleep(&left, &left) < 0 && errno == EINTR) continue;
}

static void until_stopped(pid_t child) {
  int status;
  waitpid(child, &status, WUNTRACED);
}

static void reap_all(void) {
  int status;
  while (wait(&status) > 0) {
    if (WIFSIGNALED(status)) printf("killed by %s\n", sigabbrev_np(WTERMSIG(status)));
    else printf("ended with %d\n", WEXITSTATUS(status));
  }
}

// A session of its own, of which `leader` is the first process; it may end before others do.
static void session(const char *name, void (*leader)(void)) {
  pipe(news);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    setsid();
    who = 'L';
    leader();
    _exit(0);
  }
  close(news[1]);
  listen_to(name, 5000);
  close(news[0]);
  reap_all();
}

static pid_t member(char name, pid_t group, int stops, int hears, int code) {
  pid_t child = fork();
  if (child != 0) {
    setpgid(child, group);
    return child;
  }
  who = name;
  setpgid(0, group);
  if (hears) listens();
  if (stops) raise(stops);
  else nap(100);
  say("goes on");
  _exit(code);
}

static void stopped_child(void) { until_stopped(member('A', 0, SIGSTOP, 1, 1)); }
static void unprepared_child(void) { until_stopped(member('A', 0, SIGSTOP, 0, 1)); }
static void running_child(void) { member('A', 0, 0, 1, 2); }
static void two_in_a_group(void) {
  pid_t first = member('A', 0, SIGSTOP, 1, 1);
  until_stopped(first);
  member('B', first, 0, 1, 2);
  nap(30);
}
static void two_groups(void) {
  until_stopped(member('A', 0, SIGSTOP, 1, 1));
  nap(20);
  member('B', 0, 0, 1, 2);
}
// The last one that had a parent elsewhere ends, not the parent.
static void through_a_member(void) {
  pid_t middle = fork();
  if (middle == 0) {
    who = 'M';
    setpgid(0, 0);
    until_stopped(member('A', getpid(), SIGSTOP, 1, 1));
    _exit(0);
  }
  int status;
  waitpid(middle, &status, 0);
  nap(50);
  say("ends");
}
static void another_is_left(void) {
  pid_t middle = fork();
  if (middle == 0) {
    who = 'M';
    setpgid(0, 0);
    until_stopped(member('A', getpid(), SIGSTOP, 1, 1));
    nap(20);
    _exit(0);
  }
  setpgid(middle, middle);
  member('B', middle, 0, 1, 2);
  int status;
  waitpid(middle, &status, 0);
  nap(200);
  say("ends");
}
// Nobody could let it go on: it does not even stop, but for SIGSTOP.
static void stops_as_an_orphan(void) {
  listens();
  for (int number = SIGTSTP; number <= SIGTTOU; number++) {
    raise(number);
    say(sigabbrev_np(number));
  }
}

static void with_terminal(void (*what)(void)) {
  int master, slave;
  openpty(&master, &slave, 0, 0, 0);
  ioctl(slave, TIOCSCTTY, 0);
  tcsetpgrp(slave, getpgrp());
  signal(SIGTTOU, SIG_IGN);
  pid_t keeper = fork();
  if (keeper == 0) {
    // the master stays open for longer than the leader lives
    setsid();
    close(slave);
    close(news[1]);
    nap(500);
    _exit(0);
  }
  close(master);
  what();
  nap(50);
}
static int terminal(void) { return open("/dev/tty", O_RDWR); }
static pid_t waits(char name, int code) {
  pid_t child = fork();
  if (child != 0) {
    setpgid(child, child);
    return child;
  }
  who = name;
  setpgid(0, 0);
  listens();
  nap(300);
  say(terminal() < 0 ? "has no terminal" : "has a terminal");
  _exit(code);
}
static void front_and_back(void) {
  pid_t front = waits('F', 3);
  waits('B', 4);
  tcsetpgrp(terminal(), front);
}
static void leader_ends(void) { with_terminal(front_and_back); }
static void gives_up(void) {
  listens();
  pid_t front = waits('F', 3);
  int fd = terminal();
  tcsetpgrp(fd, front);
  nap(50);
  ioctl(fd, TIOCNOTTY);
  say(terminal() < 0 ? "has no terminal" : "has a terminal");
}
static void terminal_given_up(void) { with_terminal(gives_up); }
static void master_closes(void) {
  int master, slave;
  openpty(&master, &slave, 0, 0, 0);
  ioctl(slave, TIOCSCTTY, 0);
  signal(SIGTTOU, SIG_IGN);
  listens();
  pid_t front = fork();
  if (front == 0) {
    close(master);
    who = 'F';
    setpgid(0, 0);
    listens();
    nap(300);
    say("ends");
    _exit(3);
  }
  setpgid(front, front);
  tcsetpgrp(slave, front);
  nap(50);
  close(master);
  say("has closed it");
  nap(50);
}

int main(void) {
  session("a child that has stopped", stopped_child);
  session("one that has not prepared for it", unprepared_child);
  session("one that runs", running_child);
  session("one of two", two_in_a_group);
  session("another group", two_groups);
  session("the last member with a parent ends", through_a_member);
  session("another member has a parent", another_is_left);
  session("stops in an orphaned group", stops_as_an_orphan);
  session("the leader of a terminal's session ends", leader_ends);
  session("it gives the terminal up", terminal_given_up);
  session("the other side is closed", master_closes);
  return wrong;
}
