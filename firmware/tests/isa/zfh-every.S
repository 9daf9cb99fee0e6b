// march: rv64if_zfh
// Zfh: one-operand instructions over all 65,536 halves, a fifth of them in each rounding mode.
// Expected values: tables/zfh-every.h.
#include "float-sweep.h"
#include "tables/zfh-every.h"

// EVERY number, op, to
.macro EVERY number, op, to
  TABLE_SUBJECT \number, \op
  HASHES_OF \op
  li s3, 0
.Lmode\@:
  fsrm s3
  li s9, 0
  mv s4, s3
.Lnext\@:
  fmv.h.x f0, s4
  fsflags x0
  .ifc \to, x
  \op a0, f0
  .else
  \op f3, f0
  .endif
  HASH_RESULT \to
  addi s4, s4, 5
  srli a1, s4, 16
  beqz a1, .Lnext\@
  li s4, 0
  CHECK_HASH
  addi s3, s3, 1
  li a1, 5
  bne s3, a1, .Lmode\@
.endm

BEGIN_MAIN
  EVERY 1, fsqrt.h, h
  EVERY 2, fclass.h, x
  EVERY 3, fcvt.w.h, x
  EVERY 4, fcvt.wu.h, x
  EVERY 5, fcvt.l.h, x
  EVERY 6, fcvt.lu.h, x
  EVERY 7, fcvt.s.h, s
  fsrmi 0
END_MAIN

TABLE_FAILURE
