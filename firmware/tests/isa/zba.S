// march: rv64i_zba
// Zba: address generation. Expected values: tables/zba.h.
#include "table.h"
#include "tables/zba.h"

BEGIN_MAIN
  TEST_PAIRS 1, add.uw
  TEST_PAIRS 2, sh1add
  TEST_PAIRS 3, sh2add
  TEST_PAIRS 4, sh3add
  TEST_PAIRS 5, sh1add.uw
  TEST_PAIRS 6, sh2add.uw
  TEST_PAIRS 7, sh3add.uw

  // slli.uw: the zero-extended word, shifted by every amount.
  .macro ZERO_EXTEND_THEN_SHIFT rd, rs1, rs2
  slli \rd, \rs1, 32
  srli \rd, \rd, 32
  sll \rd, \rd, \rs2
  .endm
  TEST_SHAMTS 8, slli.uw, ZERO_EXTEND_THEN_SHIFT, 64
  li a1, 0xffffffff87654321
  slli.uw a0, a1, 0
  TEST_EQ 9, a0, 0x87654321
  slli.uw a0, a1, 4
  TEST_EQ 10, a0, 0x876543210
  slli.uw a0, a1, 63
  TEST_EQ 11, a0, 0x8000000000000000
  slli.uw x0, a1, 1
  sltu a0, x0, x0
  TEST_EQ 12, a0, 0
END_MAIN

OPERAND_PAIRS
TABLE_FAILURE
