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

#endif
#endif
