// march: rv64ifd
// D: conversions between double and single precision. Expected values: tables/d-single.h.
#include "insn.h"
#include "float.h"
#include "tables/d-single.h"

BEGIN_MAIN
  TEST_ROUNDED 1, fcvt.s.d, d, s, 1
  TEST_ROUNDED 2, fcvt.d.s.rm, s, d, 1
END_MAIN

JUDGE_ROUTINE s
JUDGE_ROUTINE d
JUDGE_FAILURE
TABLE_FAILURE
