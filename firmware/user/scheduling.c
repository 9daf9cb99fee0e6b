// Scheduling and limits: nice values, policies with their priorities, the harts a thread may have, what prctl keeps.
#include "report.h"
#include <linux/ioprio.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

// As glibc has it only from 2.41 on.
struct attributes {
  unsigned size, policy;
  unsigned long long flags;
  int nice;
  unsigned priority;
  unsigned long long runtime, deadline, period;
};

static int priority_of(pid_t of) {
  errno = 0;
  return getpriority(PRIO_PROCESS, of);
}

static void nice_values(void) {
  show(setpriority(PRIO_PROCESS, 0, 17));
  show(priority_of(0));
  show(priority_of(getpid()));
  show(nice(1));
  show(setpriority(PRIO_PROCESS, 0, 100));
  show(priority_of(0));
  show(getpriority(7, 0));
  show(setpriority(7, 0, 0));
  show(getpriority(PRIO_PGRP, 99999999));
  show(getpriority(PRIO_PROCESS, 99999999));
  show(setpriority(PRIO_PROCESS, 99999999, 0));
  // a child has its parent's
  pid_t child = fork();
  if (child == 0) _exit(priority_of(0));
  int status;
  waitpid(child, &status, 0);
  show(WEXITSTATUS(status));
}

static void policies(void) {
  struct sched_param parameter = {.sched_priority = 0};
  show(sched_getscheduler(0));
  show(sched_setscheduler(0, SCHED_BATCH, &parameter));
  show(sched_getscheduler(0));
  parameter.sched_priority = 3;
  show(sched_setscheduler(0, SCHED_BATCH, &parameter));
  show(sched_setscheduler(0, 77, &parameter));
  show(sched_setscheduler(99999999, SCHED_OTHER, &parameter));
  show(sched_setparam(0, &parameter));
  show(sched_getparam(99999999, &parameter));
  show(sched_getparam(-1, &parameter));
  int of[] = {SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE, 77};
  for (int i = 0; i < 6; i++) {
    int least = sched_get_priority_min(of[i]), most = sched_get_priority_max(of[i]);
    printf("policy %d: from %d to %d\n", of[i], least, most);
  }
  parameter.sched_priority = 0;
  show(sched_setscheduler(0, SCHED_OTHER, &parameter));
  struct timespec turn;
  show(sched_rr_get_interval(0, &turn));
  show(sched_rr_get_interval(99999999, &turn));
  struct attributes attributes = {.size = 48, .policy = SCHED_BATCH, .nice = 18};
  show(syscall(SYS_sched_setattr, 0, &attributes, 0));
  memset(&attributes, 0, sizeof attributes);
  show(syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0));
  printf("%u, policy %u, nice %d, priority %u\n", attributes.size, attributes.policy, attributes.nice, attributes.priority);
  show(priority_of(0));
  attributes.priority = 5;
  show(syscall(SYS_sched_setattr, 0, &attributes, 0));
  show(syscall(SYS_sched_setattr, 0, &attributes, 1));
  show(syscall(SYS_sched_getattr, 0, &attributes, 40, 0));
  show(syscall(SYS_sched_getattr, 99999999, &attributes, sizeof attributes, 0));
  show(syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0) >= 0);
}

static void harts(void) {
  cpu_set_t all, one;
  show(sched_getaffinity(0, sizeof all, &all));
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  show(sched_setaffinity(0, sizeof one, &one));
  CPU_ZERO(&all);
  show(sched_getaffinity(getpid(), sizeof all, &all));
  show(CPU_COUNT(&all));
  show(CPU_ISSET(0, &all) != 0);
  show(sched_getcpu());
  CPU_ZERO(&one);
  show(sched_setaffinity(0, sizeof one, &one));
  show(sched_setaffinity(99999999, sizeof one, &one));
  show(sched_getaffinity(99999999, sizeof one, &one));
  show(syscall(SYS_sched_getaffinity, 0, 3, &one));
  // a child has its parent's
  pid_t child = fork();
  if (child == 0) {
    CPU_ZERO(&all);
    sched_getaffinity(0, sizeof all, &all);
    _exit(CPU_COUNT(&all));
  }
  int status;
  waitpid(child, &status, 0);
  show(WEXITSTATUS(status));
}

static void kept(void) {
  int number = -1;
  show(prctl(PR_SET_PDEATHSIG, SIGUSR1));
  show(prctl(PR_GET_PDEATHSIG, &number));
  show(number);
  show(prctl(PR_SET_PDEATHSIG, 100));
  show(prctl(PR_SET_PDEATHSIG, 0));
  show(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  show(prctl(PR_SET_NO_NEW_PRIVS, 2, 0, 0, 0));
  show(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  show(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  show(prctl(PR_SET_DUMPABLE, 0));
  show(prctl(PR_GET_DUMPABLE));
  show(prctl(PR_SET_DUMPABLE, 7));
  show(prctl(PR_SET_DUMPABLE, 1));
  show(prctl(PR_GET_DUMPABLE));
  show(prctl(PR_GET_KEEPCAPS));
  show(prctl(PR_SET_KEEPCAPS, 1));
  show(prctl(PR_GET_KEEPCAPS));
  show(prctl(PR_SET_TIMERSLACK, 70000));
  show(prctl(PR_GET_TIMERSLACK));
  show(prctl(PR_CAPBSET_READ, 0));
  show(prctl(PR_CAPBSET_READ, 1000));
  pid_t child = fork();
  if (child == 0) _exit(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) * 2 + prctl(PR_GET_KEEPCAPS));
  int status;
  waitpid(child, &status, 0);
  show(WEXITSTATUS(status));
}

static void limits(void) {
  struct rlimit limit = {.rlim_cur = 100, .rlim_max = 50}, old;
  show(setrlimit(RLIMIT_CORE, &limit));
  show(prlimit(99999999, RLIMIT_CORE, NULL, &old));
  show(prlimit(getpid(), RLIMIT_NPROC, NULL, &old));
  show(getrlimit(RLIMIT_NOFILE, &old));
  limit = (struct rlimit){old.rlim_cur > 40 ? 40 : old.rlim_cur, old.rlim_max};
  show(setrlimit(RLIMIT_NOFILE, &limit));
  show(dup2(1, 39));
  show(dup2(1, 40));
  show(sysconf(_SC_OPEN_MAX));
}

int main(void) {
  nice_values();
  policies();
  harts();
  kept();
  limits();
  return 0;
}
