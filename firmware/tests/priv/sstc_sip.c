// With Sstc, sip shows the STIP that stimecmp makes, as mip does, and S-mode cannot clear it there.
#include "test.h"

#define STCE (1ull << 63)
#define STIP (1 << 5)

int main(void) {
  csrw(mideleg, STIP);
  csrs(0x30a, STCE);
  csrw(0x14d, ~0ull);
  check(1, csrr(sip) & STIP, 0);
  csrw(0x14d, 0);
  check(2, csrr(mip) & STIP, STIP);
  check(3, csrr(sip) & STIP, STIP);
  csrw(sip, 0);
  check(4, csrr(sip) & STIP, STIP);
  csrw(0x14d, ~0ull);
  check(5, csrr(sip) & STIP, 0);
  return 0;
}
