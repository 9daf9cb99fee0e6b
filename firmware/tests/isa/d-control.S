// march: rv64ifd_zicsr
// D: moves, loads, stores, reserved modes and encodings; single-precision values are NaN-boxed in the wider registers.
#include "table.h"
#include "trap.h"
#include "insn.h"

#define ONE_S 0x3f800000
#define ONE_D 0x3ff0000000000000
#define NAN_S 0x7fc00000
#define BOXED(x) (0xffffffff00000000 + (x))

// BOXES number, instruction, expected: f10's low half is the expected single, its high half all ones.
.macro BOXES number, expected, instruction:vararg
  fmv.d.x f10, x0
  \instruction
  fmv.x.d a1, f10
  TEST_EQ \number, a1, BOXED(\expected)
.endm

// FLAGGED number, flags: what fflags hold; clears them.
.macro FLAGGED number, flags
  fsflags a1, x0
  TEST_EQ \number, a1, \flags
.endm

BEGIN_MAIN
  li s1, ONE_S
  li s2, BOXED(ONE_S)
  li s3, ONE_D
  la s0, cell

  // fmv.d.x, fmv.x.d, fld, fsd move all 64 bits, NaN payloads too.
  li a0, 0xfff4000000000123
  fmv.d.x f0, a0
  fmv.x.d a1, f0
  TEST_EQR 1, a1, a0
  fsd f0, 0(s0)
  ld a1, 0(s0)
  TEST_EQR 2, a1, a0
  fld f1, 0(s0)
  fsgnj.d f1, f1, f1
  fmv.x.d a1, f1
  TEST_EQR 3, a1, a0
  // fmv.x.w and fsw take the low half as it is, boxed or not.
  li a0, 0x1234567887654321
  fmv.d.x f0, a0
  fmv.x.w a1, f0
  TEST_EQ 4, a1, 0xffffffff87654321
  sd x0, 0(s0)
  fsw f0, 0(s0)
  ld a1, 0(s0)
  TEST_EQ 5, a1, 0x87654321
  li a1, 16
  EXPECT_TRAP 6, CAUSE_LOAD_ACCESS, a1, fld f0, 0(a1)
  EXPECT_TRAP 7, CAUSE_STORE_ACCESS, a1, fsd f0, 0(a1)
  fmv.x.d a1, f0
  TEST_EQR 8, a1, a0

  // Everything that makes a single boxes it.
  fmv.d.x f1, s2
  fmv.d.x f2, s3
  sw s1, 0(s0)
  BOXES 10, ONE_S, fmv.w.x f10, s1
  BOXES 11, ONE_S, flw f10, 0(s0)
  BOXES 12, 0x40000000, fadd.s f10, f1, f1
  BOXES 13, 0, fsub.s f10, f1, f1
  BOXES 14, ONE_S, fmul.s f10, f1, f1
  BOXES 15, ONE_S, fdiv.s f10, f1, f1
  BOXES 16, ONE_S, fsqrt.s f10, f1
  BOXES 17, 0x40000000, fmadd.s f10, f1, f1, f1
  BOXES 18, 0, fmsub.s f10, f1, f1, f1
  BOXES 19, 0, fnmsub.s f10, f1, f1, f1
  BOXES 20, 0xc0000000, fnmadd.s f10, f1, f1, f1
  BOXES 21, ONE_S, fsgnj.s f10, f1, f1
  BOXES 22, 0xbf800000, fsgnjn.s f10, f1, f1
  BOXES 23, ONE_S, fsgnjx.s f10, f1, f1
  BOXES 24, ONE_S, fmin.s f10, f1, f1
  BOXES 25, ONE_S, fmax.s f10, f1, f1
  BOXES 26, ONE_S, fcvt.s.d f10, f2
  li a0, 1
  BOXES 27, ONE_S, fcvt.s.w f10, a0
  BOXES 28, ONE_S, fcvt.s.wu f10, a0
  BOXES 29, ONE_S, fcvt.s.l f10, a0
  BOXES 30, ONE_S, fcvt.s.lu f10, a0

  // A single that is not boxed is the canonical (quiet) NaN to every instruction that computes with it.
  fsflags x0
  .irp high, 0, 0x7fffffff, 0xfffffffe, 0x3ff00000
  li a0, (\high << 32) + ONE_S
  fmv.d.x f0, a0
  BOXES 40, NAN_S, fadd.s f10, f0, f1
  BOXES 41, NAN_S, fsub.s f10, f1, f0
  BOXES 42, NAN_S, fmul.s f10, f0, f0
  BOXES 43, NAN_S, fdiv.s f10, f1, f0
  BOXES 44, NAN_S, fsqrt.s f10, f0
  BOXES 45, NAN_S, fmadd.s f10, f1, f1, f0
  BOXES 46, NAN_S, fnmsub.s f10, f0, f1, f1
  BOXES 47, ONE_S, fmin.s f10, f0, f1
  BOXES 48, ONE_S, fmax.s f10, f1, f0
  BOXES 49, NAN_S, fmax.s f10, f0, f0
  BOXES 50, NAN_S, fsgnj.s f10, f0, f1
  BOXES 51, 0xffc00000, fsgnjn.s f10, f0, f1
  BOXES 52, ONE_S, fsgnj.s f10, f1, f0      // the NaN's sign is plus
  BOXES 53, 0xbf800000, fsgnjn.s f10, f1, f0
  fclass.s a1, f0
  TEST_EQ 54, a1, 0x200
  feq.s a1, f0, f0
  TEST_EQ 55, a1, 0
  FLAGGED 56, 0
  flt.s a1, f0, f1
  TEST_EQ 57, a1, 0
  FLAGGED 58, 0x10
  fcvt.w.s a1, f0
  TEST_EQ 59, a1, 0x7fffffff
  fcvt.lu.s a1, f0
  TEST_EQ 60, a1, -1
  FLAGGED 61, 0x10
  fcvt.d.s f3, f0
  fmv.x.d a1, f3
  TEST_EQ 62, a1, 0x7ff8000000000000
  FLAGGED 63, 0
  .endr
  // The upper bits of a double are no box: a double NaN with all ones above is a single to .s and a NaN to .d.
  fadd.s f10, f1, f1
  fadd.d f11, f10, f2
  fmv.x.d a1, f11
  TEST_EQ 64, a1, 0x7ff8000000000000
  fclass.d a1, f1
  TEST_EQ 65, a1, 0x200
  FLAGGED 66, 0

  // Reserved rounding modes, in frm and in the instruction.
  .irp mode, 5, 6, 7
  fsrmi \mode
  EXPECT_TRAP 70, CAUSE_ILLEGAL, x0, fadd.d f10, f2, f2, dyn
  EXPECT_TRAP 71, CAUSE_ILLEGAL, x0, fmul.d f10, f2, f2, dyn
  EXPECT_TRAP 72, CAUSE_ILLEGAL, x0, fdiv.d f10, f2, f2, dyn
  EXPECT_TRAP 73, CAUSE_ILLEGAL, x0, fsqrt.d f10, f2, dyn
  EXPECT_TRAP 74, CAUSE_ILLEGAL, x0, fnmadd.d f10, f2, f2, f2, dyn
  EXPECT_TRAP 75, CAUSE_ILLEGAL, x0, fcvt.s.d f10, f2, dyn
  EXPECT_TRAP 76, CAUSE_ILLEGAL, x0, fcvt.d.s.rm f10, f1, dyn
  EXPECT_TRAP 77, CAUSE_ILLEGAL, x0, fcvt.l.d a0, f2, dyn
  EXPECT_TRAP 78, CAUSE_ILLEGAL, x0, fcvt.d.l f10, a0, dyn
  EXPECT_TRAP 79, CAUSE_ILLEGAL, x0, fcvt.d.w.rm f10, a0, dyn
  .endr
  fsrmi 0
  EXPECT_TRAP 80, CAUSE_ILLEGAL, x0, fcvt.d.s.rm f10, f1, m5
  EXPECT_TRAP 81, CAUSE_ILLEGAL, x0, fcvt.d.w.rm f10, a0, m6
  EXPECT_TRAP 82, CAUSE_ILLEGAL, x0, fcvt.d.wu.rm f10, a0, m5
  EXPECT_ILLEGAL 83, 0x0210d553   // fadd.d f10, f1, f1, 5
  EXPECT_ILLEGAL 84, 0x5a00e553   // fsqrt.d, 6
  EXPECT_ILLEGAL 85, 0x1210d543   // fmadd.d, 5
  EXPECT_ILLEGAL 86, 0x4010d553   // fcvt.s.d, 5
  EXPECT_ILLEGAL 87, 0x40008553   // fcvt.s.s: no such conversion
  EXPECT_ILLEGAL 88, 0x42108553   // fcvt.d.d
  EXPECT_ILLEGAL 89, 0x5a108553   // fsqrt.d with rs2 = 1
  EXPECT_ILLEGAL 90, 0xe210a553   // fmv.x.d with funct3 = 2
  EXPECT_ILLEGAL 91, 0xc2408553   // fcvt.w.d with rs2 = 4
END_MAIN

TRAP_CHECKER

.data
.balign 8
cell:
  .dword 0
