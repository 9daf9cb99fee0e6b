// LR is a load; SC and every AMO are stores: on a page without W they raise store/AMO page faults, even where nothing
// would be written, and memory keeps its value.
#include "paging.h"

// amoXXX.{w,d} a0, a1, (a0) by funct5.
static u32 amo(u32 funct5, u32 funct3) { return funct5 << 27 | 11 << 20 | 10 << 15 | funct3 << 12 | 10 << 7 | 0x2f; }

// lr.d a2, (a1), on a page that may be written; sc.d a0, a2, (a0) on another.
static void __attribute__((naked)) stray_sc(void) { __asm__("lr.d a2, (a1); sc.d a0, a2, (a0); ret"); }

int main(void) {
  static const u8 functions[] = {0x00, 0x01, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x18, 0x1c};
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    context(mode->name, 0);
    reset_pages();
    struct space space = new_space(mode);
    u64 va = (1ull << (mode->va_bits - 2)) + 0x238, page = new_page();
    u64 *leaf = map(&space, va & -PAGE, page, 0, S_RWX & ~PTE_W);
    use(&space, 0);
    write64(page + 0x238, 0x1234);
    for (unsigned i = 0; i < sizeof(functions); i++) {
      for (unsigned width = 2; width <= 3; width++) {
        context(mode->name, functions[i] << 4 | width);
        check_page_fault(1, run_word(MODE_S, amo(functions[i], width), va, 0, 0), AMO, va);
        check(2, read64(page + 0x238), 0x1234);
      }
    }
    context(mode->name, 1);
    check_value(3, touch(MODE_S, LR, va, 0), 0x1234);
    check_page_fault(4, touch(MODE_S, SC, va, 1), SC, va);
    check(5, read64(page + 0x238), 0x1234);
    // Not readable: LR is a load page fault, an AMO a store page fault.
    *leaf = pte(page, S_RWX & ~PTE_R & ~PTE_W);
    fence();
    check_page_fault(6, touch(MODE_S, LR, va, 0), LR, va);
    check_page_fault(7, touch(MODE_S, AMO, va, 0), AMO, va);
    *leaf = 0;
    fence();
    check_page_fault(8, touch(MODE_S, LR, va, 0), LR, va);
    check_page_fault(9, touch(MODE_S, AMO, va, 0), AMO, va);
    check_page_fault(10, touch(MODE_U, AMO, va, 0), AMO, va);
    // Allowed: they work, through two addresses of one page.
    *leaf = pte(page, S_RWX);
    map(&space, (va & -PAGE) + PAGE, page, 0, S_RWX);
    fence();
    check_value(11, touch(MODE_S, AMO, va, 4), 0x1234);
    check_value(12, touch(MODE_S, AMO, va + PAGE, 4), 0x1238);
    check_value(13, touch(MODE_S, SC, va, 0x99), 0);
    check(14, read64(page + 0x238), 0x99);
    // A reservation is not one for another place.
    check_value(15, run_as(MODE_S, stray_sc, va + 0x40, va, 0), 1);
  }
  return 0;
}
