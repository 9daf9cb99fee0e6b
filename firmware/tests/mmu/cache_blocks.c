// march: rv64gc_zicbom_zicboz
// Cache-block instructions under paging (CMO specification, 2.5.3): cbo.zero needs what a store needs; clean, flush and inval
// need what a load or a store needs, and raise store/AMO faults; prefetches never fault.
#include "paging.h"

enum { CBO_INVAL, CBO_CLEAN, CBO_FLUSH, CBO_ZERO = 4 };
static u32 cbo(u32 operation) { return operation << 20 | 10 << 15 | 2 << 12 | 0x0f; }
// ori x0, a0, with the kind in the low bits of the immediate
static u32 prefetch(u32 kind) { return kind << 20 | 10 << 15 | 6 << 12 | 0x13; }

int main(void) {
  // menvcfg: CBZE, CBCFE, CBIE = 3 (invalidate); senvcfg the same for U.
  csrs(0x30a, 0xf0);
  csrs(0x10a, 0xf0);
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    reset_pages();
    struct space space = new_space(mode);
    u64 va = (1ull << (mode->va_bits - 2)) + 0x240, page = new_page();
    use(&space, 0);
    static const u8 rights[] = {0, PTE_R, PTE_R | PTE_W, PTE_X, PTE_R | PTE_X, PTE_R | PTE_W | PTE_X};
    for (unsigned i = 0; i < sizeof(rights); i++) {
      map(&space, va & -PAGE, page, 0, rights[i] ? rights[i] | PTE_V | PTE_A | PTE_D : 0);
      fence();
      for (u32 operation = CBO_INVAL; operation <= CBO_ZERO; operation++) {
        if (operation == 3) continue;
        context(mode->name, rights[i] << 4 | operation);
        struct outcome outcome = run_word(MODE_S, cbo(operation), va, 0, 0);
        if (operation == CBO_ZERO ? rights[i] & PTE_W : rights[i] & (PTE_R | PTE_W)) check(1, outcome.trapped, 0);
        else check_page_fault(2, outcome, STORE, va);
      }
      for (u32 kind = 0; kind <= 3; kind++) {
        if (kind == 2) continue;
        check(3, run_word(MODE_S, prefetch(kind), va, 0, 0).trapped, 0);
      }
    }
    // cbo.zero clears its block of 64 bytes, from an address anywhere in it, and no more.
    context(mode->name, 0);
    map(&space, va & -PAGE, page, 0, S_RWX);
    fence();
    memset((void *)page, 0xa5, 4096);
    check(4, run_word(MODE_S, cbo(CBO_ZERO), va + 0x1d, 0, 0).trapped, 0);
    for (u64 at = 0; at < PAGE; at++) check(5, *(u8 *)(page + at), at >= 0x240 && at < 0x280 ? 0 : 0xa5);
    // clean, flush and (coherent memory) inval keep what is there.
    write64(page + 0x240, 0x1234);
    for (u32 operation = CBO_INVAL; operation <= CBO_FLUSH; operation++) check(6, run_word(MODE_S, cbo(operation), va, 0, 0).trapped, 0);
    check(7, read64(page + 0x240), 0x1234);
  }
  return 0;
}
