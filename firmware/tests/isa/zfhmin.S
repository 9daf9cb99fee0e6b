// march: rv64ifd_zicsr_zfhmin
// Zfhmin: loads, stores and moves of halves, boxing in 64 bits, what an unboxed half converts to, reserved modes.
#include "table.h"
#include "trap.h"
#include "insn.h"

#define BOXED(x) (0xffffffffffff0000 + (x))
#define ONE_H 0x3c00

.macro FLAGGED number, flags
  fsflags a1, x0
  TEST_EQ \number, a1, \flags
.endm

BEGIN_MAIN
  la s0, cell
  // fmv.x.h sign-extends bit 15; fmv.h.x takes the low half and boxes it.
  li a0, 0x123456789abcfe01     // a signaling NaN
  fmv.h.x f0, a0
  fmv.x.d a1, f0
  TEST_EQ 1, a1, BOXED(0xfe01)
  fmv.x.h a1, f0
  TEST_EQ 2, a1, 0xfffffffffffffe01
  li a0, 0x7c01
  fmv.h.x f0, a0
  fmv.x.h a1, f0
  TEST_EQ 3, a1, 0x7c01
  // flh boxes, fsh writes two bytes and no more; payloads stay.
  flh f1, 2(s0)
  fmv.x.d a1, f1
  TEST_EQ 4, a1, BOXED(0xfd55)
  fsh f1, 8(s0)
  ld a1, 8(s0)
  TEST_EQ 5, a1, 0x111111111111fd55
  fsh f1, 14(s0)
  ld a1, 8(s0)
  TEST_EQ 6, a1, 0xfd5511111111fd55
  // fmv.x.h and fsh take the low bits, boxed or not.
  li a0, 0x1234567887654321
  fmv.d.x f2, a0
  fmv.x.h a1, f2
  TEST_EQ 7, a1, 0x4321
  fsh f2, 8(s0)
  lhu a1, 8(s0)
  TEST_EQ 8, a1, 0x4321
  FLAGGED 9, 0
  li a1, 16
  EXPECT_TRAP 10, CAUSE_LOAD_ACCESS, a1, flh f2, 0(a1)
  EXPECT_TRAP 11, CAUSE_STORE_ACCESS, a1, fsh f2, 0(a1)
  fmv.x.d a1, f2
  TEST_EQR 12, a1, a0

  // Conversions box what they make.
  li a0, 0x3ff0000000000000
  fmv.d.x f3, a0
  li a0, 0xffffffff3f800000
  fmv.d.x f4, a0
  fmv.d.x f5, x0
  fcvt.h.s f5, f4
  fmv.x.d a1, f5
  TEST_EQ 13, a1, BOXED(ONE_H)
  fmv.d.x f5, x0
  fcvt.h.d f5, f3
  fmv.x.d a1, f5
  TEST_EQ 14, a1, BOXED(ONE_H)
  fmv.d.x f6, x0
  fcvt.s.h f6, f5
  fmv.x.d a1, f6
  TEST_EQ 15, a1, 0xffffffff3f800000
  fcvt.d.h f6, f5
  fmv.x.d a1, f6
  TEST_EQ 16, a1, 0x3ff0000000000000
  FLAGGED 17, 0

  // A half that is not boxed in all 48 upper bits is the canonical NaN.
  .irp high, 0, 0xfffffffe0000, 0x7fffffff0000, 0xffffffff0000, 0xfffffffffffe
  li a0, (\high << 16) + ONE_H
  fmv.d.x f0, a0
  fcvt.s.h f1, f0
  fmv.x.d a1, f1
  TEST_EQ 20, a1, 0xffffffff7fc00000
  fcvt.d.h f1, f0
  fmv.x.d a1, f1
  TEST_EQ 21, a1, 0x7ff8000000000000
  FLAGGED 22, 0
  .endr
  // An unboxed single gives the canonical half NaN.
  li a0, 0x3f800000
  fmv.d.x f0, a0
  fcvt.h.s f1, f0
  fmv.x.d a1, f1
  TEST_EQ 23, a1, BOXED(0x7e00)
  FLAGGED 24, 0
  // A boxed half is not a single: its upper half is no box for 32 bits … it is: all ones above bit 15.
  fcvt.h.d f5, f3
  fcvt.h.s f1, f5               // the single 0xffff3c00 is a quiet NaN
  fmv.x.d a1, f1
  TEST_EQ 25, a1, BOXED(0x7e00)
  FLAGGED 26, 0

  .irp mode, 5, 6, 7
  fsrmi \mode
  EXPECT_TRAP 30, CAUSE_ILLEGAL, x0, fcvt.h.s f1, f4, dyn
  EXPECT_TRAP 31, CAUSE_ILLEGAL, x0, fcvt.h.d f1, f3, dyn
  EXPECT_TRAP 32, CAUSE_ILLEGAL, x0, fcvt.s.h.rm f1, f5, dyn
  EXPECT_TRAP 33, CAUSE_ILLEGAL, x0, fcvt.d.h.rm f1, f5, dyn
  .endr
  fsrmi 0
  EXPECT_TRAP 34, CAUSE_ILLEGAL, x0, fcvt.s.h.rm f1, f5, m5
  EXPECT_TRAP 35, CAUSE_ILLEGAL, x0, fcvt.d.h.rm f1, f5, m6
  EXPECT_ILLEGAL 36, 0x4400d0d3   // fcvt.h.s f1, f1, 5
  EXPECT_ILLEGAL 37, 0x4410e0d3   // fcvt.h.d f1, f1, 6
  EXPECT_ILLEGAL 38, 0x442080d3   // fcvt.h.h
END_MAIN

TRAP_CHECKER

.data
.balign 8
cell:
  .dword 0x11111111fd551111, 0x1111111111111111
