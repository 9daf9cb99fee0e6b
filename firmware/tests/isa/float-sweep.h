// Floating-point instructions over sweeps of operands, which a hash sums up. The hashes are made by generate.py.
// A failure names the instruction; the row's last hexadecimal digit is the rounding mode in frm.
#ifndef FLOAT_SWEEP_H
#define FLOAT_SWEEP_H
#include "float.h"

// Results are summed up as h = 31 h + x, for the result (sign-extended) and then for the flags.
.macro HASH register
  slli a6, s9, 5
  sub s9, a6, s9
  add s9, s9, \register
.endm

.macro HASH_RESULT to
  frflags a1
  .ifnc \to, x
  FMOVE_\to a0, f3
  .endif
  HASH a0
  HASH a1
.endm

.macro HASHES_OF name
  .pushsection .rodata.hashes, "a"
  .balign 8
.Lhashes\@:
  HASHES_\name
  .popsection
  la s6, .Lhashes\@
.endm

// Compares s9, folded to 16 bits, with the next hash; the row is the first operand's index and the mode.
.macro CHECK_HASH
  srli a0, s9, 32
  xor a0, a0, s9
  srli a1, a0, 16
  xor a0, a0, a1
  slli a0, a0, 48
  srli a0, a0, 48
  lhu a3, 0(s6)
  slli s2, s4, 4
  or s2, s2, s3
  beq a0, a3, .Lsame\@
  j table_fail
.Lsame\@:
  addi s6, s6, 2
.endm

// SWEEP number, op, format, to, count, flags, kind: every pair (or triple) of the swept values in every dynamic mode, with
// these flags set before each operation; kind names the hashes.
.macro SWEEP number, op, format, to, count, flags=0, kind=clear
  TABLE_SUBJECT \number, \op
  HASHES_OF \op\()_\kind
  li s3, 0
.Lmode\@:
  fsrm s3
  li s4, 0
.Lfirst\@:
  li s9, 0
  li s7, 0
.Lsecond\@:
  li s8, 0
.Lthird\@:
  .if \count == 2
  la a1, swept
  .else
  la a1, swept_triples
  .endif
  .irp index, 0, 1, 2
  .if \index < \count
  .ifeq \index
  mv a2, s4
  .else
  .ifeq \index - 1
  mv a2, s7
  .else
  mv a2, s8
  .endif
  .endif
  slli a2, a2, SHIFT_\format
  add a2, a2, a1
  FLOAD_\format f\index, 0(a2)
  .endif
  .endr
  fsflagsi \flags
  .if \count == 2
  .ifc \to, x
  \op a0, f0, f1
  .else
  \op f3, f0, f1
  .endif
  .else
  \op f3, f0, f1, f2
  .endif
  HASH_RESULT \to
  .if \count == 3
  addi s8, s8, 1
  li a1, TRIPLE_COUNT
  bne s8, a1, .Lthird\@
  .endif
  addi s7, s7, 1
  li a1, SWEEP_COUNT
  .if \count == 3
  li a1, TRIPLE_COUNT
  .endif
  bne s7, a1, .Lsecond\@
  CHECK_HASH
  addi s4, s4, 1
  li a1, SWEEP_COUNT
  .if \count == 3
  li a1, TRIPLE_COUNT
  .endif
  bne s4, a1, .Lfirst\@
  addi s3, s3, 1
  li a1, 5
  bne s3, a1, .Lmode\@
.endm
.set SHIFT_h, 1
.set SHIFT_s, 2
.set SHIFT_d, 3

// RANDOM number, op, format, count, flags, kind: RANDOM_COUNT times three operands, of which op uses `count`, with these
// flags set before; first with exponents near zero, then of any bits at all.
.macro RANDOM number, op, format, count, flags=0, kind=clear
  RANDOM_IN \number, \op, \format, \count, \flags, random_\kind, random_\format
  RANDOM_IN \number, \op, \format, \count, \flags, wild_\kind, random_bits
.endm

// The five dynamic modes, and as the sixth static rne while frm says otherwise.
.macro RANDOM_IN number, op, format, count, flags, hashes, routine
  TABLE_SUBJECT \number, \op
  HASHES_OF \op\()_\hashes
  li s3, 0
.Lmode\@:
  li s7, 1
  fsrmi 1
  addi a1, s3, -5
  beqz a1, .Lstart\@
  fsrm s3
  li s7, 0
.Lstart\@:
  li s4, 0
  li s9, 0
  li s5, SEED
.Lnext\@:
  .irp index, 0, 1, 2
  jal t0, \routine
  FSET_\format f\index, a0
  .endr
  fsflagsi \flags
  bnez s7, .Lstatic\@
  ROUND \op, \format, \format, \count, dyn
  j .Lsum\@
.Lstatic\@:
  ROUND \op, \format, \format, \count, rne
.Lsum\@:
  HASH_RESULT \format
  addi s4, s4, 1
  li a1, RANDOM_COUNT
  bne s4, a1, .Lnext\@
  CHECK_HASH
  addi s3, s3, 1
  li a1, 6
  bne s3, a1, .Lmode\@
.endm

.macro FSET_h f, x
  fmv.h.x \f, \x
.endm
.macro FSET_s f, x
  fmv.w.x \f, \x
.endm
.macro FSET_d f, x
  fmv.d.x \f, \x
.endm

// random_bits: the generator's next 64 bits in a0 (and s5); random_format: made an operand with random sign and fraction
// and an exponent near zero.
.macro RANDOM_ROUTINE format, fraction_bits, spread, lowest, width
random_bits:
  slli a1, s5, 13
  xor s5, s5, a1
  srli a1, s5, 7
  xor s5, s5, a1
  slli a1, s5, 17
  xor s5, s5, a1
  mv a0, s5
  jr t0

random_\format:
  mv t1, t0
  jal t0, random_bits
  slli a0, s5, 64 - \fraction_bits
  srli a0, a0, 64 - \fraction_bits
  srli a1, s5, \fraction_bits
  andi a1, a1, \spread
  addi a1, a1, \lowest
  slli a1, a1, \fraction_bits
  or a0, a0, a1
  srli a1, s5, 63
  slli a1, a1, \width - 1
  or a0, a0, a1
  jr t1
.endm

.macro SWEPT_OPERANDS
  .pushsection .rodata.swept, "a"
  .balign 8
swept:
  SWEEP_VALUES
  .balign 8
swept_triples:
  TRIPLE_VALUES
  .popsection
.endm

#endif
