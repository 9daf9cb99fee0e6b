// march: rv64if
// F: comparisons, minimum and maximum, sign injection, classification. Expected values: tables/f-compare.h.
#include "float.h"
#include "tables/f-compare.h"

BEGIN_MAIN
  TEST_PLAIN 1, feq.s, s, x, 2
  TEST_PLAIN 2, flt.s, s, x, 2
  TEST_PLAIN 3, fle.s, s, x, 2
  TEST_PLAIN 4, fmin.s, s, s, 2
  TEST_PLAIN 5, fmax.s, s, s, 2
  TEST_PLAIN 6, fsgnj.s, s, s, 2
  TEST_PLAIN 7, fsgnjn.s, s, s, 2
  TEST_PLAIN 8, fsgnjx.s, s, s, 2
  TEST_PLAIN 9, fclass.s, s, x, 1
END_MAIN

TABLE_FAILURE
