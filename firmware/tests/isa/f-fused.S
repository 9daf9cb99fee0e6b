// march: rv64if
// F: fused multiply-add in its four forms: one rounding, signs of zero, infinity times zero, NaNs.
// Expected values: tables/f-fused.h.
#include "float.h"
#include "tables/f-fused.h"

BEGIN_MAIN
  TEST_ROUNDED 1, fmadd.s, s, s, 3
  TEST_ROUNDED 2, fmsub.s, s, s, 3
  TEST_ROUNDED 3, fnmsub.s, s, s, 3
  TEST_ROUNDED 4, fnmadd.s, s, s, 3
END_MAIN

JUDGE_ROUTINE s
JUDGE_FAILURE
TABLE_FAILURE
