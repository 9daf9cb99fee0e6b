// march: rv64i
// Zicond: conditional zero; the whole of rs2 is the condition. Expected values: tables/zicond.h.
#include "insn.h"
#include "table.h"
#include "tables/zicond.h"

BEGIN_MAIN
  TEST_PAIRS 1, czero.eqz
  TEST_PAIRS 2, czero.nez
  // A condition that is zero in its low word only is not zero.
  li a1, 0x1234
  li a2, 0x100000000
  czero.eqz a0, a1, a2
  TEST_EQ 3, a0, 0x1234
  czero.nez a0, a1, a2
  TEST_EQ 4, a0, 0
  czero.eqz a0, a1, x0
  TEST_EQ 5, a0, 0
  czero.nez a0, a1, x0
  TEST_EQ 6, a0, 0x1234
END_MAIN

OPERAND_PAIRS
TABLE_FAILURE
