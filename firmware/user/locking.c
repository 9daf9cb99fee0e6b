// RLIMIT_MEMLOCK, which holds for who has not got CAP_IPC_LOCK: mlock(2), mmap(2), getrlimit(2), capabilities(7).
#include "report.h"
#include <linux/capability.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define PAGE 4096L
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define ALL ((1ULL << 41) - 1)

// A number of /proc/self/status, -1 if there is none.
static long status_of(const char *field, int base) {
  FILE *f = fopen("/proc/self/status", "r");
  char line[256];
  long value = -1;
  while (fgets(line, sizeof line, f))
    if (strncmp(line, field, strlen(field)) == 0 && line[strlen(field)] == ':') value = strtol(line + strlen(field) + 1, NULL, base);
  fclose(f);
  return value;
}

static struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
static struct __user_cap_data_struct data[2];

static void set_limit(long pages) {
  struct rlimit limit;
  getrlimit(RLIMIT_MEMLOCK, &limit);
  limit.rlim_cur = pages * PAGE;
  equal(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
}

// Root has all capabilities, and may lock what it likes.
static void as_root(void) {
  equal(syscall(SYS_capget, &header, data), 0);
  equal(data[0].effective >> CAP_IPC_LOCK & 1, 1);
  set_limit(4);
  char *p = mmap(NULL, 8 * PAGE, RW, ANON, -1, 0);
  equal(mlock(p, 8 * PAGE), 0);
  set_limit(0);
  equal(munlock(p, 8 * PAGE), 0);
  equal(mlock(p, PAGE), 0);
  equal(mlockall(MCL_FUTURE), 0);
  equal(munlockall(), 0);
  munmap(p, 8 * PAGE);
  // pages that may not be accessed are not there; what is locked has copies of its own once it may be written
  unsigned char there[4] = "";
  char *later = mmap(NULL, 4 * PAGE, PROT_NONE, ANON, -1, 0);
  fails(mlock(later, 4 * PAGE), ENOMEM);
  equal(mprotect(later, 2 * PAGE, PROT_READ), 0);
  equal(mprotect(later, 3 * PAGE, RW), 0);
  mincore(later, 4 * PAGE, there);
  check(there[0] && there[1] && there[2] && !there[3], "locked pages come with the right to write to them");
  munmap(later, 4 * PAGE);
}

static void gives_it_up(void) {
  header.version = 1;
  fails(syscall(SYS_capset, &header, data), EINVAL);
  equal(header.version, _LINUX_CAPABILITY_VERSION_3);
  header.pid = 1 << 20;
  fails(syscall(SYS_capget, &header, data), ESRCH);
  header.pid = 0;
  equal(syscall(SYS_capget, &header, data), 0);
  data[0].effective &= ~(1u << CAP_IPC_LOCK);
  equal(syscall(SYS_capset, &header, data), 0);
  equal(status_of("CapEff", 16) >> CAP_IPC_LOCK & 1, 0);
  equal(status_of("CapPrm", 16) >> CAP_IPC_LOCK & 1, 1);
  // what is permitted can be taken up again, and no more once it is not
  data[0].permitted &= ~(1u << CAP_IPC_LOCK);
  equal(syscall(SYS_capset, &header, data), 0);
  data[0].permitted |= 1u << CAP_IPC_LOCK;
  fails(syscall(SYS_capset, &header, data), EPERM);
  data[0].permitted &= ~(1u << CAP_IPC_LOCK);
  data[0].effective |= 1u << CAP_IPC_LOCK;
  fails(syscall(SYS_capset, &header, data), EPERM);
}

static void bound(void) {
  char *p = mmap(NULL, 8 * PAGE, RW, ANON, -1, 0);
  fails(mlock(p, PAGE), EPERM);
  fails(mlock2(p, PAGE, MLOCK_ONFAULT), EPERM);
  fails(mlockall(MCL_FUTURE), EPERM);
  fails((long)mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0), EPERM);
  equal(munlock(p, PAGE), 0);
  equal(munlockall(), 0);
}

static void bound_to_four(void) {
  char *p = mmap(NULL, 8 * PAGE, RW, ANON, -1, 0);
  fails(mlock(p, 5 * PAGE), ENOMEM);
  equal(mlock(p, 3 * PAGE), 0);
  equal(status_of("VmLck", 10), 12);
  // what is locked already is not counted again
  equal(mlock(p, 4 * PAGE), 0);
  equal(mlock(p + PAGE, 3 * PAGE), 0);
  fails(mlock(p + 4 * PAGE, 1), ENOMEM);
  fails(mlock(p + 3 * PAGE + 1, PAGE), ENOMEM);
  fails((long)mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0), EAGAIN);
  equal(munlock(p + 3 * PAGE, PAGE), 0);
  char *more = mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0);
  equal(more != MAP_FAILED, 1);
  fails((long)mremap(more, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EAGAIN);
  fails(mlockall(MCL_CURRENT), ENOMEM);
  munmap(more, PAGE);
  munmap(p, 8 * PAGE);
  equal(status_of("VmLck", 10), 0);
  // what comes later is locked, as far as it goes
  equal(mlockall(MCL_FUTURE), 0);
  equal(mmap(NULL, 4 * PAGE, RW, ANON, -1, 0) != MAP_FAILED, 1);
  fails((long)mmap(NULL, PAGE, RW, ANON, -1, 0), EAGAIN);
  void *end = sbrk(0);
  fails((long)sbrk(2 * PAGE), ENOMEM);
  equal(sbrk(0) == end, 1);
  equal(munlockall(), 0);
}

int main(void) {
  as_root();
  gives_it_up();
  bound();
  // a child has what its parent has left
  if (fork() == 0) {
      fails(mlock(&header, 1), EPERM);
    _exit(wrong);
  }
  int status;
  wait(&status);
  equal(status, 0);
  set_limit(4);
  bound_to_four();
  return wrong;
}
