// march: rv64if_zfh
// Zfh: fused multiply-add in its four forms: one rounding, signs of zero, infinity times zero, NaNs.
// Expected values: tables/zfh-fused.h.
#include "float.h"
#include "tables/zfh-fused.h"

BEGIN_MAIN
  TEST_ROUNDED 1, fmadd.h, h, h, 3
  TEST_ROUNDED 2, fmsub.h, h, h, 3
  TEST_ROUNDED 3, fnmsub.h, h, h, 3
  TEST_ROUNDED 4, fnmadd.h, h, h, 3
END_MAIN

JUDGE_ROUTINE h
JUDGE_FAILURE
TABLE_FAILURE
