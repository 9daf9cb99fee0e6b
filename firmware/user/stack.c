// The stack grows where it is touched, up to its limit; a handler on an alternate stack hears of the overflow.
#include "report.h"
#include <setjmp.h>
#include <signal.h>
#include <sys/resource.h>

static sigjmp_buf back;
static volatile int depth;

static int recurse(int n) {
  volatile char block[1000];
  block[0] = n;
  depth++;
  return n == 0 ? 0 : recurse(n - 1) + block[0] - block[0] + 1;
}

static void handler(int number, siginfo_t *info, void *context) {
  (void)context;
  stack_t now;
  sigaltstack(NULL, &now);
  printf("signal %d, on the alternate stack: %d\n", number, now.ss_flags == SS_ONSTACK);
  equal(info->si_code, SEGV_MAPERR);
  siglongjmp(back, 1);
}

int main(void) {
  // a quarter of a megabyte in one step, then in small ones
  volatile char big[256 << 10];
  big[0] = 1;
  show(big[0]);
  show(recurse(2000));
  static char alternate[64 << 10];
  stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  show(sigaltstack(&stack, NULL));
  stack_t small = {.ss_sp = alternate, .ss_size = 100};
  show(sigaltstack(&small, NULL));
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  show(sigaction(SIGSEGV, &action, NULL));
  for (int i = 0; i < 2; i++) {
    depth = 0;
    if (sigsetjmp(back, 1) == 0) recurse(1 << 30);
    // 8 MiB of frames of about 1 KiB
    show(depth > 4000 && depth < 9000);
  }
  stack.ss_flags = SS_DISABLE;
  show(sigaltstack(&stack, NULL));
  stack_t now;
  show(sigaltstack(NULL, &now));
  show(now.ss_flags == SS_DISABLE);
  return wrong;
}
