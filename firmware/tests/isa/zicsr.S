// march: rv64i_zicsr
// Zicsr: the six instructions on a writable CSR, when a CSR is read and written, what traps. mscratch belongs to the
// harness: it is borrowed and given back around each check.
#include "table.h"
#include "trap.h"

// Values of a CSR access: t0 gets the old one, t1 the new one, and mscratch is as before.
.macro ON_MSCRATCH before, instruction:vararg
  csrr s11, mscratch
  li t2, \before
  csrw mscratch, t2
  \instruction
  csrr t1, mscratch
  csrw mscratch, s11
.endm

BEGIN_MAIN
  li a1, 0x8000000000000f0f
  ON_MSCRATCH 0x0123456789abcdef, csrrw t0, mscratch, a1
  TEST_EQ 1, t0, 0x0123456789abcdef
  TEST_EQR 2, t1, a1
  ON_MSCRATCH 0x0123456789abcdef, csrrs t0, mscratch, a1
  TEST_EQ 3, t0, 0x0123456789abcdef
  TEST_EQ 4, t1, 0x8123456789abcfef
  ON_MSCRATCH 0x8123456789abcdef, csrrc t0, mscratch, a1
  TEST_EQ 5, t0, 0x8123456789abcdef
  TEST_EQ 6, t1, 0x0123456789abc0e0
  ON_MSCRATCH -1, csrrwi t0, mscratch, 31
  TEST_EQ 7, t0, -1
  TEST_EQ 8, t1, 31             // the immediate is zero-extended
  ON_MSCRATCH 0x8000000000000000, csrrsi t0, mscratch, 17
  TEST_EQ 9, t0, 0x8000000000000000
  TEST_EQ 10, t1, 0x8000000000000011
  ON_MSCRATCH -1, csrrci t0, mscratch, 17
  TEST_EQ 11, t0, -1
  TEST_EQ 12, t1, -18

  // rd = rs1: the old value of the register is written, the old value of the CSR is read.
  li t0, 55
  ON_MSCRATCH 77, csrrw t0, mscratch, t0
  TEST_EQ 13, t0, 77
  TEST_EQ 14, t1, 55
  li t0, 6
  ON_MSCRATCH 3, csrrs t0, mscratch, t0
  TEST_EQ 15, t0, 3
  TEST_EQ 16, t1, 7
  li t0, 6
  ON_MSCRATCH 3, csrrc t0, mscratch, t0
  TEST_EQ 17, t0, 3
  TEST_EQ 18, t1, 1
  // rd = x0 writes nothing; the CSR is written all the same. x0 or 0 as the source writes zero, or no bits.
  ON_MSCRATCH 5, csrrw x0, mscratch, a1
  TEST_EQR 19, t1, a1
  ON_MSCRATCH 5, csrrs x0, mscratch, a1
  TEST_EQ 20, t1, 0x8000000000000f0f
  ON_MSCRATCH 5, csrrw t0, mscratch, x0
  TEST_EQ 21, t0, 5
  TEST_EQ 22, t1, 0
  ON_MSCRATCH 5, csrrwi t0, mscratch, 0
  TEST_EQ 23, t0, 5
  TEST_EQ 24, t1, 0
  ON_MSCRATCH 5, csrrs t0, mscratch, x0
  TEST_EQ 25, t1, 5
  ON_MSCRATCH 5, csrrc t0, mscratch, x0
  TEST_EQ 26, t1, 5
  ON_MSCRATCH 5, csrrsi t0, mscratch, 0
  TEST_EQ 27, t1, 5
  ON_MSCRATCH 5, csrrci t0, mscratch, 0
  TEST_EQ 28, t1, 5
  // A register that holds zero is not x0, but sets and clears nothing either.
  li a2, 0
  ON_MSCRATCH 5, csrrs t0, mscratch, a2
  TEST_EQ 29, t1, 5

  // Read-only CSRs (mhartid, 0xf14): reading is legal, with csrrs and csrrc from x0 or 0 …
  li a0, -1
  csrrs a0, mhartid, x0
  TEST_EQ 30, a0, 0
  csrrc a0, mhartid, x0
  TEST_EQ 31, a0, 0
  csrrsi a0, mhartid, 0
  TEST_EQ 32, a0, 0
  csrrci a0, mhartid, 0
  TEST_EQ 33, a0, 0
  // … and any attempt to write traps, also when it would change nothing or when rd is x0.
  li a0, 123
  EXPECT_TRAP 34, CAUSE_ILLEGAL, x0, csrrw a0, mhartid, a2
  EXPECT_TRAP 35, CAUSE_ILLEGAL, x0, csrrw a0, mhartid, x0
  EXPECT_TRAP 36, CAUSE_ILLEGAL, x0, csrrw x0, mhartid, x0
  EXPECT_TRAP 37, CAUSE_ILLEGAL, x0, csrrs a0, mhartid, a2
  EXPECT_TRAP 38, CAUSE_ILLEGAL, x0, csrrc a0, mhartid, a2
  EXPECT_TRAP 39, CAUSE_ILLEGAL, x0, csrrwi a0, mhartid, 0
  EXPECT_TRAP 40, CAUSE_ILLEGAL, x0, csrrsi a0, mhartid, 1
  EXPECT_TRAP 41, CAUSE_ILLEGAL, x0, csrrci a0, mhartid, 1
  TEST_EQ 42, a0, 123           // rd is left alone
  // A CSR that does not exist traps, read or written.
  EXPECT_TRAP 43, CAUSE_ILLEGAL, x0, csrrs a0, 0x5c0, x0
  EXPECT_TRAP 44, CAUSE_ILLEGAL, x0, csrrw x0, 0x5c0, a2
  EXPECT_TRAP 45, CAUSE_ILLEGAL, x0, csrrwi x0, 0x8ff, 0
  EXPECT_TRAP 46, CAUSE_ILLEGAL, x0, csrrs x0, 0xfff, x0
  // SYSTEM with funct3 = 0 and fields that no instruction has.
  EXPECT_ILLEGAL 47, 0x00200073 // uret, removed from the specification
  EXPECT_ILLEGAL 48, 0x000000f3 // ecall with rd = x1
  EXPECT_ILLEGAL 49, 0x00008073 // ecall with rs1 = x1
  EXPECT_ILLEGAL 50, 0x001000f3 // ebreak with rd = x1
  EXPECT_ILLEGAL 51, 0x7ff00073
END_MAIN

TRAP_CHECKER
