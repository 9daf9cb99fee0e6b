// pmpaddr holds bits 55:2 of an address: its upper ten bits are zero.
#include "pmp.h"

int main(void) {
  for (unsigned n = 1; n < 16; n++) {
    context("pmpaddr", n);
    csr_write(MODE_M, 0x3b0 + n, ~0ull);
    check(1, pmp_address(n), ~0ull >> 10);
  }
  return 0;
}
