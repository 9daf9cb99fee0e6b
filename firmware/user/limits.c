// What resource limits and unusual arguments are refused with: setrlimit(2), clone(2), getrandom(2), clock_settime(2).
#include "report.h"
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#define PAGE 4096L
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static void soft(int which, long value) {
  struct rlimit limit;
  getrlimit(which, &limit);
  limit.rlim_cur = value;
  equal(setrlimit(which, &limit), 0);
}

static volatile int signals;
static void count(int number) { signals += number == SIGXFSZ; }

static void file_size(void) {
  char bytes[2000] = "";
  struct iovec parts[2] = {{bytes, 600}, {bytes, 600}};
  int fd = memfd_create("limited", 0), pipes[2];
  signal(SIGXFSZ, count);
  soft(RLIMIT_FSIZE, 1000);
  equal(write(fd, bytes, 2000), 1000);
  equal(signals, 0);
  fails(write(fd, bytes, 1), EFBIG);
  equal(signals, 1);
  equal(write(fd, bytes, 0), 0);
  equal(pwritev(fd, parts, 2, 0), 1000);
  equal(pwrite(fd, bytes, 20, 990), 10);
  fails(pwrite(fd, bytes, 20, 1000), EFBIG);
  fails(ftruncate(fd, 1001), EFBIG);
  fails(fallocate(fd, 0, 0, 1001), EFBIG);
  equal(signals, 4);
  equal(ftruncate(fd, 10), 0);
  equal(pipe(pipes), 0);
  equal(write(pipes[1], bytes, 2000), 2000);
  soft(RLIMIT_FSIZE, RLIM_INFINITY);
  equal(ftruncate(fd, 5000), 0);
  soft(RLIMIT_FSIZE, 1000);
  equal(ftruncate(fd, 4000), 0);
  soft(RLIMIT_FSIZE, RLIM_INFINITY);
  pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_DFL);
    struct rlimit none = {0, 0}, no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    setrlimit(RLIMIT_FSIZE, &none);
    _exit(write(fd, bytes, 1));
  }
  int status;
  waitpid(child, &status, 0);
  equal(WTERMSIG(status), SIGXFSZ);
}

static void data(void) {
  char *p = mmap(NULL, 1024 * PAGE, PROT_READ, ANON, -1, 0);
  soft(RLIMIT_DATA, 512 * PAGE);
  fails(mprotect(p, 1024 * PAGE, PROT_READ | PROT_WRITE), ENOMEM);
  equal(mprotect(p, PAGE, PROT_READ | PROT_WRITE), 0);
  equal(mprotect(p, 1024 * PAGE, PROT_READ), 0);
  soft(RLIMIT_DATA, RLIM_INFINITY);
  equal(mprotect(p, 1024 * PAGE, PROT_READ | PROT_WRITE), 0);
  fails(mprotect(p, PAGE, PROT_READ | PROT_GROWSUP), EINVAL);
  fails(mprotect(p, PAGE, PROT_READ | PROT_GROWSDOWN), EINVAL);
  fails(mprotect(p, 0, PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP), EINVAL);
  munmap(p, 1024 * PAGE);
  fails(mprotect(p, PAGE, PROT_READ | PROT_GROWSUP), ENOMEM);
}

// A child that ends at once, whatever it was made with; the answer is 0 then.
static struct {
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, more[600];
} args;
static long cloned(uint64_t flags, uint64_t exit_signal, size_t size) {
  args.flags = flags;
  args.exit_signal = exit_signal;
  long child = syscall(SYS_clone3, &args, size);
  if (child == 0) _exit(0);
  return child < 0 ? child : waitpid(child, NULL, __WALL) - child;
}

static void clones(void) {
  equal(cloned(0, SIGCHLD, 64), 0);
  equal(cloned(0, SIGCHLD, PAGE), 0);
  fails(cloned(0, SIGCHLD, 56), EINVAL);
  fails(cloned(0, SIGCHLD, PAGE + 8), E2BIG);
  args.more[5] = 1;
  fails(cloned(0, SIGCHLD, 200), E2BIG);
  args.more[5] = 0;
  fails(cloned(0, 65, 64), EINVAL);
  fails(cloned(SIGCHLD, 0, 64), EINVAL);
  fails(cloned(CLONE_DETACHED, SIGCHLD, 64), EINVAL);
  fails(cloned(1ULL << 40, SIGCHLD, 64), EINVAL);
  fails(cloned(CLONE_PARENT, SIGCHLD, 64), EINVAL);
  fails(syscall(SYS_clone, CLONE_FS | CLONE_NEWNS, 0, 0, 0, 0), EINVAL);
}

static void random_bytes(void) {
  long size = 8 << 20;
  char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, ANON, -1, 0);
  equal(getrandom(p, size, 0), size);
  int zeros = 0;
  for (long i = size - PAGE; i < size; i++) zeros += p[i] == 0;
  check(zeros < 64, "the last bytes are random as well");
  mprotect(p + 2 * PAGE, PAGE, PROT_NONE);
  equal(getrandom(p + 1, 4 * PAGE, 0), 2 * PAGE - 1);
  fails(getrandom(p + 2 * PAGE, PAGE, 0), EFAULT);
  fails(getrandom(p, 1, GRND_RANDOM | GRND_INSECURE), EINVAL);
  fails(clock_settime(CLOCK_MONOTONIC, &(struct timespec){1, 1}), EINVAL);
}

int main(void) {
  file_size();
  data();
  clones();
  random_bytes();
  return wrong;
}
