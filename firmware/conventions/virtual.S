// march: rv64gc
// A test as riscv-tests' v environment has them: a small kernel in S-mode, Sv39, the test in U-mode at address 0. Its pages
// are mapped when they are first touched, with A and D set by the fault handler where the hardware does not set them.
#include "environment.h"
#define ALIAS 0xffffffffc0000000     // where the kernel sees RAM: the last gigabyte

.section .text.start, "ax"
.globl _start
_start:
  csrr a0, mhartid
1:
  bnez a0, 1b
  la t0, 2f
  csrw mtvec, t0
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
.align 2
2:
  la t0, machine_trap
  csrw mtvec, t0
  li t0, 0xb1ff               // page faults and ecalls from U go to the kernel
  csrw medeleg, t0
  // root[511] = RAM, 1 GiB, for the kernel; root[2] the same until it runs up there; root[0] -> user tables
  la t0, root
  li t1, (0x80000000 >> 2) | 0xcf
  sd t1, 2 * 8(t0)
  li t2, 511 * 8
  add t2, t2, t0
  sd t1, 0(t2)
  la t1, middle
  srli t1, t1, 2
  ori t1, t1, 1
  sd t1, 0(t0)
  la t2, leaves
  srli t2, t2, 2
  ori t2, t2, 1
  la t1, middle
  sd t2, 0(t1)
  srli t0, t0, 12
  li t1, 8 << 60
  or t0, t0, t1
  csrw satp, t0
  sfence.vma
  li t0, 0x1800
  csrc mstatus, t0
  li t0, 0x0800
  csrs mstatus, t0
  la t0, kernel
  li t1, ALIAS - 0x80000000
  add t0, t0, t1
  csrw mepc, t0
  mret

.align 2
machine_trap:                 // the kernel itself has failed
  li gp, 1337
  WRITE_TOHOST

kernel:                       // everything is found relative to pc, up there
  la t0, user_trap
  csrw stvec, t0
  la t0, save
  csrw sscratch, t0
  li t0, 0x100
  csrc sstatus, t0
  csrwi sepc, 0
  sret

.align 2
user_trap:
  csrrw sp, sscratch, sp
  sd t0, 0(sp)
  sd t1, 8(sp)
  sd t2, 16(sp)
  csrr t0, scause
  li t1, 8
  beq t0, t1, finished
  addi t1, t0, -12            // page faults: 12, 13, 15
  li t2, 4
  bgeu t1, t2, unexpected
  csrr t0, stval
  li t1, 8 * 4096
  bgeu t0, t1, unexpected
  srli t0, t0, 12
  la t2, leaves
  slli t1, t0, 3
  add t2, t2, t1
  la t1, user_pages           // the alias of the page; then its physical address
  slli t0, t0, 12
  add t1, t1, t0
  li t0, ALIAS - 0x80000000
  sub t1, t1, t0
  srli t1, t1, 2
  ori t1, t1, 0xdf            // D A U X W R V
  sd t1, 0(t2)
  csrr t0, stval
  sfence.vma t0
  ld t0, 0(sp)
  ld t1, 8(sp)
  ld t2, 16(sp)
  csrrw sp, sscratch, sp
  sret
unexpected:
  ori gp, gp, 1337
finished:
  la t0, tohost
1:
  sd gp, 0(t0)
  j 1b

TOHOST
.section .bss
.balign 4096
root: .zero 4096
middle: .zero 4096
leaves: .zero 4096
save: .zero 64

.data
.balign 4096
user_pages:                   // linked here, run at 0
  li a1, 2
  CASE 2, a0, 5, addi a0, a1, 3
  li a2, 4096
  CASE 3, a0, 77, ld a0, 8(a2)
  li a1, 123
  li a2, 2 * 4096
  sd a1, 0(a2)
  CASE 4, a0, 123, ld a0, 0(a2)
  li a2, 3 * 4096 - 2         // over two pages, the second of which was never touched
  li a1, 0x1122334455667788
  sw a1, 0(a2)
  CASE 5, a0, 0x55667788, lw a0, 0(a2)
  bne zero, gp, pass
fail:
  FAIL
pass:
  PASS
.balign 4096
  .dword 1, 77
  .balign 4096
  .zero 6 * 4096
