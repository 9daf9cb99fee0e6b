// A hundred thousand page faults: a store to each page of 100 MB, which is given back and touched again.
#include <sys/mman.h>

enum { PAGE = 4096, PAGES = 25000, ROUNDS = 4 };

int main(void) {
  char *memory = mmap(0, (long)PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 1;
  for (int round = 0; round < ROUNDS; round++) {
    for (long i = 0; i < PAGES; i++) memory[i * PAGE] = 1;
    madvise(memory, (long)PAGES * PAGE, MADV_DONTNEED);
  }
  return 0;
}
