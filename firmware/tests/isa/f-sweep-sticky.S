// march: rv64if
// F: every pair, and for fused operations every triple, of the edge values, and random operands near one, in every
// mode, while NX is set already (the common case); results and flags are summed up in hashes. Expected values: tables/f-sweep-sticky.h.
#include "float-sweep.h"
#include "tables/f-sweep-sticky.h"

BEGIN_MAIN
  SWEEP 1, fadd.s, s, s, 2, 1, sticky
  SWEEP 2, fsub.s, s, s, 2, 1, sticky
  SWEEP 3, fmul.s, s, s, 2, 1, sticky
  SWEEP 4, fdiv.s, s, s, 2, 1, sticky
  SWEEP 5, fmadd.s, s, s, 3, 1, sticky
  SWEEP 6, fmsub.s, s, s, 3, 1, sticky
  SWEEP 7, fnmsub.s, s, s, 3, 1, sticky
  SWEEP 8, fnmadd.s, s, s, 3, 1, sticky
  // These have no rounding mode: frm changes nothing.
  SWEEP 9, feq.s, s, x, 2, 1, sticky
  SWEEP 10, flt.s, s, x, 2, 1, sticky
  SWEEP 11, fle.s, s, x, 2, 1, sticky
  SWEEP 12, fmin.s, s, s, 2, 1, sticky
  SWEEP 13, fmax.s, s, s, 2, 1, sticky
  SWEEP 14, fsgnj.s, s, s, 2, 1, sticky
  SWEEP 15, fsgnjn.s, s, s, 2, 1, sticky
  SWEEP 16, fsgnjx.s, s, s, 2, 1, sticky
  RANDOM 21, fadd.s, s, 2, 1, sticky
  RANDOM 22, fsub.s, s, 2, 1, sticky
  RANDOM 23, fmul.s, s, 2, 1, sticky
  RANDOM 24, fdiv.s, s, 2, 1, sticky
  RANDOM 25, fsqrt.s, s, 1, 1, sticky
  RANDOM 26, fmadd.s, s, 3, 1, sticky
  RANDOM 27, fmsub.s, s, 3, 1, sticky
  RANDOM 28, fnmsub.s, s, 3, 1, sticky
  RANDOM 29, fnmadd.s, s, 3, 1, sticky
END_MAIN

SWEPT_OPERANDS
RANDOM_ROUTINE s, 23, 15, 127 - 8, 32
TABLE_FAILURE
