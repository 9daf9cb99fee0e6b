// Running an instruction over a table of operands and expected results. The tables are made by generate.py.
#ifndef TABLE_H
#define TABLE_H
#include "test.h"

// main saves what the harness needs back; every test of this folder begins and ends with these.
.macro BEGIN_MAIN
  .text
  .globl main
main:
  addi sp, sp, -16
  sd ra, 8(sp)
.endm

.macro END_MAIN
  ld ra, 8(sp)
  addi sp, sp, 16
  ret
.endm

// Ends the program as a failed check: a0 = got, a3 = expected, s0 = number, s1 = what is tested, s2 = row.
.macro TABLE_FAILURE
table_fail:
  mv s3, a0
  mv s4, a3
  mv a0, s1
  mv a1, s2
  call context
  mv a0, s0
  mv a1, s3
  mv a2, s4
  j test_fail
.endm

.macro TABLE_SUBJECT number, name
  .pushsection .rodata.names, "a"
.Lname\@: .asciz "\name, row"
  .popsection
  li s0, \number
  la s1, .Lname\@
.endm

// TEST_PAIRS number, op: op rd, rs1, rs2 over the rows of PAIRS against RESULTS_op; rd = rs1, rd = rs2, rs1 = rs2 and
// rd = x0 as well. Label operand_pairs names PAIRS.
.macro TEST_PAIRS number, op
  TABLE_SUBJECT \number, \op
  .pushsection .rodata.results, "a"
  .balign 8
.Lresults\@:
  RESULTS_\op
  .popsection
  la s5, operand_pairs
  la s6, .Lresults\@
  li s2, 0
.Lrow\@:
  ld a1, 0(s5)
  ld a2, 8(s5)
  ld a3, 0(s6)
  \op a0, a1, a2
  bne a0, a3, .Lfail\@
  mv a0, a1
  \op a0, a0, a2
  bne a0, a3, .Lfail\@
  mv a0, a2
  \op a0, a1, a0
  bne a0, a3, .Lfail\@
  bne a1, a2, .Ldifferent\@
  \op a0, a1, a1
  bne a0, a3, .Lfail\@
.Ldifferent\@:
  \op x0, a1, a2
  sltu a0, x0, x0
  bnez a0, .Lfail\@
  addi s5, s5, 16
  addi s6, s6, 8
  addi s2, s2, 1
  li a4, PAIR_COUNT
  bne s2, a4, .Lrow\@
  j .Ldone\@
.Lfail\@:
  j table_fail
.Ldone\@:
.endm

// TEST_UNARY number, op: op rd, rs1 over the first operands of PAIRS; rd = rs1 and rd = x0 as well.
.macro TEST_UNARY number, op
  TABLE_SUBJECT \number, \op
  .pushsection .rodata.results, "a"
  .balign 8
.Lresults\@:
  RESULTS_\op
  .popsection
  la s5, operand_pairs
  la s6, .Lresults\@
  li s2, 0
.Lrow\@:
  ld a1, 0(s5)
  ld a3, 0(s6)
  \op a0, a1
  bne a0, a3, .Lfail\@
  mv a0, a1
  \op a0, a0
  bne a0, a3, .Lfail\@
  \op x0, a1
  sltu a0, x0, x0
  bnez a0, .Lfail\@
  addi s5, s5, 16
  addi s6, s6, 8
  addi s2, s2, 1
  li a4, PAIR_COUNT
  bne s2, a4, .Lrow\@
  j .Ldone\@
.Lfail\@:
  j table_fail
.Ldone\@:
.endm

// TEST_SHAMTS number, immediate, register, count: every shift amount of the immediate form gives what the register form,
// which has a table of its own, gives with that amount.
.macro TEST_SHAMTS number, immediate, register, count
  TABLE_SUBJECT \number, \immediate
  li a1, 0x8123456789abcdef
  .set shamt, 0
  .rept \count
  li a2, shamt
  \register a3, a1, a2
  \immediate a0, a1, shamt
  mv s2, a2
  bne a0, a3, .Lfail\@
  .set shamt, shamt + 1
  .endr
  mv a0, a1
  li a2, 13
  \register a3, a1, a2
  \immediate a0, a0, 13
  bne a0, a3, .Lfail\@
  j .Ldone\@
.Lfail\@:
  j table_fail
.Ldone\@:
.endm

.macro OPERAND_PAIRS
  .pushsection .rodata.operands, "a"
  .balign 8
operand_pairs:
  PAIRS
  .popsection
.endm

#endif
