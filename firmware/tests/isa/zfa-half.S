// march: rv64ifd_zicsr_zfh
// Zfa, half precision: constants, minima and maxima, rounding to integers, quiet comparisons.
// Expected values: tables/zfa-h.h; the constants by the specification's table.
#include "insn.h"
#include "float.h"
#include "trap.h"
#include "tables/zfa-h.h"

BEGIN_MAIN
  // fli of every index sets no flag.
  fsflags x0
  la s5, constants
  .irp index, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  li s2, \index
  fli.h f3, \index
  jal t0, judge_constant
  .endr
  frflags a0
  TEST_EQ 2, a0, 0
  // The constant is boxed.
  fmv.d.x f3, x0
  fli.h f3, 16
  fmv.x.d a0, f3
  TEST_EQ 3, a0, 0xffffffffffff3c00

  TEST_PLAIN 10, fminm.h, h, h, 2
  TEST_PLAIN 11, fmaxm.h, h, h, 2
  TEST_PLAIN 12, fltq.h, h, x, 2
  TEST_PLAIN 13, fleq.h, h, x, 2
  TEST_ROUNDED 14, fround.h, h, h, 1
  TEST_ROUNDED 15, froundnx.h, h, h, 1

  // Reserved rounding modes.
  .irp mode, 5, 6, 7
  fsrmi \mode
  EXPECT_TRAP 40, CAUSE_ILLEGAL, x0, fround.h f3, f0, dyn
  EXPECT_TRAP 41, CAUSE_ILLEGAL, x0, froundnx.h f3, f0, dyn
  fli.h f3, 16                  // has no rounding mode
  .endr
  fsrmi 0
  EXPECT_TRAP 43, CAUSE_ILLEGAL, x0, fround.h f3, f0, m5
  EXPECT_TRAP 44, CAUSE_ILLEGAL, x0, froundnx.h f3, f0, m6
  EXPECT_TRAP 45, CAUSE_ILLEGAL, x0, .insn r OP_FP, 1, 0x7a, f3, x1, x1   // fli with funct3 = 1
END_MAIN

judge_constant:
  FMOVE_h a0, f3
  XLOAD_h a3, 0(s5)
  addi s5, s5, SIZE_h
  bne a0, a3, 1f
  jr t0
1:
  li s0, 1
  la s1, fli_name
  j table_fail

JUDGE_ROUTINE h
JUDGE_FAILURE
TABLE_FAILURE
TRAP_CHECKER

.section .rodata
fli_name:
  .asciz "fli, index"
.balign 8
constants:
  FLI_h
