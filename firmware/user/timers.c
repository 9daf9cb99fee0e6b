// Timers: of intervals by the clock and by time used, of timer_create with each kind of notice, timerfd, clocks of others.
#include "report.h"
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>

static volatile sig_atomic_t heard[65];
static volatile int value, overrun, asked, code, thread;
static timer_t id;

// Of the first of a signal.
static void handler(int number, siginfo_t *info, void *context) {
  (void)context;
  if (heard[number]++ > 0) return;
  asked = timer_getoverrun(id);
  value = info->si_value.sival_int;
  overrun = info->si_overrun;
  code = info->si_code;
  thread = gettid();
}

static void listen_to(int number) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(number, &action, NULL);
  heard[number] = 0;
}

// Uses time until a signal has come.
static void until(int number) {
  while (heard[number] == 0);
}

static void intervals(void) {
  struct itimerval set = {.it_value = {.tv_usec = 3000}}, left;
  listen_to(SIGVTALRM);
  show(setitimer(ITIMER_VIRTUAL, &set, NULL));
  until(SIGVTALRM);
  listen_to(SIGPROF);
  set.it_interval.tv_usec = 2000;
  show(setitimer(ITIMER_PROF, &set, NULL));
  until(SIGPROF);
  show(getitimer(ITIMER_PROF, &left));
  show(left.it_interval.tv_usec);
  set = (struct itimerval){0};
  show(setitimer(ITIMER_PROF, &set, &left));
  show(left.it_value.tv_sec == 0 && left.it_value.tv_usec <= 3000);
  show(getitimer(ITIMER_PROF, &left));
  show(left.it_value.tv_usec + left.it_interval.tv_usec);
  show(setitimer(7, &set, NULL));
  show(getitimer(-1, &left));
  set.it_value.tv_usec = 1000000;
  show(setitimer(ITIMER_REAL, &set, NULL));
  // alarm is the same timer
  show(alarm(100));
  set.it_value = (struct timeval){0};
  show(setitimer(ITIMER_REAL, &set, &left));
  show(left.it_value.tv_sec == 99 || left.it_value.tv_sec == 100);
  // a child has none of them
  alarm(50);
  pid_t child = fork();
  if (child == 0) _exit(alarm(0));
  int status;
  waitpid(child, &status, 0);
  show(WEXITSTATUS(status));
  show(alarm(0) > 0);
}

static void *waiter(void *argument) {
  *(volatile pid_t *)argument = gettid();
  until(SIGUSR2);
  return NULL;
}

static void created(void) {
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 77};
  struct itimerspec set = {.it_value = {.tv_nsec = 1000000}}, left;
  listen_to(SIGRTMIN);
  show(timer_create(CLOCK_MONOTONIC, &event, &id));
  show(timer_gettime(id, &left));
  show(left.it_value.tv_nsec);
  show(timer_settime(id, 0, &set, NULL));
  until(SIGRTMIN);
  show(value);
  show(code == SI_TIMER);
  // how often it has fired while nobody heard it
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &mask, NULL);
  set.it_interval.tv_nsec = 1000000;
  show(timer_settime(id, 0, &set, NULL));
  struct timespec moment = {.tv_nsec = 20000000};
  nanosleep(&moment, NULL);
  heard[SIGRTMIN] = 0;
  sigprocmask(SIG_UNBLOCK, &mask, NULL);
  until(SIGRTMIN);
  show(overrun >= 5);
  show(asked == overrun);
  set = (struct itimerspec){0};
  show(timer_settime(id, 0, &set, &left));
  show(left.it_interval.tv_nsec);
  show(left.it_value.tv_sec == 0 && left.it_value.tv_nsec <= 1000000);
  // at a time that has passed it fires at once
  heard[SIGRTMIN] = 0;
  set.it_value.tv_nsec = 1;
  show(timer_settime(id, TIMER_ABSTIME, &set, NULL));
  until(SIGRTMIN);
  show(heard[SIGRTMIN]);
  set.it_value.tv_nsec = 1000000000;
  show(timer_settime(id, 0, &set, NULL));
  show(timer_delete(id));
  // none of its notices
  event.sigev_notify = SIGEV_NONE;
  set = (struct itimerspec){.it_value = {.tv_sec = 100}};
  show(timer_create(CLOCK_REALTIME, &event, &id));
  show(timer_settime(id, 0, &set, NULL));
  show(timer_gettime(id, &left));
  show(left.it_value.tv_sec == 99 || left.it_value.tv_sec == 100);
  show(timer_delete(id));
  // without an event it is SIGALRM
  listen_to(SIGALRM);
  show(timer_create(CLOCK_BOOTTIME, NULL, &id));
  set.it_value = (struct timespec){.tv_nsec = 1000000};
  show(timer_settime(id, 0, &set, NULL));
  until(SIGALRM);
  show(timer_delete(id));
  // for one thread
  pthread_t other;
  volatile pid_t who = 0;
  listen_to(SIGUSR2);
  pthread_create(&other, NULL, waiter, (void *)&who);
  while (who == 0);
  event = (struct sigevent){.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2};
  event._sigev_un._tid = who;
  show(timer_create(CLOCK_MONOTONIC, &event, &id));
  show(timer_settime(id, 0, &set, NULL));
  pthread_join(other, NULL);
  show(thread == who);
  show(timer_delete(id));
  event._sigev_un._tid = 1;
  show(timer_create(CLOCK_MONOTONIC, &event, &id));
  event = (struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 100};
  show(timer_create(CLOCK_MONOTONIC, &event, &id));
  show(timer_create(99, NULL, &id));
}

static void descriptors(void) {
  struct itimerspec set = {.it_value = {.tv_nsec = 1000000}, .it_interval = {.tv_nsec = 1000000}}, left;
  unsigned long long times;
  int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
  show(fd >= 0);
  show(read(fd, &times, sizeof times));
  show(timerfd_settime(fd, 0, &set, NULL));
  struct timespec moment = {.tv_nsec = 10000000};
  nanosleep(&moment, NULL);
  show(read(fd, &times, 4));
  show(read(fd, &times, sizeof times));
  show(times >= 5);
  show(timerfd_gettime(fd, &left));
  show(left.it_interval.tv_nsec);
  clock_gettime(CLOCK_REALTIME, &set.it_value);
  set.it_value.tv_sec += 50;
  set.it_interval = (struct timespec){0};
  show(timerfd_settime(fd, TFD_TIMER_ABSTIME, &set, &left));
  show(left.it_interval.tv_nsec);
  show(timerfd_gettime(fd, &left));
  show(left.it_value.tv_sec == 49 || left.it_value.tv_sec == 50);
  show(read(fd, &times, sizeof times));
  show(write(fd, &times, sizeof times));
  show(timerfd_settime(1, 0, &set, NULL));
  show(timerfd_create(99, 0));
  show(timerfd_create(CLOCK_MONOTONIC, 1));
  set.it_value.tv_nsec = -1;
  show(timerfd_settime(fd, 0, &set, NULL));
}

// The clocks of processes and threads by their numbers.
static void *sleeper(void *argument) {
  (void)argument;
  pause();
  return NULL;
}

static void clocks(void) {
  clockid_t of;
  struct timespec time;
  show(clock_getcpuclockid(0, &of));
  show(clock_gettime(of, &time));
  show(clock_getres(of, &time));
  show(clock_getcpuclockid(99999999, &of));
  pthread_t other;
  pthread_create(&other, NULL, sleeper, NULL);
  show(pthread_getcpuclockid(other, &of));
  show(clock_gettime(of, &time));
  show(time.tv_sec);
  show(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &(struct timespec){0}, NULL));
  show(clock_nanosleep(99, 0, &(struct timespec){0}, NULL));
  show(clock_gettime(99, &time));
}

int main(void) {
  intervals();
  created();
  descriptors();
  clocks();
  return 0;
}
