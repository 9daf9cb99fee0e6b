// march: rv64ia_zicsr
// Zacas with x0 as rd: compares with zero, discards the result; as a pair, both halves are zero and x1 is not written.
#include "insn.h"
#include "table.h"

// MEMORY number, low, high: what the 16 bytes at s0 hold.
.macro MEMORY number, low, high
  ld a7, 0(s0)
  TEST_EQ \number, a7, \low
  ld a7, 8(s0)
  TEST_EQ \number, a7, \high
.endm
.macro SET_MEMORY low, high
  li a7, \low
  sd a7, 0(s0)
  li a7, \high
  sd a7, 8(s0)
.endm

BEGIN_MAIN
  la s0, cell
  SET_MEMORY 0, 7
  li a1, 5
  amocas.w x0, a1, s0
  TEST_EQ 1, x0, 0
  MEMORY 2, 5, 7
  amocas.w x0, a1, s0           // not equal: memory is not zero
  TEST_EQ 3, x0, 0
  MEMORY 4, 5, 7
  amocas.d x0, x0, s0
  MEMORY 5, 5, 7
  SET_MEMORY 0, 7
  li a1, 9
  amocas.d x0, a1, s0
  MEMORY 6, 9, 7
  TEST_EQ 7, x0, 0
  SET_MEMORY 0, 0
  li ra, 77
  li a2, 300
  li a3, 400
  amocas.q x0, a2, s0
  MEMORY 8, 300, 400
  TEST_EQ 9, ra, 77
  TEST_EQ 10, x0, 0
  amocas.q x0, a2, s0           // not equal
  MEMORY 11, 300, 400
  TEST_EQ 12, ra, 77
  amocas.q x0, x0, s0
  MEMORY 13, 300, 400
END_MAIN

.bss
.balign 64
cell:
  .zero 32
