// march: rv64i_zicsr
// Zicbop: prefetch.i, prefetch.r and prefetch.w are HINTs (ori x0 by number): they change nothing and never trap, whatever
// the address. An ori that is no prefetch is one that writes x0.
#include "table.h"
#include "registers.h"

.macro PREFETCHES offset
  .insn i 0x13, 6, x0, x17, \offset + 0   // prefetch.i offset(x17)
  .insn i 0x13, 6, x0, x17, \offset + 1   // prefetch.r
  .insn i 0x13, 6, x0, x17, \offset + 3   // prefetch.w
  .insn i 0x13, 6, x0, x17, \offset + 2   // no prefetch: a HINT all the same
.endm

BEGIN_MAIN
  // No memory at these addresses.
  FILL_REGISTERS
  PREFETCHES 0
  PREFETCHES 2016
  PREFETCHES -2048
  .insn i 0x13, 6, x0, x0, 0
  .insn i 0x13, 6, x0, x0, 1
  .insn i 0x13, 6, x0, x31, 3
  CHECK_REGISTERS 1
  // Memory: nothing is changed.
  la a7, line
  PREFETCHES 0
  ld a0, 0(a7)
  TEST_EQ 2, a0, 0x0123456789abcdef
END_MAIN

SAVED_SP

.data
.balign 64
line:
  .dword 0x0123456789abcdef
