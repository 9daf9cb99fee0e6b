// march: rv64ifd_zicsr
// Zfa, double precision: constants, minima and maxima, rounding to integers, quiet comparisons, the modular conversion.
// Expected values: tables/zfa-d.h; the constants by the specification's table.
#include "insn.h"
#include "float.h"
#include "trap.h"
#include "tables/zfa-d.h"

BEGIN_MAIN
  // fli of every index sets no flag.
  fsflags x0
  la s5, constants
  .irp index, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  li s2, \index
  fli.d f3, \index
  jal t0, judge_constant
  .endr
  frflags a0
  TEST_EQ 2, a0, 0

  TEST_PLAIN 10, fminm.d, d, d, 2
  TEST_PLAIN 11, fmaxm.d, d, d, 2
  TEST_PLAIN 12, fltq.d, d, x, 2
  TEST_PLAIN 13, fleq.d, d, x, 2
  TEST_ROUNDED 14, fround.d, d, d, 1
  TEST_ROUNDED 15, froundnx.d, d, d, 1
  TEST_PLAIN 16, fcvtmod.w.d, d, x, 1

  // Reserved rounding modes.
  .irp mode, 5, 6, 7
  fsrmi \mode
  EXPECT_TRAP 40, CAUSE_ILLEGAL, x0, fround.d f3, f0, dyn
  EXPECT_TRAP 41, CAUSE_ILLEGAL, x0, froundnx.d f3, f0, dyn
  fli.d f3, 16                  // has no rounding mode
  fcvtmod.w.d a0, f3            // nor has this: rtz always
  TEST_EQ 42, a0, 1
  .endr
  fsrmi 0
  EXPECT_TRAP 43, CAUSE_ILLEGAL, x0, fround.d f3, f0, m5
  EXPECT_TRAP 44, CAUSE_ILLEGAL, x0, froundnx.d f3, f0, m6
  EXPECT_TRAP 45, CAUSE_ILLEGAL, x0, .insn r OP_FP, 1, 0x79, f3, x1, x1   // fli with funct3 = 1
  // fcvtmod.w.d with another mode than rtz is reserved, and so is it for other formats.
  .irp mode, rne, rdn, rup, rmm, m5, m6, dyn
  EXPECT_TRAP 46, CAUSE_ILLEGAL, x0, .insn r OP_FP, MODE_\mode, 0x61, a0, f0, x8
  .endr
  EXPECT_TRAP 47, CAUSE_ILLEGAL, x0, .insn r OP_FP, 1, 0x60, a0, f0, x8
  EXPECT_TRAP 48, CAUSE_ILLEGAL, x0, .insn r OP_FP, 1, 0x62, a0, f0, x8
  // fmvh.x.d and fmvp.d.x exist on RV32 alone.
  EXPECT_TRAP 49, CAUSE_ILLEGAL, x0, .insn r OP_FP, 0, 0x71, a0, f0, x1
  EXPECT_TRAP 50, CAUSE_ILLEGAL, x0, .insn r OP_FP, 0, 0x59, f3, a0, a1
END_MAIN

judge_constant:
  FMOVE_d a0, f3
  XLOAD_d a3, 0(s5)
  addi s5, s5, SIZE_d
  bne a0, a3, 1f
  jr t0
1:
  li s0, 1
  la s1, fli_name
  j table_fail

JUDGE_ROUTINE d
JUDGE_FAILURE
TABLE_FAILURE
TRAP_CHECKER

.section .rodata
fli_name:
  .asciz "fli, index"
.balign 8
constants:
  FLI_d
