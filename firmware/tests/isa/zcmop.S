// march: rv64ic_zicsr
// Zcmop: c.mop.1, c.mop.3 … c.mop.15 change nothing. (They are c.lui x1, x3 … x15 without an immediate.)
#include "insn.h"
#include "table.h"
#include "registers.h"

BEGIN_MAIN
  FILL_REGISTERS
  .irp n, 1, 3, 5, 7, 9, 11, 13, 15
  c.mop \n
  .endr
  CHECK_REGISTERS 1
END_MAIN

SAVED_SP
