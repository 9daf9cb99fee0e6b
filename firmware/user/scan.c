// PAGEMAP_SCAN, by the kernel's Documentation/admin-guide/mm/pagemap.rst. What it prints was printed by Linux 6.18.
#include "report.h"
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define PAGE 4096L
#define PAGES 16
#define AT 0x50000000L
#define GUARD_INSTALL 102
enum { WRITTEN = 2, IS_FILE = 4, PRESENT = 8, SWAPPED = 16, ZERO = 32, ALL = 0x7f };
struct region {
  uint64_t start, end, categories;
};
struct scan {
  uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages, inverted, mask, any, told;
};
#define PAGEMAP_SCAN _IOWR('f', 16, struct scan)

static struct region regions[64];
static int fd;

static void scan(const char *what, struct scan arg) {
  if (arg.size == 0) arg.size = sizeof arg;
  if (arg.start == 0) arg.start = AT;
  if (arg.end == 0) arg.end = AT + PAGES * PAGE;
  if (arg.vec_len == 0) arg.vec = (uintptr_t)regions, arg.vec_len = 64;
  long count = ioctl(fd, PAGEMAP_SCAN, &arg);
  if (count < 0) {
    printf("%s: %s\n", what, strerrorname_np(errno));
    return;
  }
  printf("%s, up to page %ld:", what, ((long)arg.walk_end - AT) / PAGE);
  for (int i = 0; i < count; i++) {
    long start = ((long)regions[i].start - AT) / PAGE, end = ((long)regions[i].end - AT) / PAGE;
    printf(" %ld-%ld %lx", start, end, regions[i].categories);
  }
  printf("\n");
}

// Pages of most kinds: own, of zeros, shared, a guard, none, and a hole.
static void prepare(void) {
  char *p = mmap((void *)AT, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  memset(p, 1, 3 * PAGE);
  (void)*(volatile char *)(p + 5 * PAGE);
  p[7 * PAGE] = 1;
  p[15 * PAGE] = 1;
  int shared = memfd_create("shared", 0);
  equal(ftruncate(shared, 2 * PAGE), 0);
  mmap(p + 8 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, shared, 0);
  p[8 * PAGE] = p[9 * PAGE] = 1;
  madvise(p + 11 * PAGE, PAGE, GUARD_INSTALL);
  munmap(p + 14 * PAGE, PAGE);
}

int main(void) {
  prepare();
  fd = open("/proc/self/pagemap", O_RDONLY);
  scan("all", (struct scan){.told = ALL});
  scan("present", (struct scan){.mask = PRESENT, .told = ALL});
  scan("of files", (struct scan){.mask = IS_FILE, .told = ALL});
  scan("of zeros", (struct scan){.mask = ZERO, .told = ALL});
  scan("present, not of zeros", (struct scan){.mask = ZERO | PRESENT, .inverted = ZERO, .told = ALL});
  scan("of files or zeros", (struct scan){.any = IS_FILE | ZERO, .told = ALL});
  scan("of no file, or of zeros", (struct scan){.any = IS_FILE | ZERO, .inverted = IS_FILE, .told = ALL});
  scan("swapped", (struct scan){.mask = SWAPPED, .told = ALL});
  scan("not present", (struct scan){.mask = PRESENT, .inverted = PRESENT, .told = ALL});
  scan("written", (struct scan){.mask = WRITTEN, .told = WRITTEN | PRESENT});
  scan("nothing told", (struct scan){.mask = PRESENT});
  scan("two pages", (struct scan){.mask = PRESENT, .told = PRESENT, .max_pages = 2});
  scan("four pages", (struct scan){.mask = PRESENT, .told = PRESENT, .max_pages = 4});
  scan("two regions", (struct scan){.mask = PRESENT, .told = PRESENT, .vec = (uintptr_t)regions, .vec_len = 2});
  scan("a part of a page", (struct scan){.mask = PRESENT, .told = PRESENT, .end = AT + 1});
  scan("nothing", (struct scan){.end = AT});
  scan("to be watched for writes", (struct scan){.flags = 1, .mask = PRESENT, .told = PRESENT});
  scan("another size", (struct scan){.size = 88});
  scan("unknown flags", (struct scan){.flags = 8});
  scan("unknown categories", (struct scan){.mask = 1 << 20});
  scan("from within a page", (struct scan){.start = AT + 1});
  scan("backwards", (struct scan){.start = AT, .end = AT - PAGE});
  scan("where nobody is", (struct scan){.start = 1UL << 60, .end = 1UL << 61});
  scan("to nowhere", (struct scan){.vec = 0, .vec_len = 1});
  scan("to where nothing can be written", (struct scan){.vec = 8, .vec_len = 4, .told = ALL});
  show(ioctl(fd, 0x1234, 0));
  show(ioctl(fd, PAGEMAP_SCAN, 8));
  return wrong;
}
