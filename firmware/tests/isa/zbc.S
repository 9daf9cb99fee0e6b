// march: rv64i_zbc
// Zbc: carry-less products, low, high and reversed. Expected values: tables/zbc.h.
#include "table.h"
#include "tables/zbc.h"

BEGIN_MAIN
  TEST_PAIRS 1, clmul
  TEST_PAIRS 2, clmulh
  TEST_PAIRS 3, clmulr
END_MAIN

OPERAND_PAIRS
TABLE_FAILURE
