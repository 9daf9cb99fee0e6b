// wfi ends for a pending and enabled interrupt even where none is let in; mstatus.TW makes it illegal below M.
#include "test.h"

#define WFI 0x10500073
#define TW (1 << 21)

int main(void) {
  csrw(mideleg, 0);
  write64(CLINT + 0x4000, ~0ull);
  // Pending already: it ends at once, in M with MIE = 0.
  csrw(mie, 2);
  csrw(mip, 2);
  csrc(mstatus, 8);
  __asm__ volatile("wfi; wfi");
  check(1, run_word(MODE_M, WFI, 0, 0, 0).trapped, 0);
  // In S, delegated and SIE = 0.
  csrw(mideleg, 2);
  csrc(mstatus, 2);
  check(2, run_word(MODE_S, WFI, 0, 0, 0).trapped, 0);
  // TW: illegal in S when nothing comes, with its bits in tval. M-mode does not care.
  csrs(mstatus, TW);
  check(3, csrr(mstatus) & TW, TW);
  csrw(mip, 0);
  check_trap(4, run_word(MODE_S, WFI, 0, 0, 0), CAUSE_ILLEGAL, WFI);
  check_trap(5, run_word(MODE_U, WFI, 0, 0, 0), CAUSE_ILLEGAL, WFI);
  csrw(mip, 2);
  check(6, run_word(MODE_M, WFI, 0, 0, 0).trapped, 0);
  csrc(mstatus, TW);
  check(7, run_word(MODE_S, WFI, 0, 0, 0).trapped, 0);
  return 0;
}
