// PMP in S and U mode: NA4, NAPOT of every size, TOR and its edges, the lowest matching entry, an access that only
// partly matches, no match at all; each right on its own; pmpaddr of an entry that is off still bounds a TOR.
#include "pmp.h"

// 64 KiB of RAM well beyond the program.
#define arena ((u8 *)0x80400000)

static const u32 LOAD8 = 0x00053503, LOAD4 = 0x00056503, LOAD1 = 0x00054503, STORE8 = 0x00b53023, STORE1 = 0x00b50023;

static int allowed(u32 word, u64 at) {
  struct outcome outcome = run_word(MODE_S, word, at, 0, 0);
  if (outcome.trapped) check(200, outcome.cause, (word & 0x7f) == 0x03 ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS);
  if (outcome.trapped) check(201, outcome.tval, at);
  return !outcome.trapped;
}

int main(void) {
  pmp_open();
  u64 base = (u64)arena;
  check(1, allowed(LOAD8, base), 1);

  // NAPOT from 8 bytes to 32 KiB: inside no, the bytes before and after yes.
  for (u64 size = 8; size <= 32768; size *= 2) {
    context("NAPOT of", size);
    u64 at = base + size;
    pmp(0, PMP_NAPOT, NAPOT(at, size));
    check(2, allowed(LOAD1, at), 0);
    check(3, allowed(LOAD1, at + size - 1), 0);
    check(4, allowed(LOAD1, at - 1), 1);
    if (size < 32768) check(5, allowed(LOAD1, at + size), 1);
    check(6, allowed(STORE1, at + size / 2), 0);
    check(7, allowed(STORE1, at - 1), 1);
  }
  // NA4.
  context("NA4", 0);
  pmp(0, PMP_NA4, (base + 0x104) >> 2);
  check(8, allowed(LOAD4, base + 0x100), 1);
  check(9, allowed(LOAD4, base + 0x104), 0);
  check(10, allowed(LOAD1, base + 0x107), 0);
  check(11, allowed(LOAD4, base + 0x108), 1);
  // Eight bytes of which four match: refused, whatever the entry grants.
  check(12, allowed(LOAD8, base + 0x100), 0);
  pmp(0, PMP_NA4 | PMP_RWX, (base + 0x104) >> 2);
  check(13, allowed(LOAD4, base + 0x104), 1);
  check(14, allowed(LOAD8, base + 0x100), 0);
  check(15, allowed(STORE8, base + 0x100), 0);

  // TOR: from the entry before, inclusive, to its own, exclusive; an empty one matches nothing.
  context("TOR", 0);
  pmp(0, 0, (base + 0x100) >> 2);
  pmp(1, PMP_TOR, (base + 0x10c) >> 2);
  check(16, allowed(LOAD4, base + 0x0fc), 1);
  check(17, allowed(LOAD4, base + 0x100), 0);
  check(18, allowed(LOAD4, base + 0x108), 0);
  check(19, allowed(LOAD4, base + 0x10c), 1);
  check(20, allowed(LOAD8, base + 0x108), 0);   // partly
  pmp(1, PMP_TOR, (base + 0x100) >> 2);
  check(21, allowed(LOAD4, base + 0x100), 1);
  pmp(1, PMP_TOR, (base + 0x0f0) >> 2);         // upside down
  check(22, allowed(LOAD4, base + 0x0f8), 1);
  // Entry 0's TOR begins at address 0.
  pmp(1, 0, 0);
  pmp(0, PMP_TOR | PMP_RWX, 0x80000000 >> 2);
  check(23, allowed(LOAD1, UART + 5), 1);
  pmp(0, PMP_TOR, 0x80000000 >> 2);
  check(24, allowed(LOAD1, UART + 5), 0);
  check(25, allowed(LOAD8, base), 1);
  pmp(0, 0, 0);

  // The lowest entry that matches decides.
  context("priority", 0);
  pmp(3, PMP_NAPOT, NAPOT(base, 4096));
  pmp(2, PMP_NAPOT | PMP_R, NAPOT(base, 256));
  pmp(1, PMP_NAPOT | PMP_R | PMP_W, NAPOT(base, 16));
  check(26, allowed(STORE8, base + 8), 1);
  check(27, allowed(STORE8, base + 16), 0);
  check(28, allowed(LOAD8, base + 248), 1);
  check(29, allowed(LOAD8, base + 256), 0);
  check(30, allowed(LOAD8, base + 4096), 1);
  for (unsigned n = 1; n < 4; n++) pmp(n, 0, 0);

  // Each right: loads, stores, fetches; AMOs want both.
  for (u8 rights = 0; rights < 8; rights++) {
    context("rights", rights);
    if ((rights & 3) == PMP_W) continue;
    *(volatile u32 *)(arena + 256) = 0x00008067;   // ret
    __asm__ volatile("fence.i" ::: "memory");
    pmp(0, PMP_NAPOT | rights, NAPOT(base + 256, 256));
    for (unsigned mode = MODE_U; mode <= MODE_S; mode++) {
      check(31, !run_word(mode, LOAD8, base + 256, 0, 0).trapped, rights & PMP_R ? 1 : 0);
      check(32, !run_word(mode, STORE8, base + 264, 0, 0).trapped, rights & PMP_W ? 1 : 0);
      struct outcome fetched = run_as(mode, arena + 256, 0, 0, 0);
      check(33, !fetched.trapped, rights & PMP_X ? 1 : 0);
      if (fetched.trapped) {
        check_trap(34, fetched, CAUSE_FETCH_ACCESS, base + 256);
        check(35, fetched.epc, base + 256);
      }
      struct outcome amo = run_word(mode, 0x00b5352f, base + 272, 0, 0);   // amoadd.d a0, a1, (a0)
      if ((rights & 3) == 3) check(36, amo.trapped, 0);
      else check_trap(37, amo, CAUSE_STORE_ACCESS, base + 272);
    }
    // M-mode is not held by entries that are not locked.
    check(38, run_word(MODE_M, STORE8, base + 264, 0, 0).trapped, 0);
  }
  pmp(0, 0, 0);

  // M-mode's use of a page opens nothing for S and U, in whatever order they come.
  context("M before S", 0);
  pmp(0, PMP_NAPOT, NAPOT(base + 8192, 4096));
  for (unsigned round = 0; round < 3; round++) {
    check(50, run_word(MODE_M, LOAD8, base + 8192, 0, 0).trapped, 0);
    check(51, run_word(MODE_M, STORE8, base + 8192, 0, 0).trapped, 0);
    check(52, allowed(LOAD8, base + 8192), 0);
    check(53, allowed(STORE8, base + 8192), 0);
    check(54, run_word(MODE_U, LOAD8, base + 8192, 0, 0).cause, CAUSE_LOAD_ACCESS);
    write32(base + 8200, 0x00008067);   // ret
    __asm__ volatile("fence.i" ::: "memory");
    check(55, run_as(MODE_M, (void *)(base + 8200), 0, 0, 0).trapped, 0);
    check(56, run_as(MODE_S, (void *)(base + 8200), 0, 0, 0).cause, CAUSE_FETCH_ACCESS);
  }
  pmp(0, 0, 0);

  // A misaligned access over the edge of a region: the part that is refused.
  context("misaligned", 0);
  pmp(0, PMP_NAPOT, NAPOT(base + 4096, 4096));
  struct outcome outcome = run_word(MODE_S, LOAD8, base + 4093, 0, 0);
  check(39, outcome.cause, CAUSE_LOAD_ACCESS);
  check(40, outcome.tval == base + 4093 || outcome.tval == base + 4096, 1);
  outcome = run_word(MODE_S, STORE8, base + 8187, 0, 0);
  check(41, outcome.cause, CAUSE_STORE_ACCESS);
  check(42, outcome.tval, base + 8187);
  pmp(0, 0, 0);

  // No entry matches: refused below M (there are entries), allowed in M.
  context("no match", 0);
  extern char end_of_program[];
  pmp(14, PMP_TOR | PMP_RWX, (u64)end_of_program >> 2);
  pmp(15, 0, 0);
  check(43, allowed(LOAD1, 0x80000000), 1);
  check(44, allowed(LOAD1, (u64)end_of_program), 0);
  check(45, run_word(MODE_M, LOAD8, (u64)end_of_program, 0, 0).trapped, 0);
  pmp(15, PMP_NAPOT | PMP_RWX, EVERYTHING);

  // All sixteen entries.
  for (unsigned n = 0; n < 15; n++) {
    context("entry", n);
    pmp_open();
    pmp(n, PMP_NAPOT, NAPOT(base + 64 * n, 64));
    check(46, allowed(LOAD1, base + 64 * n), 0);
    check(47, allowed(LOAD1, base + 64 * n + 64), 1);
    check(48, pmp_config(n), PMP_NAPOT);
    check(49, pmp_address(n), NAPOT(base + 64 * n, 64));
  }
  return 0;
}
