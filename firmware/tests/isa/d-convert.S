// march: rv64ifd
// D: conversions from and to integers: rounding, saturation, NaN, sign extension of words, garbage above words.
// Expected values: tables/d-convert.h.
#include "insn.h"
#include "float.h"
#include "tables/d-convert.h"

BEGIN_MAIN
  TEST_ROUNDED 1, fcvt.w.d, d, x, 1
  TEST_ROUNDED 2, fcvt.wu.d, d, x, 1
  TEST_ROUNDED 3, fcvt.l.d, d, x, 1
  TEST_ROUNDED 4, fcvt.lu.d, d, x, 1
  TEST_ROUNDED 5, fcvt.d.w.rm, x, d, 1
  TEST_ROUNDED 6, fcvt.d.wu.rm, x, d, 1
  TEST_ROUNDED 7, fcvt.d.l, x, d, 1
  TEST_ROUNDED 8, fcvt.d.lu, x, d, 1
END_MAIN

JUDGE_ROUTINE d
JUDGE_ROUTINE x
JUDGE_FAILURE
TABLE_FAILURE
