// All of mhpmcounter3 to 31 and mhpmevent3 to 31 exist, if only to read as zero.
// qemu: -cpu max,h=off,v=off,pmu-mask=0xfffffff8
#include "test.h"

int main(void) {
  for (unsigned n = 3; n < 32; n++) {
    context("hpm", n);
    check(1, csr_read(MODE_M, 0xb00 + n).trapped, 0);
    check(2, csr_write(MODE_M, 0xb00 + n, 0).trapped, 0);
    check(3, csr_read(MODE_M, 0x320 + n).trapped, 0);
    check(4, csr_write(MODE_M, 0x320 + n, 0).trapped, 0);
    check_value(5, csr_read(MODE_M, 0x320 + n), 0);
    check(6, csr_read(MODE_M, 0xc00 + n).trapped, 0);
  }
  return 0;
}
