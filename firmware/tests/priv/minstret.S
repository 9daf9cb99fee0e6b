// qemu: -icount shift=0
// minstret counts the instructions that retire, exactly: one for each, whatever its length.
#include "test.h"

// Reads minstret before and after, and checks how many retired between the two reads: the first csrr and what is between.
.macro COUNT number, expected, code:vararg
  csrr s0, minstret
  \code
  csrr s1, minstret
  sub s1, s1, s0
  TEST_EQ \number, s1, \expected
.endm

.macro NOTHING
.endm

.macro COMPRESSED
  c.nop
  c.nop
.endm

.macro MIXED
  c.nop
  .option norvc
  nop
  .option rvc
.endm

.macro LOOP
  li t0, 10
1:
  addi t0, t0, -1
  bnez t0, 1b
.endm

.macro CALLS
  li t0, 5
2:
  jal t1, leaf
  addi t0, t0, -1
  bnez t0, 2b
.endm

.macro MEMORY
  la t0, word
  ld t1, 0(t0)
  sd t1, 8(t0)
  amoadd.d t1, t1, (t0)
  fence
.endm

.macro TAKEN
  beq zero, zero, 3f
  nop
  nop
3:
  bne zero, zero, 3b
  j 4f
4:
.endm

.section .text.minstret, "ax"
.option norvc
.globl main
main:
  mv s10, ra
  COUNT 1, 1, NOTHING
  COUNT 2, 2, nop
  COUNT 3, 1 + 1 + 20, LOOP
  COUNT 4, 1 + 1 + 5 * 4, CALLS
  COUNT 5, 1 + 6, MEMORY
  COUNT 6, 1 + 3, TAKEN
  .option rvc
  COUNT 7, 3, COMPRESSED
  COUNT 8, 3, MIXED
  .option norvc
  COUNT 9, 2, fence.i

  // Inhibited around a stretch of code.
  csrr s0, minstret
  csrsi mcountinhibit, 4
  nop
  nop
  csrr s1, minstret
  nop
  csrr s2, minstret
  csrci mcountinhibit, 4
  TEST_EQR 10, s1, s2

  // A long count: a million and one.
  li t0, 500000
  csrr s0, minstret
5:
  addi t0, t0, -1
  bnez t0, 5b
  csrr s1, minstret
  sub s1, s1, s0
  TEST_EQ 11, s1, 1000001

  // instret shows the same.
  csrr s0, minstret
  csrr s1, instret
  sub s1, s1, s0
  TEST_EQ 12, s1, 1

  mv ra, s10
  ret

leaf:
  jr t1

.data
.balign 8
word:
  .dword 1, 2
