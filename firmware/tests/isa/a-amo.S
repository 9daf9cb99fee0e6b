// march: rv64ia_zicsr
// qemu: -cpu max,zama16b=off
// A: the nine AMOs on words and doublewords over pairs of edges (tables/amo.h): what rd gets, what memory keeps.
#include "table.h"
#include "trap.h"
#include "tables/amo.h"

// TEST_AMO number, op, width: memory = first operand, rs2 = second, on every row.
.macro TEST_AMO number, op, width
  TABLE_SUBJECT \number, \op\().\width
  .pushsection .rodata.results, "a"
  .balign 8
.Lresults\@:
  RESULTS_\op\().\width
  .popsection
  la s5, operand_pairs
  la s6, .Lresults\@
  li s2, 0
.Lrow\@:
  ld a1, 0(s5)
  ld a2, 8(s5)
  ld a3, 0(s6)
  mv a4, a1
  .ifc \width, w
  sext.w a4, a1               // rd gets the old word, sign-extended
  .endif
  .irp order, "", .aq, .rl, .aqrl
  sd a1, 0(s7)
  \op\().\width\order a0, a2, (s7)
  bne a0, a4, .Lold\@
  ld a0, 0(s7)
  bne a0, a3, .Lfail\@
  .endr
  // rd = rs2, rd = rs1, rd = x0
  sd a1, 0(s7)
  mv a0, a2
  \op\().\width a0, a0, (s7)
  bne a0, a4, .Lold\@
  ld a0, 0(s7)
  bne a0, a3, .Lfail\@
  sd a1, 0(s7)
  mv a0, s7
  \op\().\width a0, a2, (a0)
  bne a0, a4, .Lold\@
  ld a0, 0(s7)
  bne a0, a3, .Lfail\@
  sd a1, 0(s7)
  \op\().\width x0, a2, (s7)
  bnez x0, .Lfail\@
  ld a0, 0(s7)
  bne a0, a3, .Lfail\@
  .ifc \width, w
  // the same in the high half of a doubleword: the low half stays
  slli a6, a1, 32
  srli a5, a1, 32
  or a6, a6, a5
  sd a6, 0(s7)
  addi a5, s7, 4
  \op\().\width a0, a2, (a5)
  bne a0, a4, .Lold\@
  ld a0, 0(s7)
  slli a6, a0, 32
  srli a0, a0, 32
  or a0, a0, a6
  bne a0, a3, .Lfail\@
  .endif
  addi s5, s5, 16
  addi s6, s6, 8
  addi s2, s2, 1
  li a5, PAIR_COUNT
  bne s2, a5, .Lrow\@
  j .Ldone\@
.Lold\@:
  mv a3, a4
.Lfail\@:
  j table_fail
.Ldone\@:
.endm

BEGIN_MAIN
  la s7, cell
  TEST_AMO 1, amoswap, w
  TEST_AMO 2, amoadd, w
  TEST_AMO 3, amoxor, w
  TEST_AMO 4, amoand, w
  TEST_AMO 5, amoor, w
  TEST_AMO 6, amomin, w
  TEST_AMO 7, amomax, w
  TEST_AMO 8, amominu, w
  TEST_AMO 9, amomaxu, w
  TEST_AMO 10, amoswap, d
  TEST_AMO 11, amoadd, d
  TEST_AMO 12, amoxor, d
  TEST_AMO 13, amoand, d
  TEST_AMO 14, amoor, d
  TEST_AMO 15, amomin, d
  TEST_AMO 16, amomax, d
  TEST_AMO 17, amominu, d
  TEST_AMO 18, amomaxu, d
  ld a0, -8(s7)
  TEST_EQ 19, a0, 0x1111111111111111
  ld a0, 8(s7)
  TEST_EQ 20, a0, 0x2222222222222222

  // A misaligned AMO traps, and neither rd nor memory change. (QEMU: Zama16b off, which would let some through.)
  la a1, line
  li a2, 5
  li a0, 99
  .irp op, amoswap, amoadd, amoxor, amoand, amoor, amomin, amomax, amominu, amomaxu
  addi a3, a1, 14
  EXPECT_TRAP 21, CAUSE_STORE_MISALIGNED, a3, \op\().w a0, a2, (a3)
  addi a3, a1, 12
  EXPECT_TRAP 22, CAUSE_STORE_MISALIGNED, a3, \op\().d a0, a2, (a3)
  .endr
  TEST_EQ 23, a0, 99
  ld a0, 8(a1)
  TEST_EQ 24, a0, 0x0123456789abcdef
  ld a0, 16(a1)
  TEST_EQ 25, a0, 0x0123456789abcdef
  .irp offset, 1, 2, 3, 5, 7, 13, 14, 15
  addi a3, a1, \offset
  EXPECT_TRAP 26, CAUSE_STORE_MISALIGNED, a3, amoadd.w a0, a2, (a3)
  .endr
  .irp offset, 1, 2, 3, 4, 5, 6, 7, 12
  addi a3, a1, \offset
  EXPECT_TRAP 27, CAUSE_STORE_MISALIGNED, a3, amoadd.d a0, a2, (a3)
  .endr
  // An AMO where there is no memory is a store that fails.
  li a3, 16
  EXPECT_TRAP 28, CAUSE_STORE_ACCESS, a3, amoadd.w a0, a2, (a3)
  EXPECT_TRAP 29, CAUSE_STORE_ACCESS, a3, amoswap.d x0, a2, (a3)
END_MAIN

OPERAND_PAIRS
TABLE_FAILURE
TRAP_CHECKER

.data
.balign 64
line:
  .dword 0x0123456789abcdef, 0x0123456789abcdef, 0x0123456789abcdef
  .dword 0x1111111111111111
cell:
  .dword 0, 0x2222222222222222
