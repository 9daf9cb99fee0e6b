// march: rv64i_zbkx
// Zbkx: crossbar permutations, with indices out of range. Expected values: tables/zbkx.h.
#include "table.h"
#include "tables/zbkx.h"

BEGIN_MAIN
  TEST_PAIRS 1, xperm4
  TEST_PAIRS 2, xperm8
END_MAIN

OPERAND_PAIRS
TABLE_FAILURE
