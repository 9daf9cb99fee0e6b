// Job control: what a process in the background gets that reads from its terminal, writes to it or changes it.
#include "report.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

static int terminal;

static void handler(int number) { (void)number; }

// What became of a child: it has stopped, ended, or was killed.
static void tell(const char *what, int status) {
  if (WIFSTOPPED(status)) printf("%s: stopped by %s\n", what, sigabbrev_np(WSTOPSIG(status)));
  else if (WIFSIGNALED(status)) printf("%s: killed by %s\n", what, sigabbrev_np(WTERMSIG(status)));
  else printf("%s: ended with %d\n", what, WEXITSTATUS(status));
}

static void set_background(int number, void (*to)(int)) {
  struct sigaction action = {.sa_handler = to};
  sigaction(number, &action, 0);
}

static int reads(void) {
  char text[16];
  ssize_t count = read(terminal, text, sizeof text);
  return count < 0 ? 100 + errno : (int)count;
}
static int writes(void) {
  ssize_t count = write(terminal, "x", 1);
  return count < 0 ? 100 + errno : (int)count;
}
static int changes(void) {
  struct termios modes;
  tcgetattr(terminal, &modes);
  return tcsetattr(terminal, TCSANOW, &modes) < 0 ? 100 + errno : 0;
}
static int takes_it(void) { return tcsetpgrp(terminal, getpid()) < 0 ? 100 + errno : 0; }
static int looks(void) { return tcgetpgrp(terminal) == getppid() ? 0 : 1; }

// A child in a group of its own does something. If it stops it is let go on, in the foreground or not.
static void in_background(const char *name, int (*what)(void), void (*prepare)(void), int to_front) {
  pid_t child = fork();
  if (child == 0) {
    setpgid(0, 0);
    if (prepare) prepare();
    _exit(what());
  }
  setpgid(child, child);
  int status;
  for (int times = 0; waitpid(child, &status, WUNTRACED) == child; times++) {
    tell(name, status);
    if (!WIFSTOPPED(status)) break;
    if (times == 2) kill(child, SIGKILL);
    if (to_front) tcsetpgrp(terminal, child);
    kill(-child, SIGCONT);
  }
  tcsetpgrp(terminal, getpid());
}

static void block_ttin(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTTIN);
  sigprocmask(SIG_BLOCK, &set, 0);
}
static void ignore_ttin(void) { set_background(SIGTTIN, SIG_IGN); }
static void ignore_ttou(void) { set_background(SIGTTOU, SIG_IGN); }
static void handle_both(void) {
  set_background(SIGTTIN, handler);
  set_background(SIGTTOU, handler);
}
static void set_tostop(int on) {
  struct termios modes;
  tcgetattr(terminal, &modes);
  modes.c_lflag = on ? modes.c_lflag | TOSTOP : modes.c_lflag & ~TOSTOP;
  tcsetattr(terminal, TCSANOW, &modes);
}

static void session(int master, const char *name) {
  setsid();
  terminal = open(name, O_RDWR);
  // this process may put others into the foreground, and itself again
  set_background(SIGTTOU, SIG_IGN);
  show(tcgetpgrp(terminal) == getpid());
  signal(SIGTTOU, SIG_DFL);
  show(write(master, "line\n", 5));
  in_background("reads in the background", reads, 0, 0);
  in_background("with SIGTTIN blocked", reads, block_ttin, 0);
  in_background("with SIGTTIN ignored", reads, ignore_ttin, 0);
  in_background("with a handler", reads, handle_both, 0);
  signal(SIGTTOU, SIG_IGN);
  in_background("reads in the foreground at last", reads, 0, 1);
  signal(SIGTTOU, SIG_DFL);
  in_background("writes", writes, 0, 0);
  set_tostop(1);
  in_background("writes with TOSTOP", writes, 0, 0);
  in_background("writes with TOSTOP and SIGTTOU ignored", writes, ignore_ttou, 0);
  in_background("writes with TOSTOP and a handler", writes, handle_both, 0);
  set_tostop(0);
  in_background("changes it", changes, 0, 0);
  in_background("changes it with SIGTTOU ignored", changes, ignore_ttou, 0);
  in_background("takes it", takes_it, 0, 0);
  in_background("takes it with a handler", takes_it, handle_both, 0);
  in_background("looks at it", looks, 0, 0);
  // nobody could let an orphan go on
  int ends[2];
  if (pipe(ends) != 0) _exit(3);
  pid_t child = fork();
  if (child == 0) {
    setpgid(0, 0);
    if (fork() == 0) {
      while (getppid() == child) usleep(1000);
      char outcome[2];
      close(ends[0]);
      usleep(20000);
      outcome[0] = (char)reads();
      outcome[1] = (char)changes();
      if (write(ends[1], outcome, 2) != 2) _exit(1);
      _exit(0);
    }
    usleep(1000);
    _exit(0);
  }
  close(ends[1]);
  waitpid(child, 0, 0);
  char outcome[2] = {0, 0};
  show(read(ends[0], outcome, 2));
  show(outcome[0] - 100 == EIO);
  show(outcome[1] - 100 == EIO);
  _exit(0);
}

int main(void) {
  int master = posix_openpt(O_RDWR | O_NOCTTY);
  if (master < 0) return 2;
  grantpt(master);
  unlockpt(master);
  char name[64];
  ptsname_r(master, name, sizeof name);
  pid_t child = fork();
  if (child == 0) session(master, name);
  int status;
  waitpid(child, &status, 0);
  tell("the session", status);
  return wrong;
}
