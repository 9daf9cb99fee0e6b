// march: rv64i_zicsr
// qemu: -cpu max -icount shift=0
// Zicntr: instret counts instructions exactly. (QEMU: with -icount. What traps and what writes: zicntr-retired.)
#include "table.h"

// COUNTS number, expected, instructions: retired between two reads, the second read not included.
.macro COUNTS number, expected, instructions:vararg
  csrr a1, minstret
  \instructions
  csrr a2, minstret
  sub a2, a2, a1
  TEST_EQ \number, a2, \expected
.endm

.macro COUNT_DOWN n
  li a3, \n
.Lagain\@:
  addi a3, a3, -1
  bnez a3, .Lagain\@
.endm

BEGIN_MAIN
  // A read sees the count before itself: it counts afterwards.
  csrr a1, minstret
  csrr a2, minstret
  sub a2, a2, a1
  TEST_EQ 1, a2, 1
  COUNTS 2, 2, nop
  COUNTS 3, 2, ld a0, 0(sp)
  COUNTS 4, 2, sd a0, -8(sp)
  COUNTS 5, 2, fence
  COUNTS 6, 2, csrr a0, mhartid
  COUNTS 7, 2 + 20, COUNT_DOWN 10
  COUNTS 8, 2 + 2000, COUNT_DOWN 1000
  COUNTS 9, 2 + 2 * 100001 + 1, COUNT_DOWN 100001   // li takes two instructions
  csrr a1, minstret
  j 1f
  nop
1:
  csrr a2, minstret
  sub a2, a2, a1
  TEST_EQ 10, a2, 2
  // The user's view agrees.
  csrr a1, minstret
  csrr a2, instret
  sub a2, a2, a1
  TEST_EQ 11, a2, 1
END_MAIN
