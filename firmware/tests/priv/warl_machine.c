// The WARL fields of what describes and configures the machine: misa, the ids, counter enables, menvcfg and senvcfg, PMP.
#include "pmp.h"

#define BIT(n) (1ull << (n))
#define LETTER(c) BIT((c) - 'a')

int main(void) {
  // misa: 64 bits; I, M, A, F, D, C, S, U; never E beside I; nothing between the letters and MXL, whatever is written.
  u64 misa = csrr(misa);
  u64 letters = LETTER('i') | LETTER('m') | LETTER('a') | LETTER('f') | LETTER('d') | LETTER('c') | LETTER('s') | LETTER('u');
  check(1, misa >> 62, 2);
  check(2, misa & letters, letters);
  check(3, misa & LETTER('e'), 0);
  check(4, misa << 2 >> 28, 0);
  csrw(misa, misa | LETTER('e') | LETTER('y') | BIT(40));
  check(5, csrr(misa), misa);
  csrw(misa, (misa & ~(3ull << 62)) | 1ull << 62);
  check(6, csrr(misa) >> 62, 2);
  csrw(misa, misa);
  check(7, csrr(misa), misa);

  check(8, csrr(mhartid), 0);
  for (unsigned id = 0xf11; id <= 0xf15; id++) {
    context("id", id);
    check(9, csr_read(MODE_M, id).trapped, 0);
    check(10, csr_write(MODE_M, id, 0).trapped, 1);
  }

  // The counter enables are 32 bits; mcountinhibit has no bit for time.
  context("counters", 0);
  csrw(mcounteren, ~0ull);
  check(11, csrr(mcounteren) & 7, 7);
  check(12, csrr(mcounteren) >> 32, 0);
  csrw(scounteren, ~0ull);
  check(13, csrr(scounteren) & 7, 7);
  check(14, csrr(scounteren) >> 32, 0);
  csrw(mcounteren, 0);
  csrw(scounteren, 0);
  check(15, csrr(mcounteren) | csrr(scounteren), 0);
  csrw(0x320, ~0ull);
  check(16, csrr(0x320) & 7, 5);
  check(17, csrr(0x320) >> 32, 0);
  csrw(0x320, 0);
  check(18, csrr(0x320), 0);

  // menvcfg: FIOM, CBIE, CBCFE, CBZE, ADUE, PBMTE, STCE, each on its own; what is reserved is zero.
  context("menvcfg", 0);
  u64 before = csrr(0x30a);
  static const u8 bits[] = {0, 4, 6, 7, 61, 62, 63};
  for (unsigned i = 0; i < sizeof(bits); i++) {
    context("menvcfg bit", bits[i]);
    csrw(0x30a, BIT(bits[i]));
    check(19, csrr(0x30a) & BIT(bits[i]), BIT(bits[i]));
    csrw(0x30a, 0);
    check(20, csrr(0x30a) & BIT(bits[i]), 0);
  }
  csrw(0x30a, ~0ull);
  check(21, csrr(0x30a) & 0x07fffffcfffffe02ull, 0);
  csrw(0x30a, before);
  // senvcfg: the first four alone.
  context("senvcfg", 0);
  csrw(0x10a, ~0ull);
  check(22, csrr(0x10a) & 0xf1, 0xf1);
  check(23, csrr(0x10a) >> 34, 0);
  csrw(0x10a, 0);

  // pmpaddr keeps its 54 bits; pmpcfg: all five bits.
  context("PMP", 0);
  pmp_open();
  for (unsigned n = 1; n < 15; n++) {
    context("pmpaddr", n);
    csr_write(MODE_M, 0x3b0 + n, ~0ull);
    check(24, pmp_address(n) << 10, ~0ull << 10);
    csr_write(MODE_M, 0x3b0 + n, 0x2aaaaaaaaaaaaa);
    check(25, pmp_address(n), 0x2aaaaaaaaaaaaa);
    csr_write(MODE_M, 0x3b0 + n, 0);
    check(26, pmp_address(n), 0);
    for (unsigned config = 0; config < 0x20; config++) {
      if ((config & 3) == 2) continue;   // W without R: pmp_config_reserved
      context("pmpcfg", n << 8 | config);
      pmp(n, (u8)config, 0x2000);
      u8 got = pmp_config(n);
      check(27, got, config);
    }
    pmp(n, 0, 0);
  }
  return 0;
}
