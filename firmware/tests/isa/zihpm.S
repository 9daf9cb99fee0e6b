// march: rv64i_zicsr
// qemu: -cpu max,pmu-mask=0xfffffff8
// Zihpm: hpmcounter3 to hpmcounter31 can be read and not written; mhpmcounter and mhpmevent exist with them.
#include "table.h"
#include "trap.h"

BEGIN_MAIN
  .set csr, 0xc03
  .rept 29
  csrr a0, csr
  csrrs x0, csr, x0
  EXPECT_TRAP 1, CAUSE_ILLEGAL, x0, csrrwi x0, csr, 0
  EXPECT_TRAP 2, CAUSE_ILLEGAL, x0, csrrs x0, csr, a0
  .set csr, csr + 1
  .endr
  // A counter that counts nothing (event 0) stands still, and the two views agree.
  .set csr, 3
  .rept 29
  csrwi 0x320 + csr, 0          // mhpmevent
  csrr a0, 0xb00 + csr
  csrr a1, 0xc00 + csr
  TEST_EQR 3, a1, a0
  csrr a1, 0xb00 + csr
  TEST_EQR 4, a1, a0
  csrr a0, 0x320 + csr
  TEST_EQ 5, a0, 0
  .set csr, csr + 1
  .endr
  EXPECT_TRAP 6, CAUSE_ILLEGAL, x0, csrr a0, 0xc83
  EXPECT_TRAP 7, CAUSE_ILLEGAL, x0, csrr a0, 0xc9f
END_MAIN

TRAP_CHECKER
