// Signals: handlers, masks, pending and queued ones, SA_ flags, restart, alternate stacks, waiting, timers.
#include "report.h"
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

static volatile int calls, last, code;
static void count(int number) { calls++, last = number; }
static void inform(int number, siginfo_t *info, void *context) {
  (void)context;
  calls++, last = number, code = info->si_code;
  printf("signal %d, code %d, value %d, from me: %d\n", number, info->si_code, info->si_value.sival_int, info->si_pid == getpid());
}

static void handle(int number, void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigaction(number, &action, NULL);
}

static void nested(int number) {
  sigset_t now;
  sigprocmask(SIG_SETMASK, NULL, &now);
  printf("in handler of %d: USR1 %d USR2 %d\n", number, sigismember(&now, SIGUSR1), sigismember(&now, SIGUSR2));
  // qemu-user 7.2 looks for sa_mask in the wrong place on RISC-V
  equal(sigismember(&now, SIGHUP), 1);
  if (number == SIGUSR1) raise(SIGUSR2);
}

static void masks(void) {
  sigset_t set, old, pending;
  handle(SIGUSR1, count, 0);
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  show(sigprocmask(SIG_BLOCK, &set, &old));
  raise(SIGUSR1);
  raise(SIGUSR1);
  show(calls);
  sigpending(&pending);
  show(sigismember(&pending, SIGUSR1));
  show(sigprocmask(SIG_SETMASK, &old, NULL));
  show(calls);
  struct sigaction action = {.sa_handler = nested};
  sigaddset(&action.sa_mask, SIGHUP);
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGUSR2, &action, NULL);
  raise(SIGUSR1);
  handle(SIGUSR1, count, SA_RESETHAND | SA_NODEFER);
  calls = 0;
  raise(SIGUSR1);
  sigaction(SIGUSR1, NULL, &action);
  printf("after SA_RESETHAND: %s, %d\n", action.sa_handler == SIG_DFL ? "default" : "not default", calls);
  show(sigaction(SIGKILL, &action, NULL));
  show(sigaction(99, &action, NULL));
  signal(SIGUSR1, SIG_IGN);
  raise(SIGUSR1);
  show(kill(getpid(), 99));
  show(kill(999999, SIGTERM));
}

static void queued(void) {
  struct sigaction action = {.sa_sigaction = inform, .sa_flags = SA_SIGINFO};
  int first = SIGRTMIN + 3, second = SIGRTMIN + 1;
  sigaction(first, &action, NULL);
  sigaction(second, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  sigset_t set;
  sigfillset(&set);
  sigprocmask(SIG_BLOCK, &set, NULL);
  for (int i = 1; i <= 3; i++) sigqueue(getpid(), first, (union sigval){.sival_int = i});
  sigqueue(getpid(), second, (union sigval){.sival_int = 9});
  sigqueue(getpid(), SIGTERM, (union sigval){.sival_int = 4});
  sigemptyset(&set);
  sigprocmask(SIG_SETMASK, &set, NULL);
  // one is waited for without a handler
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, NULL);
  sigqueue(getpid(), SIGUSR2, (union sigval){.sival_int = 55});
  siginfo_t info;
  show(sigwaitinfo(&set, &info));
  printf("value %d, code %d\n", info.si_value.sival_int, info.si_code);
  struct timespec moment = {.tv_nsec = 1000000};
  show(sigtimedwait(&set, &info, &moment));
  sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void interrupted(void) {
  int ends[2];
  char byte = 'z';
  if (pipe(ends) != 0) exit(2);
  for (int restart = 0; restart < 2; restart++) {
    handle(SIGUSR1, count, restart ? SA_RESTART : 0);
    calls = 0;
    pid_t child = fork();
    if (child == 0) {
      when_asleep(getppid());
      kill(getppid(), SIGUSR1);
      when_asleep(getppid());
      if (write(ends[1], "q", 1) != 1) _exit(1);
      _exit(0);
    }
    show(read(ends[0], &byte, 1));
    if (restart == 0) show(read(ends[0], &byte, 1));
    printf("%c, %d calls of the handler\n", byte, calls);
    wait(NULL);
  }
  // never restarted
  pid_t child = fork();
  if (child == 0) {
    for (int i = 0; i < 3; i++) when_asleep(getppid()), kill(getppid(), SIGUSR1);
    _exit(0);
  }
  show(poll(NULL, 0, 100000));
  struct timespec request = {.tv_sec = 100}, left = {0};
  show(nanosleep(&request, &left));
  show(left.tv_sec >= 50);
  show(pause());
  wait(NULL);
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, &old);
  calls = 0;
  raise(SIGUSR1);
  show(sigsuspend(&old));
  show(calls);
  sigprocmask(SIG_SETMASK, NULL, &old);
  show(sigismember(&old, SIGUSR1));
  sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static sigjmp_buf back;
static char *low, *high;
static void on_stack(int number) {
  char here;
  printf("signal %d, on the alternate stack: %d\n", number, &here >= low && &here < high);
}
static void jump(int number) { siglongjmp(back, number); }

static void stacks(void) {
  static char alternate[32768];
  low = alternate, high = alternate + sizeof alternate;
  stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  show(sigaltstack(&stack, NULL));
  handle(SIGUSR1, on_stack, SA_ONSTACK);
  raise(SIGUSR1);
  handle(SIGUSR1, on_stack, 0);
  raise(SIGUSR1);
  handle(SIGUSR2, jump, 0);
  for (volatile int i = 0; i < 3; i++) {
    int from = sigsetjmp(back, 1);
    if (from == 0) raise(SIGUSR2);
    printf("back from %d\n", from);
  }
}

static void children(void) {
  handle(SIGCHLD, count, 0);
  calls = 0;
  if (fork() == 0) _exit(1);
  while (calls == 0) usleep(1000);
  printf("%d\n", last);
  show(wait(NULL) > 0);
  // ignored, they leave nothing to wait for
  signal(SIGCHLD, SIG_IGN);
  if (fork() == 0) _exit(1);
  show(wait(NULL));
  signal(SIGCHLD, SIG_DFL);
}

static void timers(void) {
  handle(SIGALRM, count, 0);
  calls = 0;
  struct itimerval timer = {.it_value = {.tv_usec = 5000}, .it_interval = {.tv_usec = 5000}}, now;
  show(setitimer(ITIMER_REAL, &timer, NULL));
  while (calls < 3) pause();
  show(getitimer(ITIMER_REAL, &now));
  show(now.it_interval.tv_usec);
  timer = (struct itimerval){0};
  show(setitimer(ITIMER_REAL, &timer, NULL));
  show(alarm(10));
  show(alarm(0));
  timer_t id;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2, .sigev_value = {.sival_int = 31}};
  struct sigaction action = {.sa_sigaction = inform, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR2, &action, NULL);
  if (show(timer_create(CLOCK_MONOTONIC, &event, &id)) != 0) return;
  struct itimerspec once = {.it_value = {.tv_nsec = 3000000}};
  show(timer_settime(id, 0, &once, NULL));
  show(pause());
  show(timer_delete(id));
}

static void descriptors(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  int fd = signalfd(-1, &set, SFD_NONBLOCK);
  struct signalfd_siginfo info;
  show(read(fd, &info, sizeof info));
  kill(getpid(), SIGUSR1);
  show(read(fd, &info, sizeof info));
  show(info.ssi_signo);
}

// What a limit keeps from being queued is not sent; an action that is reset once keeps its flags.
static void limited(void) {
  struct sigaction once = {.sa_handler = count, .sa_flags = SA_RESETHAND | SA_NODEFER}, then;
  sigaction(SIGUSR1, &once, NULL);
  raise(SIGUSR1);
  sigaction(SIGUSR1, NULL, &then);
  equal(then.sa_handler == SIG_DFL, 1);
  equal(then.sa_flags & SA_NODEFER, SA_NODEFER);
  fails(tgkill(-1, getpid(), 0), EINVAL);
  fails(syscall(SYS_restart_syscall), EINTR);
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  struct rlimit limit, none = {0, 0};
  getrlimit(RLIMIT_SIGPENDING, &limit);
  none.rlim_max = limit.rlim_max;
  setrlimit(RLIMIT_SIGPENDING, &none);
  fails(sigqueue(getpid(), SIGRTMIN + 3, (union sigval){0}), EAGAIN);
  equal(sigqueue(getpid(), SIGUSR1, (union sigval){0}), 0);
  equal(kill(getpid(), SIGRTMIN + 3), 0);
  sigset_t pending;
  sigpending(&pending);
  check(sigismember(&pending, SIGRTMIN + 3) && sigismember(&pending, SIGUSR1), "a signal without anything to tell is sent");
  setrlimit(RLIMIT_SIGPENDING, &limit);
  signal(SIGUSR1, SIG_IGN);
  signal(SIGRTMIN + 3, SIG_IGN);
  sigprocmask(SIG_SETMASK, &before, NULL);
}

int main(void) {
  masks();
  queued();
  interrupted();
  stacks();
  children();
  limited();
  timers();
  descriptors();
  printf("and out by SIGTERM\n");
  signal(SIGTERM, SIG_DFL);
  raise(SIGTERM);
  return 0;
}
