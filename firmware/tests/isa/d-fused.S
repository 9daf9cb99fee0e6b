// march: rv64ifd
// D: fused multiply-add in its four forms: one rounding, signs of zero, infinity times zero, NaNs.
// Expected values: tables/d-fused.h.
#include "float.h"
#include "tables/d-fused.h"

BEGIN_MAIN
  TEST_ROUNDED 1, fmadd.d, d, d, 3
  TEST_ROUNDED 2, fmsub.d, d, d, 3
  TEST_ROUNDED 3, fnmsub.d, d, d, 3
  TEST_ROUNDED 4, fnmadd.d, d, d, 3
END_MAIN

JUDGE_ROUTINE d
JUDGE_FAILURE
TABLE_FAILURE
