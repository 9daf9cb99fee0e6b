// march: rv64gc
// A test of the p environment that does not end.
#include "environment.h"
.section .text.start, "ax"
.globl _start
_start:
  li gp, 7
1:
  j 1b
TOHOST
