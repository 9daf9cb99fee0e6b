// fork, vfork, wait4, waitid, exit codes, process groups and sessions, orphans.
#include "report.h"
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void described(int status) {
  if (WIFEXITED(status)) printf("exited %d\n", WEXITSTATUS(status));
  else if (WIFSIGNALED(status)) printf("killed by %d\n", WTERMSIG(status));
  else if (WIFSTOPPED(status)) printf("stopped by %d\n", WSTOPSIG(status));
  else if (WIFCONTINUED(status)) printf("continued\n");
}

static void exits(void) {
  int codes[] = {0, 1, 42, 255, 256 + 7};
  for (int i = 0; i < 5; i++) {
    pid_t child = fork();
    if (child == 0) _exit(codes[i]);
    int status;
    show(waitpid(child, &status, 0) == child);
    described(status);
  }
  int signals[] = {SIGKILL, SIGTERM, SIGABRT, SIGUSR1, SIGPIPE};
  for (int i = 0; i < 5; i++) {
    pid_t child = fork();
    if (child == 0) {
      raise(signals[i]);
      _exit(1);
    }
    int status;
    waitpid(child, &status, 0);
    described(status);
  }
}

static void many(void) {
  int sum = 0, status;
  for (int i = 0; i < 30; i++) if (fork() == 0) _exit(i);
  for (int i = 0; i < 30; i++) {
    if (wait(&status) < 0) break;
    sum += WEXITSTATUS(status);
  }
  show(sum);
  show(wait(&status));
}

static void waiting(void) {
  int ends[2], status;
  char byte;
  if (pipe(ends) != 0) exit(2);
  pid_t child = fork();
  if (child == 0) {
    if (read(ends[0], &byte, 1) != 1) _exit(1);
    _exit(9);
  }
  show(waitpid(child, &status, WNOHANG));
  show(waitpid(child + 1000, &status, 0));
  show(waitpid(child, &status, 0x1000));
  if (write(ends[1], "x", 1) != 1) exit(2);
  siginfo_t info;
  show(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
  printf("code %d, status %d, signal %d, pid %d\n", info.si_code, info.si_status, info.si_signo, info.si_pid == child);
  struct rusage usage;
  show(wait4(child, &status, 0, &usage) == child);
  described(status);
  show(kill(child, 0));
}

static void stopping(void) {
  int status;
  pid_t child = fork();
  if (child == 0) for (;;) pause();
  show(kill(child, SIGSTOP));
  show(waitpid(child, &status, WUNTRACED) == child);
  described(status);
  show(kill(child, SIGCONT));
  show(waitpid(child, &status, WCONTINUED) == child);
  described(status);
  show(kill(child, SIGKILL));
  show(waitpid(child, &status, 0) == child);
  described(status);
}

static int shared_value = 1;
static void vforked(void) {
  int status;
  pid_t child = vfork();
  if (child == 0) {
    shared_value = 77;
    _exit(3);
  }
  // qemu-user makes a fork of it
  equal(shared_value, 77);
  waitpid(child, &status, 0);
  described(status);
}

static void groups(void) {
  int status;
  show(getpgid(0) == getpgrp());
  pid_t child = fork();
  if (child == 0) {
    int right = setpgid(0, 0) == 0 && getpgrp() == getpid() && getsid(0) != getpid();
    // a group's leader makes no session
    right = right && setsid() == -1 && errno == EPERM;
    if (fork() == 0) _exit(setsid() == getpid() && getpgrp() == getpid() && getsid(0) == getpid() ? 11 : 1);
    wait(&status);
    _exit(right ? WEXITSTATUS(status) : 2);
  }
  waitpid(child, &status, 0);
  described(status);
  // a whole group is waited for, and killed
  pid_t leader = fork();
  if (leader == 0) for (;;) pause();
  setpgid(leader, leader);
  pid_t member = fork();
  if (member == 0) for (;;) pause();
  show(setpgid(member, leader));
  show(kill(-leader, SIGTERM));
  int ended = 0;
  while (waitpid(-leader, &status, 0) > 0) ended++;
  show(ended);
  show(setpgid(0, 999999));
}

static void orphans(void) {
  int ends[2];
  if (pipe(ends) != 0) exit(2);
  pid_t child = fork();
  if (child == 0) {
    pid_t parent = getpid();
    if (fork() == 0) {
      while (getppid() == parent) sched_yield();
      if (write(ends[1], "adopted", 7) != 7) _exit(1);
      _exit(0);
    }
    _exit(0);
  }
  int status;
  waitpid(child, &status, 0);
  char text[8] = "";
  show(read(ends[0], text, 7));
  printf("%s\n", text);
}

static void at_exit(void) { printf("at exit\n"); }

int main(void) {
  exits();
  many();
  waiting();
  stopping();
  vforked();
  groups();
  orphans();
  atexit(at_exit);
  return 200;
}
