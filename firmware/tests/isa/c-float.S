// march: rv64ifdc_zicsr
// C with D: c.fld, c.fsd, c.fldsp, c.fsdsp: each bit of the offset, each register. (c.flw and its kin are RV32's.)
#include "table.h"
#include "trap.h"

BEGIN_MAIN
  mv s11, sp
  la s10, middle
  la s1, middle
  .irp offset, 0, 8, 16, 32, 64, 128, 248
  li a0, 0xfff4000000000000 + \offset   // a signaling NaN: the bits pass unchanged
  fmv.d.x fa0, a0
  c.fsd fa0, \offset(s1)
  ld a1, \offset(s1)
  TEST_EQR 1, a1, a0
  c.fld fa1, \offset(s1)
  fmv.x.d a1, fa1
  TEST_EQR 2, a1, a0
  .endr
  li s9, 1
  .irp register, fs0, fs1, fa0, fa1, fa2, fa3, fa4, fa5
  addi s9, s9, 1
  fmv.d.x \register, s9
  c.fsd \register, 40(s1)
  fmv.d.x \register, x0
  c.fld \register, 40(s1)
  fmv.x.d a1, \register
  TEST_EQR 3, a1, s9
  .endr
  .irp base, s0, a0, a1, a2, a3, a4, a5
  mv \base, s10
  c.fld fs1, 40(\base)
  fmv.x.d t0, fs1
  TEST_EQ 4, t0, 9
  .endr
  .irp offset, 0, 8, 16, 32, 64, 128, 256, 504
  li a0, 0x7ff4000000000000 + \offset
  mv sp, s10
  fmv.d.x ft0, a0
  c.fsdsp ft0, \offset(sp)
  c.fldsp ft11, \offset(sp)
  ld a1, \offset(sp)
  mv sp, s11
  TEST_EQR 5, a1, a0
  fmv.x.d a1, ft11
  TEST_EQR 6, a1, a0
  .endr
  frflags a0
  TEST_EQ 7, a0, 0
  // Faults are those of the expansion.
  li a1, 16
  li s0, 16
  EXPECT_TRAP 8, CAUSE_LOAD_ACCESS, a1, c.fld fa0, 0(s0)
  EXPECT_TRAP 9, CAUSE_STORE_ACCESS, a1, c.fsd fa0, 0(s0)
  // With FS off they are illegal, whatever the address.
  li a2, 0x6000
  csrc mstatus, a2
  EXPECT_TRAP 10, CAUSE_ILLEGAL, x0, c.fld fa0, 0(s0)
  EXPECT_TRAP 11, CAUSE_ILLEGAL, x0, c.fsd fa0, 0(s0)
  EXPECT_TRAP 12, CAUSE_ILLEGAL, x0, c.fldsp fa0, 8(sp)
  EXPECT_TRAP 13, CAUSE_ILLEGAL, x0, c.fsdsp fa0, 8(sp)
  csrs mstatus, a2
END_MAIN

TRAP_CHECKER

.bss
.balign 64
middle:
  .zero 1024
