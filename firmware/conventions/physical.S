// march: rv64gc
// A test as riscv-tests' p environment has them: M-mode sets everything up, the test runs in U-mode, addresses are physical.
// With the symbol `broken` at 1 (see broken.S) its third case expects what does not come.
#include "environment.h"
#ifndef EXPECTED
#define EXPECTED 0x1fffffffe
#endif

.section .text.start, "ax"
.globl _start
_start:
  j reset
.align 2
trap_vector:
  csrr t5, mcause
  li t6, 8
  beq t5, t6, write_tohost
  ori gp, gp, 1337            // a trap that nobody expects
WRITE_TOHOST
reset:
  csrr a0, mhartid
1:
  bnez a0, 1b
  la t0, 2f                   // what a machine does not have traps, and is left out
  csrw mtvec, t0
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  csrw satp, zero
.align 2
2:
  la t0, 3f
  csrw mtvec, t0
  csrwi medeleg, 0
  csrwi mideleg, 0
.align 2
3:
  li gp, 0
  la t0, trap_vector
  csrw mtvec, t0
  csrwi mstatus, 0
  la t0, test
  csrw mepc, t0
  mret

test:
  li a1, 2
  CASE 2, a0, 5, addi a0, a1, 3
  li a1, 0xffffffff
  CASE 3, a0, EXPECTED, slli a0, a1, 1
  la a2, result
  sd a0, 0(a2)
  li a1, 0x0123456789abcdef
  sd a1, 8(a2)
  sw a1, 16(a2)
  CASE 4, a0, 0x89abcdef, lwu a0, 16(a2)
  bne zero, gp, pass
fail:
  FAIL
pass:
  PASS
  unimp

TOHOST
.data
.align 4
.global begin_signature
begin_signature:
result:
  .fill 4, 8, 0xdeadbeef
.global end_signature
end_signature:
