// march: rv64i_zicsr
// RV64I: every computational instruction. Register forms over all pairs of edges (tables/i.h), immediates by hand.
#include "table.h"
#include "tables/i.h"

BEGIN_MAIN
  TEST_PAIRS 1, add
  TEST_PAIRS 2, sub
  TEST_PAIRS 3, sll
  TEST_PAIRS 4, slt
  TEST_PAIRS 5, sltu
  TEST_PAIRS 6, xor
  TEST_PAIRS 7, srl
  TEST_PAIRS 8, sra
  TEST_PAIRS 9, or
  TEST_PAIRS 10, and
  TEST_PAIRS 11, addw
  TEST_PAIRS 12, subw
  TEST_PAIRS 13, sllw
  TEST_PAIRS 14, srlw
  TEST_PAIRS 15, sraw
  TEST_SHAMTS 16, slli, sll, 64
  TEST_SHAMTS 17, srli, srl, 64
  TEST_SHAMTS 18, srai, sra, 64
  TEST_SHAMTS 19, slliw, sllw, 32
  TEST_SHAMTS 20, srliw, srlw, 32
  TEST_SHAMTS 21, sraiw, sraw, 32

  // Immediates are sign-extended, also for sltiu and the logical ones.
  .macro IMMEDIATE number, op, operand, immediate, expected
  li a1, \operand
  \op a0, a1, \immediate
  TEST_EQ \number, a0, \expected
  \op a1, a1, \immediate
  TEST_EQ \number, a1, \expected
  \op x0, a1, \immediate
  TEST_EQ \number, x0, 0
  .endm

  IMMEDIATE 30, addi, 0, 2047, 2047
  IMMEDIATE 31, addi, 0, -2048, -2048
  IMMEDIATE 32, addi, 0x7fffffffffffffff, 1, 0x8000000000000000
  IMMEDIATE 33, addi, 0x8000000000000000, -1, 0x7fffffffffffffff
  IMMEDIATE 34, addi, 0xffffffff, 1, 0x100000000
  IMMEDIATE 35, addi, -1, 1, 0
  IMMEDIATE 36, addiw, 0x7fffffff, 1, 0xffffffff80000000
  IMMEDIATE 37, addiw, 0xffffffff80000000, -1, 0x7fffffff
  IMMEDIATE 38, addiw, 0x123456789, 0, 0x23456789
  IMMEDIATE 39, addiw, 0x1ffffffff, 0, -1
  IMMEDIATE 40, addiw, 0x7fffffff00000000, -2048, -2048
  IMMEDIATE 41, slti, -1, 0, 1
  IMMEDIATE 42, slti, 0, -1, 0
  IMMEDIATE 43, slti, -2048, -2048, 0
  IMMEDIATE 44, slti, -2049, -2048, 1
  IMMEDIATE 45, slti, 0x8000000000000000, 2047, 1
  IMMEDIATE 46, slti, 0x7fffffffffffffff, 2047, 0
  IMMEDIATE 47, sltiu, 0, 1, 1
  IMMEDIATE 48, sltiu, 1, 1, 0
  IMMEDIATE 49, sltiu, -1, -1, 0
  IMMEDIATE 50, sltiu, 0xfffffffffffff7ff, -2048, 1
  IMMEDIATE 51, sltiu, 0x8000000000000000, -1, 1
  IMMEDIATE 52, sltiu, 0x800, 2047, 0
  IMMEDIATE 53, xori, 0x0123456789abcdef, -1, 0xfedcba9876543210
  IMMEDIATE 54, xori, 0x0123456789abcdef, 0x7ff, 0x0123456789abca10
  IMMEDIATE 55, xori, 0, -2048, -2048
  IMMEDIATE 56, ori, 0x0123456789abcdef, -2048, 0xfffffffffffffdef
  IMMEDIATE 57, ori, 0x0123456789abcdef, 0x7ff, 0x0123456789abcfff
  IMMEDIATE 58, andi, 0x0123456789abcdef, -2048, 0x0123456789abc800
  IMMEDIATE 59, andi, 0x0123456789abcdef, 0x7ff, 0x5ef
  IMMEDIATE 60, andi, -1, -1, -1
  // The word shifts ignore the high half of their operand and sign-extend their result.
  IMMEDIATE 61, slliw, 0xdeadbeef40000000, 1, 0xffffffff80000000
  IMMEDIATE 62, srliw, 0xdeadbeef80000000, 0, 0xffffffff80000000
  IMMEDIATE 63, srliw, 0xdeadbeef80000000, 31, 1
  IMMEDIATE 64, sraiw, 0x0000000080000000, 31, -1
  IMMEDIATE 65, sraiw, 0xffffffff7fffffff, 30, 1

  // lui and auipc: the upper immediate is sign-extended from bit 31.
  lui a0, 0
  TEST_EQ 70, a0, 0
  lui a0, 1
  TEST_EQ 71, a0, 0x1000
  lui a0, 0x7ffff
  TEST_EQ 72, a0, 0x7ffff000
  lui a0, 0x80000
  TEST_EQ 73, a0, 0xffffffff80000000
  lui a0, 0xfffff
  TEST_EQ 74, a0, -4096
  lui x0, 0x12345
  TEST_EQ 75, x0, 0

  .macro UPPER_PC number, immediate, distance
  jal a2, 1f                  // a2 = the address of auipc
1:
  auipc a0, \immediate
  sub a0, a0, a2
  TEST_EQ \number, a0, \distance
  .endm
  UPPER_PC 76, 0, 0
  UPPER_PC 77, 1, 0x1000
  UPPER_PC 78, 0x7ffff, 0x7ffff000
  UPPER_PC 79, 0x80000, -0x80000000
  UPPER_PC 80, 0xfffff, -0x1000
  auipc x0, 0x12345
  TEST_EQ 81, x0, 0

  // Every register is a register of its own: all of them filled, then read back.
  csrr t0, mscratch
  mv s11, sp                  // saved through the whole file below, in a register that the check leaves alone
  la sp, saved
  sd s11, 0(sp)
  .irp n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  li x\n, \n * 0x0101010101010101
  .endr
  .irp n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  sd x\n, \n * 8(sp)
  .endr
  ld s11, 0(sp)
  mv a1, sp
  mv sp, s11
  li a2, 0
  li a3, 0x0101010101010101
  li a4, 1
2:
  add a2, a2, a3
  addi a1, a1, 8
  li a5, 2
  beq a4, a5, 3f              // sp itself
  ld a0, 0(a1)
  TEST_EQR 82, a0, a2
3:
  addi a4, a4, 1
  li a5, 32
  bne a4, a5, 2b

  // x0 reads as zero whatever was written to it, in every position.
  li a1, -1
  add x0, a1, a1
  sub a0, x0, x0
  TEST_EQ 83, a0, 0
  addi x0, a1, 5
  addi a0, x0, 7
  TEST_EQ 84, a0, 7
  add a0, a1, x0
  TEST_EQ 85, a0, -1
  ld x0, 0(sp)
  TEST_EQ 86, x0, 0

  // fence and its reserved forms are no-ops for a single hart: fm, pred, succ, rd and rs1 are ignored.
  fence
  fence rw, w
  .word 0x8330000f            // fence.tso
  .word 0x0ff5058f            // fence with rd = a1 and rs1 = a0
  TEST_EQ 87, a1, -1
  .word 0x7ff0000f            // fence with fm = 7
  nop
END_MAIN

OPERAND_PAIRS
TABLE_FAILURE

.section .bss
.balign 8
saved:
  .zero 32 * 8
