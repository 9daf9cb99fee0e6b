// march: rv64ifd_zfhmin
// Zfhmin with D: conversions between double and half precision. Expected values: tables/zfhmin-double.h.
#include "insn.h"
#include "float.h"
#include "tables/zfhmin-double.h"

BEGIN_MAIN
  TEST_ROUNDED 1, fcvt.h.d, d, h, 1
  TEST_ROUNDED 2, fcvt.d.h.rm, h, d, 1
END_MAIN

JUDGE_ROUTINE h
JUDGE_ROUTINE d
JUDGE_FAILURE
TABLE_FAILURE
