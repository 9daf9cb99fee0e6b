// mmap, munmap: where mappings may lie, what they begin with, what is refused. Its argument is a folder to write to.
#include "report.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define PAGE 4096L
static char *base;

static void anonymous(void) {
  char *p = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  works(p);
  base = p;
  long sum = 0;
  for (long i = 0; i < 8 * PAGE; i++) sum += p[i];
  show(sum);
  for (int i = 0; i < 8; i++) p[i * PAGE] = i + 1;
  for (int i = 0; i < 8; i++) sum += p[i * PAGE];
  show(sum);
  show(munmap(p + 2 * PAGE, 2 * PAGE));
  show(munmap(p + 2 * PAGE, 2 * PAGE));
  show(p[PAGE] + p[4 * PAGE]);
  char *q = mmap(p + 2 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  show(q == p + 2 * PAGE);
  show(q[0] + q[PAGE]);
  q = mmap(p + 4 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  show(q == p + 4 * PAGE);
  show(q[0]);
}

static void no_replace(void) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
  fails(mmap(base, PAGE, PROT_READ, flags, -1, 0), EEXIST);
  fails(mmap(base + 7 * PAGE, 2 * PAGE, PROT_READ, flags, -1, 0), EEXIST);
  show(munmap(base, 4 * PAGE));
  show(mmap(base, 4 * PAGE, PROT_READ | PROT_WRITE, flags, -1, 0) == base);
  show(base[0] + base[3 * PAGE]);
}

static void refused(void) {
  works(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  works(mmap(base + 1, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  works(mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0));
  works(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, -1, 0));
  works(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 77, 0));
  show(munmap(base + 1, PAGE));
  show(munmap(base, 0));
}

static void hints(void) {
  // a hint that is free is taken; one that is not is no error
  char *hint = (char *)0x2000000000;
  show(mmap(hint, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == hint);
  char *other = mmap(hint, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  show(other != MAP_FAILED && other != hint);
  char *odd = mmap(hint + 64 * PAGE + 5, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  show((long)odd % PAGE);
}

static void files(void) {
  int fd = open("mapped", O_RDWR | O_CREAT | O_TRUNC, 0644);
  char line[PAGE];
  for (int page = 0; page < 3; page++) {
    memset(line, 'a' + page, PAGE);
    show(write(fd, line, page < 2 ? PAGE : 100));
  }
  char *shared = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  char *private = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, PAGE);
  works(shared);
  works(private);
  printf("%c%c%c %d %c%c\n", shared[0], shared[PAGE], shared[2 * PAGE + 99], shared[2 * PAGE + 100], private[0], private[PAGE]);
  private[0] = 'P';
  printf("private write, shared sees %c\n", shared[PAGE]);
  shared[PAGE + 1] = 'S';
  printf("shared write, private copy has %c\n", private[1]);
  shared[2 * PAGE] = 'T';
  printf("shared write, untouched private page sees %c\n", private[PAGE]);
  show(pread(fd, line, 2, PAGE));
  printf("the file has %c%c\n", line[0], line[1]);
  show(pwrite(fd, "W", 1, 5));
  printf("written to the file, mapped: %c\n", shared[5]);
  shared[2 * PAGE + 200] = 'X';
  show(msync(shared, 3 * PAGE, MS_SYNC));
  struct stat status;
  fstat(fd, &status);
  show(status.st_size);
  show(close(fd));
  printf("closed, still mapped: %c\n", shared[0]);
  show(munmap(shared, 3 * PAGE));
  fd = open("mapped", O_RDONLY);
  show(pread(fd, line, 3, PAGE));
  printf("unmapped, the file has %.3s\n", line);
  works(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  works(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
  works(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 5));
  close(fd);
  fd = open("mapped", O_WRONLY);
  works(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0));
  close(fd);
  show(unlink("mapped"));
}

// What a mapping leaves behind the end of a file is not in the file when it grows.
static void grown(void) {
  int fd = open("grown", O_RDWR | O_CREAT | O_TRUNC, 0644);
  show(write(fd, "0123456789", 10));
  char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  p[9] = 'n', p[20] = 'b';
  show(ftruncate(fd, 100));
  printf("%c and %d\n", p[9], p[20]);
  p[120] = 'b';
  show(pwrite(fd, "end", 3, 200));
  printf("%d, then %c\n", p[120], p[200]);
  show(ftruncate(fd, 5));
  printf("%c and %d\n", p[4], p[5]);
  close(fd);
  unlink("grown");
}

static void populate(void) {
  char *p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  works(p);
  unsigned char there[64];
  show(mincore(p, 64 * PAGE, there));
  int pages = 0;
  for (int i = 0; i < 64; i++) pages += there[i] & 1;
  equal(pages, 64);
}

int main(int argc, char **argv) {
  if (argc > 1 && chdir(argv[1]) != 0) return 2;
  anonymous();
  no_replace();
  refused();
  hints();
  files();
  grown();
  populate();
  return wrong;
}
