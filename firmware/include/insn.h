// Instructions that gcc 12 and binutils 2.40 do not know, by their encodings (the ISA manual's instruction listings).
// Assembly: register arguments are register names; each macro emits the one instruction. In C: the same inside asm("").
#ifndef INSN_H
#define INSN_H

#ifdef __ASSEMBLER__

// Zicond
.macro czero.eqz rd, rs1, rs2
  .insn r 0x33, 5, 0x07, \rd, \rs1, \rs2
.endm
.macro czero.nez rd, rs1, rs2
  .insn r 0x33, 7, 0x07, \rd, \rs1, \rs2
.endm

// Zacas; order is aq << 1 | rl, 0 if left out
.macro amocas.w rd, rs2, rs1, order=0
  .insn r 0x2f, 2, 0x14 + \order, \rd, \rs1, \rs2
.endm
.macro amocas.d rd, rs2, rs1, order=0
  .insn r 0x2f, 3, 0x14 + \order, \rd, \rs1, \rs2
.endm
.macro amocas.q rd, rs2, rs1, order=0
  .insn r 0x2f, 4, 0x14 + \order, \rd, \rs1, \rs2
.endm

// Zimop: mop.r.N has N's bits 4, 3:2 and 1:0 at 30, 27:26 and 21:20; mop.rr.N has bits 2 and 1:0 at 30 and 27:26
.macro mop.r n, rd, rs1
  .insn i 0x73, 4, \rd, \rs1, (((0x81c | ((\n) >> 4 & 1) << 10 | ((\n) >> 2 & 3) << 6 | ((\n) & 3)) ^ 0x800) - 0x800)
.endm
.macro mop.rr n, rd, rs1, rs2
  .insn r 0x73, 4, (0x41 | ((\n) >> 2 & 1) << 5 | ((\n) & 3) << 1), \rd, \rs1, \rs2
.endm

// Rounding modes for the macros below that take one: rne, rtz, rdn, rup, rmm, dyn, or m5 and m6, which are reserved.
.set MODE_rne, 0
.set MODE_rtz, 1
.set MODE_rdn, 2
.set MODE_rup, 3
.set MODE_rmm, 4
.set MODE_m5, 5
.set MODE_m6, 6
.set MODE_dyn, 7

// Conversions that cannot round have a rounding mode too, which binutils 2.40 does not let one write.
.macro fcvt.d.s.rm rd, rs1, mode
  .insn r OP_FP, MODE_\mode, 0x21, \rd, \rs1, x0
.endm
.macro fcvt.d.h.rm rd, rs1, mode
  .insn r OP_FP, MODE_\mode, 0x21, \rd, \rs1, x2
.endm
.macro fcvt.s.h.rm rd, rs1, mode
  .insn r OP_FP, MODE_\mode, 0x20, \rd, \rs1, x2
.endm
.macro fcvt.d.w.rm rd, rs1, mode
  .insn r OP_FP, MODE_\mode, 0x69, \rd, \rs1, x0
.endm
.macro fcvt.d.wu.rm rd, rs1, mode
  .insn r OP_FP, MODE_\mode, 0x69, \rd, \rs1, x1
.endm

// Zfa; fli's index is the entry of the specification's table
.macro ZFA_FORMAT format, code
.macro fli.\format rd, index
  .insn r OP_FP, 0, 0x78 + \code, \rd, x\index, x1
.endm
.macro fminm.\format rd, rs1, rs2
  .insn r OP_FP, 2, 0x14 + \code, \rd, \rs1, \rs2
.endm
.macro fmaxm.\format rd, rs1, rs2
  .insn r OP_FP, 3, 0x14 + \code, \rd, \rs1, \rs2
.endm
.macro fleq.\format rd, rs1, rs2
  .insn r OP_FP, 4, 0x50 + \code, \rd, \rs1, \rs2
.endm
.macro fltq.\format rd, rs1, rs2
  .insn r OP_FP, 5, 0x50 + \code, \rd, \rs1, \rs2
.endm
.macro fround.\format rd, rs1, mode
  .insn r OP_FP, MODE_\mode, 0x20 + \code, \rd, \rs1, x4
.endm
.macro froundnx.\format rd, rs1, mode
  .insn r OP_FP, MODE_\mode, 0x20 + \code, \rd, \rs1, x5
.endm
.endm
ZFA_FORMAT s, 0
ZFA_FORMAT d, 1
ZFA_FORMAT h, 2
.macro fcvtmod.w.d rd, rs1
  .insn r OP_FP, 1, 0x61, \rd, \rs1, x8
.endm

// Zcb; registers are x8 to x15, offsets 0 to 3 for bytes, 0 or 2 for halves
.macro c.lbu rd, offset, rs1
  .insn ca 0, 0x20, ((\offset) & 1) << 1 | (\offset) >> 1, \rs1, \rd
.endm
.macro c.lhu rd, offset, rs1
  .insn ca 0, 0x21, (\offset) >> 1, \rs1, \rd
.endm
.macro c.lh rd, offset, rs1
  .insn ca 0, 0x21, 2 | (\offset) >> 1, \rs1, \rd
.endm
.macro c.sb rs2, offset, rs1
  .insn ca 0, 0x22, ((\offset) & 1) << 1 | (\offset) >> 1, \rs1, \rs2
.endm
.macro c.sh rs2, offset, rs1
  .insn ca 0, 0x23, (\offset) >> 1, \rs1, \rs2
.endm
.macro c.zext.b rd
  .insn ca 1, 0x27, 3, \rd, x8
.endm
.macro c.sext.b rd
  .insn ca 1, 0x27, 3, \rd, x9
.endm
.macro c.zext.h rd
  .insn ca 1, 0x27, 3, \rd, x10
.endm
.macro c.sext.h rd
  .insn ca 1, 0x27, 3, \rd, x11
.endm
.macro c.zext.w rd
  .insn ca 1, 0x27, 3, \rd, x12
.endm
.macro c.not rd
  .insn ca 1, 0x27, 3, \rd, x13
.endm
.macro c.mul rd, rs2
  .insn ca 1, 0x27, 2, \rd, \rs2
.endm

// Zcmop: c.mop.1, c.mop.3 … c.mop.15
.macro c.mop n
  .half 0x6081 | (\n >> 1) << 8
.endm

#endif
#endif
