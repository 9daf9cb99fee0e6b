// march: rv64ic_zicsr
// C: reserved encodings are illegal with their 16 bits in mtval; HINTs change nothing but the pc.
// What Zcb and Zcmop took is not here.
#include "table.h"
#include "trap.h"
#include "registers.h"

// HINTS first, last, step: executes each of these halfwords.
.macro HINTS first, last, step
  .set bits, \first
  .rept (\last - \first) / \step + 1
  .half bits
  .set bits, bits + \step
  .endr
.endm

BEGIN_MAIN
  // All zeros is illegal by definition; c.addi4spn without an immediate is reserved.
  EXPECT_ILLEGAL16 1, 0x0000
  .irp register, 1, 2, 3, 4, 5, 6, 7
  EXPECT_ILLEGAL16 2, \register << 2
  .endr
  // Quadrant 0, funct3 100: what Zcb left.
  EXPECT_ILLEGAL16 3, 0x8c40          // funct6 100011 with bit 6
  EXPECT_ILLEGAL16 4, 0x9000          // funct6 1001xx
  EXPECT_ILLEGAL16 5, 0x9ffc
  // c.addiw to x0.
  EXPECT_ILLEGAL16 6, 0x2001
  EXPECT_ILLEGAL16 7, 0x207d
  EXPECT_ILLEGAL16 8, 0x3001
  // c.addi16sp without an immediate, c.lui without one.
  EXPECT_ILLEGAL16 9, 0x6101
  EXPECT_ILLEGAL16 10, 0x6001         // c.lui x0
  EXPECT_ILLEGAL16 11, 0x6201         // c.lui x4
  EXPECT_ILLEGAL16 12, 0x6501         // c.lui x10
  EXPECT_ILLEGAL16 13, 0x6881         // c.lui x17
  EXPECT_ILLEGAL16 14, 0x6f81         // c.lui x31
  // Quadrant 1, funct6 100111: the two encodings that Zcb left.
  .irp register, 0, 1, 2, 3, 4, 5, 6, 7
  EXPECT_ILLEGAL16 15, 0x9c79 | \register << 7
  EXPECT_ILLEGAL16 16, 0x9c7d | \register << 7
  .endr
  // c.lwsp and c.ldsp to x0, c.jr x0.
  EXPECT_ILLEGAL16 17, 0x4002
  EXPECT_ILLEGAL16 18, 0x4012
  EXPECT_ILLEGAL16 19, 0x6002
  EXPECT_ILLEGAL16 20, 0x7002
  EXPECT_ILLEGAL16 21, 0x8002

  // HINTs: every register keeps its value.
  FILL_REGISTERS
  HINTS 0x0005, 0x007d, 4             // c.nop with an immediate
  HINTS 0x1001, 0x107d, 4
  HINTS 0x0081, 0x0f81, 0x80          // c.addi rd, 0
  HINTS 0x4001, 0x407d, 4             // c.li x0
  HINTS 0x5001, 0x507d, 4
  HINTS 0x6005, 0x607d, 4             // c.lui x0, not 0
  HINTS 0x7001, 0x707d, 4
  HINTS 0x8006, 0x807e, 4             // c.mv x0
  HINTS 0x9006, 0x907e, 4             // c.add x0, and the ntl hints
  HINTS 0x0002, 0x007e, 4             // c.slli x0
  HINTS 0x1002, 0x107e, 4
  HINTS 0x0082, 0x0f82, 0x80          // c.slli rd, 0
  HINTS 0x8001, 0x8381, 0x80          // c.srli rd, 0
  HINTS 0x8401, 0x8781, 0x80          // c.srai rd, 0
  CHECK_REGISTERS 30
END_MAIN

TRAP_CHECKER
SAVED_SP
