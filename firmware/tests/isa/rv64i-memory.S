// march: rv64i_zicsr
// RV64I: every load and store, aligned: sign and zero extension, all offsets' signs, narrow stores leave their neighbours.
#include "table.h"
#include "trap.h"

.macro LOAD number, op, offset, expected
  \op a0, \offset(s0)
  TEST_EQ \number, a0, \expected
  addi a1, s0, \offset
  addi a1, a1, -2047
  \op a0, 2047(a1)
  TEST_EQ \number, a0, \expected
  addi a1, s0, \offset
  addi a1, a1, 1024
  addi a1, a1, 1024
  \op a1, -2048(a1)           // rd = rs1
  TEST_EQ \number, a1, \expected
.endm

.macro STORE number, op, offset, before, value, after
  li a0, \before
  sd a0, 64(s0)
  li a1, \value
  \op a1, 64 + \offset(s0)
  ld a0, 64(s0)
  TEST_EQ \number, a0, \after
.endm

BEGIN_MAIN
  la s0, data + 2048
  LOAD 1, lb, 0, 0x11
  LOAD 2, lb, 1, -2
  LOAD 3, lbu, 1, 0xfe
  LOAD 4, lb, 7, -128
  LOAD 5, lbu, 7, 0x80
  LOAD 6, lh, 0, -0x1ef
  LOAD 7, lhu, 0, 0xfe11
  LOAD 8, lh, 2, 0x3344
  LOAD 9, lhu, 6, 0x8077
  LOAD 10, lh, 6, -0x7f89
  LOAD 11, lw, 0, 0x3344fe11
  LOAD 12, lw, 4, -0x7f889aab
  LOAD 13, lwu, 4, 0x80776555
  LOAD 14, ld, 0, 0x807765553344fe11
  LOAD 15, lbu, -1, 0xa5
  LOAD 16, lw, -4, -0x5a5b5c5d
  LOAD 17, ld, -8, 0xa5a4a3a3a1a0a9a8

  STORE 20, sb, 0, 0x1111111111111111, 0xffffffffffffff80, 0x1111111111111180
  STORE 21, sb, 3, 0x1111111111111111, 0x80, 0x1111111180111111
  STORE 22, sb, 7, 0x1111111111111111, 0x1ff, 0xff11111111111111
  STORE 23, sh, 0, 0x1111111111111111, 0xffffffffffff8001, 0x1111111111118001
  STORE 24, sh, 6, 0x1111111111111111, 0x12345, 0x2345111111111111
  STORE 25, sw, 0, 0x1111111111111111, 0xfedcba9876543210, 0x1111111176543210
  STORE 26, sw, 4, 0x1111111111111111, 0xfedcba9887654321, 0x8765432111111111
  STORE 27, sd, 0, 0x1111111111111111, 0xfedcba9876543210, 0xfedcba9876543210
  STORE 28, sb, 5, 0, -1, 0xff0000000000

  // The base register as the data too, and x0 as data.
  sd s0, 64(s0)
  ld a0, 64(s0)
  TEST_EQR 30, a0, s0
  sd x0, 64(s0)
  ld a0, 64(s0)
  TEST_EQ 31, a0, 0
  // Neighbours of a doubleword are left alone.
  li a1, -1
  sd a1, 56(s0)
  sd a1, 72(s0)
  li a2, 0x0123456789abcdef
  sd a2, 64(s0)
  ld a0, 56(s0)
  TEST_EQ 32, a0, -1
  ld a0, 72(s0)
  TEST_EQ 33, a0, -1
  // Offsets at both ends.
  sd a2, 2047 - 7(s0)
  addi a3, s0, 2040
  ld a0, 0(a3)
  TEST_EQR 34, a0, a2
  sd a2, -2048(s0)
  la a3, data
  ld a0, 0(a3)
  TEST_EQR 35, a0, a2
  // Every byte of a doubleword, stored one by one, backwards.
  li a1, 8
  li a2, 0x01
1:
  addi a1, a1, -1
  add a3, s0, a1
  sb a2, 64(a3)
  addi a2, a2, 0x11
  bnez a1, 1b
  ld a0, 64(s0)
  TEST_EQ 36, a0, 0x0112233445566778
  // A load into x0 happens: nothing is written, and it traps as any other does.
  ld x0, 0(s0)
  TEST_EQ 37, x0, 0
  li a1, 16
  EXPECT_TRAP 38, CAUSE_LOAD_ACCESS, a1, lb x0, 0(a1)
  EXPECT_TRAP 39, CAUSE_LOAD_ACCESS, a1, ld x0, 0(a1)
  EXPECT_TRAP 40, CAUSE_STORE_ACCESS, a1, sd x0, 0(a1)
  // A trapping load leaves rd as it was.
  li a0, 77
  EXPECT_TRAP 41, CAUSE_LOAD_ACCESS, a1, ld a0, 0(a1)
  TEST_EQ 42, a0, 77
  // Addresses wrap at 2^64: a base near the top reaches address 0 and above, which is no memory.
  li a2, 16
  li a1, -16
  EXPECT_TRAP 43, CAUSE_LOAD_ACCESS, a2, lw a0, 32(a1)
END_MAIN

TRAP_CHECKER

.data
.balign 8
data:
  .zero 2048 - 8
  .dword 0xa5a4a3a3a1a0a9a8
  .dword 0x807765553344fe11
  .zero 2048
