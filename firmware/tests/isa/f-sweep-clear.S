// march: rv64if
// F: every pair, and for fused operations every triple, of the edge values, and random operands near one, in every
// mode; results and flags are summed up in hashes. Expected values: tables/f-sweep-clear.h.
#include "float-sweep.h"
#include "tables/f-sweep-clear.h"

BEGIN_MAIN
  SWEEP 1, fadd.s, s, s, 2
  SWEEP 2, fsub.s, s, s, 2
  SWEEP 3, fmul.s, s, s, 2
  SWEEP 4, fdiv.s, s, s, 2
  SWEEP 5, fmadd.s, s, s, 3
  SWEEP 6, fmsub.s, s, s, 3
  SWEEP 7, fnmsub.s, s, s, 3
  SWEEP 8, fnmadd.s, s, s, 3
  // These have no rounding mode: frm changes nothing.
  SWEEP 9, feq.s, s, x, 2
  SWEEP 10, flt.s, s, x, 2
  SWEEP 11, fle.s, s, x, 2
  SWEEP 12, fmin.s, s, s, 2
  SWEEP 13, fmax.s, s, s, 2
  SWEEP 14, fsgnj.s, s, s, 2
  SWEEP 15, fsgnjn.s, s, s, 2
  SWEEP 16, fsgnjx.s, s, s, 2
  RANDOM 21, fadd.s, s, 2
  RANDOM 22, fsub.s, s, 2
  RANDOM 23, fmul.s, s, 2
  RANDOM 24, fdiv.s, s, 2
  RANDOM 25, fsqrt.s, s, 1
  RANDOM 26, fmadd.s, s, 3
  RANDOM 27, fmsub.s, s, 3
  RANDOM 28, fnmsub.s, s, 3
  RANDOM 29, fnmadd.s, s, 3
END_MAIN

SWEPT_OPERANDS
RANDOM_ROUTINE s, 23, 15, 127 - 8, 32
TABLE_FAILURE
