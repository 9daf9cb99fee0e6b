// march: rv64if_zicsr
// F: fcsr and its parts, rounding modes that trap, sticky flags, moves, loads and stores, FS, reserved encodings.
#include "table.h"
#include "trap.h"

#define ONE 0x3f800000
#define THIRD 0x3eaaaaab
#define SIGNALING 0x7f812345

.macro EXPECT_CONVERSION_TRAPS width
  EXPECT_TRAP 49, CAUSE_ILLEGAL, x0, fcvt.\width\().s a0, f0, dyn
  EXPECT_TRAP 50, CAUSE_ILLEGAL, x0, fcvt.s.\width f10, a0, dyn
.endm

BEGIN_MAIN
  // fcsr is eight bits: frm above fflags; the other 56 read zero and ignore writes.
  li a0, -1
  csrw fcsr, a0
  csrr a1, fcsr
  TEST_EQ 1, a1, 0xff
  csrr a1, frm
  TEST_EQ 2, a1, 7
  csrr a1, fflags
  TEST_EQ 3, a1, 0x1f
  csrw frm, x0
  csrr a1, fcsr
  TEST_EQ 4, a1, 0x1f
  li a0, 0xfffffffa
  csrw frm, a0
  csrr a1, fcsr
  TEST_EQ 5, a1, 0x5f
  li a0, 0xffe0
  csrw fflags, a0
  csrr a1, fcsr
  TEST_EQ 6, a1, 0x40
  csrrwi a1, frm, 3
  TEST_EQ 7, a1, 2
  csrrsi a1, fflags, 0x15
  TEST_EQ 8, a1, 0
  csrrci a1, fflags, 0x04
  TEST_EQ 9, a1, 0x15
  li a0, 0x60
  csrrc a1, fcsr, a0
  TEST_EQ 10, a1, 0x71
  csrrs a1, fcsr, x0
  TEST_EQ 11, a1, 0x11
  fscsr a1, x0
  TEST_EQ 12, a1, 0x11
  frcsr a1
  TEST_EQ 13, a1, 0

  // Moves: bits, not numbers. fmv.x.w sign-extends; fmv.w.x ignores the high half.
  li a0, 0x12345678ff812345
  fmv.w.x f0, a0
  fmv.x.w a1, f0
  TEST_EQ 14, a1, 0xffffffffff812345
  la s0, cell
  fsw f0, 0(s0)
  lwu a1, 0(s0)
  TEST_EQ 15, a1, 0xff812345
  lw a1, 4(s0)
  TEST_EQ 16, a1, 0x55555555
  flw f1, 0(s0)
  fmv.x.w a1, f1
  TEST_EQ 17, a1, 0xffffffffff812345
  fsgnj.s f2, f1, f1            // a signaling NaN comes through with its payload
  fmv.x.w a1, f2
  TEST_EQ 18, a1, 0xffffffffff812345
  flw f3, -4(s0)
  fsw f3, 4(s0)
  lw a1, 4(s0)
  TEST_EQ 19, a1, ONE
  frflags a1
  TEST_EQ 20, a1, 0             // none of them sets a flag
  // flw and fsw trap as lw and sw do, and leave the register.
  li a1, 16
  EXPECT_TRAP 21, CAUSE_LOAD_ACCESS, a1, flw f3, 0(a1)
  EXPECT_TRAP 22, CAUSE_STORE_ACCESS, a1, fsw f3, 0(a1)
  fmv.x.w a1, f3
  TEST_EQ 23, a1, ONE

  // 32 registers of their own: each gets its number, then all of them are added up.
  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  li a0, \n + 1
  fcvt.s.w f\n, a0, rne
  .endr
  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  fcvt.w.s a1, f\n, rne
  TEST_EQ 24, a1, \n + 1
  .endr
  fadd.s f5, f5, f5, rne        // rd = rs1 = rs2: 12
  fcvt.w.s a1, f5, rne
  TEST_EQ 25, a1, 12
  fmadd.s f5, f5, f5, f5, rne   // 156
  fcvt.w.s a1, f5, rne
  TEST_EQ 26, a1, 156
  fnmsub.s f31, f1, f2, f31, rne  // 32 - 2 * 3
  fcvt.w.s a1, f31, rne
  TEST_EQ 27, a1, 26
  fmsub.s f0, f30, f29, f28, rne  // 31 * 30 - 29
  fcvt.w.s a1, f0, rne
  TEST_EQ 28, a1, 901

  // Flags accrue: what is raised stays until software clears it.
  la s0, numbers
  flw f0, 0(s0)                 // 1
  flw f1, 4(s0)                 // about 1/3
  flw f2, 8(s0)                 // a signaling NaN
  flw f3, 12(s0)                // the largest
  flw f4, 16(s0)                // the smallest normal
  fmv.w.x f5, x0
  fadd.s f6, f0, f1, rne
  frflags a1
  TEST_EQ 30, a1, 1
  fadd.s f6, f0, f0, rne        // exact
  frflags a1
  TEST_EQ 31, a1, 1
  fdiv.s f6, f0, f5, rne
  frflags a1
  TEST_EQ 32, a1, 9
  fmul.s f6, f3, f3, rne
  frflags a1
  TEST_EQ 33, a1, 13
  fmul.s f6, f4, f1, rne
  frflags a1
  TEST_EQ 34, a1, 15
  fadd.s f6, f2, f0, rne
  frflags a1
  TEST_EQ 35, a1, 31
  fsflags a1, x0
  TEST_EQ 36, a1, 31
  // rd = x0 for an instruction that writes an integer register still raises its flags.
  feq.s x0, f2, f0
  frflags a1
  TEST_EQ 37, a1, 16
  fcvt.w.s x0, f1, rne
  frflags a1
  TEST_EQ 38, a1, 17
  fsflags x0

  // A reserved mode in frm: what uses it is illegal, and leaves its destination and the flags alone.
  fmv.w.x f10, x0
  .irp mode, 5, 6, 7
  fsrmi \mode
  EXPECT_TRAP 40, CAUSE_ILLEGAL, x0, fadd.s f10, f0, f1, dyn
  EXPECT_TRAP 41, CAUSE_ILLEGAL, x0, fsub.s f10, f0, f1, dyn
  EXPECT_TRAP 42, CAUSE_ILLEGAL, x0, fmul.s f10, f0, f1, dyn
  EXPECT_TRAP 43, CAUSE_ILLEGAL, x0, fdiv.s f10, f0, f1, dyn
  EXPECT_TRAP 44, CAUSE_ILLEGAL, x0, fsqrt.s f10, f1, dyn
  EXPECT_TRAP 45, CAUSE_ILLEGAL, x0, fmadd.s f10, f0, f1, f2, dyn
  EXPECT_TRAP 46, CAUSE_ILLEGAL, x0, fmsub.s f10, f0, f1, f2, dyn
  EXPECT_TRAP 47, CAUSE_ILLEGAL, x0, fnmsub.s f10, f0, f1, f2, dyn
  EXPECT_TRAP 48, CAUSE_ILLEGAL, x0, fnmadd.s f10, f0, f1, f2, dyn
  EXPECT_CONVERSION_TRAPS w
  EXPECT_CONVERSION_TRAPS wu
  EXPECT_CONVERSION_TRAPS l
  EXPECT_CONVERSION_TRAPS lu
  fmv.x.w a1, f10
  TEST_EQ 51, a1, 0
  frflags a1
  TEST_EQ 52, a1, 0
  // A static mode does not care, nor does what has no mode.
  fadd.s f11, f0, f0, rtz
  fmv.x.w a1, f11
  TEST_EQ 53, a1, 0x40000000
  fmin.s f11, f0, f1
  fsgnjn.s f11, f11, f11
  fclass.s a1, f11
  TEST_EQ 54, a1, 2
  flt.s a1, f11, f0
  TEST_EQ 55, a1, 1
  .endr
  fsrmi 0

  // A reserved mode in the instruction (5, 6) is illegal.
  EXPECT_ILLEGAL 60, 0x0010d553   // fadd.s f10, f1, f1, 5
  EXPECT_ILLEGAL 61, 0x0010e553   // fadd.s, 6
  EXPECT_ILLEGAL 62, 0x0810d553   // fsub.s, 5
  EXPECT_ILLEGAL 63, 0x1010e553   // fmul.s, 6
  EXPECT_ILLEGAL 64, 0x1810d553   // fdiv.s, 5
  EXPECT_ILLEGAL 65, 0x5800e553   // fsqrt.s, 6
  EXPECT_ILLEGAL 66, 0x1010d543   // fmadd.s f10, f1, f1, f2, 5
  EXPECT_ILLEGAL 67, 0x1010e547   // fmsub.s, 6
  EXPECT_ILLEGAL 68, 0x1010d54b   // fnmsub.s, 5
  EXPECT_ILLEGAL 69, 0x1010e54f   // fnmadd.s, 6
  EXPECT_ILLEGAL 70, 0xc000d553   // fcvt.w.s a0, f1, 5
  EXPECT_ILLEGAL 71, 0xc030e553   // fcvt.lu.s, 6
  EXPECT_ILLEGAL 72, 0xd0055553   // fcvt.s.w f10, a0, 5
  EXPECT_ILLEGAL 73, 0xd0356553   // fcvt.s.lu, 6

  // Fields that no instruction has.
  EXPECT_ILLEGAL 74, 0x58108553   // fsqrt.s with rs2 = 1
  EXPECT_ILLEGAL 75, 0x2010b553   // fsgnj with funct3 = 3
  EXPECT_ILLEGAL 76, 0x2010f553   // fsgnj with funct3 = 7
  EXPECT_ILLEGAL 77, 0x2810c553   // fmin with funct3 = 4
  EXPECT_ILLEGAL 78, 0xa010b553   // feq with funct3 = 3
  EXPECT_ILLEGAL 79, 0xe0109553   // fclass.s with rs2 = 1
  EXPECT_ILLEGAL 80, 0xe000a553   // fmv.x.w with funct3 = 2
  EXPECT_ILLEGAL 81, 0xf0051553   // fmv.w.x with funct3 = 1
  EXPECT_ILLEGAL 82, 0xc0408553   // fcvt.w.s with rs2 = 4
  EXPECT_ILLEGAL 83, 0xd0450553   // fcvt.s.w with rs2 = 4
  EXPECT_ILLEGAL 84, 0x06108553   // fadd in the quad format
  EXPECT_ILLEGAL 85, 0x0000c507   // flq
  EXPECT_ILLEGAL 86, 0x00a0c027   // fsq

  // mstatus.FS: a written register or fcsr makes it dirty; off makes every floating-point instruction and CSR illegal.
  li a2, 0x6000
  li a3, 0x4000                 // clean
  csrc mstatus, a2
  csrs mstatus, a3
  fadd.s f10, f0, f0, rne
  csrr a1, mstatus
  and a4, a1, a2
  TEST_EQ 90, a4, 0x6000
  srli a1, a1, 63
  TEST_EQ 91, a1, 1             // SD
  csrc mstatus, a2
  csrs mstatus, a3
  csrwi fflags, 0
  csrr a1, mstatus
  and a4, a1, a2
  TEST_EQ 92, a4, 0x6000
  csrc mstatus, a2
  csrs mstatus, a3
  flw f10, 0(s0)
  csrr a1, mstatus
  and a4, a1, a2
  TEST_EQ 93, a4, 0x6000
  csrc mstatus, a2
  EXPECT_TRAP 94, CAUSE_ILLEGAL, x0, fadd.s f10, f0, f0, rne
  EXPECT_TRAP 95, CAUSE_ILLEGAL, x0, flw f10, 0(s0)
  EXPECT_TRAP 96, CAUSE_ILLEGAL, x0, fsw f10, 0(s0)
  EXPECT_TRAP 97, CAUSE_ILLEGAL, x0, fmv.x.w a0, f0
  EXPECT_TRAP 98, CAUSE_ILLEGAL, x0, fmv.w.x f0, a0
  EXPECT_TRAP 99, CAUSE_ILLEGAL, x0, feq.s a0, f0, f0
  EXPECT_TRAP 100, CAUSE_ILLEGAL, x0, fmadd.s f0, f0, f0, f0
  EXPECT_TRAP 101, CAUSE_ILLEGAL, x0, frflags a0
  EXPECT_TRAP 102, CAUSE_ILLEGAL, x0, frrm a0
  EXPECT_TRAP 103, CAUSE_ILLEGAL, x0, fscsr x0
  csrr a1, mstatus
  srli a1, a1, 63
  TEST_EQ 104, a1, 0
  csrs mstatus, a3
  fmv.x.w a1, f10
  TEST_EQ 105, a1, ONE
END_MAIN

TRAP_CHECKER

.data
.balign 8
  .word 0, ONE
cell:
  .word 0x55555555, 0x55555555
numbers:
  .word ONE, THIRD, SIGNALING, 0x7f7fffff, 0x00800000
