// More memory than there is, used by several processes in turns: what goes to swap space comes back as it was.
#include "report.h"
#include <sys/mman.h>
#include <sys/wait.h>

#define WORDS 1024L
#define PAGES 5120L
#define CHILDREN 3

static unsigned *memory;

static unsigned long sum(void) {
  unsigned long total = 0;
  for (long i = 0; i < PAGES; i++) total += memory[i * WORDS];
  return total;
}

// Every other page becomes the child's own.
static int child(int number) {
  unsigned long before = sum(), changed = 0;
  for (int round = 0; round < 2; round++)
    for (long i = number; i < PAGES; i += 2, changed++) memory[i * WORDS] += number + 1;
  return sum() == before + changed * (number + 1) ? 10 + number : 1;
}

int main(void) {
  memory = mmap(NULL, PAGES * WORDS * 4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (long i = 0; i < PAGES; i++) memory[i * WORDS] = i;
  pid_t children[CHILDREN];
  for (int i = 0; i < CHILDREN; i++)
    if ((children[i] = fork()) == 0) _exit(child(i));
  for (int i = 0; i < CHILDREN; i++) {
    int status;
    show(waitpid(children[i], &status, 0) == children[i]);
    show(WEXITSTATUS(status));
  }
  show(sum());
  for (int round = 0; round < 3; round++)
    for (long i = 0; i < PAGES; i++) memory[i * WORDS]++;
  show(sum());
  return wrong;
}
