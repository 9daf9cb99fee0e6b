// pmpcfg's bits 5 and 6 are zero; its R, W and X are one WARL field in which W without R is reserved: it never reads back.
#include "pmp.h"

int main(void) {
  for (unsigned n = 1; n < 16; n++) {
    for (u8 config = 0; config < 0x80; config++) {
      context("pmpcfg", n << 8 | config);
      pmp(n, config, 0x2000);
      check(1, pmp_config(n) & 0x60, 0);
      check(2, (pmp_config(n) & 3) == 2, 0);
      pmp(n, 0, 0);
    }
  }
  return 0;
}
