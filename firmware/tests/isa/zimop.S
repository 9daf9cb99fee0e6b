// march: rv64i_zicsr
// Zimop: mop.r.0 to mop.r.31 and mop.rr.0 to mop.rr.7 write zero to rd and do nothing else.
#include "insn.h"
#include "table.h"
#include "registers.h"

.macro ONE_OPERAND n
  li a0, -1
  li a1, 0x123456789abcdef0
  mop.r \n, a0, a1
  TEST_EQ 1, a0, 0
  mop.r \n, a1, a1              // rd = rs1
  TEST_EQ 2, a1, 0
.endm
.macro TWO_OPERANDS n
  li a0, -1
  li a1, 0x123456789abcdef0
  li a2, 5
  mop.rr \n, a0, a1, a2
  TEST_EQ 3, a0, 0
  mop.rr \n, a2, a1, a2
  TEST_EQ 4, a2, 0
  mop.rr \n, a1, a1, a1
  TEST_EQ 5, a1, 0
.endm

BEGIN_MAIN
  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  ONE_OPERAND \n
  .endr
  .irp n, 0,1,2,3,4,5,6,7
  TWO_OPERANDS \n
  .endr
  // rd = x0: nothing at all happens, whatever the sources.
  FILL_REGISTERS
  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  mop.r \n, x0, x17
  .endr
  .irp n, 0,1,2,3,4,5,6,7
  mop.rr \n, x0, x17, x18
  .endr
  CHECK_REGISTERS 6
  TEST_EQ 7, x0, 0
END_MAIN

SAVED_SP
