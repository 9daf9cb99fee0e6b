// Svnapot: a leaf with N and ppn[3:0] = 1000 maps 64 KiB; any other pattern under N, and N above the last level, faults.
#include "paging.h"

int main(void) {
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    context(mode->name, 0);
    reset_pages();
    struct space space = new_space(mode);
    u64 va = 1ull << (mode->va_bits - 2), physical = 0x80400000 + 0x30000;
    for (unsigned i = 0; i < 16; i++) {
      map(&space, va + i * PAGE, physical, 0, S_RWX | PTE_N);
      *entry(&space, va + i * PAGE, 0) |= 8 << 10;
      write64(physical + i * PAGE + 0x128, 1000 + i);
    }
    use(&space, 0);
    for (unsigned i = 0; i < 16; i++) {
      context(mode->name, i);
      check_value(1, load(MODE_S, va + i * PAGE + 0x128), 1000 + i);
      check(2, store(MODE_S, va + i * PAGE + 0xff8, i).trapped, 0);
      check(3, read64(physical + i * PAGE + 0xff8), i);
      put_function(physical + i * PAGE, i);
      check_value(4, fetch(MODE_S, va + i * PAGE), i);
    }
    // One page after the other, backwards, each with a cold TLB.
    for (unsigned i = 16; i-- > 0;) {
      fence();
      check_value(5, load(MODE_S, va + i * PAGE + 0x128), 1000 + i);
    }
    // The next page is not part of it.
    check_page_fault(6, load(MODE_S, va + 16 * PAGE), LOAD, va + 16 * PAGE);
    for (unsigned pattern = 0; pattern < 16; pattern++) {
      context(mode->name, pattern);
      if (pattern == 8) continue;
      *entry(&space, va + 5 * PAGE, 0) = pte(physical, S_RWX | PTE_N) | pattern << 10;
      fence();
      check_page_fault(7, load(MODE_S, va + 5 * PAGE + 8), LOAD, va + 5 * PAGE + 8);
      check_page_fault(8, store(MODE_S, va + 5 * PAGE + 8, 0), STORE, va + 5 * PAGE + 8);
      check_page_fault(9, fetch(MODE_S, va + 5 * PAGE + 8), FETCH, va + 5 * PAGE + 8);
    }
    // Permissions hold as for any leaf, and a fence for one of its pages is enough once all entries agree.
    context(mode->name, 0);
    for (unsigned i = 0; i < 16; i++) *entry(&space, va + i * PAGE, 0) = pte(physical, (S_RWX & ~PTE_W) | PTE_N) | 8 << 10;
    for (unsigned i = 0; i < 16; i++) __asm__ volatile("sfence.vma %0" ::"r"(va + i * PAGE) : "memory");
    check_page_fault(10, store(MODE_S, va + 0x7008, 0), STORE, va + 0x7008);
    check_value(11, load(MODE_S, va + 7 * PAGE + 0x128), 1007);
  }
  return 0;
}
