// march: rv64if_zfh
// Zfh: arithmetic in every rounding mode, static and dynamic, with exact flags. Expected values: tables/zfh-arithmetic.h.
#include "float.h"
#include "tables/zfh-arithmetic.h"

BEGIN_MAIN
  TEST_ROUNDED 1, fadd.h, h, h, 2
  TEST_ROUNDED 2, fsub.h, h, h, 2
  TEST_ROUNDED 3, fmul.h, h, h, 2
  TEST_ROUNDED 4, fdiv.h, h, h, 2
  TEST_ROUNDED 5, fsqrt.h, h, h, 1
END_MAIN

JUDGE_ROUTINE h
JUDGE_FAILURE
TABLE_FAILURE
