// march: rv64if_zfh
// Zfh: conversions from and to integers: rounding, saturation, NaN, sign extension of words, garbage above words.
// Expected values: tables/zfh-convert.h.
#include "float.h"
#include "tables/zfh-convert.h"

BEGIN_MAIN
  TEST_ROUNDED 1, fcvt.w.h, h, x, 1
  TEST_ROUNDED 2, fcvt.wu.h, h, x, 1
  TEST_ROUNDED 3, fcvt.l.h, h, x, 1
  TEST_ROUNDED 4, fcvt.lu.h, h, x, 1
  TEST_ROUNDED 5, fcvt.h.w, x, h, 1
  TEST_ROUNDED 6, fcvt.h.wu, x, h, 1
  TEST_ROUNDED 7, fcvt.h.l, x, h, 1
  TEST_ROUNDED 8, fcvt.h.lu, x, h, 1
END_MAIN

JUDGE_ROUTINE h
JUDGE_ROUTINE x
JUDGE_FAILURE
TABLE_FAILURE
