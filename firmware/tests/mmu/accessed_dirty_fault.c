// Svade (menvcfg.ADUE = 0): an access to a page with A clear, and a store with D clear, is a page fault; the entry in
// memory does not change.
#include "paging.h"

#define MENVCFG_ADUE (1ull << 61)

int main(void) {
  csr_clear(MODE_M, 0x30a, MENVCFG_ADUE);
  check(1, csr_read(MODE_M, 0x30a).value & MENVCFG_ADUE, 0);
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    for (unsigned level = 0; level < 3; level++) {
      context(mode->name, level);
      reset_pages();
      struct space space = new_space(mode);
      u64 size = PAGE << 9 * level, physical = 0x80400340 & -size;
      u64 va = (1ull << (mode->va_bits - 2)) | (0x80400340 & (size - 1));
      u64 *leaf = map(&space, va & -size, physical, level, 0);
      put_function(0x80400340, 9);
      for (unsigned bits = 0; bits < 4; bits++) {
        u64 accessed = bits & 1 ? PTE_A : 0, dirty = bits & 2 ? PTE_D : 0;
        for (enum access access = LOAD; access <= SC; access++) {
          context(mode->name, level << 8 | bits << 4 | access);
          u64 value = (*leaf & ~0x3ffull) | PTE_V | PTE_R | PTE_W | PTE_X | accessed | dirty;
          *leaf = value;
          use(&space, 0);
          put_function(0x80400340, 9);
          int writes = access == STORE || access == AMO || access == SC;
          struct outcome outcome = touch(MODE_S, access, va, 0);
          if (accessed && (dirty || !writes)) check(2, outcome.trapped, 0);
          else if (access == SC && !accessed) check_page_fault(3, outcome, LR, va);
          else check_page_fault(4, outcome, access, va);
          check(5, *leaf, value);
        }
      }
      // Loaded first, with the entry in the TLB: the store faults all the same. Then software sets D.
      context(mode->name, level);
      *leaf = (*leaf & ~0x3ffull) | PTE_V | PTE_R | PTE_W | PTE_A;
      fence();
      check(6, load(MODE_S, va).trapped, 0);
      check_page_fault(7, store(MODE_S, va, 3), STORE, va);
      *leaf |= PTE_D;
      __asm__ volatile("sfence.vma %0" ::"r"(va) : "memory");
      check(8, store(MODE_S, va, 3).trapped, 0);
      check(9, read64(0x80400340), 3);
    }
  }
  return 0;
}
