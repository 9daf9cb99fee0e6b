// march: rv64ia_zicsr
// qemu: -cpu max,zama16b=off
// Zacas: compare-and-swap of words, doublewords and quadwords; register pairs, x0 as a pair, alignment.
#include "insn.h"
#include "table.h"
#include "trap.h"

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
  // Words: the low halves of rd and rs2 count, rd gets the old word sign-extended, neighbours stay.
  .irp order, 0, 1, 2, 3
  SET_MEMORY 0x0123456789abcdef, 7
  li a0, 0x5555555589abcdef
  li a1, 0x6666666680000001
  amocas.w a0, a1, s0, \order
  TEST_EQ 1, a0, 0xffffffff89abcdef
  MEMORY 2, 0x0123456780000001, 7
  amocas.w a0, x0, s0, \order   // not equal now
  TEST_EQ 3, a0, 0xffffffff80000001
  MEMORY 4, 0x0123456780000001, 7
  // Doublewords: all bits count.
  li a0, 0x0123456780000001
  li a1, -2
  amocas.d a0, a1, s0, \order
  TEST_EQ 5, a0, 0x0123456780000001
  MEMORY 6, -2, 7
  li a0, 0xfffffffe
  amocas.d a0, x0, s0, \order
  TEST_EQ 7, a0, -2
  MEMORY 8, -2, 7
  // Quadwords: pairs a0, a1 and a2, a3.
  li a0, -2
  li a1, 7
  li a2, 100
  li a3, 200
  amocas.q a0, a2, s0, \order
  TEST_EQ 9, a0, -2
  TEST_EQ 10, a1, 7
  MEMORY 11, 100, 200
  // One half equal is not enough: either half.
  li a0, 100
  li a1, 201
  amocas.q a0, a2, s0, \order
  TEST_EQ 12, a0, 100
  TEST_EQ 13, a1, 200
  MEMORY 14, 100, 200
  li a0, 101
  li a2, 1
  amocas.q a0, a2, s0, \order
  TEST_EQ 15, a0, 100
  TEST_EQ 16, a1, 200
  MEMORY 17, 100, 200
  .endr

  // The upper word of a doubleword.
  SET_MEMORY 0x8000000011111111, 7
  addi a3, s0, 4
  li a0, 0x80000000
  li a1, 0x22222222
  amocas.w a0, a1, a3
  TEST_EQ 20, a0, 0xffffffff80000000
  MEMORY 21, 0x2222222211111111, 7

  // x0 as rs2 stores zero; the pair x0 stores two zeros, not x1. (x0 as rd: zacas-x0.)
  SET_MEMORY 5, 7
  li ra, 77
  li a0, 5
  amocas.d a0, x0, s0
  TEST_EQ 22, a0, 5
  MEMORY 23, 0, 7
  li a0, 0
  li a1, 7
  amocas.q a0, x0, s0
  TEST_EQ 24, a0, 0
  TEST_EQ 25, a1, 7
  MEMORY 26, 0, 0

  // rd = rs2, rd = rs1.
  SET_MEMORY 42, 43
  li a0, 42
  amocas.d a0, a0, s0
  TEST_EQ 36, a0, 42
  MEMORY 37, 42, 43
  sd s0, 0(s0)
  mv a0, s0
  li a1, 6
  amocas.d a0, a1, a0
  TEST_EQR 38, a0, s0
  MEMORY 39, 6, 43
  li a0, 6
  li a1, 43
  amocas.q a0, a0, s0
  TEST_EQ 40, a0, 6
  TEST_EQ 41, a1, 43
  MEMORY 42, 6, 43

  // Odd registers name no pair: reserved.
  EXPECT_TRAP 50, CAUSE_ILLEGAL, x0, amocas.q a1, a2, s0
  EXPECT_TRAP 51, CAUSE_ILLEGAL, x0, amocas.q a0, a3, s0
  EXPECT_TRAP 52, CAUSE_ILLEGAL, x0, amocas.q x1, x0, s0
  // Misaligned addresses trap, each width by its own size, before anything is compared.
  la s1, cell
  .irp offset, 1, 2, 3, 6
  addi a3, s1, \offset
  EXPECT_TRAP 53, CAUSE_STORE_MISALIGNED, a3, amocas.w a0, a1, a3
  .endr
  .irp offset, 1, 4, 7, 12
  addi a3, s1, \offset
  EXPECT_TRAP 54, CAUSE_STORE_MISALIGNED, a3, amocas.d a0, a1, a3
  .endr
  .irp offset, 1, 4, 8, 15
  addi a3, s1, \offset
  EXPECT_TRAP 55, CAUSE_STORE_MISALIGNED, a3, amocas.q a0, a4, a3
  .endr
  TEST_EQ 56, a0, 6
  MEMORY 57, 6, 43
  // No memory: a store access fault, equal or not.
  li a3, 16
  EXPECT_TRAP 58, CAUSE_STORE_ACCESS, a3, amocas.w a0, a1, a3
  EXPECT_TRAP 59, CAUSE_STORE_ACCESS, a3, amocas.d a0, a1, a3
  EXPECT_TRAP 60, CAUSE_STORE_ACCESS, a3, amocas.q a0, a4, a3
END_MAIN

TRAP_CHECKER

.bss
.balign 64
cell:
  .zero 32
