// march: rv64if_zfh
// Zfh: comparisons, minimum and maximum, sign injection, classification. Expected values: tables/zfh-compare.h.
#include "float.h"
#include "tables/zfh-compare.h"

BEGIN_MAIN
  TEST_PLAIN 1, feq.h, h, x, 2
  TEST_PLAIN 2, flt.h, h, x, 2
  TEST_PLAIN 3, fle.h, h, x, 2
  TEST_PLAIN 4, fmin.h, h, h, 2
  TEST_PLAIN 5, fmax.h, h, h, 2
  TEST_PLAIN 6, fsgnj.h, h, h, 2
  TEST_PLAIN 7, fsgnjn.h, h, h, 2
  TEST_PLAIN 8, fsgnjx.h, h, h, 2
  TEST_PLAIN 9, fclass.h, h, x, 1
END_MAIN

TABLE_FAILURE
