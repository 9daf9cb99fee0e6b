// Entries that are not valid: V clear whatever else is set, W without R, reserved bits, and attributes on a pointer
// (steps 3 and 4 of the walk). menvcfg.PBMTE is 0 here: its field is reserved then.
#include "paging.h"

static void check_all(unsigned number, u64 va) {
  fence();
  check_page_fault(number, load(MODE_S, va), LOAD, va);
  check_page_fault(number, store(MODE_S, va, 1), STORE, va);
  check_page_fault(number, fetch(MODE_S, va), FETCH, va);
}

int main(void) {
  csr_clear(MODE_M, 0x30a, 1ull << 62);   // menvcfg.PBMTE
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    u64 base = 1ull << (mode->va_bits - 2), va = base + 0x7f0;
    for (unsigned level = 0; level < mode->levels; level++) {
      context(mode->name, level);
      reset_pages();
      struct space space = new_space(mode);
      u64 physical = level == 0 ? new_page() : level == 1 ? 0x80400000 : level == 2 ? 0x80000000 : 0;
      u64 *leaf = map(&space, base, physical, level, S_RWX);
      u64 good = *leaf;
      use(&space, 0);
      // A good entry, read through a slot that is RAM at every level.
      u64 slot = level < 3 ? va : base + 0x80000000;
      check(1, load(MODE_S, slot).trapped, 0);

      *leaf = good & ~PTE_V;
      check_all(2, va);
      *leaf = ~PTE_V;
      check_all(3, va);
      *leaf = good & ~PTE_R & ~PTE_X;   // W alone
      check_all(4, va);
      *leaf = good & ~PTE_R;            // W and X
      check_all(5, va);
      for (unsigned bit = 54; bit < 63; bit++) {
        context(mode->name, level << 8 | bit);
        *leaf = good | 1ull << bit;
        check_all(6, va);
      }
      *leaf = good | PTE_PBMT(3);
      check_all(7, va);
      context(mode->name, level);
      if (level > 0) {
        *leaf = good | PTE_N;           // Svnapot knows 64 KiB at the last level only
        check_all(8, va);
        *leaf = good | PTE_N | 8 << 10;
        check_all(9, va);
      }
      // The two bits for software change nothing.
      *leaf = good | 3 << 8;
      fence();
      check(10, load(MODE_S, slot).trapped, 0);

      // The same on the pointer above.
      if (level + 1 == mode->levels) continue;
      *leaf = good;
      u64 *pointer = entry(&space, base, level + 1), good_pointer = *pointer;
      fence();
      check(11, load(MODE_S, slot).trapped, 0);
      static const u8 bits[] = {4, 6, 7, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};   // U, A, D, the reserved, PBMT, N
      for (unsigned i = 0; i < sizeof(bits); i++) {
        context(mode->name, level << 8 | bits[i]);
        *pointer = good_pointer | 1ull << bits[i];
        check_all(12, va);
      }
      context(mode->name, level);
      *pointer = good_pointer | 3 << 8;
      fence();
      check(13, load(MODE_S, slot).trapped, 0);
      *pointer = good_pointer & ~PTE_V;
      check_all(14, va);
      *pointer = 0;
      check_all(15, va);
    }
  }
  return 0;
}
