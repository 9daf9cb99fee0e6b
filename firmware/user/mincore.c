// mincore, mlock and msync against their manual pages. Its argument is a folder to write to.
#include "report.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define PAGE 4096L
#define GUARD_INSTALL 102
#define GUARD_REMOVE 103
static unsigned char there[64];

static const char *picture(char *p, int pages) {
  static char text[65];
  if (mincore(p, pages * PAGE, there) != 0) return strerrorname_np(errno);
  for (int i = 0; i < pages; i++) text[i] = there[i] & 1 ? 'x' : '.';
  text[pages] = 0;
  return text;
}

static void pictured(char *p, int pages, const char *want) {
  const char *got = picture(p, pages);
  check(strcmp(got, want) == 0, "in core: %s (wanted %s)", got, want);
}

int main(int argc, char **argv) {
  if (argc > 1 && chdir(argv[1]) != 0) return 2;
  char *p = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  pictured(p, 8, "........");
  p[PAGE] = 1;
  p[6 * PAGE] = 1;
  pictured(p, 8, ".x....x.");
  // the shared zero page is a page
  (void)*(volatile char *)(p + 3 * PAGE);
  pictured(p, 8, ".x.x..x.");
  madvise(p, 4 * PAGE, MADV_DONTNEED);
  pictured(p, 8, "......x.");
  fails(mincore(p + 1, PAGE, there), EINVAL);
  fails(mincore(p, PAGE, (unsigned char *)16), EFAULT);
  munmap(p + 2 * PAGE, PAGE);
  fails(mincore(p, 8 * PAGE, there), ENOMEM);
  equal(mincore(p, 0, there), 0);
  // a length is rounded up
  there[1] = 99;
  equal(mincore(p, PAGE + 1, there), 0);
  equal(there[1], 0);

  // locked pages are there
  char *locked = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  equal(mlock(locked + PAGE + 5, PAGE), 0);
  pictured(locked, 8, ".xx.....");
  fails(mlock(p, 8 * PAGE), ENOMEM);
  equal(munlock(locked, 8 * PAGE), 0);
  pictured(locked, 8, ".xx.....");
  equal(mlock2(locked + 4 * PAGE, PAGE, MLOCK_ONFAULT), 0);
  pictured(locked, 8, ".xx.....");
  fails(mlock2(locked, PAGE, 8), EINVAL);
  equal(mlockall(MCL_FUTURE), 0);
  char *future = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  pictured(future, 4, "xxxx");
  equal(munlockall(), 0);
  fails(mlockall(0), EINVAL);
  char *with_flag = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
  pictured(with_flag, 4, "xxxx");

  // of a file: the page cache's pages, whether mapped here or not
  int fd = open("cached", O_RDWR | O_CREAT | O_TRUNC, 0600);
  char page[PAGE];
  memset(page, 'c', PAGE);
  for (int i = 0; i < 4; i++) if (write(fd, page, PAGE) != PAGE) return 2;
  char *file = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  (void)*(volatile char *)(file + 2 * PAGE);
  equal(mincore(file, 4 * PAGE, there), 0);
  equal(there[2] & 1, 1);
  file[PAGE] = 'M';
  equal(msync(file, 4 * PAGE, MS_SYNC), 0);
  equal(msync(file, 4 * PAGE, MS_ASYNC), 0);
  equal(msync(file, 4 * PAGE, MS_SYNC | MS_INVALIDATE), 0);
  fails(msync(file, 4 * PAGE, MS_SYNC | MS_ASYNC), EINVAL);
  fails(msync(file, 4 * PAGE, 64), EINVAL);
  fails(msync(file + 1, PAGE, MS_SYNC), EINVAL);
  fails(msync(p, 8 * PAGE, MS_SYNC), ENOMEM);
  equal(pread(fd, page, 1, PAGE), 1);
  equal(page[0], 'M');
  close(fd);
  unlink("cached");

  // what was written or read by calls is in the page cache, holes and what was cut off are not
  fd = open("written", O_RDWR | O_CREAT | O_TRUNC, 0600);
  memset(page, 'w', PAGE);
  equal(pwrite(fd, page, PAGE, 0), PAGE);
  equal(pwrite(fd, page, 10, 2 * PAGE + 100), 10);
  equal(ftruncate(fd, 6 * PAGE), 0);
  char *shared = mmap(NULL, 6 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  char *own = mmap(NULL, 6 * PAGE, PROT_NONE, MAP_PRIVATE, fd, 0);
  pictured(shared, 6, "x.x...");
  pictured(own, 6, "x.x...");
  shared[4 * PAGE] = 1;
  // a fault may read others around it
  picture(own, 6);
  equal((there[0] & there[2] & there[4]), 1);
  equal(madvise(shared, PAGE, GUARD_INSTALL), 0);
  picture(shared, 6);
  equal(there[0] & 1, 1);
  equal(madvise(shared, PAGE, GUARD_REMOVE), 0);
  equal(ftruncate(fd, PAGE), 0);
  equal(ftruncate(fd, 6 * PAGE), 0);
  pictured(own, 6, "x.....");
  equal(shared[0], 'w');
  close(fd);
  unlink("written");
  return wrong;
}
