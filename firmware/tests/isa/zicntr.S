// march: rv64i_zicsr
// Zicntr: cycle, time and instret can be read, do not run backwards, move on, and cannot be written.
#include "table.h"
#include "trap.h"

// ADVANCES number, csr: never smaller than before, and larger in the end.
.macro ADVANCES number, csr
  csrr a1, \csr
  mv a4, a1
  li a3, 20000
.Lagain\@:
  csrr a2, \csr
  sltu a0, a2, a1
  TEST_EQ \number, a0, 0
  mv a1, a2
  addi a3, a3, -1
  bnez a3, .Lagain\@
  sltu a0, a4, a1
  TEST_EQ \number, a0, 1
.endm

BEGIN_MAIN
  ADVANCES 1, cycle
  ADVANCES 2, time
  ADVANCES 3, instret
  ADVANCES 4, mcycle
  ADVANCES 5, minstret
  // The user's view is the machine's counter.
  csrr a1, mcycle
  csrr a2, cycle
  csrr a3, mcycle
  sltu a0, a2, a1
  TEST_EQ 6, a0, 0
  sltu a0, a3, a2
  TEST_EQ 7, a0, 0
  csrr a1, minstret
  csrr a2, instret
  csrr a3, minstret
  sltu a0, a2, a1
  TEST_EQ 8, a0, 0
  sltu a0, a3, a2
  TEST_EQ 9, a0, 0
  // They are read-only by number; x0 as rd is a read too.
  .irp csr, cycle, time, instret
  csrrs x0, \csr, x0
  EXPECT_TRAP 10, CAUSE_ILLEGAL, x0, csrrw x0, \csr, x0
  EXPECT_TRAP 11, CAUSE_ILLEGAL, x0, csrrwi a0, \csr, 0
  EXPECT_TRAP 12, CAUSE_ILLEGAL, x0, csrrs a0, \csr, a1
  EXPECT_TRAP 13, CAUSE_ILLEGAL, x0, csrrci a0, \csr, 1
  .endr
  // RV64 has no upper halves.
  EXPECT_TRAP 14, CAUSE_ILLEGAL, x0, csrr a0, 0xc80
  EXPECT_TRAP 15, CAUSE_ILLEGAL, x0, csrr a0, 0xc81
  EXPECT_TRAP 16, CAUSE_ILLEGAL, x0, csrr a0, 0xc82
END_MAIN

TRAP_CHECKER
