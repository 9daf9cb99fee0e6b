// Memory calls in combination: what one leaves and the next finds.
#include "report.h"
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define PAGE 4096L
#define GUARD_INSTALL 102
#define GUARD_REMOVE 103
#define HUGE (2L << 20)
#define MAP_SYNC_FLAG 0x80000
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static sigjmp_buf back;
static int code, number;
static void handler(int n, siginfo_t *info, void *context) {
  (void)context;
  number = n;
  code = info->si_code;
  siglongjmp(back, 1);
}

// 0, or signal * 100 + si_code.
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

static char *region(long pages) { return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, ANON, -1, 0); }
static void fill(char *p, int pages, int value) {
  for (int i = 0; i < pages; i++) memset(p + i * PAGE, value + i, PAGE);
}
static int resident(void *p, int pages) {
  static unsigned char vec[4096];
  if (mincore(p, pages * PAGE, vec) != 0) return -1;
  int n = 0;
  for (int i = 0; i < pages; i++) n += vec[i] & 1;
  return n;
}
static long status_of(const char *field) {
  FILE *f = fopen("/proc/self/status", "r");
  char line[256];
  long value = -1;
  while (fgets(line, sizeof line, f))
    if (strncmp(line, field, strlen(field)) == 0 && line[strlen(field)] == ':') value = strtol(line + strlen(field) + 1, NULL, 10);
  fclose(f);
  return value;
}
static int reads_guard(char *p) { return reads(p + PAGE) % 256; }
static int removes_guard(char *p) { return madvise(p, 4 * PAGE, GUARD_REMOVE) + reads(p + PAGE); }
static int in_child(int (*what)(char *), char *p) {
  int status;
  pid_t child = fork();
  if (child == 0) {
    if (what != reads_guard && what != removes_guard) signal(SIGSEGV, SIG_DFL);
    _exit(what(p));
  }
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}
static int file_of(const char *name, int pages) {
  int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
  static char page[PAGE];
  for (int i = 0; i < pages; i++) {
    memset(page, 'A' + i, PAGE);
    if (write(fd, page, PAGE) != PAGE) exit(3);
  }
  return fd;
}

static void mremap_files(void) {
  puts("mremap of files");
  int fd = file_of("combined", 6);
  char *p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 2 * PAGE);
  p = mremap(p, 3 * PAGE, 6 * PAGE, MREMAP_MAYMOVE);
  show(reads(p + 3 * PAGE));
  show(reads(p + 4 * PAGE));
  show(ftruncate(fd, 8 * PAGE));
  show(reads(p + 4 * PAGE));
  show(ftruncate(fd, 3 * PAGE));
  show(reads(p + PAGE));
  show(p[0]);
  show(ftruncate(fd, 6 * PAGE));
  show(p[PAGE]);
  // copies move with their mapping
  char *q = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  q[PAGE] = 'q';
  char *r = mremap(q, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
  show(r[0]);
  show(r[PAGE]);
  show(r[2 * PAGE]);
  show(reads(r + 6 * PAGE));
  // a part in the middle moves away, the rest stays
  char *target = region(4);
  show(mremap(r + PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target + PAGE) == target + PAGE);
  show(target[PAGE]);
  show(reads(r + PAGE));
  show(r[2 * PAGE]);
  show(madvise(target + PAGE, PAGE, MADV_DONTNEED));
  show(target[PAGE]);
  // the range left mapped shows the file
  char *s = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  s[0] = 's';
  char *t = mremap(s, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
  works((long)t);
  if (t != MAP_FAILED) show(s[0] == 's' && t[0] == 's');
  // growing in the middle of a mapping
  char *u = region(8);
  fill(u, 8, 1);
  works(mremap(u + PAGE, PAGE, 2 * PAGE, 0));
  char *v = mremap(u + PAGE, PAGE, 3 * PAGE, MREMAP_MAYMOVE);
  show(v != u + PAGE);
  show(v[0] + v[PAGE]);
  show(reads(u + PAGE));
  show(reads(u + 2 * PAGE));
  // two mappings at once
  char *w = region(4);
  mprotect(w + 2 * PAGE, 2 * PAGE, PROT_READ);
  works(mremap(w, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE));
  // what may not be accessed moves as well
  char *x = region(2);
  fill(x, 2, 5);
  mprotect(x, 2 * PAGE, PROT_NONE);
  char *y = mremap(x, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE);
  works((long)y);
  show(reads(y));
  mprotect(y, 3 * PAGE, PROT_READ);
  show(y[PAGE]);
  show(y[2 * PAGE]);
  works(mremap(NULL, PAGE, PAGE, MREMAP_MAYMOVE));
  works(mremap(y, -PAGE, PAGE, MREMAP_MAYMOVE));
  works(mremap(y, 0, PAGE, MREMAP_MAYMOVE));
  works(mremap(y, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, y));
  works(mremap(y, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, 12345));
  works(mremap(y, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL));
  works(mremap(y, PAGE, PAGE, MREMAP_DONTUNMAP, NULL));
  close(fd);
  unlink("combined");
}

static int sum3(char *p) { return p[0] + p[PAGE] + p[2 * PAGE]; }
static int writes_then_sum(char *p) {
  p[0] = 20;
  return sum3(p);
}
static int zero_or(char *p) { return (p[0] == 1 || p[0] == 0) && p[PAGE] == 50; }
static int frees(char *p) { return madvise(p, 3 * PAGE, MADV_DONTNEED) + sum3(p); }

static void free_and_fork(void) {
  puts("MADV_FREE and fork");
  char *p = region(3);
  fill(p, 3, 1);
  show(in_child(sum3, p));
  show(in_child(writes_then_sum, p));
  show(sum3(p));
  show(in_child(frees, p));
  show(sum3(p));
  show(madvise(p, 3 * PAGE, MADV_FREE));
  p[PAGE] = 50;
  show(in_child(zero_or, p));
  show(p[PAGE]);
  show(madvise(p, 3 * PAGE, MADV_WIPEONFORK));
  p[0] = 9;
  show(in_child(sum3, p));
  show(p[0]);
  show(madvise(p, 3 * PAGE, MADV_KEEPONFORK));
  show(madvise(p, 3 * PAGE, MADV_DONTFORK));
  show(in_child(sum3, p));
  char *shared = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  fill(shared, 3, 1);
  show(madvise(shared, 3 * PAGE, MADV_FREE));
  show(madvise(shared, 3 * PAGE, MADV_WIPEONFORK));
  show(in_child(frees, shared));
  show(sum3(shared));
  show(in_child(writes_then_sum, shared));
  show(sum3(shared));
  show(madvise(shared, PAGE, MADV_REMOVE));
  show(sum3(shared));
}

static void guards(void) {
  puts("guards");
  char *p = region(8);
  fill(p, 8, 1);
  show(madvise(p + PAGE, 2 * PAGE, GUARD_INSTALL));
  show(resident(p, 8));
  show(in_child(reads_guard, p));
  show(in_child(removes_guard, p));
  show(reads(p + PAGE));
  show(mlock(p, 8 * PAGE));
  show(munlock(p, 8 * PAGE));
  show(madvise(p, 8 * PAGE, MADV_FREE));
  show(madvise(p, 8 * PAGE, MADV_COLD));
  show(madvise(p, 8 * PAGE, MADV_PAGEOUT));
  show(madvise(p, 8 * PAGE, MADV_WILLNEED));
  show(reads(p + PAGE));
  show(writes(p + 2 * PAGE));
  show(mprotect(p, 8 * PAGE, PROT_NONE));
  show(reads(p + PAGE));
  show(reads(p + 4 * PAGE));
  show(madvise(p + 4 * PAGE, PAGE, GUARD_INSTALL));
  show(mprotect(p, 8 * PAGE, PROT_READ | PROT_WRITE));
  show(reads(p + 4 * PAGE));
  show(madvise(p + 4 * PAGE, PAGE, GUARD_REMOVE));
  show(reads(p + 4 * PAGE));
  char *q = mremap(p, 8 * PAGE, 9 * PAGE, MREMAP_MAYMOVE);
  works((long)q);
  show(reads(q + PAGE));
  show(reads(q + 3 * PAGE));
  int fds[2];
  show(pipe2(fds, O_NONBLOCK));
  show(write(fds[1], q + PAGE, 1));
  show(write(fds[1], q + 3 * PAGE, 1));
  show(read(fds[0], q + 2 * PAGE, 1));
  show(munmap(q + PAGE, PAGE));
  works((long)mmap(q + PAGE, PAGE, PROT_READ | PROT_WRITE, ANON | MAP_FIXED, -1, 0));
  show(reads(q + PAGE));
  show(reads(q + 2 * PAGE));
  show(mlock(q + 4 * PAGE, PAGE));
  show(madvise(q + 4 * PAGE, PAGE, GUARD_INSTALL));
  show(munlock(q + 4 * PAGE, PAGE));
  show(madvise(q, PAGE, GUARD_INSTALL + 5));
  // over a huge page
  char *area = mmap(NULL, 3 * HUGE, PROT_READ | PROT_WRITE, ANON, -1, 0);
  char *huge = (char *)(((unsigned long)area + HUGE - 1) & -HUGE);
  show(madvise(huge, HUGE, MADV_HUGEPAGE));
  huge[0] = 1;
  huge[100 * PAGE] = 2;
  show(madvise(huge + 50 * PAGE, 2 * PAGE, GUARD_INSTALL));
  show(reads(huge + 50 * PAGE));
  show(reads(huge + 51 * PAGE));
  show(huge[0] + huge[100 * PAGE]);
  show(reads(huge + 52 * PAGE));
  show(madvise(huge, HUGE, GUARD_INSTALL));
  show(reads(huge));
  show(reads(huge + HUGE - PAGE));
  show(madvise(huge, HUGE, GUARD_REMOVE));
  show(huge[0] + huge[100 * PAGE]);
  show(madvise(huge, HUGE, 25));
  show(resident(huge, 512));
}

static void locks(void) {
  puts("locks");
  char *p = region(8);
  show(mlock(p, 0));
  show(mlock(p + 1, PAGE));
  show(status_of("VmLck"));
  show(munlock(p, 8 * PAGE));
  show(status_of("VmLck"));
  munmap(p + 3 * PAGE, PAGE);
  show(mlock(p, 8 * PAGE));
  show(status_of("VmLck"));
  show(munlock(p, 8 * PAGE));
  show(status_of("VmLck"));
  show(munlock(p, 3 * PAGE) | munlock(p + 4 * PAGE, 4 * PAGE));
  show(status_of("VmLck"));
  show(mlock((char *)-PAGE, 2 * PAGE));
  show(mlock(p, -1));
  show(munlock(p, -1));
  mprotect(p, PAGE, PROT_NONE);
  show(mlock(p, PAGE));
  show(munlock(p, PAGE));
  show(mlock2(p, PAGE, MLOCK_ONFAULT));
  show(munlock(p, PAGE));
  show(mlock(p + PAGE, 2 * PAGE));
  show(madvise(p + PAGE, PAGE, MADV_DONTNEED));
  show(madvise(p + PAGE, PAGE, MADV_FREE));
  show(madvise(p + PAGE, PAGE, MADV_PAGEOUT));
  show(madvise(p + PAGE, PAGE, MADV_COLD));
  show(madvise(p + PAGE, PAGE, 24));
  show(resident(p + PAGE, 2));
  char *q = mremap(p + PAGE, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
  show(status_of("VmLck"));
  show(resident(q, 4));
  show(munmap(q, 4 * PAGE));
  show(status_of("VmLck"));
  show(mlockall(MCL_ONFAULT));
  show(mlockall(8));
  show(mlockall(MCL_FUTURE | MCL_ONFAULT));
  char *r = region(4);
  show(resident(r, 4));
  r[0] = 1;
  show(resident(r, 4));
  show(munlockall());
  show(status_of("VmLck"));
  show(mlock(r, PAGE));
  show(munlock(r, PAGE));
}

static void syncs(void) {
  puts("msync");
  int fd = file_of("combined", 4);
  char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  p[0] = 'x';
  show(msync(p, 4 * PAGE, 0));
  show(msync(p, 0, MS_SYNC));
  show(msync(p, 1, MS_SYNC));
  show(msync(p, -1, MS_SYNC));
  show(msync(p, 4 * PAGE, MS_SYNC | MS_ASYNC | MS_INVALIDATE));
  show(mlock(p, PAGE));
  show(msync(p, PAGE, MS_INVALIDATE));
  show(msync(p, PAGE, MS_SYNC));
  show(msync(p + PAGE, PAGE, MS_INVALIDATE | MS_SYNC));
  show(munlock(p, PAGE));
  munmap(p + PAGE, PAGE);
  p[2 * PAGE] = 'y';
  show(msync(p, 4 * PAGE, MS_SYNC));
  show(msync(p + PAGE, PAGE, MS_SYNC));
  char byte;
  show(pread(fd, &byte, 1, 2 * PAGE));
  show(byte);
  // what is behind the end of the file in its last page does not reach it
  show(ftruncate(fd, 3 * PAGE - 10));
  p[3 * PAGE - 5] = 'z';
  show(msync(p + 2 * PAGE, PAGE, MS_SYNC));
  show(ftruncate(fd, 3 * PAGE));
  show(pread(fd, &byte, 1, 3 * PAGE - 5));
  show(byte);
  show(reads(p + 3 * PAGE));
  close(fd);
  unlink("combined");
}

static void maps(void) {
  puts("mmap");
  int fd = file_of("combined", 4);
  char *p = mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
  show(resident(p, 4));
  show(writes(p));
  show(mprotect(p, PAGE, PROT_READ | PROT_WRITE));
  show(writes(p));
  char *q = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
  show(q[0]);
  show(resident(q, 4));
  char *behind = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 2 * PAGE);
  works((long)behind);
  show(reads(behind + PAGE));
  show(reads(behind + 2 * PAGE));
  works((long)mmap(NULL, 4 * PAGE, PROT_NONE, ANON | MAP_POPULATE, -1, 0));
  works((long)mmap(NULL, -1, PROT_READ, ANON, -1, 0));
  works((long)mmap(NULL, 0, PROT_READ, ANON, -1, 0));
  works((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, -1, 0));
  works((long)mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0));
  works((long)mmap(NULL, PAGE, PROT_READ, 4 | MAP_ANONYMOUS, -1, 0));
  works((long)mmap((char *)PAGE + 1, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0));
  works((long)mmap(q, PAGE, PROT_READ, ANON | MAP_FIXED_NOREPLACE, -1, 0));
  works((long)mmap((char *)-PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0));
  works((long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE | 0x8000000, fd, 0));
  works((long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE, fd, 0));
  works(syscall(SYS_mmap, NULL, PAGE, PROT_READ, MAP_SHARED, fd, 123));
  works(syscall(SYS_mmap, NULL, PAGE, PROT_READ, MAP_SHARED, fd, -PAGE));
  works(syscall(SYS_mmap, NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0x7ffffffffffff000));
  works((long)mmap(NULL, PAGE, PROT_READ | 64, ANON, -1, 0));
  works((long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0));
  int write_only = open("combined", O_WRONLY), read_only = open("combined", O_RDONLY);
  works((long)mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, write_only, 0));
  works((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, write_only, 0));
  works((long)mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, read_only, 0));
  works((long)mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, read_only, 0));
  char *r = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, read_only, 0);
  works((long)r);
  show(mprotect(r, PAGE, PROT_READ | PROT_WRITE));
  show(madvise(r, PAGE, MADV_REMOVE));
  show(madvise(r, PAGE, MADV_POPULATE_WRITE));
  int path_only = open("combined", O_PATH), folder = open(".", O_RDONLY), fds[2];
  works((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, path_only, 0));
  works((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, folder, 0));
  show(pipe(fds));
  works((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fds[0], 0));
  show(munmap(p + 1, PAGE));
  show(munmap(p, 0));
  show(munmap(p, -PAGE));
  show(munmap((char *)(1L << 20), PAGE));
  show(mprotect(p + 1, PAGE, PROT_READ));
  show(mprotect(p, 0, PROT_READ));
  show(mprotect(p, PAGE, PROT_READ | 0x10));
  show(mprotect(p, PAGE, PROT_READ | 0x02000000 | 0x01000000));
  show(mprotect(p, PAGE, PROT_READ | 0x01000000));
  show(mprotect(p, -PAGE, PROT_READ));
  show(madvise(p, -PAGE, MADV_DONTNEED));
  show(madvise((char *)-PAGE, 2 * PAGE, MADV_DONTNEED));
  show(madvise(p, 0, 777));
  show(madvise(p, 0, MADV_DONTNEED));
  unsigned char vec[16];
  show(mincore(p, 0, vec));
  show(mincore(p, PAGE, NULL));
  show(mincore(p + 1, PAGE, vec));
  show(mincore(p, -1, vec));
  close(fd);
  unlink("combined");
}

static void breaks(void) {
  puts("brk");
  char *start = sbrk(0);
  show(sbrk(3 * PAGE + 100) == start);
  start[3 * PAGE] = 5;
  show(sbrk(-2 * PAGE) != (void *)-1);
  show(reads(start + 3 * PAGE));
  show(sbrk(2 * PAGE) != (void *)-1);
  show(start[3 * PAGE]);
  show(brk(start + (1L << 45)));
  show(munmap((void *)(((unsigned long)start + 2 * PAGE) & -PAGE), PAGE));
  show(sbrk(PAGE) != (void *)-1);
  struct rlimit limit = {64 << 20, RLIM_INFINITY};
  show(setrlimit(RLIMIT_AS, &limit));
  works((long)mmap(NULL, 128 << 20, PROT_READ, ANON | MAP_NORESERVE, -1, 0));
  works((long)sbrk(128 << 20));
  limit.rlim_cur = RLIM_INFINITY;
  show(setrlimit(RLIMIT_AS, &limit));
  struct rlimit data = {1 << 20, RLIM_INFINITY};
  show(setrlimit(RLIMIT_DATA, &data));
  works((long)mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, ANON, -1, 0));
  works((long)mmap(NULL, 8 << 20, PROT_READ, ANON, -1, 0));
  works((long)mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  works((long)sbrk(8 << 20));
}

int main(int argc, char **argv) {
  if (argc > 1 && chdir(argv[1]) != 0) return 2;
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
  mremap_files();
  free_and_fork();
  guards();
  locks();
  syncs();
  maps();
  breaks();
  return wrong;
}
