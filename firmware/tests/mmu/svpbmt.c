// Svpbmt: with menvcfg.PBMTE a leaf's PBMT may be PMA, NC or IO; 3 is reserved; without PBMTE any but 0 faults, and so
// does any on a pointer.
#include "paging.h"

#define MENVCFG_PBMTE (1ull << 62)

int main(void) {
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    for (unsigned level = 0; level < 2; level++) {
      context(mode->name, level);
      reset_pages();
      struct space space = new_space(mode);
      u64 va = 1ull << (mode->va_bits - 2), physical = 0x80400000;
      use(&space, 0);
      csrs(0x30a, MENVCFG_PBMTE);
      check(1, csrr(0x30a) & MENVCFG_PBMTE, MENVCFG_PBMTE);
      for (unsigned type = 0; type < 4; type++) {
        context(mode->name, level << 4 | type);
        map(&space, va, physical, level, S_RWX | PTE_PBMT(type));
        fence();
        if (type == 3) {
          check_page_fault(2, load(MODE_S, va), LOAD, va);
          check_page_fault(3, store(MODE_S, va, 0), STORE, va);
          check_page_fault(4, fetch(MODE_S, va), FETCH, va);
        } else {
          check(5, store(MODE_S, va, 90 + type).trapped, 0);
          check(6, read64(physical), 90 + type);
          check_value(7, load(MODE_S, va), 90 + type);
        }
      }
      map(&space, va, physical, level, S_RWX);
      for (unsigned type = 1; type < 4; type++) {
        u64 *pointer = entry(&space, va, level + 1);
        *pointer |= PTE_PBMT(type);
        fence();
        check_page_fault(8, load(MODE_S, va), LOAD, va);
        *pointer &= ~PTE_PBMT(3);
      }
      csrc(0x30a, MENVCFG_PBMTE);
      check(9, csrr(0x30a) & MENVCFG_PBMTE, 0);
      for (unsigned type = 0; type < 4; type++) {
        map(&space, va, physical, level, S_RWX | PTE_PBMT(type));
        fence();
        if (type) check_page_fault(10, load(MODE_S, va), LOAD, va);
        else check(11, load(MODE_S, va).trapped, 0);
      }
    }
  }
  return 0;
}
