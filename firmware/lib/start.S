// Where every program begins: one stack and one struct hart for each hart, traps to the harness, then main on hart 0.
#include "test.h"

.section .init, "ax"
.globl _start
_start:
  csrr a0, mhartid
  li t0, MAX_HARTS
  bgeu a0, t0, park
  la t1, harts
  slli t2, a0, 13             // HART_SIZE
  add t1, t1, t2
  li t2, HART_SIZE
  add t2, t1, t2
  csrw mscratch, t1
  sd t2, HART_TRAP_STACK(t1)
  li t3, HART_SIZE / 2
  sub t2, t2, t3
  sd t2, HART_SUPERVISOR_STACK(t1)
  sd a0, HART_ID(t1)
  la sp, stacks
  slli t2, a0, 13
  add sp, sp, t2
  li t2, HART_SIZE
  add sp, sp, t2

  // Without PMP, or without S-mode, these CSRs are absent: a trap goes on after them.
  la t0, 1f
  csrw mtvec, t0
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f                 // NAPOT, RWX: everything
  csrw pmpcfg0, t0
  .balign 4
1:
  la t0, 2f
  csrw mtvec, t0
  csrw satp, zero
  csrw medeleg, zero
  csrw mideleg, zero
  .balign 4
2:
  la t0, trap_entry_m
  csrw mtvec, t0
  csrw mie, zero
  li t0, 0x2000               // FS = initial
  csrs mstatus, t0

  bnez a0, other
  call main
  call test_pass
other:
  la t0, hart_main
  beqz t0, park
  jalr t0
park:
  wfi
  j park

.weak hart_main

.section .bss
.balign 4096
.globl harts
harts:
  .zero HART_SIZE * MAX_HARTS
stacks:
  .zero HART_SIZE * MAX_HARTS
