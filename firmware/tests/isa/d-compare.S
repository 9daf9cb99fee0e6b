// march: rv64ifd
// D: comparisons, minimum and maximum, sign injection, classification. Expected values: tables/d-compare.h.
#include "float.h"
#include "tables/d-compare.h"

BEGIN_MAIN
  TEST_PLAIN 1, feq.d, d, x, 2
  TEST_PLAIN 2, flt.d, d, x, 2
  TEST_PLAIN 3, fle.d, d, x, 2
  TEST_PLAIN 4, fmin.d, d, d, 2
  TEST_PLAIN 5, fmax.d, d, d, 2
  TEST_PLAIN 6, fsgnj.d, d, d, 2
  TEST_PLAIN 7, fsgnjn.d, d, d, 2
  TEST_PLAIN 8, fsgnjx.d, d, d, 2
  TEST_PLAIN 9, fclass.d, d, x, 1
END_MAIN

TABLE_FAILURE
