// Instructions that must leave every register alone: fill them all before, look at them all after.
#ifndef REGISTERS_H
#define REGISTERS_H
#include "test.h"

// Register n gets n times 0x0101010101010101, except sp, which is kept in saved_sp.
.macro FILL_REGISTERS
  sd sp, saved_sp, t0
  .irp n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  li x\n, \n * 0x0101010101010101
  .endr
.endm

// Fails unless every register is as FILL_REGISTERS left it. Uses the stack below sp.
.macro CHECK_REGISTERS number
  .irp n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  sd x\n, -256 + \n * 8(sp)
  .endr
  ld t0, saved_sp
  TEST_EQR \number, sp, t0
  li s0, 0x0101010101010101
  mv a1, s0
  addi a2, sp, -256 + 8
  li a3, 1
.Lregister\@:
  ld a0, 0(a2)
  li a4, 2
  beq a3, a4, .Lskip\@
  TEST_EQR \number, a0, a1
.Lskip\@:
  addi a2, a2, 8
  add a1, a1, s0
  addi a3, a3, 1
  li a4, 32
  bne a3, a4, .Lregister\@
.endm

.macro SAVED_SP
  .pushsection .bss.saved, "aw", @nobits
  .balign 8
saved_sp:
  .zero 8
  .popsection
.endm

#endif
