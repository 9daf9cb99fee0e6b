// Private and shared memory over fork: who sees whose writes.
#include "report.h"
#include <sys/mman.h>
#include <sys/wait.h>

#define PAGE 4096L
static int global = 1;

int main(void) {
  char *private = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *shared = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  char *later = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  char *zero = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int on_stack = 5;
  for (int i = 0; i < 64; i++) private[i * PAGE] = shared[i * PAGE] = i;
  show(zero[0]);
  for (int round = 0; round < 3; round++) {
    pid_t child = fork();
    if (child == 0) {
      long sum = 0;
      for (int i = 0; i < 64; i++) sum += private[i * PAGE];
      for (int i = 0; i < 64; i++) private[i * PAGE] = 100, shared[i * PAGE] += 1;
      later[round] = 10 + round;
      zero[0] = 9;
      global = 7;
      on_stack = 8;
      pid_t grandchild = fork();
      if (grandchild == 0) {
        private[0] = 50;
        shared[63 * PAGE] = 77;
        _exit(private[PAGE]);
      }
      int status;
      waitpid(grandchild, &status, 0);
      printf("grandchild saw %d, child has %d %d\n", WEXITSTATUS(status), private[0], zero[0]);
      _exit(sum == 64 * 63 / 2 ? 33 : 1);
    }
    private[PAGE] = 1;
    int status;
    show(waitpid(child, &status, 0) == child);
    show(WEXITSTATUS(status));
    printf("parent: %d %d, shared %d %d, later %d, zero %d, global %d, stack %d\n", private[0], private[63 * PAGE], shared[0],
           shared[63 * PAGE], later[round], zero[0], global, on_stack);
  }
  return 0;
}
