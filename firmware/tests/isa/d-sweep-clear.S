// march: rv64ifd
// D: every pair, and for fused operations every triple, of the edge values, and random operands near one, in every
// mode; results and flags are summed up in hashes. Expected values: tables/d-sweep-clear.h.
#include "float-sweep.h"
#include "tables/d-sweep-clear.h"

BEGIN_MAIN
  SWEEP 1, fadd.d, d, d, 2
  SWEEP 2, fsub.d, d, d, 2
  SWEEP 3, fmul.d, d, d, 2
  SWEEP 4, fdiv.d, d, d, 2
  SWEEP 5, fmadd.d, d, d, 3
  SWEEP 6, fmsub.d, d, d, 3
  SWEEP 7, fnmsub.d, d, d, 3
  SWEEP 8, fnmadd.d, d, d, 3
  // These have no rounding mode: frm changes nothing.
  SWEEP 9, feq.d, d, x, 2
  SWEEP 10, flt.d, d, x, 2
  SWEEP 11, fle.d, d, x, 2
  SWEEP 12, fmin.d, d, d, 2
  SWEEP 13, fmax.d, d, d, 2
  SWEEP 14, fsgnj.d, d, d, 2
  SWEEP 15, fsgnjn.d, d, d, 2
  SWEEP 16, fsgnjx.d, d, d, 2
  RANDOM 21, fadd.d, d, 2
  RANDOM 22, fsub.d, d, 2
  RANDOM 23, fmul.d, d, 2
  RANDOM 24, fdiv.d, d, 2
  RANDOM 25, fsqrt.d, d, 1
  RANDOM 26, fmadd.d, d, 3
  RANDOM 27, fmsub.d, d, 3
  RANDOM 28, fnmsub.d, d, 3
  RANDOM 29, fnmadd.d, d, 3
END_MAIN

SWEPT_OPERANDS
RANDOM_ROUTINE d, 52, 15, 1023 - 8, 64
TABLE_FAILURE
