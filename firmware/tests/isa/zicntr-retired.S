// march: rv64i_zicsr
// qemu: -cpu max -icount shift=0
// What instret does not count. Zicsr, "CSR Instructions": an explicit write is done instead of the instruction's own
// increment; a value written to instret is the value read by the following instruction. Privileged, "Environment Call and
// Breakpoint": an instruction that causes a synchronous exception does not retire.
#include "table.h"

BEGIN_MAIN
  li a0, 1000
  csrw minstret, a0
  csrr a1, minstret
  TEST_EQ 1, a1, 1000
  csrw minstret, a0
  nop
  csrr a1, minstret
  TEST_EQ 2, a1, 1001
  li a0, -1
  csrw minstret, a0
  nop
  csrr a1, minstret
  TEST_EQ 3, a1, 0              // it wraps at 2^64
  // A swap reads the count before itself, and the written value stands.
  li a0, 5000
  csrw minstret, a0
  csrrw a1, minstret, a0
  csrr a2, minstret
  TEST_EQ 4, a1, 5000
  TEST_EQ 5, a2, 5000
  // Setting no bits is no write: the increment happens.
  csrw minstret, a0
  csrrs a1, minstret, x0
  csrr a2, minstret
  TEST_EQ 6, a1, 5000
  TEST_EQ 7, a2, 5001

  // An instruction that traps does not retire. The handler: csrr, addi, csrw, mret: four instructions.
  la a0, handler
  csrrw s5, mtvec, a0
  csrr s6, mscratch
  csrr a1, minstret
  .word 0xffffffff
  csrr a2, minstret
  csrr a3, minstret
  ecall
  csrr a4, minstret
  csrw mtvec, s5
  sub a2, a2, a1
  TEST_EQ 8, a2, 1 + 4
  sub a4, a4, a3
  TEST_EQ 9, a4, 1 + 4
  j 2f
.balign 4
handler:
  csrr t0, mepc
  addi t0, t0, 4
  csrw mepc, t0
  mret
2:
END_MAIN
