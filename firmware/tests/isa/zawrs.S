// march: rv64ia_zicsr
// Zawrs: waiting on a reservation ends: at once without one, after a short time (wrs.sto), and when an interrupt is
// pending though not enabled in mstatus (wrs.nto). Neither instruction changes anything else.
#include "table.h"
#include "registers.h"

#define WRS_NTO .word 0x00d00073
#define WRS_STO .word 0x01d00073

BEGIN_MAIN
  la s0, cell
  // No reservation: nothing to wait for. A failing sc makes sure of that.
  sc.w a0, x0, (s0)
  WRS_NTO
  WRS_STO
  sc.w a0, x0, (s0)
  WRS_NTO
  // With one, wrs.sto gives up after a while.
  lr.w a0, (s0)
  WRS_STO
  lr.d a0, (s0)
  WRS_STO
  TEST_EQ 1, a0, 0x0123456789abcdef
  // With one and a pending interrupt that mie enables and mstatus.MIE does not, wrs.nto goes on, and no trap is taken.
  li a1, CLINT
  li a2, 8
  csrs mie, a2
  li a3, 1
  sw a3, 0(a1)                  // msip
1:
  csrr a4, mip
  andi a4, a4, 8
  beqz a4, 1b
  lr.w a0, (s0)
  WRS_NTO
  lr.w a0, (s0)
  WRS_STO
  sw x0, 0(a1)
  csrc mie, a2
  TEST_EQ 2, a0, 0xffffffff89abcdef
  // The usual loop: wait until the word is what it is already.
2:
  lr.w a0, (s0)
  li a1, 0xffffffff89abcdef
  beq a0, a1, 3f
  WRS_STO
  j 2b
3:
  FILL_REGISTERS
  lr.w x17, (x2)
  li x17, 17 * 0x0101010101010101
  WRS_STO
  sc.w x0, x0, (x2)
  WRS_NTO
  CHECK_REGISTERS 3
END_MAIN

SAVED_SP

.data
.balign 8
cell:
  .dword 0x0123456789abcdef
