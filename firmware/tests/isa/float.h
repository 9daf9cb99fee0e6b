// Floating-point instructions over rows of operands, results and flags.
// The tables are made by generate.py. A failure names the instruction and a row; its last hexadecimal digit is the
// rounding mode, plus 8 if it came from frm. Check numbers: N for a wrong result, N + 100 for wrong flags.
#ifndef FLOAT_H
#define FLOAT_H
#include "table.h"

// Bytes of an operand or result of each format; x is an integer register.
.set SIZE_h, 2
.set SIZE_s, 4
.set SIZE_d, 8
.set SIZE_x, 8

.macro FLOAD_h register, address:vararg
  flh \register, \address
.endm
.macro FLOAD_s register, address:vararg
  flw \register, \address
.endm
.macro FLOAD_d register, address:vararg
  fld \register, \address
.endm
.macro XLOAD_h register, address:vararg
  lh \register, \address
.endm
.macro XLOAD_s register, address:vararg
  lw \register, \address
.endm
.macro XLOAD_d register, address:vararg
  ld \register, \address
.endm
.macro XLOAD_x register, address:vararg
  ld \register, \address
.endm
.macro FMOVE_h x, f
  fmv.x.h \x, \f
.endm
.macro FMOVE_s x, f
  fmv.x.w \x, \f
.endm
.macro FMOVE_d x, f
  fmv.x.d \x, \f
.endm

.macro ROWS_OF op
  .pushsection .rodata.rows, "a"
  .balign 8
.Lrows\@:
  ROWS_\op
.Lrows_end\@:
  .popsection
  la s5, .Lrows\@
  la s6, .Lrows_end\@
  li s2, 0
.endm

// JUDGE to, mode: a0 or f3 is the result in format `to`, compared with the row's result and flags for this mode (a
// register, s3, when dynamic).
.macro JUDGE to
  .ifnc \to, x
  FMOVE_\to a0, f3
  .endif
  jal t0, judge_\to
.endm

// The checkers: s5 = row, s7 = results, s8 = flags, s3 = mode, s4 = 8 if dynamic, s11 = flags set
// before. t0 returns.
.macro JUDGE_ROUTINE to
judge_\to:
  frflags a1
  li a3, SIZE_\to
  li a2, 0
  beqz s3, 2f
  mv a4, s3
1:
  add a2, a2, a3
  addi a4, a4, -1
  bnez a4, 1b
2:
  add a2, a2, s7
  XLOAD_\to a3, 0(a2)
  bne a0, a3, judge_fail
  lw a3, 0(s8)
  slli a2, s3, 2
  add a2, a2, s3              // five bits a mode
  srl a3, a3, a2
  andi a3, a3, 31
  or a3, a3, s11
  mv a0, a1
  bne a0, a3, judge_flags
  jr t0
.endm

.macro JUDGE_FAILURE
judge_flags:
  addi s0, s0, 100
judge_fail:
  slli s2, s2, 4
  or s2, s2, s3
  or s2, s2, s4
  j table_fail
.endm

// One instruction with a rounding mode: f0, f1, f2 or a5 to f3 or a0.
.macro ROUND op, from, to, count, mode
  .ifc \from, x
  \op f3, a5, \mode
  .else
  .ifc \to, x
  \op a0, f0, \mode
  .else
  .if \count == 1
  \op f3, f0, \mode
  .elseif \count == 2
  \op f3, f0, f1, \mode
  .else
  \op f3, f0, f1, f2, \mode
  .endif
  .endif
  .endif
.endm

// TEST_ROUNDED number, op, from, to, count: op with `count` operands of format `from`, in five static and five dynamic
// modes, the latter also with NX set before.
.macro TEST_ROUNDED number, op, from, to, count
  TABLE_SUBJECT \number, \op
  ROWS_OF \op
.Lrow\@:
  .ifc \from, x
  ld a5, 0(s5)
  .else
  FLOAD_\from f0, 0(s5)
  .if \count > 1
  FLOAD_\from f1, SIZE_\from(s5)
  .endif
  .if \count > 2
  FLOAD_\from f2, 2 * SIZE_\from(s5)
  .endif
  .endif
  .set results_at, (\count * SIZE_\from + SIZE_\to - 1) & -SIZE_\to
  .set flags_at, (results_at + 5 * SIZE_\to + 3) & -4
  .set alignment, 4
  .if SIZE_\from == 8 || SIZE_\to == 8
  .set alignment, 8
  .endif
  addi s7, s5, results_at
  addi s8, s5, flags_at
  li s11, 0
  li s3, 0
  li s4, 0
  .irp mode, rne, rtz, rdn, rup, rmm
  fsflags s11
  ROUND \op, \from, \to, \count, \mode
  JUDGE \to
  addi s3, s3, 1
  .endr
  li s4, 8
.Lstanding\@:
  li s3, 0
.Ldynamic\@:
  fsrm s3
  fsflags s11
  ROUND \op, \from, \to, \count, dyn
  JUDGE \to
  addi s3, s3, 1
  li a4, 5
  bne s3, a4, .Ldynamic\@
  xori s11, s11, 1              // once more with NX standing
  bnez s11, .Lstanding\@
  fsrm x0
  addi s5, s5, (flags_at + 4 + alignment - 1) & -alignment
  addi s2, s2, 1
  bne s5, s6, .Lrow\@
.endm

// TEST_PLAIN number, op, format, to, count: op without a rounding mode; rows hold operands, result and flags.
.macro TEST_PLAIN number, op, format, to, count
  TABLE_SUBJECT \number, \op
  ROWS_OF \op
.Lrow\@:
  FLOAD_\format f0, 0(s5)
  fsflags x0
  .if \count > 1
  FLOAD_\format f1, SIZE_\format(s5)
  .ifc \to, x
  \op a0, f0, f1
  .else
  \op f3, f0, f1
  .endif
  .else
  .ifc \to, x
  \op a0, f0
  .else
  \op f3, f0
  .endif
  .endif
  frflags a1
  .ifnc \to, x
  FMOVE_\format a0, f3
  .endif
  XLOAD_\format a3, \count * SIZE_\format(s5)
  beq a0, a3, .Lflags\@
  j table_fail
.Lflags\@:
  XLOAD_\format a3, (\count + 1) * SIZE_\format(s5)
  mv a0, a1
  beq a0, a3, .Lnext\@
  addi s0, s0, 100
  j table_fail
.Lnext\@:
  addi s5, s5, (\count + 2) * SIZE_\format
  addi s2, s2, 1
  bne s5, s6, .Lrow\@
.endm

#endif
