// march: rv64if_zfhmin
// Zfhmin: conversions between single and half precision. Expected values: tables/zfhmin-single.h.
#include "insn.h"
#include "float.h"
#include "tables/zfhmin-single.h"

BEGIN_MAIN
  TEST_ROUNDED 1, fcvt.h.s, s, h, 1
  TEST_ROUNDED 2, fcvt.s.h.rm, h, s, 1
END_MAIN

JUDGE_ROUTINE h
JUDGE_ROUTINE s
JUDGE_FAILURE
TABLE_FAILURE
