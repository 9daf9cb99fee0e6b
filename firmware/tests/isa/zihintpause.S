// march: rv64i_zicsr
// Zihintpause: pause is a HINT: it changes nothing, and execution goes on after it.
#include "table.h"

BEGIN_MAIN
  mv s11, sp
  li a0, 1
  li a1, -1
  .word 0x0100000f              // pause
  TEST_EQ 1, a0, 1
  TEST_EQ 2, a1, -1
  TEST_EQR 3, sp, s11
  // In a spin loop, and as a branch's target.
  li a0, 0
1:
  .word 0x0100000f
  addi a0, a0, 1
  li a2, 1000
  bne a0, a2, 1b
  TEST_EQ 4, a0, 1000
  // With a store before it: the store is done.
  la a3, cell
  sd a0, 0(a3)
  .word 0x0100000f
  ld a1, 0(a3)
  TEST_EQ 5, a1, 1000
  // It neither sets nor clears a pending interrupt.
  csrr a0, mip
  .word 0x0100000f
  csrr a1, mip
  TEST_EQR 6, a0, a1
END_MAIN

.bss
.balign 8
cell:
  .zero 8
