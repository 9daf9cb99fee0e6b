// /proc/self/{maps,smaps,smaps_rollup,pagemap,clear_refs,statm,status}, by the kernel's Documentation/filesystems/proc.rst
// and Documentation/admin-guide/mm/pagemap.rst.
#include "report.h"
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define PAGE 4096L
#define GUARD_INSTALL 102

// A field of the VMA at an address in /proc/self/smaps, in kB; -1 if there is none. `flags` gets its VmFlags.
static char flags[256];
static long smaps(const char *file, const void *at, const char *field) {
  FILE *f = fopen(file, "r");
  char line[512];
  long value = -1;
  int here = 0;
  flags[0] = 0;
  while (f != NULL && fgets(line, sizeof line, f)) {
    unsigned long start, end;
    char rights[8];
    if (sscanf(line, "%lx-%lx %4s", &start, &end, rights) == 3) here = start <= (uintptr_t)at && (uintptr_t)at < end;
    else if (here && strncmp(line, field, strlen(field)) == 0 && line[strlen(field)] == ':')
      value = strtol(line + strlen(field) + 1, NULL, 10);
    else if (here && strncmp(line, "VmFlags:", 8) == 0) strcpy(flags, line + 8);
  }
  if (f != NULL) fclose(f);
  return value;
}
static long of(const void *at, const char *field) { return smaps("/proc/self/smaps", at, field); }
static int has_flag(const void *at, const char *flag) { return of(at, "Size") >= 0 && strstr(flags, flag) != NULL; }

static uint64_t pagemap(const void *at) {
  int fd = open("/proc/self/pagemap", O_RDONLY);
  uint64_t entry = 0;
  if (pread(fd, &entry, 8, (uintptr_t)at / PAGE * 8) != 8) entry = -1ULL;
  close(fd);
  return entry;
}
#define PRESENT(at) ((int)(pagemap(at) >> 63))
#define FILE_OR_SHARED(at) ((int)(pagemap(at) >> 61 & 1))
#define EXCLUSIVE(at) ((int)(pagemap(at) >> 56 & 1))
#define SOFT_DIRTY(at) ((int)(pagemap(at) >> 55 & 1))

static void clear_refs(const char *what) {
  int fd = open("/proc/self/clear_refs", O_WRONLY);
  equal(write(fd, what, 1), 1);
  close(fd);
}

static int in_maps(const char *wanted) {
  FILE *f = fopen("/proc/self/maps", "r");
  char line[512];
  int found = 0;
  while (fgets(line, sizeof line, f)) found |= strstr(line, wanted) != NULL;
  fclose(f);
  return found;
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

// Private memory with a wall on either side: a VMA of its own.
static char *walled(long pages) {
  char *p = mmap(NULL, (pages + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(p + PAGE, pages * PAGE, PROT_READ | PROT_WRITE);
  return p + PAGE;
}

static void anonymous(void) {
  char *p = walled(16);
  mprotect(p + 15 * PAGE, PAGE, PROT_NONE);
  char line[64];
  sprintf(line, "%lx-%lx rw-p 00000000 00:00 0", (long)p, (long)(p + 15 * PAGE));
  equal(in_maps(line), 1);
  equal(of(p, "Size"), 60);
  equal(of(p, "KernelPageSize"), 4);
  equal(of(p, "Rss"), 0);
  memset(p, 1, 5 * PAGE);
  (void)*(volatile char *)(p + 8 * PAGE);
  // the zero page counts as nobody's
  equal(of(p, "Rss"), 20);
  equal(of(p, "Pss"), 20);
  equal(of(p, "Anonymous"), 20);
  equal(of(p, "Private_Dirty"), 20);
  equal(of(p, "Private_Clean"), 0);
  equal(of(p, "Shared_Dirty"), 0);
  equal(of(p, "Referenced"), 20);
  check(has_flag(p, " rd wr mr mw me ac"), "VmFlags of private memory:%s", strtok(flags, "\n"));
  equal(PRESENT(p), 1);
  equal(PRESENT(p + 6 * PAGE), 0);
  equal(FILE_OR_SHARED(p), 0);
  equal(EXCLUSIVE(p), 1);
  clear_refs("1");
  equal(of(p, "Referenced"), 0);
  p[0] = 2;
  equal(of(p, "Referenced"), 4);
  equal(SOFT_DIRTY(p + PAGE), 1);
  clear_refs("4");
  equal(SOFT_DIRTY(p + PAGE), 0);
  (void)*(volatile char *)(p + PAGE);
  equal(SOFT_DIRTY(p + PAGE), 0);
  p[PAGE] = 3;
  equal(SOFT_DIRTY(p + PAGE), 1);
  equal(SOFT_DIRTY(p + 2 * PAGE), 0);
  equal(p[2 * PAGE], 1);
  mlock(p, PAGE);
  equal(of(p, "Locked"), 4);
  equal(has_flag(p, " lo"), 1);
  munlock(p, PAGE);
  madvise(p, 4 * PAGE, MADV_DONTNEED);
  equal(of(p, "Rss"), 4);
  // without rights it has joined the wall behind it
  equal(of(p + 15 * PAGE, "Size"), 8);
}

// Which memory is promised: private memory that may be written, or could once.
static void accounted(void) {
  char *p = mmap(0, 8 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  equal(has_flag(p, " ac"), 0);
  mprotect(p, 4 * PAGE, PROT_READ | PROT_WRITE);
  equal(has_flag(p, " ac"), 1);
  equal(has_flag(p + 4 * PAGE, " ac"), 0);
  *p = 1;
  mprotect(p, 4 * PAGE, PROT_READ);
  equal(has_flag(p, " ac"), 1);
  char *unreserved = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  equal(has_flag(unreserved, " ac"), 0);
  equal(has_flag(unreserved, " nr"), 1);
  char *shared = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  equal(has_flag(shared, " ac"), 0);
  equal(has_flag(__builtin_frame_address(0), " ac"), 1);
  munmap(p, 8 * PAGE);
}

// VmPeak and VmHWM are the most that VmSize and VmRSS have been.
static void peaks(void) {
  enum { BYTES = 8 << 20 };
  char *p = mmap(0, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(p, 1, BYTES);
  long size = status_of("VmSize"), resident = status_of("VmRSS");
  check(status_of("VmPeak") >= size, "VmPeak is no less than VmSize");
  check(status_of("VmHWM") >= resident, "VmHWM is no less than VmRSS");
  munmap(p, BYTES);
  check(status_of("VmSize") < size - 7000, "VmSize is less again");
  check(status_of("VmPeak") >= size, "VmPeak is what it was");
  check(status_of("VmRSS") < resident - 7000, "VmRSS is less again");
  check(status_of("VmHWM") >= resident, "VmHWM is what it was");
  clear_refs("5");
  check(status_of("VmHWM") < resident - 7000, "5 in clear_refs makes VmHWM what VmRSS is");
}

static void forked(void) {
  char *p = walled(8);
  memset(p, 1, 8 * PAGE);
  int go[2], tell[2];
  char byte;
  if (pipe(go) != 0 || pipe(tell) != 0) exit(2);
  if (fork() == 0) {
    p[0] = 2;
    if (write(tell[1], "x", 1) != 1 || read(go[0], &byte, 1) != 1) _exit(1);
    _exit(0);
  }
  if (read(tell[0], &byte, 1) != 1) exit(2);
  equal(of(p, "Rss"), 32);
  equal(of(p, "Pss"), 4 + 28 / 2);
  equal(of(p, "Shared_Dirty"), 28);
  equal(of(p, "Private_Dirty"), 4);
  equal(EXCLUSIVE(p), 1);
  equal(EXCLUSIVE(p + PAGE), 0);
  if (write(go[1], "x", 1) != 1) exit(2);
  wait(NULL);
  equal(of(p, "Private_Dirty"), 32);
}

static void files(void) {
  int fd = open("shown", O_RDWR | O_CREAT | O_TRUNC, 0600);
  char page[PAGE];
  memset(page, 'c', PAGE);
  for (int i = 0; i < 4; i++) if (write(fd, page, PAGE) != PAGE) exit(2);
  char *shared = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  char *private = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 2 * PAGE);
  equal(in_maps("rw-s 00000000"), 1);
  equal(in_maps("rw-p 00002000"), 1);
  equal(in_maps("/shown"), 1);
  shared[0] = 'x';
  (void)*(volatile char *)(shared + PAGE);
  equal(PRESENT(shared), 1);
  equal(FILE_OR_SHARED(shared), 1);
  equal(of(shared, "Anonymous"), 0);
  check(of(shared, "Rss") >= 8, "two pages that were touched are there");
  check(of(shared, "Shared_Dirty") + of(shared, "Private_Dirty") >= 4, "the written page is dirty");
  equal(has_flag(shared, " sh"), 1);
  private[0] = 'y';
  equal(of(private, "Anonymous"), 4);
  equal(FILE_OR_SHARED(private), 0);
  equal(EXCLUSIVE(private), 1);
  close(fd);
  unlink("shown");
}

static void totals(void) {
  long size, resident, of_files;
  FILE *f = fopen("/proc/self/statm", "r");
  equal(fscanf(f, "%ld %ld %ld", &size, &resident, &of_files), 3);
  fclose(f);
  check(size * 4 == status_of("VmSize"), "statm's size is VmSize: %ld pages, %ld kB", size, status_of("VmSize"));
  check(labs(resident * 4 - status_of("VmRSS")) <= 16, "statm's pages are VmRSS: %ld, %ld kB", resident, status_of("VmRSS"));
  long rollup = -1;
  char line[256];
  f = fopen("/proc/self/smaps_rollup", "r");
  if (f != NULL) {
    while (fgets(line, sizeof line, f)) if (strncmp(line, "Rss:", 4) == 0) rollup = strtol(line + 4, NULL, 10);
    fclose(f);
  }
  check(labs(rollup - status_of("VmRSS")) <= 16, "smaps_rollup's Rss is VmRSS: %ld kB", rollup);
  equal(status_of("Pid"), getpid());
  equal(status_of("PPid"), getppid());
  equal(status_of("Threads"), 1);
  long before = status_of("VmRSS");
  char *p = mmap(NULL, 256 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(p, 1, 256 * PAGE);
  long grown = status_of("VmRSS") - before;
  check(grown >= 1024 && grown <= 1060, "256 pages more: %ld kB", grown);
  equal(in_maps("[stack]"), 1);
  equal(in_maps("[heap]"), 1);
}

// Documentation/admin-guide/mm/soft-dirty.rst: what changed since the bits were cleared, new and moved memory included.
static void soft_dirty(void) {
  char *p = walled(8);
  memset(p, 1, 4 * PAGE);
  check(SOFT_DIRTY(p + 6 * PAGE) && has_flag(p, " sd"), "new memory is soft-dirty, whether it is there or not");
  clear_refs("4");
  check(!SOFT_DIRTY(p) && !SOFT_DIRTY(p + 6 * PAGE) && !has_flag(p, " sd"), "and is not after clear_refs");
  equal(of(p, "Private_Dirty"), 16);
  // a write is noticed whatever was done to the mapping in between
  mprotect(p, 4 * PAGE, PROT_READ);
  mprotect(p, 4 * PAGE, PROT_READ | PROT_WRITE);
  equal(SOFT_DIRTY(p + PAGE), 0);
  p[PAGE] = 2;
  check(SOFT_DIRTY(p + PAGE) && !SOFT_DIRTY(p), "a write after mprotect is noticed");
  madvise(p + PAGE, 2 * PAGE, MADV_PAGEOUT);
  check(SOFT_DIRTY(p + PAGE) && !SOFT_DIRTY(p + 2 * PAGE), "soft-dirty goes to swap space");
  check(p[PAGE] == 2 && p[2 * PAGE] == 1, "and comes back:");
  check(SOFT_DIRTY(p + PAGE) && !SOFT_DIRTY(p + 2 * PAGE), "soft-dirty goes back");
  madvise(p + PAGE, PAGE, MADV_PAGEOUT);
  clear_refs("4");
  check(p[PAGE] == 2 && !SOFT_DIRTY(p + PAGE), "the bits of pages in swap space are cleared");
  // the same addresses, and other memory
  mmap(p + 4 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  check(SOFT_DIRTY(p + 4 * PAGE) && !SOFT_DIRTY(p + 5 * PAGE), "memory that was mapped anew is soft-dirty");
  char *to = walled(2);
  clear_refs("4");
  mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
  check(SOFT_DIRTY(to) && SOFT_DIRTY(to + PAGE), "pages that were moved are soft-dirty");
  char *anon = walled(1);
  *anon = 1;
  madvise(anon, PAGE, GUARD_INSTALL);
  equal(pagemap(anon) >> 58 & 1, 1);
}

int main(int argc, char **argv) {
  if (argc > 1 && chdir(argv[1]) != 0) return 2;
  free(malloc(100000));
  anonymous();
  soft_dirty();
  accounted();
  peaks();
  forked();
  files();
  totals();
  return wrong;
}
