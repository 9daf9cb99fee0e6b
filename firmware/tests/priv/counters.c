// Who may read cycle, time, instret and hpmcounterN: mcounteren opens each to S, scounteren with it to U, M always may;
// mcountinhibit stops cycle and instret; the machine counters can be written, all 64 bits.
#include "test.h"

int main(void) {
  static const u8 counters[] = {0, 1, 2, 3, 10};
  for (unsigned i = 0; i < sizeof(counters); i++) {
    unsigned csr = 0xc00 + counters[i];
    u64 bit = 1ull << counters[i];
    u32 word = csr << 20 | 0x2573;
    for (unsigned enables = 0; enables < 4; enables++) {
      context("counter and enables", csr << 4 | enables);
      csrw(mcounteren, enables & 1 ? bit : ~bit & 0xffffffff);
      csrw(scounteren, enables & 2 ? bit : ~bit & 0xffffffff);
      check(1, csr_read(MODE_M, csr).trapped, 0);
      struct outcome s = csr_read(MODE_S, csr), u = csr_read(MODE_U, csr);
      if (enables & 1) check(2, s.trapped, 0);
      else check_trap(3, s, CAUSE_ILLEGAL, word);
      if (enables == 3) check(4, u.trapped, 0);
      else check_trap(5, u, CAUSE_ILLEGAL, word);
    }
    // Writing is illegal for everyone.
    csrw(mcounteren, ~0ull);
    csrw(scounteren, ~0ull);
    for (unsigned mode = MODE_U; mode <= MODE_M; mode++)
      if (mode != 2) check_trap(6, csr_write(mode, csr, 0), CAUSE_ILLEGAL, csr << 20 | 0x51573);
  }

  // They count, and the user's name shows the machine's counter.
  context("counting", 0);
  csrw(0x320, 0);
  u64 cycle = csrr(mcycle), instret = csrr(minstret);
  for (volatile unsigned i = 0; i < 100; i++) {}
  check(7, csrr(cycle) > cycle, 1);
  check(8, csrr(instret) > instret, 1);
  // Stopped, each alone.
  csrw(0x320, 1);
  cycle = csrr(mcycle), instret = csrr(minstret);
  for (volatile unsigned i = 0; i < 100; i++) {}
  check(9, csrr(mcycle), cycle);
  check(10, csrr(cycle), cycle);
  check(11, csrr(minstret) > instret, 1);
  csrw(0x320, 4);
  cycle = csrr(mcycle), instret = csrr(minstret);
  for (volatile unsigned i = 0; i < 100; i++) {}
  check(12, csrr(mcycle) > cycle, 1);
  check(13, csrr(minstret), instret);
  // Written while stopped, they hold it; running again, they go on from there.
  csrw(0x320, 5);
  csrw(mcycle, 0x123456789abcdef0);
  csrw(minstret, 0xfedcba9876543210);
  check(14, csrr(mcycle), 0x123456789abcdef0);
  check(15, csrr(minstret), 0xfedcba9876543210);
  csrw(0x320, 0);
  for (volatile unsigned i = 0; i < 10; i++) {}
  cycle = csrr(mcycle) - 0x123456789abcdef0;
  instret = csrr(minstret) - 0xfedcba9876543210;
  check(16, cycle > 0 && cycle < 100000000, 1);
  check(17, instret > 0 && instret < 100000000, 1);
  // Written while running; and over the edge of 64 bits.
  csrw(mcycle, ~0ull);
  for (volatile unsigned i = 0; i < 10; i++) {}
  check(18, csrr(mcycle) < 100000000, 1);
  // time does not stop.
  csrw(0x320, ~0ull);
  u64 start = csrr(time);
  for (unsigned i = 0; i < 10000000 && csrr(time) == start; i++) {}
  check(19, csrr(time) > start, 1);
  csrw(0x320, 0);
  return 0;
}
