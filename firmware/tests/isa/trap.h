// Expected traps in a few words each: the harness's TEST_TRAP, with the checks in one routine (TRAP_CHECKER, put once at
// the end of a test) and with mtval in a register. All use t4, t5 and t6.
#ifndef TRAP_H
#define TRAP_H
#include "test.h"

.macro EXPECT number, cause, size
  jal t4, trap_check
  .half \number, \cause, \size, 0
.endm

// EXPECT_TRAP number, cause, register, instruction: traps with that cause, the register's value in mtval, its own
// address in mepc.
.macro EXPECT_TRAP number, cause, register, instruction:vararg
  .option push
  .option norvc
  csrr t5, mscratch
  la t6, .Lafter\@
  sd t6, HART_RESUME(t5)
  .option pop
.Lat\@:
  \instruction
.Lafter\@:
  .option push
  .option norvc
  mv t6, \register
  EXPECT \number, \cause, .Lafter\@ - .Lat\@
  .option pop
.endm

// EXPECT_ILLEGAL number, bits: an illegal instruction of 32 bits, which mtval shows.
.macro EXPECT_ILLEGAL number, bits
  EXPECT_TRAP \number, CAUSE_ILLEGAL, x0, .word \bits
.endm

// EXPECT_ILLEGAL16 number, bits: the same for 16 bits.
.macro EXPECT_ILLEGAL16 number, bits
  EXPECT_TRAP \number, CAUSE_ILLEGAL, x0, .half \bits
.endm

// t4 = the numbers behind the call, t6 = the expected mtval (for an illegal instruction: what is at mepc).
.macro TRAP_CHECKER
trap_check:
  addi sp, sp, -48
  sd a0, 0(sp)
  sd a1, 8(sp)
  sd a2, 16(sp)
  csrr t5, mscratch
  lhu a0, 0(t4)
  ld a1, HART_RESUME(t5)      // still set: nothing trapped
  sd x0, HART_RESUME(t5)
  li a2, 0
  bnez a1, 1f
  ld a1, HART_TRAP_CAUSE(t5)
  lhu a2, 2(t4)
  bne a1, a2, 1f
  ld a1, HART_TRAP_EPC(t5)
  addi a2, t4, -8
  lhu t5, 4(t4)
  sub a2, a2, t5
  bne a1, a2, 1f
  lhu a2, 2(t4)
  addi a2, a2, -CAUSE_ILLEGAL
  bnez a2, 2f
  lhu t6, 0(a1)
  addi t5, t5, -2
  beqz t5, 2f
  lhu a2, 2(a1)
  slli a2, a2, 16
  or t6, t6, a2
2:
  csrr t5, mscratch
  ld a1, HART_TRAP_TVAL(t5)
  mv a2, t6
  bne a1, a2, 1f
  ld a0, 0(sp)
  ld a1, 8(sp)
  ld a2, 16(sp)
  addi sp, sp, 48
  jr 8(t4)
1:
  j test_fail
.endm

#endif
