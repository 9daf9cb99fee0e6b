// Every level's leaf, in every mode, in both halves of the address space: load, store and fetch reach the right byte.
#include "paging.h"

// Any 8-byte slot in RAM beyond the program, not special in any index.
#define SLOT 0x80612348ull

int main(void) {
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    for (unsigned level = 0; level < mode->levels; level++) {
      for (unsigned half = 0; half < 2; half++) {
        context(mode->name, level << 4 | half);
        reset_pages();
        struct space space = new_space(mode);
        u64 size = PAGE << 9 * level, base = 1ull << (mode->va_bits - 2);
        if (half) base = -base;
        u64 va = base | (SLOT & (size - 1));
        for (unsigned who = 0; who < 2; who++) {
          unsigned privilege = who ? MODE_U : MODE_S;
          u64 *leaf = map(&space, base, SLOT & -size, level, who ? U_RWX : S_RWX);
          use(&space, 0);
          check(1, csrr(satp) >> 60, mode->satp);
          write64(SLOT, 0x1122334455667788 + level);
          check_value(2, load(privilege, va), 0x1122334455667788 + level);
          struct outcome stored = store(privilege, va, 0xabcdef0123456789 + level);
          check(3, stored.trapped, 0);
          check(4, read64(SLOT), 0xabcdef0123456789 + level);
          put_function(SLOT, 100 + level);
          struct outcome got = touch(privilege, FETCH, va, 0);
          // In U-mode the function returns to the user alias.
          check_value(5, got, 100 + level);
          // The first and the last byte of the leaf.
          if (level <= 1) {
            write64((SLOT & -size) + size - 8, 77);
            check_value(6, load(privilege, base + size - 8), 77);
            write64(SLOT & -size, 78);
            check_value(7, load(privilege, base), 78);
            // The byte after it is not mapped.
            check_page_fault(8, load(privilege, base + size), LOAD, base + size);
            check_page_fault(9, load(privilege, base - 8), LOAD, base - 8);
          }
          // Without V it is gone.
          *leaf &= ~PTE_V;
          fence();
          check_page_fault(10, load(privilege, va), LOAD, va);
          check_page_fault(11, store(privilege, va, 0), STORE, va);
          check_page_fault(12, fetch(privilege, va), FETCH, va);
          check(13, fetch(privilege, va).epc, va);
        }
      }
    }
  }
  return 0;
}
