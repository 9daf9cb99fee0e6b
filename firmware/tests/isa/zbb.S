// march: rv64i_zbb
// Zbb: logic with negate, counts, minima and maxima, extensions, rotates, byte operations. Expected values: tables/zbb.h.
#include "table.h"
#include "tables/zbb.h"

BEGIN_MAIN
  TEST_PAIRS 1, andn
  TEST_PAIRS 2, orn
  TEST_PAIRS 3, xnor
  TEST_PAIRS 4, max
  TEST_PAIRS 5, maxu
  TEST_PAIRS 6, min
  TEST_PAIRS 7, minu
  TEST_PAIRS 8, rol
  TEST_PAIRS 9, ror
  TEST_PAIRS 10, rolw
  TEST_PAIRS 11, rorw
  TEST_UNARY 12, clz
  TEST_UNARY 13, clzw
  TEST_UNARY 14, ctz
  TEST_UNARY 15, ctzw
  TEST_UNARY 16, cpop
  TEST_UNARY 17, cpopw
  TEST_UNARY 18, sext.b
  TEST_UNARY 19, sext.h
  TEST_UNARY 20, zext.h
  TEST_UNARY 21, orc.b
  TEST_UNARY 22, rev8
  TEST_SHAMTS 23, rori, ror, 64
  TEST_SHAMTS 24, roriw, rorw, 32

  // Counts of nothing and of a single bit in each place.
  li a1, 0
  clz a0, a1
  TEST_EQ 25, a0, 64
  ctz a0, a1
  TEST_EQ 26, a0, 64
  clzw a0, a1
  TEST_EQ 27, a0, 32
  ctzw a0, a1
  TEST_EQ 28, a0, 32
  li a1, 0x100000000            // nothing in the low word
  clzw a0, a1
  TEST_EQ 29, a0, 32
  ctzw a0, a1
  TEST_EQ 30, a0, 32
  li a2, 0
1:
  li a1, 1
  sll a1, a1, a2
  ctz a3, a1
  TEST_EQR 31, a3, a2
  clz a3, a1
  xori a4, a2, 63
  TEST_EQR 32, a3, a4
  cpop a3, a1
  TEST_EQ 33, a3, 1
  addi a2, a2, 1
  li a4, 64
  bne a2, a4, 1b
END_MAIN

OPERAND_PAIRS
TABLE_FAILURE
