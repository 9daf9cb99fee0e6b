// A superpage whose low PPN bits are not all zero faults (step 6 of the walk), whichever bit it is and whoever asks; a
// pointer where the last level's leaf should be faults too (step 4).
#include "paging.h"

int main(void) {
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    u64 base = 1ull << (mode->va_bits - 2);
    for (unsigned level = 1; level < mode->levels; level++) {
      context(mode->name, level);
      reset_pages();
      struct space space = new_space(mode);
      u64 size = PAGE << 9 * level, physical = level == 1 ? 0x80400000 : level == 2 ? 0x80000000 : 0;
      u64 va = base | (0x80512340 & (size - 1));
      for (unsigned bit = 0; bit < 9 * level; bit++) {
        map(&space, base, physical | PAGE << bit, level, S_RWX);
        if ((physical & PAGE << bit) != 0) continue;
        use(&space, 0);
        check_page_fault(1, load(MODE_S, va), LOAD, va);
        check_page_fault(2, store(MODE_S, va, 1), STORE, va);
        check_page_fault(3, fetch(MODE_S, va), FETCH, va);
        check_page_fault(4, touch(MODE_S, AMO, va, 1), AMO, va);
      }
      map(&space, base, physical, level, S_RWX);
      use(&space, 0);
      check(5, load(MODE_S, va).trapped, 0);
    }
    reset_pages();
    struct space space = new_space(mode);
    context(mode->name, 0);
    // What it points to looks like a table of good leaves.
    u64 table = new_page(), page = new_page();
    for (unsigned i = 0; i < 512; i++) ((u64 *)table)[i] = pte(page, S_RWX);
    map(&space, base, table, 0, PTE_V);
    use(&space, 0);
    check_page_fault(6, load(MODE_S, base + 0x18), LOAD, base + 0x18);
    check_page_fault(7, store(MODE_S, base + 0x18, 1), STORE, base + 0x18);
    check_page_fault(8, fetch(MODE_S, base + 0x18), FETCH, base + 0x18);
  }
  return 0;
}
