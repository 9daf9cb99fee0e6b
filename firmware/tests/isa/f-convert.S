// march: rv64if
// F: conversions from and to integers: rounding, saturation, NaN, sign extension of words, garbage above words.
// Expected values: tables/f-convert.h.
#include "float.h"
#include "tables/f-convert.h"

BEGIN_MAIN
  TEST_ROUNDED 1, fcvt.w.s, s, x, 1
  TEST_ROUNDED 2, fcvt.wu.s, s, x, 1
  TEST_ROUNDED 3, fcvt.l.s, s, x, 1
  TEST_ROUNDED 4, fcvt.lu.s, s, x, 1
  TEST_ROUNDED 5, fcvt.s.w, x, s, 1
  TEST_ROUNDED 6, fcvt.s.wu, x, s, 1
  TEST_ROUNDED 7, fcvt.s.l, x, s, 1
  TEST_ROUNDED 8, fcvt.s.lu, x, s, 1
END_MAIN

JUDGE_ROUTINE s
JUDGE_ROUTINE x
JUDGE_FAILURE
TABLE_FAILURE
