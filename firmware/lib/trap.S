// Trap entries of both levels, and run_as, which leaves M-mode and comes back through them.
#include "test.h"

#define FRAME (36 * 8)

.macro SAVE_REGISTERS
  .irp n, 1,3,4,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  sd x\n, \n * 8(sp)
  .endr
.endm

.macro LOAD_REGISTERS
  .irp n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  ld x\n, \n * 8(sp)
  .endr
.endm

.macro TRAP_ENTRY level, handler, stack, return
.globl trap_entry_\level
.balign 4
trap_entry_\level:
  csrrw sp, \level\()scratch, sp        // sp = this hart, scratch = the interrupted sp
  sd t0, HART_SAVED(sp)
  mv t0, sp
  ld sp, \stack(t0)
  addi sp, sp, -FRAME
  sd t1, 6 * 8(sp)
  ld t1, HART_SAVED(t0)
  sd t1, 5 * 8(sp)
  csrrw t1, \level\()scratch, t0        // scratch = this hart again
  sd t1, 2 * 8(sp)
  SAVE_REGISTERS
  csrr t0, \level\()epc
  sd t0, 32 * 8(sp)
  csrr t0, \level\()cause
  sd t0, 33 * 8(sp)
  csrr t0, \level\()tval
  sd t0, 34 * 8(sp)
  csrr t0, \level\()status
  sd t0, 35 * 8(sp)
  mv a0, sp
  csrr a1, \level\()scratch
  call \handler
  ld t0, 32 * 8(sp)
  csrw \level\()epc, t0
  ld t0, 35 * 8(sp)
  csrw \level\()status, t0
  LOAD_REGISTERS
  ld sp, 2 * 8(sp)
  \return
.endm

.section .text.trap, "ax"
TRAP_ENTRY m, trap_m, HART_TRAP_STACK, mret
TRAP_ENTRY s, trap_s, HART_SUPERVISOR_STACK, sret

// An S-mode trap that nobody handled: M-mode ends run_as.
.globl abort_from_s
abort_from_s:
  li a7, ECALL_ABORT
  ecall
  j abort_from_s

// void enter(struct hart *hart, u64 function, u64 sp, u64 a, u64 b, u64 c, u64 ra): saves the caller's registers and
// executes mret. mstatus.MPP is set already. leave() makes it return.
.globl enter
enter:
  sd ra, HART_CONTEXT + 0(a0)
  sd sp, HART_CONTEXT + 8(a0)
  sd gp, HART_CONTEXT + 16(a0)
  sd tp, HART_CONTEXT + 24(a0)
  sd s0, HART_CONTEXT + 32(a0)
  sd s1, HART_CONTEXT + 40(a0)
  sd s2, HART_CONTEXT + 48(a0)
  sd s3, HART_CONTEXT + 56(a0)
  sd s4, HART_CONTEXT + 64(a0)
  sd s5, HART_CONTEXT + 72(a0)
  sd s6, HART_CONTEXT + 80(a0)
  sd s7, HART_CONTEXT + 88(a0)
  sd s8, HART_CONTEXT + 96(a0)
  sd s9, HART_CONTEXT + 104(a0)
  sd s10, HART_CONTEXT + 112(a0)
  sd s11, HART_CONTEXT + 120(a0)
  csrw mepc, a1
  mv sp, a2
  mv a0, a3
  mv a1, a4
  mv a2, a5
  mv ra, a6
  mret

// void leave(struct hart *hart)
.globl leave
leave:
  ld ra, HART_CONTEXT + 0(a0)
  ld sp, HART_CONTEXT + 8(a0)
  ld gp, HART_CONTEXT + 16(a0)
  ld tp, HART_CONTEXT + 24(a0)
  ld s0, HART_CONTEXT + 32(a0)
  ld s1, HART_CONTEXT + 40(a0)
  ld s2, HART_CONTEXT + 48(a0)
  ld s3, HART_CONTEXT + 56(a0)
  ld s4, HART_CONTEXT + 64(a0)
  ld s5, HART_CONTEXT + 72(a0)
  ld s6, HART_CONTEXT + 80(a0)
  ld s7, HART_CONTEXT + 88(a0)
  ld s8, HART_CONTEXT + 96(a0)
  ld s9, HART_CONTEXT + 104(a0)
  ld s10, HART_CONTEXT + 112(a0)
  ld s11, HART_CONTEXT + 120(a0)
  ret

// What run_as's function returns to, in whatever mode it runs.
.globl function_done
.balign 16
function_done:
  li a7, ECALL_DONE
  ecall
  j function_done

// Writable room for run_words, a page to itself.
.section .data.code, "aw"
.balign 64
.globl code_buffer
code_buffer:
  .zero 64
