// march: rv64i_zbkc
// Zbkc: carry-less products. Expected values: tables/zbkc.h.
#include "table.h"
#include "tables/zbkc.h"

BEGIN_MAIN
  TEST_PAIRS 1, clmul
  TEST_PAIRS 2, clmulh
END_MAIN

OPERAND_PAIRS
TABLE_FAILURE
