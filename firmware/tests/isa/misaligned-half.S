// march: rv64if_zicsr_zfhmin
// Misaligned flh and fsh at every offset around the end of a page.
#include "table.h"

BEGIN_MAIN
  la s0, boundary
  li s1, -9
1:
  add s2, s0, s1
  li a0, 0x80 ^ 0x7f
  sb a0, 0(s2)
  xori a0, a0, 0x55
  sb a0, 1(s2)
  flh f0, 0(s2)
  fmv.x.h a1, f0
  TEST_EQ 1, a1, -0x5501
  sd x0, -16(s0)
  sd x0, -8(s0)
  sd x0, 0(s0)
  sb x0, 8(s0)
  sb x0, 9(s0)
  fsh f0, 0(s2)
  lbu a1, 0(s2)
  TEST_EQ 2, a1, 0xff
  lbu a1, 1(s2)
  TEST_EQ 3, a1, 0xaa
  lbu a1, -1(s2)
  TEST_EQ 4, a1, 0
  lbu a1, 2(s2)
  TEST_EQ 5, a1, 0
  addi s1, s1, 1
  li a1, 8
  bne s1, a1, 1b
END_MAIN

.bss
.balign 4096
  .zero 4096
boundary:
  .zero 4096
