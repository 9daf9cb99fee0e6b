// madvise against madvise(2) and the kernel's documentation. Its argument is a folder to write to.
// qemu-user ignores most advice: nothing here is compared with it.
#include "report.h"
#include <fcntl.h>
#include <signal.h>
#include <setjmp.h>
#include <sys/mman.h>

#define PAGE 4096L
#ifndef MADV_COLD
#define MADV_COLD 20
#define MADV_PAGEOUT 21
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#define GUARD_INSTALL 102
#define GUARD_REMOVE 103

static sigjmp_buf back;
static int code;
static void handler(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  code = info->si_code;
  siglongjmp(back, 1);
}
// 0, or the si_code of the SIGSEGV that reading gives.
static int faults(char *at) {
  if (sigsetjmp(back, 1) != 0) return code;
  (void)*(volatile char *)at;
  return 0;
}

static int resident(char *p, int pages) {
  unsigned char there[512];
  if (mincore(p, pages * PAGE, there) != 0) return -1;
  int count = 0;
  for (int i = 0; i < pages; i++) count += there[i] & 1;
  return count;
}

// A guarded page is no mapping for whoever touches it (VM_FAULT_SIGSEGV in arch/riscv/mm/fault.c).
static char *region(long pages) {
  return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void fill(char *p, int pages, int value) { for (int i = 0; i < pages; i++) memset(p + i * PAGE, value + i, PAGE); }

static void dont_need(void) {
  char *p = region(8);
  fill(p, 8, 1);
  equal(madvise(p + 2 * PAGE, 3 * PAGE, MADV_DONTNEED), 0);
  equal(resident(p, 8), 5);
  equal(p[2 * PAGE] + p[4 * PAGE + 7], 0);
  equal(p[PAGE], 2);
  equal(p[5 * PAGE], 6);
  p[2 * PAGE] = 9;
  equal(p[2 * PAGE], 9);
  munmap(p + 6 * PAGE, PAGE);
  // what is mapped is done all the same
  fails(madvise(p, 8 * PAGE, MADV_DONTNEED), ENOMEM);
  equal(p[0] + p[7 * PAGE], 0);
}

static void files(void) {
  int fd = open("advised", O_RDWR | O_CREAT | O_TRUNC, 0600);
  char page[PAGE];
  memset(page, 'f', PAGE);
  for (int i = 0; i < 4; i++) if (write(fd, page, PAGE) != PAGE) exit(2);
  char *private = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  private[0] = 'x';
  equal(madvise(private, PAGE, MADV_DONTNEED), 0);
  equal(private[0], 'f');
  char *shared = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  shared[0] = 's';
  equal(madvise(shared, 4 * PAGE, MADV_DONTNEED), 0);
  equal(shared[0], 's');
  equal(madvise(shared, 4 * PAGE, MADV_WILLNEED), 0);
  equal(resident(shared, 4), 4);
  fails(madvise(private, PAGE, MADV_FREE), EINVAL);
  equal(madvise(shared + PAGE, PAGE, MADV_REMOVE), 0);
  equal(shared[PAGE], 0);
  equal(madvise(shared, 4 * PAGE, MADV_SEQUENTIAL), 0);
  equal(madvise(shared, 4 * PAGE, MADV_RANDOM), 0);
  equal(madvise(shared, 4 * PAGE, MADV_NORMAL), 0);
  close(fd);
  unlink("advised");
}

static void free_cold_pageout(void) {
  char *p = region(8);
  fill(p, 8, 1);
  equal(madvise(p, 4 * PAGE, MADV_FREE), 0);
  // freed lazily: the old content or zero, and a write makes it stay
  check(p[0] == 1 || p[0] == 0, "MADV_FREE leaves the old content or zero");
  p[PAGE] = 42;
  equal(p[PAGE], 42);
  equal(p[4 * PAGE], 5);
  equal(madvise(p, 8 * PAGE, MADV_COLD), 0);
  equal(p[5 * PAGE], 6);
  equal(madvise(p, 8 * PAGE, MADV_PAGEOUT), 0);
  equal(p[6 * PAGE], 7);
  equal(p[PAGE], 42);
}

static void populate(void) {
  char *p = region(16);
  equal(resident(p, 16), 0);
  equal(madvise(p, 8 * PAGE, MADV_POPULATE_READ), 0);
  equal(resident(p, 16), 8);
  equal(madvise(p, 16 * PAGE, MADV_POPULATE_WRITE), 0);
  equal(resident(p, 16), 16);
  equal(p[15 * PAGE], 0);
  mprotect(p, PAGE, PROT_READ);
  fails(madvise(p, PAGE, MADV_POPULATE_WRITE), EINVAL);
  mprotect(p, PAGE, PROT_NONE);
  fails(madvise(p, PAGE, MADV_POPULATE_READ), EINVAL);
  munmap(p + 4 * PAGE, PAGE);
  fails(madvise(p + 3 * PAGE, 3 * PAGE, MADV_POPULATE_READ), ENOMEM);
}

static void guards(void) {
  char *p = region(8);
  fill(p, 8, 1);
  equal(madvise(p + 2 * PAGE, 2 * PAGE, GUARD_INSTALL), 0);
  equal(faults(p + 2 * PAGE), SEGV_MAPERR);
  equal(faults(p + 3 * PAGE + 5), SEGV_MAPERR);
  equal(faults(p + PAGE), 0);
  equal(faults(p + 4 * PAGE), 0);
  equal(madvise(p + 2 * PAGE, 2 * PAGE, GUARD_INSTALL), 0);
  equal(madvise(p, 8 * PAGE, MADV_DONTNEED), 0);
  equal(faults(p + 2 * PAGE), SEGV_MAPERR);
  fails(madvise(p + PAGE, 2 * PAGE, MADV_POPULATE_READ), EFAULT);
  equal(mprotect(p, 8 * PAGE, PROT_READ), 0);
  equal(faults(p + 3 * PAGE), SEGV_MAPERR);
  equal(madvise(p, 8 * PAGE, GUARD_REMOVE), 0);
  equal(faults(p + 2 * PAGE), 0);
  equal(p[2 * PAGE], 0);
}

static void refused(void) {
  char *p = region(2);
  fails(madvise(p + 1, PAGE, MADV_DONTNEED), EINVAL);
  fails(madvise(p, PAGE, 12345), EINVAL);
  equal(madvise(p, 0, MADV_DONTNEED), 0);
  fails(madvise(p, -1, MADV_DONTNEED), EINVAL);
  equal(mlock(p, PAGE), 0);
  fails(madvise(p, PAGE, MADV_DONTNEED), EINVAL);
  equal(munlock(p, PAGE), 0);
  equal(madvise(p, PAGE, MADV_DONTNEED), 0);
  equal(madvise(p, PAGE, MADV_DONTFORK), 0);
  equal(madvise(p, PAGE, MADV_DOFORK), 0);
  equal(madvise(p, PAGE, MADV_DONTDUMP), 0);
  equal(madvise(p, PAGE, MADV_DODUMP), 0);
}

int main(int argc, char **argv) {
  if (argc > 1 && chdir(argv[1]) != 0) return 2;
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL);
  dont_need();
  files();
  free_cold_pageout();
  populate();
  guards();
  refused();
  return wrong;
}
