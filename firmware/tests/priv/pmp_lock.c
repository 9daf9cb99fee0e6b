// A locked PMP entry cannot be changed until reset, nor the address below a locked TOR, and it holds M-mode too.
#include "pmp.h"

static u8 arena[8192] __attribute__((aligned(8192)));

static const u32 LOAD8 = 0x00053503, STORE8 = 0x00b53023;

int main(void) {
  pmp_open();
  u64 base = (u64)arena;
  // Locked, readable: M may read, not write or execute.
  pmp(1, PMP_NAPOT | PMP_L | PMP_R, NAPOT(base, 64));
  check(1, pmp_config(1), PMP_NAPOT | PMP_L | PMP_R);
  for (unsigned mode = MODE_U; mode <= MODE_M; mode++) {
    if (mode == 2) continue;
    context("mode", mode);
    check(2, run_word(mode, LOAD8, base, 0, 0).trapped, 0);
    check_trap(3, run_word(mode, STORE8, base + 8, 1, 0), CAUSE_STORE_ACCESS, base + 8);
    check_trap(4, run_as(mode, arena, 0, 0, 0), CAUSE_FETCH_ACCESS, base);
    check(5, run_word(mode, STORE8, base + 64, 1, 0).trapped, 0);
  }
  // It stays as it is; a write to the register changes the other seven entries.
  context("locked", 1);
  pmp(1, 0, 0);
  check(6, pmp_config(1), PMP_NAPOT | PMP_L | PMP_R);
  check(7, pmp_address(1), NAPOT(base, 64));
  csr_write(MODE_M, 0x3a0, 0x0000000000000000);
  check_value(8, csr_read(MODE_M, 0x3a0), (u64)(PMP_NAPOT | PMP_L | PMP_R) << 8);
  csr_write(MODE_M, 0x3a0, 0x1818181818181818);
  check_value(9, csr_read(MODE_M, 0x3a0), 0x1818181818189918);
  csr_write(MODE_M, 0x3a0, 0);
  check_trap(10, run_word(MODE_M, STORE8, base + 8, 1, 0), CAUSE_STORE_ACCESS, base + 8);

  // A locked TOR locks the address below it, not that entry's configuration.
  context("locked TOR", 0);
  pmp(4, 0, (base + 256) >> 2);
  pmp(5, PMP_TOR | PMP_L | PMP_R | PMP_W, (base + 512) >> 2);
  pmp(4, 0, 0);
  check(11, pmp_address(4), (base + 256) >> 2);
  check(12, pmp_address(5), (base + 512) >> 2);
  pmp(4, PMP_NA4 | PMP_R, 0x1234);
  check(13, pmp_config(4), PMP_NA4 | PMP_R);
  check(14, pmp_address(4), (base + 256) >> 2);
  check(15, run_word(MODE_M, STORE8, base + 264, 1, 0).trapped, 0);
  check_trap(16, run_as(MODE_M, arena + 264, 0, 0, 0), CAUSE_FETCH_ACCESS, base + 264);
  check(17, run_word(MODE_M, STORE8, base + 512, 1, 0).trapped, 0);

  // Locked while off: it matches nothing and cannot be turned on.
  context("locked off", 0);
  pmp(7, PMP_L, NAPOT(base + 1024, 64));
  pmp(7, PMP_NAPOT, 0);
  check(18, pmp_config(7), PMP_L);
  check(19, pmp_address(7), NAPOT(base + 1024, 64));
  check(20, run_word(MODE_M, STORE8, base + 1024, 1, 0).trapped, 0);
  // The entry before is free: 7 is not TOR.
  pmp(6, 0, 0x777);
  check(21, pmp_address(6), 0x777);

  // The lowest match still decides in M-mode: an unlocked entry before a locked one lets M through.
  context("before a lock", 0);
  pmp(9, PMP_NAPOT | PMP_L, NAPOT(base + 2048, 64));
  check_trap(22, run_word(MODE_M, LOAD8, base + 2048, 0, 0), CAUSE_LOAD_ACCESS, base + 2048);
  pmp(8, PMP_NAPOT, NAPOT(base + 2048, 64));
  check(23, run_word(MODE_M, LOAD8, base + 2048, 0, 0).trapped, 0);
  check_trap(24, run_word(MODE_S, LOAD8, base + 2048, 0, 0), CAUSE_LOAD_ACCESS, base + 2048);
  // The second configuration register keeps its own locks.
  csr_write(MODE_M, 0x3a2, 0);
  check(25, pmp_config(9), PMP_NAPOT | PMP_L);
  check(26, pmp_config(8), 0);
  return 0;
}
