// march: rv64im
// M: all thirteen instructions over every pair of edge operands: division by zero, overflow, all sign combinations,
// garbage above the low words. Expected values: tables/m.h.
#include "table.h"
#include "tables/m.h"

BEGIN_MAIN
  TEST_PAIRS 1, mul
  TEST_PAIRS 2, mulh
  TEST_PAIRS 3, mulhsu
  TEST_PAIRS 4, mulhu
  TEST_PAIRS 5, div
  TEST_PAIRS 6, divu
  TEST_PAIRS 7, rem
  TEST_PAIRS 8, remu
  TEST_PAIRS 9, mulw
  TEST_PAIRS 10, divw
  TEST_PAIRS 11, divuw
  TEST_PAIRS 12, remw
  TEST_PAIRS 13, remuw

  // M, "Division Operations": the two cases of the specification's table, spelled out.
  li a1, 1
  slli a1, a1, 63
  li a2, -1
  div a0, a1, a2
  TEST_EQ 14, a0, 0x8000000000000000
  rem a0, a1, a2
  TEST_EQ 15, a0, 0
  li a1, 42
  div a0, a1, zero
  TEST_EQ 16, a0, -1
  divu a0, a1, zero
  TEST_EQ 17, a0, 0xffffffffffffffff
  rem a0, a1, zero
  TEST_EQ 18, a0, 42
  remu a0, a1, zero
  TEST_EQ 19, a0, 42
  // The word forms: 2^31 / -1, and a zero divisor that is only zero in its low word.
  lui a1, 0x80000
  divw a0, a1, a2
  TEST_EQ 20, a0, 0xffffffff80000000
  remw a0, a1, a2
  TEST_EQ 21, a0, 0
  li a2, 0x7700000000
  divw a0, a1, a2
  TEST_EQ 22, a0, -1
  divuw a0, a1, a2
  TEST_EQ 23, a0, -1
  remw a0, a1, a2
  TEST_EQ 24, a0, 0xffffffff80000000
  remuw a0, a1, a2
  TEST_EQ 25, a0, 0xffffffff80000000
  // Quotient and remainder into their own sources, one after the other.
  li a1, 1000003
  li a2, 1009
  mulh a3, a1, a2
  mul a1, a1, a2
  TEST_EQ 26, a3, 0
  TEST_EQ 27, a1, 1009003027
  rem a3, a1, a2
  div a1, a1, a2
  TEST_EQ 28, a3, 0
  TEST_EQ 29, a1, 1000003
END_MAIN

OPERAND_PAIRS
TABLE_FAILURE
