// brk and sbrk: the heap grows, shrinks and is zero where it grows again.
#include "report.h"
#include <sys/mman.h>

#define PAGE 4096L

int main(void) {
  char *start = sbrk(0);
  show(sbrk(0) == start);
  show(sbrk(3 * PAGE + 100) == start);
  show((char *)sbrk(0) - start);
  start[0] = 1;
  start[3 * PAGE + 99] = 2;
  show(start[0] + start[3 * PAGE + 99] + start[PAGE]);
  show(brk(start + PAGE));
  show((char *)sbrk(0) - start);
  show(brk(start + 4 * PAGE));
  show(start[3 * PAGE + 99]);
  show(start[0]);
  // into another mapping it does not grow
  char *end = sbrk(0);
  char *wall = (char *)(((long)end + 16 * PAGE) & -PAGE);
  show(mmap(wall, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == wall);
  show(brk(wall + PAGE));
  show((char *)sbrk(0) == end);
  show(brk(wall - PAGE));
  wall[-PAGE - 1] = 7;
  show(wall[-PAGE - 1]);
  // below its start neither
  show(brk((void *)PAGE));
  char *blocks[200];
  for (int i = 0; i < 200; i++) memset(blocks[i] = malloc(i * 137 + 1), i, i * 137 + 1);
  long sum = 0;
  for (int i = 0; i < 200; i++) sum += blocks[i][i * 137];
  show(sum);
  for (int i = 0; i < 200; i += 2) free(blocks[i]);
  for (int i = 1; i < 200; i += 2) blocks[i] = realloc(blocks[i], i * 200);
  for (int i = 1; i < 200; i += 2) sum += blocks[i][i * 137];
  show(sum);
  return 0;
}
