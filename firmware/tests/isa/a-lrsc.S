// march: rv64ia_zicsr
// A: load-reserved and store-conditional: what pairs, what must fail, what traps.
#include "table.h"
#include "trap.h"

// sc's rd is 0 after success and nonzero after failure; memory changes with success alone.
.macro SUCCEEDS number, register
  TEST_EQ \number, \register, 0
.endm
.macro FAILS number, register
  snez a7, \register
  TEST_EQ \number, a7, 1
.endm

BEGIN_MAIN
  la s0, cell
  la s1, elsewhere
  li s3, 0x8765432189abcdef
  li a1, 0x0123456776543210

  // The plain pair, in both widths and with every ordering. lr.w sign-extends; sc.w writes the low word.
  .irp order, "", .aq, .rl, .aqrl
  sd s3, 0(s0)
  lr.w\order a0, (s0)
  sc.w\order a2, a1, (s0)
  SUCCEEDS 1, a2
  TEST_EQ 2, a0, 0xffffffff89abcdef
  ld a0, 0(s0)
  TEST_EQ 3, a0, 0x8765432176543210
  sd s3, 0(s0)
  lr.d\order a0, (s0)
  sc.d\order a2, a1, (s0)
  SUCCEEDS 4, a2
  TEST_EQR 5, a0, s3
  ld a0, 0(s0)
  TEST_EQR 6, a0, a1
  .endr
  // The upper word of a doubleword.
  sd s3, 0(s0)
  addi a3, s0, 4
  lr.w a0, (a3)
  sc.w a2, a1, (a3)
  SUCCEEDS 7, a2
  TEST_EQ 8, a0, 0xffffffff87654321
  ld a0, 0(s0)
  TEST_EQ 9, a0, 0x7654321089abcdef

  // rd = rs1 and rd = rs2.
  mv a0, s0
  lr.d a0, (a0)
  TEST_EQ 10, a0, 0x7654321089abcdef
  mv a2, a1
  sc.d a2, a2, (s0)
  SUCCEEDS 11, a2
  ld a0, 0(s0)
  TEST_EQR 12, a0, a1
  lr.d a0, (s0)
  mv a2, s0
  sc.d a2, s3, (a2)
  SUCCEEDS 13, a2
  ld a0, 0(s0)
  TEST_EQR 14, a0, s3
  // rd = x0: the reservation is made, and used, all the same.
  lr.d x0, (s0)
  sc.d x0, a1, (s0)
  ld a0, 0(s0)
  TEST_EQR 15, a0, a1
  // x0 as data.
  lr.d a0, (s0)
  sc.d a2, x0, (s0)
  SUCCEEDS 16, a2
  ld a0, 0(s0)
  TEST_EQ 17, a0, 0

  // No reservation: sc fails, again and again, and memory stays. A successful sc uses its reservation up.
  sd s3, 0(s0)
  sc.d a2, a1, (s0)
  FAILS 20, a2
  sc.w a2, a1, (s0)
  FAILS 21, a2
  ld a0, 0(s0)
  TEST_EQR 22, a0, s3
  lr.d a0, (s0)
  sc.d a2, s3, (s0)
  SUCCEEDS 23, a2
  sc.d a2, a1, (s0)
  FAILS 24, a2
  ld a0, 0(s0)
  TEST_EQR 25, a0, s3

  // An sc to another place fails, changes nothing there, and ends the reservation.
  sd s3, 0(s1)
  lr.d a0, (s0)
  sc.d a2, a1, (s1)
  FAILS 26, a2
  ld a0, 0(s1)
  TEST_EQR 27, a0, s3
  sc.d a2, a1, (s0)
  FAILS 28, a2
  ld a0, 0(s0)
  TEST_EQR 29, a0, s3

  // The most recent lr counts.
  lr.d a0, (s0)
  lr.d a0, (s1)
  sc.d a2, a1, (s0)
  FAILS 30, a2
  lr.d a0, (s0)
  lr.d a0, (s1)
  sc.d a2, a1, (s1)
  SUCCEEDS 31, a2
  ld a0, 0(s1)
  TEST_EQR 32, a0, a1
  ld a0, 0(s0)
  TEST_EQR 33, a0, s3

  // Whatever lies between, rd and memory agree: rd is zero exactly if memory changed. (A store to the same place by
  // the same hart may or may not end the reservation.)
  lr.d a0, (s0)
  sd s3, 0(s0)
  sc.d a2, a1, (s0)
  ld a0, 0(s0)
  xor a3, a0, a1
  snez a3, a3
  snez a4, a2
  TEST_EQR 34, a3, a4
  // Code that a constrained loop may hold: integer arithmetic and forward branches. It succeeds in the end.
  sd x0, 0(s0)
  li s4, 1000
1:
  lr.w a0, (s0)
  addi a3, a0, 3
  bltz a3, 2f
  slli a4, a3, 1
  sub a3, a4, a3
2:
  sc.w a2, a3, (s0)
  bnez a2, 1b
  addi s4, s4, -1
  bnez s4, 1b
  ld a0, 0(s0)
  TEST_EQ 35, a0, 3000

  // Misaligned addresses trap: lr as a load, sc as a store, with or without a reservation, and nothing changes.
  la a1, line
  li a0, 99
  .irp offset, 1, 2, 3, 5
  addi a3, a1, \offset
  EXPECT_TRAP 40, CAUSE_LOAD_MISALIGNED, a3, lr.w a0, (a3)
  lr.w a4, (a1)
  EXPECT_TRAP 41, CAUSE_STORE_MISALIGNED, a3, sc.w a0, a1, (a3)
  .endr
  .irp offset, 1, 2, 4, 7, 12
  addi a3, a1, \offset
  EXPECT_TRAP 42, CAUSE_LOAD_MISALIGNED, a3, lr.d a0, (a3)
  lr.d a4, (a1)
  EXPECT_TRAP 43, CAUSE_STORE_MISALIGNED, a3, sc.d a0, a1, (a3)
  .endr
  TEST_EQ 44, a0, 99
  ld a0, 0(a1)
  TEST_EQ 45, a0, 0x0123456789abcdef
  ld a0, 8(a1)
  TEST_EQ 46, a0, 0x0123456789abcdef
  // Where there is no memory.
  li a3, 16
  EXPECT_TRAP 47, CAUSE_LOAD_ACCESS, a3, lr.w a0, (a3)
  EXPECT_TRAP 48, CAUSE_LOAD_ACCESS, a3, lr.d x0, (a3)

  // lr with rs2 != 0 is reserved.
  EXPECT_ILLEGAL 50, 0x1015a52f   // lr.w a0, (a1) with rs2 = 1
  EXPECT_ILLEGAL 51, 0x11f5b52f   // lr.d a0, (a1) with rs2 = 31
  // Widths that no AMO of A has: bytes, halves, quadwords.
  EXPECT_ILLEGAL 52, 0x1005c52f   // lr with funct3 = 4
  EXPECT_ILLEGAL 53, 0x0005d52f   // amoadd with funct3 = 5
  EXPECT_ILLEGAL 54, 0xf805a52f   // funct5 = 31
END_MAIN

TRAP_CHECKER

.data
.balign 64
line:
  .dword 0x0123456789abcdef, 0x0123456789abcdef, 0x0123456789abcdef
cell:
  .dword 0
.bss
.balign 4096
  .zero 8192
elsewhere:
  .dword 0
