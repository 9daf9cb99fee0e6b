// The field CBIE of menvcfg and senvcfg never holds 2, which is reserved (CMO specification: a WARL field).
#include "test.h"

int main(void) {
  static const u16 registers[] = {0x30a, 0x10a};
  for (unsigned i = 0; i < 2; i++) {
    context("csr", registers[i]);
    for (u64 cbie = 0; cbie < 4; cbie++) {
      csr_write(MODE_M, registers[i], cbie << 4);
      u64 got = csr_read(MODE_M, registers[i]).value >> 4 & 3;
      if (cbie == 2) check(1, got == 2, 0);
      else check(2, got, cbie);
    }
  }
  return 0;
}
