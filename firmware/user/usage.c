// What getrusage, wait4 and /proc/self/stat say of page faults and of memory, by getrusage(2) and proc_pid_stat(5).
#include "report.h"
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>

#define PAGE 4096L
#define PAGES 500L

static void *fresh(long pages) {
  return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void touch(volatile char *at, long pages) {
  for (long i = 0; i < pages; i++) at[i * PAGE] = 1;
}

static long minor(int who) {
  struct rusage usage;
  getrusage(who, &usage);
  return usage.ru_minflt;
}

static long major(int who) {
  struct rusage usage;
  getrusage(who, &usage);
  return usage.ru_majflt;
}

// A few faults more may be those of the stack and of the library.
static int about(long got, long want) { return got >= want && got < want + 40; }

// A field of /proc/self/stat, by its number in the manual.
static long stat_field(int number) {
  char line[1024];
  int fd = open("/proc/self/stat", O_RDONLY);
  ssize_t length = read(fd, line, sizeof line - 1);
  close(fd);
  line[length > 0 ? length : 0] = 0;
  char *at = strrchr(line, ')') + 2;
  for (int field = 3; field < number; field++) at = strchr(at, ' ') + 1;
  return strtol(at, NULL, 10);
}

static void own(void) {
  long before = minor(RUSAGE_SELF), of_thread = minor(RUSAGE_THREAD);
  char *p = fresh(PAGES);
  touch(p, PAGES);
  check(about(minor(RUSAGE_SELF) - before, PAGES), "a page touched first is a minor fault");
  check(about(minor(RUSAGE_THREAD) - of_thread, PAGES), "of the thread that touched it");
  before = minor(RUSAGE_SELF);
  touch(p, PAGES);
  check(about(minor(RUSAGE_SELF) - before, 0), "and no fault when it is touched again");
  madvise(p, PAGES * PAGE, MADV_DONTNEED);
  touch(p, PAGES);
  check(about(minor(RUSAGE_SELF) - before, PAGES), "but where it was given back");
  check(about(stat_field(10) - minor(RUSAGE_SELF), -20), "stat has as many");
  before = minor(RUSAGE_SELF);
  char *q = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  check(about(minor(RUSAGE_SELF) - before, PAGES), "pages populated are faults");
  touch(q, PAGES);
  check(about(minor(RUSAGE_SELF) - before, PAGES), "and then there are none");
  before = minor(RUSAGE_SELF);
  int fds[2];
  check(pipe(fds) == 0 && write(fds[1], "four", 4) == 4, "a pipe");
  char *r = fresh(1);
  check(read(fds[0], r, 4) == 4 && minor(RUSAGE_SELF) > before, "so is a page that a system call touches");
  munmap(p, PAGES * PAGE);
  munmap(q, PAGES * PAGE);
}

static void *thread(void *p) {
  touch(p, PAGES);
  return NULL;
}

static void threads(void) {
  pthread_t id;
  char *p = fresh(PAGES);
  long before = minor(RUSAGE_SELF), of_thread = minor(RUSAGE_THREAD);
  pthread_create(&id, NULL, thread, p);
  pthread_join(id, NULL);
  check(about(minor(RUSAGE_SELF) - before, PAGES), "faults of a thread that has ended are the process's");
  check(about(minor(RUSAGE_THREAD) - of_thread, 0), "and not another thread's");
  munmap(p, PAGES * PAGE);
}

static void children(void) {
  struct rusage usage;
  long before = minor(RUSAGE_CHILDREN), self = minor(RUSAGE_SELF);
  pid_t child = fork();
  if (child == 0) {
    touch(fresh(2 * PAGES), 2 * PAGES);
    if (fork() == 0) {
      touch(fresh(PAGES), PAGES);
      _exit(0);
    }
    wait(NULL);
    _exit(0);
  }
  wait4(child, NULL, 0, &usage);
  check(usage.ru_minflt >= 3 * PAGES && usage.ru_minflt < 3 * PAGES + 400, "wait4 says what a child and its children had");
  check(usage.ru_maxrss >= 2 * PAGES * 4, "and how large the largest of them was");
  equal(minor(RUSAGE_CHILDREN) - before, usage.ru_minflt);
  equal(stat_field(11), minor(RUSAGE_CHILDREN));
  check(minor(RUSAGE_SELF) - self < 200, "which is not the parent's");
}

static void resident(void) {
  long before = stat_field(24);
  char *p = fresh(PAGES);
  touch(p, PAGES);
  check(about(stat_field(24) - before, PAGES), "stat counts resident pages");
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  check(usage.ru_maxrss >= stat_field(24) * 4 - 40, "ru_maxrss is as much at least");
  munmap(p, PAGES * PAGE);
  getrusage(RUSAGE_SELF, &usage);
  check(usage.ru_maxrss >= PAGES * 4, "and stays when memory is given back");
}

static void from_swap(void) {
  char *p = fresh(PAGES);
  touch(p, PAGES);
  long before = major(RUSAGE_SELF), few = minor(RUSAGE_SELF);
  equal(madvise(p, PAGES * PAGE, MADV_PAGEOUT), 0);
  touch(p, PAGES);
  check(about(major(RUSAGE_SELF) - before, PAGES), "a page that comes from swap space is a major fault");
  check(about(minor(RUSAGE_SELF) - few, 0), "and no minor one");
  check(about(stat_field(12) - major(RUSAGE_SELF), 0), "stat has as many");
  munmap(p, PAGES * PAGE);
}

// sysinfo(2) tells what /proc/meminfo does of swap space.
static void swap_space(void) {
  struct sysinfo info;
  equal(sysinfo(&info), 0);
  equal(info.totalswap * info.mem_unit, 16 << 20);
  check(info.freeswap <= info.totalswap && info.freeswap > 0, "free swap space");
}

int main(void) {
  swap_space();
  own();
  threads();
  children();
  resident();
  from_swap();
  return wrong;
}
