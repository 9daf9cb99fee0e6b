// march: rv64if_zfh
// Zfh: every pair, and for fused operations every triple, of the edge values, and random operands near one, in every
// mode, while NX is set already (the common case); results and flags are summed up in hashes. Expected values: tables/zfh-sweep-sticky.h.
#include "float-sweep.h"
#include "tables/zfh-sweep-sticky.h"

BEGIN_MAIN
  SWEEP 1, fadd.h, h, h, 2, 1, sticky
  SWEEP 2, fsub.h, h, h, 2, 1, sticky
  SWEEP 3, fmul.h, h, h, 2, 1, sticky
  SWEEP 4, fdiv.h, h, h, 2, 1, sticky
  SWEEP 5, fmadd.h, h, h, 3, 1, sticky
  SWEEP 6, fmsub.h, h, h, 3, 1, sticky
  SWEEP 7, fnmsub.h, h, h, 3, 1, sticky
  SWEEP 8, fnmadd.h, h, h, 3, 1, sticky
  // These have no rounding mode: frm changes nothing.
  SWEEP 9, feq.h, h, x, 2, 1, sticky
  SWEEP 10, flt.h, h, x, 2, 1, sticky
  SWEEP 11, fle.h, h, x, 2, 1, sticky
  SWEEP 12, fmin.h, h, h, 2, 1, sticky
  SWEEP 13, fmax.h, h, h, 2, 1, sticky
  SWEEP 14, fsgnj.h, h, h, 2, 1, sticky
  SWEEP 15, fsgnjn.h, h, h, 2, 1, sticky
  SWEEP 16, fsgnjx.h, h, h, 2, 1, sticky
  RANDOM 21, fadd.h, h, 2, 1, sticky
  RANDOM 22, fsub.h, h, 2, 1, sticky
  RANDOM 23, fmul.h, h, 2, 1, sticky
  RANDOM 24, fdiv.h, h, 2, 1, sticky
  RANDOM 25, fsqrt.h, h, 1, 1, sticky
  RANDOM 26, fmadd.h, h, 3, 1, sticky
  RANDOM 27, fmsub.h, h, 3, 1, sticky
  RANDOM 28, fnmsub.h, h, 3, 1, sticky
  RANDOM 29, fnmadd.h, h, 3, 1, sticky
END_MAIN

SWEPT_OPERANDS
RANDOM_ROUTINE h, 10, 7, 15 - 4, 16
TABLE_FAILURE
