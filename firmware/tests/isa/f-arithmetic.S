// march: rv64if
// F: arithmetic in every rounding mode, static and dynamic, with exact flags. Expected values: tables/f-arithmetic.h.
#include "float.h"
#include "tables/f-arithmetic.h"

BEGIN_MAIN
  TEST_ROUNDED 1, fadd.s, s, s, 2
  TEST_ROUNDED 2, fsub.s, s, s, 2
  TEST_ROUNDED 3, fmul.s, s, s, 2
  TEST_ROUNDED 4, fdiv.s, s, s, 2
  TEST_ROUNDED 5, fsqrt.s, s, s, 1
END_MAIN

JUDGE_ROUTINE s
JUDGE_FAILURE
TABLE_FAILURE
