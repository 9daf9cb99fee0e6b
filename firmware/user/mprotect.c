// mprotect: rights of parts of a mapping change, split it and join it again; the data stays.
#include "report.h"
#include <sys/mman.h>
#include <sys/wait.h>

#define PAGE 4096L

// The signal that ends a child which does this to an address, or 0.
static int dies(char *at, char kind) {
  pid_t child = fork();
  if (child == 0) {
    if (kind == 'w') *(volatile char *)at = 1;
    else (void)*(volatile char *)at;
    _exit(0);
  }
  int status;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

int main(void) {
  char *p = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 16; i++) p[i * PAGE] = i;
  show(mprotect(p + 4 * PAGE, 4 * PAGE, PROT_READ));
  for (int i = 2; i < 10; i += 2) printf("page %d: read %d, write %d\n", i, dies(p + i * PAGE, 'r'), dies(p + i * PAGE, 'w'));
  show(mprotect(p + 6 * PAGE, 6 * PAGE, PROT_NONE));
  for (int i = 4; i < 14; i += 2) printf("page %d: read %d, write %d\n", i, dies(p + i * PAGE, 'r'), dies(p + i * PAGE, 'w'));
  show(mprotect(p, 16 * PAGE, PROT_READ | PROT_WRITE));
  long sum = 0;
  for (int i = 0; i < 16; i++) sum += p[i * PAGE]++;
  show(sum);
  show(munmap(p + 8 * PAGE, PAGE));
  show(mprotect(p, 16 * PAGE, PROT_READ));
  equal(mprotect(p, 0, PROT_READ), 0);
  show(mprotect(p + 5, PAGE, PROT_READ));
  show(mprotect(p, PAGE, 0x100));
  // write without read reads as well, on this architecture
  show(mprotect(p, PAGE, PROT_WRITE));
  p[0] = 3;
  show(p[0]);
  return wrong;
}
