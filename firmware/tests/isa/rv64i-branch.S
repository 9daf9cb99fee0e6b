// march: rv64i_zicsr
// RV64I: the six conditional branches over pairs of edges (tables/branch.h), forwards and backwards, and jumps.
#include "table.h"
#include "tables/branch.h"

// TEST_BRANCH number, op: whether op a1, a2 is taken, forwards and backwards, on every row.
.macro TEST_BRANCH number, op
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
  // forwards
  \op a1, a2, .Lforwards\@
  li a0, 0
  j .Ljudge\@
.Lforwards\@:
  li a0, 1
.Ljudge\@:
  bne a0, a3, .Lfail\@
  // backwards
  j .Lfrom\@
.Lbackwards\@:
  li a0, 1
  j .Ljudge_again\@
.Lfail\@:
  j table_fail
.Lfrom\@:
  li a0, 0
  \op a1, a2, .Lbackwards\@
.Ljudge_again\@:
  bne a0, a3, .Lfail\@
  // one register against itself decides as equal operands do
  bne a1, a2, .Lnext\@
  li a0, 1
  \op a1, a1, .Lsame\@
  li a0, 0
.Lsame\@:
  bne a0, a3, .Lfail\@
.Lnext\@:
  addi s5, s5, 16
  addi s6, s6, 8
  addi s2, s2, 1
  li a4, PAIR_COUNT
  bne s2, a4, .Lrow\@
.endm

// CHECK_JALR number, change, offset: jumps to a label plus change plus offset, and links.
.macro CHECK_JALR number, change, offset
  la a1, .Ltarget\@
  li a3, \change
  add a1, a1, a3
  la a2, .Llink\@
  jalr a0, \offset(a1)
.Llink\@:
  j jump_missed
.Ltarget\@:
  TEST_EQR \number, a0, a2
.endm

BEGIN_MAIN
  TEST_BRANCH 1, beq
  TEST_BRANCH 2, bne
  TEST_BRANCH 3, blt
  TEST_BRANCH 4, bge
  TEST_BRANCH 5, bltu
  TEST_BRANCH 6, bgeu

  // x0 as an operand.
  li a0, 0
  li a1, -1
  beq a1, x0, 1f
  addi a0, a0, 1
  bltu a1, x0, 1f
  addi a0, a0, 1
  bge a1, x0, 1f
  addi a0, a0, 1
  blt a1, x0, 2f
1:
  addi a0, a0, 100
2:
  TEST_EQ 10, a0, 3

  // A branch to itself that stops being taken: the loop counts exactly.
  li a0, 0
  li a1, 1000
3:
  addi a0, a0, 1
  bne a0, a1, 3b
  TEST_EQ 11, a0, 1000

  // jal writes the address after itself, to x0 as well (nothing), and jumps both ways.
  la a2, 4f
  jal a0, 5f
4:
  TEST_EQ 12, a0, 0
5:
  TEST_EQR 13, a0, a2
  jal x0, 7f
6:
  jal a0, 8f
7:
  j 6b
8:
  la a2, 7b
  TEST_EQR 14, a0, a2

  // jalr: bit 0 of the sum is cleared, the offset is signed, and the sum wraps.
  CHECK_JALR 15, 1, 0
  CHECK_JALR 16, 0, 1
  CHECK_JALR 17, -2047, 2047
  CHECK_JALR 18, 2048, -2048
  // rd = rs1: the target comes from the old value, the link is the new one.
  la a2, after_self_jump
  la a0, 13f
  jalr a0, 0(a0)
after_self_jump:
  j jump_missed
13:
  TEST_EQR 19, a0, a2
  // rd = x0 leaves x0 zero; ra as rd and rs1 (call and return at once).
  la a1, 14f
  jalr x0, 0(a1)
  j jump_missed
14:
  TEST_EQ 20, x0, 0
  la ra, 15f
  la a2, 16f
  jalr ra, 0(ra)
16:
  j jump_missed
15:
  TEST_EQR 21, ra, a2

  // Nested calls through two link registers.
  li a0, 0
  jal t0, outer
  addi a0, a0, 1
  TEST_EQ 22, a0, 111
  j 17f
outer:
  addi a0, a0, 10
  jal t1, inner
  jr t0
inner:
  addi a0, a0, 100
  jr t1
17:
END_MAIN

jump_missed:
  TEST_EQ 99, x0, 1

OPERAND_PAIRS
TABLE_FAILURE
