// Time, identity, limits, scheduling, random numbers, prctl: what is the same on every Linux.
#include "report.h"
#include <sched.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <time.h>

static long long now(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time) != 0) return -1;
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(void) {
  struct timespec time, left;
  clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW,
                        CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME};
  for (int i = 0; i < 8; i++) {
    long long before = now(clocks[i]), after = now(clocks[i]);
    printf("clock %d: %s, resolution %s\n", clocks[i], before >= 0 && after >= before ? "goes on" : "does not",
           clock_getres(clocks[i], &time) == 0 && time.tv_sec == 0 ? "below a second" : "none");
  }
  show(clock_gettime(77, &time));
  show(now(CLOCK_REALTIME) > 1500000000LL * 1000000000);
  long long begun = now(CLOCK_MONOTONIC);
  time = (struct timespec){0, 3000000};
  show(nanosleep(&time, &left));
  show(now(CLOCK_MONOTONIC) - begun >= 3000000);
  show(clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL));
  clock_gettime(CLOCK_MONOTONIC, &time);
  show(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL));
  time.tv_nsec = 2000000000;
  show(nanosleep(&time, NULL));
  time = (struct timespec){-1, 0};
  show(nanosleep(&time, NULL));
  struct timeval day;
  show(gettimeofday(&day, NULL));
  struct tms spent;
  show(times(&spent) != -1);
  struct rusage usage;
  show(getrusage(RUSAGE_SELF, &usage));
  show(getrusage(5, &usage));
  struct utsname name;
  show(uname(&name));
  printf("%s %s\n", name.sysname, name.machine);
  show(getpagesize());
  show(sysconf(_SC_CLK_TCK));
  show(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
  show(getauxval(AT_PAGESZ));
  show(getauxval(AT_SECURE));
  show(getauxval(AT_RANDOM) != 0);
  show(getauxval(AT_HWCAP) >> ('C' - 'A') & 1);
  struct sysinfo info;
  show(sysinfo(&info));
  show(info.totalram > 0 && info.mem_unit > 0);
  // identity: nobody's numbers, but all of them agree
  uid_t real, effective, saved;
  show(getresuid(&real, &effective, &saved));
  show(real == getuid() && effective == geteuid());
  show(getgid() == getegid());
  show(getpid() == gettid());
  // limits
  struct rlimit limit, old;
  show(getrlimit(RLIMIT_STACK, &limit));
  show(limit.rlim_cur == 8 << 20);
  limit = (struct rlimit){10, 10};
  show(prlimit(0, RLIMIT_CORE, &(struct rlimit){0, 0}, &old));
  show(getrlimit(RLIMIT_CORE, &old));
  show(old.rlim_cur + old.rlim_max);
  show(getrlimit(99, &old));
  show(setrlimit(RLIMIT_NOFILE, &limit));
  show(getrlimit(RLIMIT_NOFILE, &old));
  show(old.rlim_cur);
  int used = 0;
  while (dup(1) >= 0) used++;
  printf("%d more descriptors, then %s\n", used, strerrorname_np(errno));
  show(setrlimit(RLIMIT_NOFILE, &(struct rlimit){11, 10}));
  // scheduling
  show(sched_yield());
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  show(sched_getaffinity(0, sizeof cpus, &cpus));
  show(CPU_COUNT(&cpus) >= 1);
  show(sched_getscheduler(0));
  show(sched_get_priority_max(SCHED_FIFO));
  show(sched_get_priority_min(SCHED_OTHER));
  struct sched_param parameter;
  show(sched_getparam(0, &parameter));
  show(parameter.sched_priority);
  unsigned cpu = 99;
  show(getcpu(&cpu, NULL));
  show(cpu < 64);
  // random
  unsigned char a[32] = {0}, b[32] = {0};
  show(getrandom(a, 32, 0));
  show(getrandom(b, 32, GRND_NONBLOCK));
  show(memcmp(a, b, 32) != 0);
  show(getrandom(a, 8, 0xff00));
  show(syscall(SYS_getrandom, 8L, 8, 0));
  // prctl
  char comm[16] = {0};
  show(prctl(PR_SET_NAME, "a name that is too long"));
  show(prctl(PR_GET_NAME, comm));
  printf("%s\n", comm);
  show(prctl(PR_GET_DUMPABLE));
  show(prctl(9999));
  show(syscall(9999));
  return 0;
}
