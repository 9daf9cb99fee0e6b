// qemu: -icount shift=0
// An instruction that writes minstret does so instead of counting itself: "a value written to instret by one instruction
// will be the value read by the following instruction" (Zicsr).
#include "test.h"

.globl main
main:
  // A write takes the place of the increment: the next instruction reads what was written.
  li t0, 1000
  csrw minstret, t0
  csrr s0, minstret
  csrr s1, minstret
  TEST_EQ 1, s0, 1000
  TEST_EQ 2, s1, 1001
  li t0, -1
  csrw minstret, t0
  nop
  csrr s0, minstret
  TEST_EQ 3, s0, 0
  csrw minstret, zero
  csrrsi s0, minstret, 16
  csrr s1, minstret
  TEST_EQ 4, s0, 0
  TEST_EQ 5, s1, 16
  ret
