// march: rv64ic_zicsr
// C: every compressed integer instruction: each bit of its immediate, each of its registers, the expansion's result.
#include "table.h"
#include "trap.h"

// For each of the eight registers that three bits can name.
#define EIGHT s0, s1, a0, a1, a2, a3, a4, a5

// ebreak may report its own address in mtval, or zero: the register is what it reports here.
.macro EXPECT_BREAK number, register
  csrr t5, mscratch
  la t6, 1f
  sd t6, HART_RESUME(t5)
.Lbreak:
  c.ebreak
1:
  csrr t5, mscratch
  ld a1, HART_TRAP_CAUSE(t5)
  TEST_EQ \number, a1, CAUSE_BREAKPOINT
  csrr t5, mscratch
  ld a1, HART_TRAP_EPC(t5)
  TEST_EQR \number, a1, \register
.endm

BEGIN_MAIN
  mv s11, sp
  la s10, middle

  // c.li, c.lui: constants. c.lui fills bits 17:12 and extends bit 17.
  .irp immediate, 0, 1, 2, 4, 8, 16, 31, -1, -2, -32, -31, -17
  c.li a0, \immediate
  TEST_EQ 1, a0, \immediate
  .endr
  .irp immediate, 1, 2, 4, 8, 16, 31
  c.lui a0, \immediate
  TEST_EQ 2, a0, \immediate << 12
  .endr
  .irp immediate, 1, 2, 16, 31, 32
  c.lui a0, 0x100000 - \immediate
  TEST_EQ 3, a0, -(\immediate << 12)
  .endr
  c.lui t2, 21
  TEST_EQ 4, t2, 21 << 12

  // c.addi, c.addiw, c.nop.
  .irp immediate, 1, 2, 4, 8, 16, 31, -1, -2, -32, -17
  li a0, 0x7ffffff0
  c.addi a0, \immediate
  TEST_EQ 5, a0, 0x7ffffff0 + \immediate
  li a0, 0x100000000
  c.addiw a0, \immediate        // the low word alone
  TEST_EQ 6, a0, \immediate
  .endr
  li a0, 0x7fffffff
  c.addiw a0, 1
  TEST_EQ 7, a0, -0x80000000
  li a0, 0x180000000
  c.addiw a0, 0                 // sext.w
  TEST_EQ 8, a0, -0x80000000
  c.nop

  // c.addi16sp, c.addi4spn: each bit of the scrambled immediates.
  .irp immediate, 16, 32, 64, 128, 256, 496, -16, -32, -512
  mv sp, s10
  c.addi16sp sp, \immediate
  sub a0, sp, s10
  mv sp, s11
  TEST_EQ 9, a0, \immediate
  .endr
  .irp immediate, 4, 8, 16, 32, 64, 128, 256, 512, 1020
  c.addi4spn a0, sp, \immediate
  sub a0, a0, sp
  TEST_EQ 10, a0, \immediate
  .endr
  .irp register, EIGHT
  c.addi4spn \register, sp, 24
  sub \register, \register, sp
  TEST_EQ 11, \register, 24
  .endr

  // Shifts and c.andi.
  li s9, 0x8123456789abcdef
  .irp shamt, 1, 2, 4, 8, 16, 31, 32, 63
  mv a0, s9
  c.slli a0, \shamt
  TEST_EQ 12, a0, 0x8123456789abcdef << \shamt
  mv a0, s9
  c.srli a0, \shamt
  TEST_EQ 13, a0, 0x8123456789abcdef >> \shamt
  mv a0, s9
  c.srai a0, \shamt
  not a0, a0
  TEST_EQ 14, a0, 0x7edcba9876543210 >> \shamt
  .endr
  mv t3, s9
  c.slli t3, 4
  TEST_EQ 15, t3, 0x123456789abcdef0
  .irp immediate, 0, 1, 2, 4, 8, 16, 31, -1, -32, -2
  mv a0, s9
  c.andi a0, \immediate
  TEST_EQ 16, a0, 0x8123456789abcdef & \immediate
  .endr

  // Two-register arithmetic, over the registers of both fields.
  .macro ARITHMETIC number, op, a, b, expected
  li s0, \a
  li a5, \b
  \op s0, a5
  TEST_EQ \number, s0, \expected
  li a5, \a
  li s0, \b
  \op a5, s0
  TEST_EQ \number, a5, \expected
  li a2, \a
  li a3, \b
  \op a2, a3
  TEST_EQ \number, a2, \expected
  .endm
  ARITHMETIC 17, c.sub, 5, 7, -2
  ARITHMETIC 18, c.xor, 0x0ff00ff00ff00ff0, 0x1234567812345678, 0x1dc459881dc45988
  ARITHMETIC 19, c.or, 0x0ff0000000000001, 0x00ff000000000010, 0x0fff000000000011
  ARITHMETIC 20, c.and, 0x0ff0123456789abc, 0xffff000000000ff0, 0x0ff0000000000ab0
  ARITHMETIC 21, c.subw, 0x100000000, 0x180000001, 0x7fffffff
  ARITHMETIC 22, c.addw, 0x17fffffff, 0x300000001, -0x80000000
  ARITHMETIC 23, c.add, 0xffffffffffffffff, 2, 1
  ARITHMETIC 24, c.mv, 5, 0x123456789, 0x123456789
  .irp register, EIGHT
  li \register, 12
  c.sub \register, \register
  TEST_EQ 25, \register, 0
  .endr
  // c.mv and c.add name all registers.
  li t0, 100
  c.mv t4, t0
  c.add t4, t0
  TEST_EQ 26, t4, 200
  c.add t4, t4
  TEST_EQ 27, t4, 400
  c.mv ra, sp
  TEST_EQR 28, ra, sp

  // Loads and stores by register: each bit of the offset, each register.
  la s1, middle
  .irp offset, 0, 4, 8, 16, 32, 64, 124
  li a0, 0xffffffff80000000 + \offset
  c.sw a0, \offset(s1)
  c.lw a1, \offset(s1)
  TEST_EQ 30, a1, 0xffffffff80000000 + \offset
  lwu a1, \offset(s1)
  TEST_EQ 31, a1, 0x80000000 + \offset
  .endr
  .irp offset, 0, 8, 16, 32, 64, 128, 248
  li a0, 0x8765432100000000 + \offset
  c.sd a0, \offset(s1)
  c.ld a1, \offset(s1)
  TEST_EQ 32, a1, 0x8765432100000000 + \offset
  ld a1, \offset(s1)
  TEST_EQ 33, a1, 0x8765432100000000 + \offset
  .endr
  .irp register, EIGHT
  mv \register, s10
  c.sd \register, 40(\register)
  c.ld \register, 40(\register)
  TEST_EQR 34, \register, s10
  mv \register, s10
  c.sw \register, 60(\register)
  c.lw \register, 60(\register)
  sext.w t3, s10
  TEST_EQR 35, \register, t3
  .endr

  // Loads and stores by sp.
  .irp offset, 0, 4, 8, 16, 32, 64, 128, 252
  mv sp, s10
  li t3, 0xffffffff80000000 + \offset
  c.swsp t3, \offset(sp)
  c.lwsp t4, \offset(sp)
  lw a1, \offset(sp)
  mv sp, s11
  TEST_EQ 36, t4, 0xffffffff80000000 + \offset
  TEST_EQR 37, a1, t3
  .endr
  .irp offset, 0, 8, 16, 32, 64, 128, 256, 504
  mv sp, s10
  li t3, 0x8765432100000000 + \offset
  c.sdsp t3, \offset(sp)
  c.ldsp t4, \offset(sp)
  ld a1, \offset(sp)
  mv sp, s11
  TEST_EQ 38, t4, 0x8765432100000000 + \offset
  TEST_EQR 39, a1, t3
  .endr
  mv sp, s10
  c.sdsp sp, 16(sp)             // sp itself, and x0
  c.sdsp x0, 24(sp)
  ld a0, 16(sp)
  ld a1, 24(sp)
  mv sp, s11
  TEST_EQR 40, a0, s10
  TEST_EQ 41, a1, 0

  // Jumps: links are two bytes on.
  la a0, 1f
  la a2, after_jalr
  c.jalr a0
after_jalr:
  c.j missed
1:
  TEST_EQR 42, ra, a2
  la ra, 2f                     // c.jalr ra: the old value is the target
  la a2, after_jalr_ra
  c.jalr ra
after_jalr_ra:
  c.j missed
2:
  TEST_EQR 43, ra, a2
  la t0, 3f
  addi t0, t0, 1                // bit 0 of the target is dropped
  c.jr t0
  c.j missed
3:
  c.j 4f
missed:
  TEST_EQ 44, x0, 1
4:
  li s0, 0
  li a5, 1
  c.beqz s0, 5f
  c.j missed
5:
  c.bnez s0, missed
  c.bnez a5, 6f
  c.j missed
6:
  c.beqz a5, missed
  li a5, 0x100000000            // the whole register counts
  c.beqz a5, missed
  c.bnez a5, 7f
  c.j missed
7:
  li a0, 0
  li a1, 50
8:
  c.addi a0, 1
  c.addi a1, -1
  c.bnez a1, 8b
  TEST_EQ 45, a0, 50

  // c.ebreak is a breakpoint at its own address.
  la a0, .Lbreak
  EXPECT_BREAK 46, a0
  // A 32-bit instruction on an odd halfword.
  .balign 4
  c.nop
  .option push
  .option norvc
  addi a0, x0, 1234
  auipc a1, 0
  auipc a2, 0
  .option pop
  c.nop
  TEST_EQ 47, a0, 1234
  sub a1, a2, a1
  TEST_EQ 48, a1, 4
  andi a2, a2, 3
  TEST_EQ 49, a2, 2
END_MAIN

TRAP_CHECKER

.bss
.balign 64
  .zero 512
middle:
  .zero 1024
