// qemu: -cpu max,h=off,v=off,smstateen=on
// Smstateen: mstateen0's bit 63 opens sstateen0 to S-mode and bit 62 senvcfg; 63 of the others their own; closed, they are
// illegal instructions. What is not there reads as zero.
#include "test.h"

#define SE (1ull << 63)
#define ENVCFG (1ull << 62)
#define SENVCFG 0x10a

int main(void) {
  for (unsigned n = 0; n < 4; n++) {
    context("stateen", n);
    csr_write(MODE_M, 0x30c + n, 0);
    check_value(1, csr_read(MODE_M, 0x30c + n), 0);
    check_trap(2, csr_read(MODE_S, 0x10c + n), CAUSE_ILLEGAL, (0x10c + n) << 20 | 0x2573);
    check_trap(3, csr_write(MODE_S, 0x10c + n, 0), CAUSE_ILLEGAL, (0x10c + n) << 20 | 0x51573);
    check(4, csr_read(MODE_M, 0x10c + n).trapped, 0);
    csr_write(MODE_M, 0x30c + n, SE);
    check_value(5, csr_read(MODE_M, 0x30c + n), SE);
    check(6, csr_read(MODE_S, 0x10c + n).trapped, 0);
    check(7, csr_write(MODE_S, 0x10c + n, 0).trapped, 0);
    check_trap(8, csr_read(MODE_U, 0x10c + n), CAUSE_ILLEGAL, (0x10c + n) << 20 | 0x2573);
    check_trap(9, csr_read(MODE_S, 0x30c + n), CAUSE_ILLEGAL, (0x30c + n) << 20 | 0x2573);
  }
  context("senvcfg", 0);
  csr_write(MODE_M, 0x30c, SE);
  check_trap(10, csr_read(MODE_S, SENVCFG), CAUSE_ILLEGAL, 0x10a02573);
  check_trap(11, csr_write(MODE_S, SENVCFG, 0), CAUSE_ILLEGAL, 0x10a51573);
  check(12, csr_read(MODE_M, SENVCFG).trapped, 0);
  csr_write(MODE_M, 0x30c, ENVCFG);
  check_value(13, csr_read(MODE_M, 0x30c), ENVCFG);
  check(14, csr_read(MODE_S, SENVCFG).trapped, 0);
  check_trap(15, csr_read(MODE_U, SENVCFG), CAUSE_ILLEGAL, 0x10a02573);
  check_trap(16, csr_read(MODE_S, 0x10c), CAUSE_ILLEGAL, 0x10c02573);
  // The state that sstateen0 could close is FCSR of Zfinx, and jvt of Zcmt: none with F.
  csr_write(MODE_M, 0x30c, ~0ull);
  csr_write(MODE_M, 0x10c, 0);
  check(17, run_word(MODE_U, 0x00302573, 0, 0, 0).trapped, 0);   // frcsr a0
  // Bits 3 to 53 have no meaning yet.
  check(18, csr_read(MODE_M, 0x30c).value & 0x003ffffffffffff8, 0);
  return 0;
}
