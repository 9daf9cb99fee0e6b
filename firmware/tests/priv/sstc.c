// Sstc: stimecmp is S-mode's when menvcfg.STCE and mcounteren.TM are set; STIP then is whether time has reached it, and
// read-only; without STCE STIP is M's to write.
#include "test.h"

#define STCE (1ull << 63)
#define STIP (1 << 5)
#define STIMECMP 0x14d

static void nothing(void) {}

int main(void) {
  supervisor_ready();
  csrw(mideleg, STIP);
  // Access: M always; S with both; U never.
  for (unsigned enables = 0; enables < 4; enables++) {
    context("enables", enables);
    if (enables & 1) csrs(0x30a, STCE);
    else csrc(0x30a, STCE);
    csrw(mcounteren, enables & 2 ? 2 : 0);
    csrw(scounteren, ~0ull);
    check(1, csr_read(MODE_M, STIMECMP).trapped, 0);
    struct outcome s = csr_read(MODE_S, STIMECMP);
    if (enables == 3) check(2, s.trapped, 0);
    else check_trap(3, s, CAUSE_ILLEGAL, STIMECMP << 20 | 0x2573);
    check_trap(4, csr_read(MODE_U, STIMECMP), CAUSE_ILLEGAL, STIMECMP << 20 | 0x2573);
  }
  // Without STCE: an ordinary bit of mip.
  context("without STCE", 0);
  csrc(0x30a, STCE);
  csrw(0x14d, 0);
  csrw(mip, 0);
  check(5, csrr(mip) & STIP, 0);
  csrw(mip, STIP);
  check(6, csrr(mip) & STIP, STIP);
  check(7, csrr(sip) & STIP, STIP);
  csrw(mip, 0);
  check(8, csrr(mip) & STIP, 0);

  context("with STCE", 0);
  csrw(0x14d, ~0ull);
  csrs(0x30a, STCE);
  check(9, csrr(mip) & STIP, 0);
  csrs(mip, STIP);
  check(10, csrr(mip) & STIP, 0);
  csrw(0x14d, 0);
  check(11, csrr(mip) & STIP, STIP);
  csrw(mip, 0);
  check(12, csrr(mip) & STIP, STIP);
  csrw(0x14d, 0x123456789abcdef0);
  check(14, csrr(0x14d), 0x123456789abcdef0);
  check(15, csrr(mip) & STIP, 0);
  check_value(16, csr_write(MODE_S, STIMECMP, 0), 0x123456789abcdef0);
  check(17, csrr(mip) & STIP, STIP);

  // The interrupt, in S and in U.
  csrw(mie, STIP);
  csrs(mstatus, 2);
  struct outcome outcome = run_as(MODE_S, nothing, 0, 0, 0);
  check(18, outcome.trapped, 1);
  check(19, outcome.level, MODE_S);
  check(20, outcome.cause, 1ull << 63 | 5);
  check(21, outcome.tval, 0);
  check(22, run_as(MODE_U, nothing, 0, 0, 0).cause, 1ull << 63 | 5);
  csrw(0x14d, ~0ull);
  check(23, run_as(MODE_U, nothing, 0, 0, 0).trapped, 0);
  // It becomes pending when time gets there, and wfi waits for it.
  for (unsigned i = 0; i < 3; i++) {
    u64 when = csrr(time) + 3000;
    csrw(0x14d, when);
    check(24, csrr(mip) & STIP && csrr(time) < when, 0);
    csrc(mstatus, 8);
    while (!(csrr(mip) & STIP)) __asm__ volatile("wfi");
    check(25, csrr(time) >= when, 1);
  }
  return 0;
}
