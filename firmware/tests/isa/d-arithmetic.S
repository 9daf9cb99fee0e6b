// march: rv64ifd
// D: arithmetic in every rounding mode, static and dynamic, with exact flags. Expected values: tables/d-arithmetic.h.
#include "float.h"
#include "tables/d-arithmetic.h"

BEGIN_MAIN
  TEST_ROUNDED 1, fadd.d, d, d, 2
  TEST_ROUNDED 2, fsub.d, d, d, 2
  TEST_ROUNDED 3, fmul.d, d, d, 2
  TEST_ROUNDED 4, fdiv.d, d, d, 2
  TEST_ROUNDED 5, fsqrt.d, d, d, 1
END_MAIN

JUDGE_ROUTINE d
JUDGE_FAILURE
TABLE_FAILURE
