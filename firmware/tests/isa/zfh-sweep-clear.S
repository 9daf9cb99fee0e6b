// march: rv64if_zfh
// Zfh: every pair, and for fused operations every triple, of the edge values, and random operands near one, in every
// mode; results and flags are summed up in hashes. Expected values: tables/zfh-sweep-clear.h.
#include "float-sweep.h"
#include "tables/zfh-sweep-clear.h"

BEGIN_MAIN
  SWEEP 1, fadd.h, h, h, 2
  SWEEP 2, fsub.h, h, h, 2
  SWEEP 3, fmul.h, h, h, 2
  SWEEP 4, fdiv.h, h, h, 2
  SWEEP 5, fmadd.h, h, h, 3
  SWEEP 6, fmsub.h, h, h, 3
  SWEEP 7, fnmsub.h, h, h, 3
  SWEEP 8, fnmadd.h, h, h, 3
  // These have no rounding mode: frm changes nothing.
  SWEEP 9, feq.h, h, x, 2
  SWEEP 10, flt.h, h, x, 2
  SWEEP 11, fle.h, h, x, 2
  SWEEP 12, fmin.h, h, h, 2
  SWEEP 13, fmax.h, h, h, 2
  SWEEP 14, fsgnj.h, h, h, 2
  SWEEP 15, fsgnjn.h, h, h, 2
  SWEEP 16, fsgnjx.h, h, h, 2
  RANDOM 21, fadd.h, h, 2
  RANDOM 22, fsub.h, h, 2
  RANDOM 23, fmul.h, h, 2
  RANDOM 24, fdiv.h, h, 2
  RANDOM 25, fsqrt.h, h, 1
  RANDOM 26, fmadd.h, h, 3
  RANDOM 27, fmsub.h, h, 3
  RANDOM 28, fnmsub.h, h, 3
  RANDOM 29, fnmadd.h, h, 3
END_MAIN

SWEPT_OPERANDS
RANDOM_ROUTINE h, 10, 7, 15 - 4, 16
TABLE_FAILURE
