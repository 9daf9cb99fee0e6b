// Svadu with menvcfg.ADUE = 1: the walk sets A on any access and D on a store, in the entry in memory, and only if the
// access is allowed; nothing else in the entry changes.
#include "paging.h"

#define MENVCFG_ADUE (1ull << 61)

static u64 *leaf;
static u64 va;

// One access to the page with these flags and a cold TLB; gives the flags afterwards.
static u64 flags_after(unsigned mode, enum access access, u64 flags) {
  *leaf = (*leaf & ~0x3ffull) | flags;
  u64 rest = *leaf & ~0x3ffull;
  fence();
  touch(mode, access, va, 0);
  fence();
  check(1, *leaf & ~0x3ffull, rest);
  return *leaf & 0x3ff;
}

int main(void) {
  csrs(0x30a, MENVCFG_ADUE);
  check(2, csrr(0x30a) & MENVCFG_ADUE, MENVCFG_ADUE);
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    for (unsigned level = 0; level < 3; level++) {
      context(mode->name, level);
      reset_pages();
      struct space space = new_space(mode);
      u64 size = PAGE << 9 * level, physical = 0x80400340 & -size;
      va = (1ull << (mode->va_bits - 2)) | (0x80400340 & (size - 1));
      leaf = map(&space, va & -size, physical, level, 0);
      use(&space, 0);
      put_function(0x80400340, 1);
      const u64 rwx = PTE_V | PTE_R | PTE_W | PTE_X | 3 << 8;
      check(3, flags_after(MODE_S, LOAD, rwx), rwx | PTE_A);
      check(4, flags_after(MODE_S, FETCH, rwx), rwx | PTE_A);
      check(5, flags_after(MODE_S, LR, rwx), rwx | PTE_A);
      check(6, flags_after(MODE_S, STORE, rwx), rwx | PTE_A | PTE_D);
      check(7, flags_after(MODE_S, AMO, rwx), rwx | PTE_A | PTE_D);
      check(8, flags_after(MODE_S, SC, rwx), rwx | PTE_A | PTE_D);
      check(9, flags_after(MODE_S, STORE, rwx | PTE_A), rwx | PTE_A | PTE_D);
      put_function(0x80400340, 1);
      check(10, flags_after(MODE_U, LOAD, rwx | PTE_U), rwx | PTE_A | PTE_U);
      check(11, flags_after(MODE_U, STORE, rwx | PTE_U), rwx | PTE_A | PTE_D | PTE_U);
      // Set bits stay, and are not asked for again.
      check(12, flags_after(MODE_S, LOAD, rwx | PTE_D), rwx | PTE_A | PTE_D);
      check(13, flags_after(MODE_S, LOAD, rwx | PTE_A | PTE_D), rwx | PTE_A | PTE_D);
      // A refused access leaves no mark.
      const u64 r = PTE_V | PTE_R;
      check(14, flags_after(MODE_S, STORE, r), r);
      check(15, flags_after(MODE_S, AMO, r) & ~PTE_A, r);   // its load, done early, may have set A: only D is exact
      check(16, flags_after(MODE_S, FETCH, r), r);
      check(17, flags_after(MODE_U, LOAD, r), r);
      check(18, flags_after(MODE_S, LOAD, r | PTE_U), r | PTE_U);
      const u64 x = PTE_V | PTE_X;
      check(19, flags_after(MODE_S, LOAD, x), x);
      csrs(mstatus, MSTATUS_MXR);
      check(20, flags_after(MODE_S, LOAD, x), x | PTE_A);
      csrc(mstatus, MSTATUS_MXR);
      // A page read first and then written: the TLB's entry must not hide the store.
      *leaf = (*leaf & ~0x3ffull) | rwx;
      fence();
      check(21, load(MODE_S, va).trapped, 0);
      check(22, store(MODE_S, va, 5).trapped, 0);
      check(23, *leaf & 0x3ff, rwx | PTE_A | PTE_D);
      check(24, read64(0x80400340), 5);
    }
  }
  return 0;
}
