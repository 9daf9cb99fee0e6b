// march: rv64i_zbs
// Zbs: single bits; the register forms use the low six bits of rs2. Expected values: tables/zbs.h.
#include "table.h"
#include "tables/zbs.h"

BEGIN_MAIN
  TEST_PAIRS 1, bclr
  TEST_PAIRS 2, bext
  TEST_PAIRS 3, binv
  TEST_PAIRS 4, bset
  TEST_SHAMTS 5, bclri, bclr, 64
  TEST_SHAMTS 6, bexti, bext, 64
  TEST_SHAMTS 7, binvi, binv, 64
  TEST_SHAMTS 8, bseti, bset, 64
END_MAIN

OPERAND_PAIRS
TABLE_FAILURE
