// Huge pages, of pools and transparent ones, under the calls that small pages know: eight pages of 2 MiB are in the pool.
#include "report.h"
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define PAGE 4096L
#define HUGE (2L << 20)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static sigjmp_buf back;
static int code, number;
static void handler(int n, siginfo_t *info, void *context) {
  (void)context;
  number = n;
  code = info->si_code;
  siglongjmp(back, 1);
}
static int reads(volatile char *p) {
  if (sigsetjmp(back, 1) == 0) {
    (void)*p;
    return 0;
  }
  return number * 100 + code;
}
static int writes(volatile char *p) {
  if (sigsetjmp(back, 1) == 0) {
    *p = 77;
    return 0;
  }
  return number * 100 + code;
}
static int resident(void *p, long pages) {
  static unsigned char vec[8192];
  if (mincore(p, pages * PAGE, vec) != 0) return -1;
  int n = 0;
  for (int i = 0; i < pages; i++) n += vec[i] & 1;
  return n;
}
static int in_child(int (*what)(char *), char *p) {
  int status;
  pid_t child = fork();
  if (child == 0) _exit(what(p));
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}
static char *pool(long pages, int flags) {
  return mmap(NULL, pages * HUGE, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_HUGETLB | flags, -1, 0);
}
static long meminfo(const char *field) {
  FILE *f = fopen("/proc/meminfo", "r");
  char line[256];
  long value = -1;
  while (fgets(line, sizeof line, f))
    if (strncmp(line, field, strlen(field)) == 0 && line[strlen(field)] == ':') value = strtol(line + strlen(field) + 1, NULL, 10);
  fclose(f);
  return value;
}

static int first(char *p) { return p[0]; }
static int change(char *p) {
  int result = writes(p);
  return result != 0 ? 200 : p[0] + p[100];
}
static int last_small(char *p) { return p[HUGE - PAGE]; }
static int drop(char *p) { return madvise(p, HUGE, MADV_DONTNEED) != 0 ? 200 : p[0]; }

static void pools(void) {
  puts("pools");
  char *p = pool(2, MAP_PRIVATE | MAP_POPULATE);
  works((long)p);
  show(resident(p, 1024));
  p[0] = 5;
  p[100] = 6;
  p[HUGE] = 7;
  show(in_child(first, p));
  show(in_child(change, p));
  show(p[0] + p[100]);
  show(in_child(drop, p));
  show(p[0]);
  show(mprotect(p, PAGE, PROT_READ));
  show(mprotect(p + PAGE, HUGE, PROT_READ));
  show(mprotect(p, HUGE, PROT_READ));
  show(writes(p));
  show(reads(p));
  show(mprotect(p, HUGE, PROT_READ | PROT_WRITE));
  show(writes(p));
  show(munmap(p + PAGE, PAGE));
  show(munmap(p, PAGE));
  show(madvise(p, HUGE, MADV_FREE));
  show(madvise(p, HUGE, MADV_COLD));
  show(madvise(p, HUGE, MADV_PAGEOUT));
  show(madvise(p, HUGE, MADV_WILLNEED));
  show(madvise(p, HUGE, 102));
  show(madvise(p, HUGE, 25));
  show(madvise(p, HUGE, MADV_HUGEPAGE));
  show(madvise(p, HUGE, MADV_NOHUGEPAGE));
  show(madvise(p, HUGE, MADV_RANDOM));
  show(madvise(p, HUGE, MADV_DODUMP));
  show(madvise(p, HUGE, MADV_DONTDUMP));
  show(madvise(p, HUGE, MADV_WIPEONFORK));
  show(madvise(p + PAGE, HUGE, MADV_DONTNEED));
  show(madvise(p, PAGE, MADV_DONTNEED));
  show(p[0]);
  show(madvise(p, HUGE + PAGE, MADV_DONTNEED));
  show(p[0]);
  show(p[HUGE]);
  show(mlock(p, HUGE));
  show(munlock(p, HUGE));
  show(msync(p, HUGE, MS_SYNC));
  show(resident(p, 1024));
  show(munmap(p, 2 * HUGE));
  char *q = pool(2, MAP_PRIVATE);
  show(resident(q, 1024));
  show(q[HUGE]);
  show(resident(q, 1024));
  show(munmap(q, HUGE));
  show(reads(q));
  show(reads(q + HUGE));
  show(munmap(q + HUGE, HUGE));
  char *s = pool(2, MAP_SHARED);
  s[0] = 1;
  show(in_child(change, s));
  show(s[0]);
  show(madvise(s, HUGE, MADV_REMOVE));
  show(s[0]);
  show(madvise(s, HUGE, MADV_DONTFORK));
  show(munmap(s, 2 * HUGE));
  works((long)pool(4000, MAP_PRIVATE));
  char *t = pool(4000, MAP_PRIVATE | MAP_NORESERVE);
  works((long)t);
  int i;
  for (i = 0; i < 100; i++)
    if (writes(t + i * HUGE) != 0) break;
  show(i);
  show(writes(t + i * HUGE));
  show(munmap(t, 4000 * HUGE));
  works((long)mmap(NULL, PAGE, PROT_READ, ANON | MAP_HUGETLB, -1, 0));
  works((long)mmap(NULL, HUGE, PROT_READ, ANON | MAP_HUGETLB | (13 << 26), -1, 0));
  char *u = pool(1, MAP_PRIVATE);
  works((long)mmap(u, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0));
  works((long)mmap(u, HUGE, PROT_READ, ANON | MAP_FIXED, -1, 0));
  show(u[HUGE - 1]);
  works((long)mmap(u + PAGE, HUGE, PROT_READ, ANON | MAP_HUGETLB | MAP_FIXED, -1, 0));
  show(meminfo("HugePages_Total"));
  show(meminfo("HugePages_Free"));
  show(meminfo("HugePages_Rsvd"));
  char *v = pool(3, MAP_PRIVATE);
  show(meminfo("HugePages_Rsvd"));
  v[0] = 1;
  show(meminfo("HugePages_Rsvd"));
  show(meminfo("HugePages_Free"));
  show(meminfo("Hugepagesize"));
  // a move keeps pages
  char *place = mmap(NULL, 4 * HUGE, PROT_NONE, ANON, -1, 0);
  place = (char *)(((unsigned long)place + HUGE - 1) & -HUGE);
  v[HUGE] = 3;
  char *moved = mremap(v, 3 * HUGE, 3 * HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, place);
  works((long)moved);
  if (moved != MAP_FAILED) {
    show(moved[HUGE]);
    show(reads(v));
    v = moved;
  }
  works((long)mremap(v, 3 * HUGE, 4 * HUGE, MREMAP_MAYMOVE));
  show(mremap(v, 3 * HUGE, 2 * HUGE, 0) == v);
  show(reads(v + 2 * HUGE));
  works((long)mremap(v, 2 * HUGE, 2 * HUGE - PAGE, 0));
  show(munmap(v, 2 * HUGE));
  show(meminfo("HugePages_Free"));
  show(meminfo("HugePages_Rsvd"));
}

static char *huge_area(void) {
  char *area = mmap(NULL, 3 * HUGE, PROT_READ | PROT_WRITE, ANON, -1, 0);
  char *huge = (char *)(((unsigned long)area + HUGE - 1) & -HUGE);
  madvise(huge, HUGE, MADV_HUGEPAGE);
  huge[0] = 1;
  huge[HUGE - PAGE] = 9;
  return huge;
}

static void transparent(void) {
  puts("transparent huge pages");
  char *p = huge_area();
  show(resident(p, 512));
  show(in_child(change, p));
  show(in_child(last_small, p));
  show(in_child(drop, p));
  show(p[0] + p[HUGE - PAGE]);
  show(madvise(p + PAGE, PAGE, MADV_DONTNEED));
  show(resident(p, 512));
  show(p[0] + p[HUGE - PAGE]);
  show(mprotect(p + 3 * PAGE, PAGE, PROT_READ));
  show(writes(p + 3 * PAGE));
  show(writes(p + 4 * PAGE));
  show(munmap(p + 5 * PAGE, PAGE));
  show(reads(p + 5 * PAGE));
  show(p[HUGE - PAGE]);
  char *q = huge_area();
  char *place = mmap(NULL, 2 * HUGE, PROT_NONE, ANON, -1, 0);
  char *moved = mremap(q, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, place + PAGE);
  show(moved == place + PAGE);
  show(moved[0] + moved[HUGE - PAGE]);
  show(resident(moved, 512));
  show(reads(q));
  char *r = huge_area();
  show(madvise(r, HUGE, MADV_FREE));
  r[PAGE] = 4;
  show(r[PAGE]);
  show(madvise(r, HUGE, MADV_NOHUGEPAGE));
  show(madvise(r, HUGE, MADV_DONTNEED));
  r[0] = 1;
  show(resident(r, 512));
  show(madvise(r, HUGE, 25));
  show(madvise(r, HUGE, MADV_HUGEPAGE));
  show(madvise(r, HUGE, 25));
  show(resident(r, 512));
  show(r[0]);
  show(madvise(r + PAGE, HUGE - PAGE, 25));
  char *s = huge_area();
  show(mlock(s + PAGE, PAGE));
  show(madvise(s, HUGE, MADV_DONTNEED));
  show(munlock(s + PAGE, PAGE));
  show(madvise(s, HUGE, MADV_PAGEOUT));
  show(s[0] + s[HUGE - PAGE]);
  show(madvise(s + 10 * PAGE, 10 * PAGE, 102));
  show(in_child(last_small, s));
  show(reads(s + 10 * PAGE));
  show(madvise(s, HUGE, MADV_DONTNEED));
  show(reads(s + 19 * PAGE));
  show(reads(s + 20 * PAGE));
  show(madvise(s, HUGE, 25));
  show(madvise(s, HUGE, 103));
  show(madvise(s, HUGE, 25));
  show(resident(s, 512));
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
  pools();
  transparent();
  return wrong;
}
