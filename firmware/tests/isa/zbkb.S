// march: rv64i_zbkb
// Zbkb: rotates, packs and bit reversal in bytes. Expected values: tables/zbkb.h.
#include "table.h"
#include "tables/zbkb.h"

BEGIN_MAIN
  TEST_PAIRS 1, andn
  TEST_PAIRS 2, orn
  TEST_PAIRS 3, xnor
  TEST_PAIRS 4, rol
  TEST_PAIRS 5, ror
  TEST_PAIRS 6, rolw
  TEST_PAIRS 7, rorw
  TEST_PAIRS 8, pack
  TEST_PAIRS 9, packh
  TEST_PAIRS 10, packw
  TEST_UNARY 11, brev8
  TEST_UNARY 12, rev8
  TEST_SHAMTS 13, rori, ror, 64
  TEST_SHAMTS 14, roriw, rorw, 32
END_MAIN

OPERAND_PAIRS
TABLE_FAILURE
