// Transparent huge pages (its argument is the policy: always, madvise or never) and, with a pool of eight pages of 2 MiB,
// hugetlb: by the kernel's Documentation/admin-guide/mm/{transhuge,hugetlbpage}.rst.
#include "report.h"
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define PAGE 4096L
#define HUGE (2L << 20)
#define COLLAPSE 25

static long smaps(const void *at, const char *field) {
  FILE *f = fopen("/proc/self/smaps", "r");
  char line[512];
  long value = -1;
  int here = 0;
  while (fgets(line, sizeof line, f)) {
    unsigned long start, end;
    char rights[8];
    if (sscanf(line, "%lx-%lx %4s", &start, &end, rights) == 3) here = start <= (uintptr_t)at && (uintptr_t)at < end;
    else if (here && strncmp(line, field, strlen(field)) == 0 && line[strlen(field)] == ':')
      value = strtol(line + strlen(field) + 1, NULL, 10);
  }
  fclose(f);
  return value;
}

static char *aligned(void) {
  char *p = mmap(NULL, 4 * HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return (char *)(((uintptr_t)p + HUGE - 1) & -HUGE);
}

static void transparent(const char *policy) {
  int always = strcmp(policy, "always") == 0, never = strcmp(policy, "never") == 0;
  char *p = aligned();
  p[5] = 1;
  equal(smaps(p, "Rss"), always ? 2048 : 4);
  equal(smaps(p, "AnonHugePages"), always ? 2048 : 0);
  char *advised = aligned();
  equal(madvise(advised, HUGE, MADV_HUGEPAGE), 0);
  advised[5] = 1;
  equal(smaps(advised, "AnonHugePages"), never ? 0 : 2048);
  char *against = aligned();
  equal(madvise(against, 2 * HUGE, MADV_NOHUGEPAGE), 0);
  against[5] = 1;
  equal(smaps(against, "AnonHugePages"), 0);
  equal(smaps(against, "Rss"), 4);
  // a process may do without them, and its children then do
  equal(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), 0);
  fails(prctl(PR_SET_THP_DISABLE, 1, 1, 0, 0), EINVAL);
  equal(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0), 0);
  equal(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), 1);
  char *without = aligned();
  madvise(without, HUGE, MADV_HUGEPAGE);
  pid_t small = fork();
  if (small == 0) {
    without[5] = 1;
    _exit(smaps(without, "AnonHugePages") != 0);
  }
  int end;
  waitpid(small, &end, 0);
  equal(end, 0);
  fails(madvise(without, HUGE, COLLAPSE), EINVAL);
  equal(prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0), 0);
  without[5] = 1;
  equal(smaps(without, "AnonHugePages"), never ? 0 : 2048);
  // a huge page is split where a part of it changes, and keeps its content
  memset(advised, 7, HUGE);
  equal(mprotect(advised + 16 * PAGE, PAGE, PROT_READ), 0);
  equal(smaps(advised, "AnonHugePages"), 0);
  equal(munmap(advised + 32 * PAGE, PAGE), 0);
  equal(advised[0] + advised[16 * PAGE] + advised[33 * PAGE] + advised[HUGE - 1], 28);
  char *partly = aligned();
  madvise(partly, HUGE, MADV_HUGEPAGE);
  memset(partly, 1, HUGE);
  equal(madvise(partly + 8 * PAGE, 8 * PAGE, MADV_DONTNEED), 0);
  equal(smaps(partly, "Rss"), 2048 - 32);
  equal(partly[8 * PAGE], 0);
  equal(partly[16 * PAGE], 1);
  // over fork it is copied on write
  char *forked = aligned();
  madvise(forked, HUGE, MADV_HUGEPAGE);
  memset(forked, 3, HUGE);
  pid_t child = fork();
  if (child == 0) {
    forked[100] = 4;
    _exit(forked[100] + forked[HUGE - 1]);
  }
  int status;
  waitpid(child, &status, 0);
  equal(WEXITSTATUS(status), 7);
  equal(forked[100], 3);
  // what is left of one whose other half is gone is copied on write too, whatever mprotect was asked in between
  munmap(forked + HUGE / 2, HUGE / 2);
  child = fork();
  if (child == 0) {
    mprotect(forked, 8 * PAGE, PROT_READ);
    mprotect(forked, 8 * PAGE, PROT_READ | PROT_WRITE);
    forked[PAGE] = 5;
    _exit(0);
  }
  waitpid(child, &status, 0);
  equal(forked[PAGE], 3);
}

// The page of zeros that all share, huge as well, is whole after what becomes of one who has it.
static void zeros(void) {
  int dirty = 0;
  for (int round = 0; round < 8; round++) {
    char *p = aligned();
    madvise(p, HUGE, MADV_HUGEPAGE);
    for (long i = 0; i < HUGE; i += PAGE) dirty += p[i] != 0;
    p[PAGE] = 1;
    equal(smaps(p, "Rss"), 4);
    equal(smaps(p, "Private_Dirty"), 4);
    pid_t child = fork();
    if (child == 0) _exit(p[2 * PAGE] != 0 || p[PAGE] != 1);
    int status;
    waitpid(child, &status, 0);
    dirty += status != 0;
    munmap(p + 2 * PAGE, HUGE - 2 * PAGE);
    munmap(p, 2 * PAGE);
    // what has been given back wrongly would be used now
    char *other = mmap(NULL, 2 * HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(other, 0xaa, 2 * HUGE);
    munmap(other, 2 * HUGE);
  }
  equal(dirty, 0);
}

static void pool(void) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB;
  char *p = mmap(NULL, 2 * HUGE, PROT_READ | PROT_WRITE, flags, -1, 0);
  check(p != MAP_FAILED, "two huge pages");
  if (p == MAP_FAILED) return;
  equal((uintptr_t)p % HUGE, 0);
  equal(smaps(p, "KernelPageSize"), 2048);
  p[0] = 1;
  p[HUGE + 5] = 2;
  equal(smaps(p, "Private_Hugetlb"), 4096);
  equal(smaps(p, "Rss"), 0);
  fails(munmap(p + PAGE, PAGE), EINVAL);
  equal(munmap(p, HUGE), 0);
  equal(p[HUGE + 5], 2);
  // the pool is empty: mmap refuses
  fails(mmap(NULL, 16 * HUGE, PROT_READ | PROT_WRITE, flags, -1, 0), ENOMEM);
  equal(munmap(p + HUGE, HUGE), 0);
  p = mmap(NULL, 8 * HUGE, PROT_READ | PROT_WRITE, flags | MAP_POPULATE, -1, 0);
  check(p != MAP_FAILED, "all eight");
  fails(mmap(NULL, HUGE, PROT_READ | PROT_WRITE, flags, -1, 0), ENOMEM);
  if (p != MAP_FAILED) equal(munmap(p, 8 * HUGE), 0);
}

int main(int argc, char **argv) {
  if (argc > 1) transparent(argv[1]);
  zeros();
  pool();
  return wrong;
}
