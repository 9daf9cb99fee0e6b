// march: rv64imc_zicsr_zba_zbb
// Zcb: byte and half loads and stores, extensions (which need Zba and Zbb), c.not, c.mul (which needs M).
#include "insn.h"
#include "table.h"
#include "trap.h"

#define EIGHT s0, s1, a0, a1, a2, a3, a4, a5

// CHANGES number, op, before, after: over two registers.
.macro CHANGES number, op, before, after
  li s0, \before
  \op s0
  TEST_EQ \number, s0, \after
  li a5, \before
  \op a5
  TEST_EQ \number, a5, \after
.endm

.macro MULTIPLIES number, a, b, product
  li s1, \a
  li a4, \b
  c.mul s1, a4
  TEST_EQ \number, s1, \product
.endm

BEGIN_MAIN
  la s10, cell
  mv s1, s10
  // c.lbu zero-extends, at offsets 0 to 3.
  c.lbu a0, 0, s1
  TEST_EQ 1, a0, 0x80
  c.lbu a0, 1, s1
  TEST_EQ 2, a0, 0x91
  c.lbu a0, 2, s1
  TEST_EQ 3, a0, 0xa2
  c.lbu a0, 3, s1
  TEST_EQ 4, a0, 0xb3
  // c.lhu and c.lh at 0 and 2.
  c.lhu a0, 0, s1
  TEST_EQ 5, a0, 0x9180
  c.lhu a0, 2, s1
  TEST_EQ 6, a0, 0xb3a2
  c.lh a0, 0, s1
  TEST_EQ 7, a0, -0x6e80
  c.lh a0, 2, s1
  TEST_EQ 8, a0, -0x4c5e
  .irp register, EIGHT
  mv \register, s10
  c.lbu \register, 3, \register
  TEST_EQ 9, \register, 0xb3
  mv \register, s10
  c.lh \register, 2, \register
  TEST_EQ 10, \register, -0x4c5e
  .endr
  // c.sb and c.sh write what they name and no more.
  mv a5, s10
  li a1, 0x1122334455667788
  .irp offset, 0, 1, 2, 3
  sd x0, 8(a5)
  addi a4, a5, 8
  c.sb a1, \offset, a4
  ld a0, 8(a5)
  TEST_EQ 11, a0, 0x88 << (8 * \offset)
  .endr
  .irp offset, 0, 2
  sd x0, 8(a5)
  addi a4, a5, 8
  c.sh a1, \offset, a4
  ld a0, 8(a5)
  TEST_EQ 12, a0, 0x7788 << (8 * \offset)
  .endr
  // Misaligned halves work as lhu and sh do.
  addi a4, a5, 1
  c.lhu a0, 0, a4
  TEST_EQ 13, a0, 0xa291
  sd x0, 8(a5)
  addi a4, a5, 9
  c.sh a1, 2, a4
  ld a0, 8(a5)
  TEST_EQ 14, a0, 0x7788000000
  // Faults are the expansion's.
  li a4, 16
  EXPECT_TRAP 15, CAUSE_LOAD_ACCESS, a4, c.lbu a0, 0, a4
  EXPECT_TRAP 16, CAUSE_LOAD_ACCESS, a4, c.lhu a0, 0, a4
  EXPECT_TRAP 17, CAUSE_LOAD_ACCESS, a4, c.lh a0, 0, a4
  EXPECT_TRAP 18, CAUSE_STORE_ACCESS, a4, c.sb a0, 0, a4
  EXPECT_TRAP 19, CAUSE_STORE_ACCESS, a4, c.sh a0, 0, a4

  CHANGES 20, c.zext.b, 0xfedcba9876543291, 0x91
  CHANGES 21, c.sext.b, 0xfedcba9876543291, -0x6f
  CHANGES 22, c.sext.b, 0xfedcba987654327f, 0x7f
  CHANGES 23, c.zext.h, 0xfedcba987654f291, 0xf291
  CHANGES 24, c.sext.h, 0xfedcba987654f291, -0xd6f
  CHANGES 25, c.sext.h, 0xfedcba9876547291, 0x7291
  CHANGES 26, c.zext.w, 0xfedcba98f6543291, 0xf6543291
  CHANGES 27, c.not, 0xfedcba9876543210, 0x0123456789abcdef
  CHANGES 28, c.not, -1, 0
  .irp register, EIGHT
  li \register, -1
  c.zext.h \register
  TEST_EQ 29, \register, 0xffff
  .endr
  MULTIPLIES 30, 7, -6, -42
  MULTIPLIES 31, 0x100000001, 0x100000001, 0x200000001
  MULTIPLIES 32, 0x8000000000000000, 3, 0x8000000000000000
  MULTIPLIES 33, 0, -1, 0
  li a3, 0xffffffff
  c.mul a3, a3
  TEST_EQ 34, a3, 0xfffffffe00000001
END_MAIN

TRAP_CHECKER

.data
.balign 8
cell:
  .dword 0xf7e6d5c4b3a29180, 0
