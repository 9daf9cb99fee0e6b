// qemu: -icount shift=0
// An instruction that traps does not retire, ecall and ebreak included: minstret counts the handler's instructions alone.
#include "test.h"

// Ten times the instruction, with the reads before and after; the handler has four instructions and skips four bytes.
.macro TEN_TRAPS number, instruction:vararg
  csrr s0, minstret
  .rept 10
  \instruction
  .endr
  csrr s1, minstret
  sub s1, s1, s0
  TEST_EQ \number, s1, 1 + 10 * 4
.endm

.section .text.minstret, "ax"
.option norvc
.balign 4
handler:
  csrr s8, mepc
  addi s8, s8, 4
  csrw mepc, s8
  mret

.globl main
main:
  csrr s9, mtvec
  la t0, handler
  csrw mtvec, t0
  li s7, 8
  TEN_TRAPS 1, .word 0xffffffff
  TEN_TRAPS 2, ecall
  TEN_TRAPS 3, ebreak
  TEN_TRAPS 4, ld t0, 0(s7)
  TEN_TRAPS 5, sd t0, 0(s7)
  TEN_TRAPS 6, csrr t0, 0x5ff
  csrw mtvec, s9
  ret
