// march: rv64ifd_zicsr_zfh
// Zfh: results are boxed, unboxed operands are NaNs, reserved rounding modes and encodings trap.
#include "table.h"
#include "trap.h"

#define BOXED(x) (0xffffffffffff0000 + (x))
#define ONE_H 0x3c00
#define NAN_H 0x7e00

.macro BOXES number, expected, instruction:vararg
  fmv.d.x f10, x0
  \instruction
  fmv.x.d a1, f10
  TEST_EQ \number, a1, BOXED(\expected)
.endm

.macro FLAGGED number, flags
  fsflags a1, x0
  TEST_EQ \number, a1, \flags
.endm

BEGIN_MAIN
  li a0, ONE_H
  fmv.h.x f1, a0
  BOXES 1, 0x4000, fadd.h f10, f1, f1
  BOXES 2, 0, fsub.h f10, f1, f1
  BOXES 3, ONE_H, fmul.h f10, f1, f1
  BOXES 4, ONE_H, fdiv.h f10, f1, f1
  BOXES 5, ONE_H, fsqrt.h f10, f1
  BOXES 6, 0x4000, fmadd.h f10, f1, f1, f1
  BOXES 7, 0, fmsub.h f10, f1, f1, f1
  BOXES 8, 0, fnmsub.h f10, f1, f1, f1
  BOXES 9, 0xc000, fnmadd.h f10, f1, f1, f1
  BOXES 10, ONE_H, fsgnj.h f10, f1, f1
  BOXES 11, 0xbc00, fsgnjn.h f10, f1, f1
  BOXES 12, ONE_H, fsgnjx.h f10, f1, f1
  BOXES 13, ONE_H, fmin.h f10, f1, f1
  BOXES 14, ONE_H, fmax.h f10, f1, f1
  li a0, 1
  BOXES 15, ONE_H, fcvt.h.w f10, a0
  BOXES 16, ONE_H, fcvt.h.wu f10, a0
  BOXES 17, ONE_H, fcvt.h.l f10, a0
  BOXES 18, ONE_H, fcvt.h.lu f10, a0
  fsflags x0

  .irp high, 0, 0xfffffffe0000, 0x7fffffff0000, 0xffffffff0000, 0xfffffffffffe
  li a0, (\high << 16) + ONE_H
  fmv.d.x f0, a0
  BOXES 20, NAN_H, fadd.h f10, f0, f1
  BOXES 21, NAN_H, fmul.h f10, f1, f0
  BOXES 22, NAN_H, fsqrt.h f10, f0
  BOXES 23, NAN_H, fmadd.h f10, f1, f1, f0
  BOXES 24, ONE_H, fmin.h f10, f0, f1
  BOXES 25, NAN_H, fmax.h f10, f0, f0
  BOXES 26, NAN_H, fsgnj.h f10, f0, f1
  BOXES 27, 0xbc00, fsgnjn.h f10, f1, f0
  fclass.h a1, f0
  TEST_EQ 28, a1, 0x200
  feq.h a1, f0, f0
  TEST_EQ 29, a1, 0
  FLAGGED 30, 0
  fle.h a1, f1, f0
  FLAGGED 31, 0x10
  fcvt.l.h a1, f0
  TEST_EQ 32, a1, 0x7fffffffffffffff
  FLAGGED 33, 0x10
  .endr

  .irp mode, 5, 6, 7
  fsrmi \mode
  EXPECT_TRAP 40, CAUSE_ILLEGAL, x0, fadd.h f10, f1, f1, dyn
  EXPECT_TRAP 41, CAUSE_ILLEGAL, x0, fdiv.h f10, f1, f1, dyn
  EXPECT_TRAP 42, CAUSE_ILLEGAL, x0, fsqrt.h f10, f1, dyn
  EXPECT_TRAP 43, CAUSE_ILLEGAL, x0, fnmsub.h f10, f1, f1, f1, dyn
  EXPECT_TRAP 44, CAUSE_ILLEGAL, x0, fcvt.w.h a0, f1, dyn
  EXPECT_TRAP 45, CAUSE_ILLEGAL, x0, fcvt.h.lu f10, a0, dyn
  .endr
  fsrmi 0
  EXPECT_ILLEGAL 46, 0x0410d553   // fadd.h f10, f1, f1, 5
  EXPECT_ILLEGAL 47, 0x1410e543   // fmadd.h f10, f1, f1, f2, 6
  EXPECT_ILLEGAL 48, 0xc400d553   // fcvt.w.h, 5
  EXPECT_ILLEGAL 49, 0xd4056553   // fcvt.h.w, 6
  EXPECT_ILLEGAL 50, 0x5c108553   // fsqrt.h with rs2 = 1
  EXPECT_ILLEGAL 51, 0xe410a553   // fmv.x.h with funct3 = 2
END_MAIN

TRAP_CHECKER
