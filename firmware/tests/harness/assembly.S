// march: rv64gc
// The harness itself, from assembly: equal values pass, traps are recorded, and main goes on after them.
#include "test.h"

.globl main
main:
  addi sp, sp, -16
  sd ra, 8(sp)

  li a0, 0x123456789abcdef0
  TEST_EQ 1, a0, 0x123456789abcdef0
  mv a1, a0
  TEST_EQR 2, a0, a1
  TEST_ILLEGAL 3, 0xffffffff
  TEST_ILLEGAL16 4, 0x0000
  TEST_TRAP 5, CAUSE_ECALL_M, 0, ecall
  li a1, 8
  TEST_TRAP 6, CAUSE_LOAD_ACCESS, 8, ld a0, 0(a1)
  TEST_TRAP 7, CAUSE_STORE_ACCESS, 12, sd a0, 4(a1)

  ld ra, 8(sp)
  addi sp, sp, 16
  ret
