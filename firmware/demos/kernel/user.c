// The user program. It is linked for 0x40000000 (kernel.ld) and may use nothing of the kernel but its system calls.
//
// It touches memory that is not there yet, forks, and lets parent and child write to what was the same page. Then the
// two play ping-pong through a page that they share; neither ever gives up the hart, so the timer has to take it away. A second
// child tries to read the kernel's memory.
#include "kernel.h"

// Stays a function of its own: what traps in it is named by it.
#define FUNCTION static __attribute__((noinline))

static inline __attribute__((always_inline)) u64 system_call(u64 number, u64 a, u64 b) {
  register u64 a0 __asm__("a0") = a, a1 __asm__("a1") = b, a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a7) : "memory");
  return a0;
}
#define say(text) system_call(SYS_WRITE, (u64)(text), sizeof(text) - 1)

#define heap ((volatile u64 *)HEAP)
#define turn (*(volatile u64 *)SHARED)
enum { ROUNDS = 4, SECOND_PAGE = PAGE / sizeof(u64) };

// Waits without giving up the hart.
static inline void wait_for_turn(u64 wanted) {
  while (turn != wanted) {}
}

FUNCTION u64 child(void) {
  wait_for_turn(1);                            // the parent has written to its heap
  u64 seen = heap[0];
  if (seen == 1) say("my heap still holds 1");
  else say("WRONG: my parent wrote 2 after the fork, and I see it");
  heap[0] = 3;
  for (u64 round = 1; round <= ROUNDS; round++) {
    wait_for_turn(2 * round - 1);
    turn = 2 * round;
  }
  return seen != 1;
}

FUNCTION u64 parent(void) {
  say("I write 2 to my heap");
  heap[0] = 2;
  for (u64 round = 1; round <= ROUNDS; round++) {
    turn = 2 * round - 1;
    wait_for_turn(2 * round);
  }
  u64 code = system_call(SYS_WAIT, 0, 0);
  if (heap[0] == 2) say("my child wrote 3 to its heap, mine holds 2");
  else say("WRONG: my child wrote 3 to its heap, and I see it");
  return code | (heap[0] != 2);
}

FUNCTION u64 program(void) {
  say("hello; I write 1 to my heap");
  heap[0] = 1;
  if (heap[SECOND_PAGE] == 0) say("a page that I only read is all zeros");
  turn = 0;
  if (system_call(SYS_FORK, 0, 0) == 0) return child();
  u64 code = parent();

  if (system_call(SYS_FORK, 0, 0) == 0) {
    say("I read the kernel's memory");
    return *(volatile u64 *)KERNEL_DATA;
  }
  if (system_call(SYS_WAIT, 0, 0) == 139) say("my second child did not survive that");
  return code;
}

// The first instruction of the program; there is nobody to return to.
__attribute__((section(".text.start"))) void user_start(void) {
  system_call(SYS_EXIT, program(), 0);
}
