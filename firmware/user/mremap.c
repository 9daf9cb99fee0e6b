// mremap: growing in place and by moving, shrinking, to a fixed place, leaving the old range mapped.
#include "report.h"
#include <fcntl.h>
#include <sys/mman.h>

#define PAGE 4096L
#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

static char *region(long pages) { return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, ANONYMOUS, -1, 0); }

static int mapped(char *p) {
  unsigned char there;
  return mincore(p, PAGE, &there) == 0;
}

int main(int argc, char **argv) {
  if (argc > 1 && chdir(argv[1]) != 0) return 2;
  char *room = region(64);
  for (int i = 0; i < 64; i++) room[i * PAGE] = i;
  show(munmap(room + 8 * PAGE, 8 * PAGE));
  // there is room behind the first eight pages
  show(mremap(room, 8 * PAGE, 12 * PAGE, 0) == room);
  show(room[7 * PAGE] + room[11 * PAGE]);
  // and none for more
  works(mremap(room, 12 * PAGE, 20 * PAGE, 0));
  char *moved = mremap(room, 12 * PAGE, 20 * PAGE, MREMAP_MAYMOVE);
  show(moved != room && moved != MAP_FAILED);
  show(moved[7 * PAGE] + moved[19 * PAGE]);
  show(mapped(room));
  show(mremap(moved, 20 * PAGE, 5 * PAGE, 0) == moved);
  show(mapped(moved + 4 * PAGE));
  show(mapped(moved + 5 * PAGE));
  char *target = region(8);
  target[0] = 99;
  show(mremap(moved, 5 * PAGE, 5 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target) == target);
  show(target[4 * PAGE]);
  show(target[5 * PAGE]);
  show(mapped(moved));
  // refused
  works(mremap(target + 1, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
  fails(mremap(target, PAGE, 0, MREMAP_MAYMOVE), EINVAL);
  works(mremap(target, PAGE, 2 * PAGE, 64));
  works(mremap(target, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target + PAGE));
  works(mremap(target, 4 * PAGE, 4 * PAGE, MREMAP_FIXED, room));
  works(mremap(room, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE));
  // a file's mapping keeps its offset
  int fd = open("moved", O_RDWR | O_CREAT | O_TRUNC, 0600);
  char page[PAGE];
  for (int i = 0; i < 6; i++) {
    memset(page, 'A' + i, PAGE);
    if (write(fd, page, PAGE) != PAGE) return 2;
  }
  char *file = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 2 * PAGE);
  file = mremap(file, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
  printf("%c%c%c%c\n", file[0], file[PAGE], file[2 * PAGE], file[3 * PAGE]);
  file[3 * PAGE] = 'z';
  show(pread(fd, page, 1, 5 * PAGE));
  printf("%c\n", page[0]);
  // an old size of 0 is a second mapping of the same pages
  char *second = mremap(file, 0, 2 * PAGE, MREMAP_MAYMOVE);
  check(second != MAP_FAILED && second != file, "the same pages a second time");
  if (second != MAP_FAILED) second[0] = '!';
  equal(file[0], '!');
  // the range that is left mapped is empty
  char *source = region(2);
  memset(source, 7, 2 * PAGE);
  char *copy = mremap(source, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
  check(copy != MAP_FAILED && copy != source, "MREMAP_DONTUNMAP moves");
  equal(source[0], 0);
  if (copy != MAP_FAILED) equal(copy[PAGE], 7);
  close(fd);
  unlink("moved");
  char *big = malloc(3 << 20);
  memset(big, 5, 3 << 20);
  big = realloc(big, 9 << 20);
  show(big[(3 << 20) - 1]);
  return wrong;
}
