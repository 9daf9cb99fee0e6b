// Reset and trap entry. Every hart starts here with a0 = its number, a1 = the device tree, a2 = where to go on
// (struct fw_dynamic_info, see main.c).

.section .text.start, "ax"
.globl _start
_start:
  csrr t0, mhartid
  la sp, stacks
  addi t1, t0, 1
  slli t1, t1, 12                // STACK_BYTES
  add sp, sp, t1
  csrw mscratch, sp              // the stack's top, whenever M-mode is not running
  la t2, trap
  csrw mtvec, t2
  csrw mie, zero
  tail firmware_main

// A trap into M-mode: saves all registers on the hart's stack, calls C, restores, returns.
.align 2
trap:
  csrrw sp, mscratch, sp
  addi sp, sp, -256
  sd x1, 8(sp)
  sd x3, 24(sp)
  .irp n, 4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  sd x\n, 8*\n(sp)
  .endr
  csrr t0, mscratch              // the interrupted sp
  sd t0, 16(sp)
  addi t0, sp, 256
  csrw mscratch, t0              // a trap inside the handler starts at the top again: only csr_try_write does that
  mv a0, sp
  call handle_trap
  ld t0, 16(sp)
  addi t1, sp, 256
  csrw mscratch, t1
  .irp n, 1,3,4,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  ld x\n, 8*\n(sp)
  .endr
  ld x5, 40(sp)
  ld x6, 48(sp)
  ld sp, 16(sp)
  mret

.bss
.align 12
stacks:
  .skip 64 * 4096
