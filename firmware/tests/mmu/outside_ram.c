// Where nothing is: a leaf that leads there is an access fault, and so is a walk whose next table would be there (step 2:
// the original access's kind), root included.
#include "paging.h"

static void check_all(unsigned number, u64 va) {
  fence();
  check_access_fault(number, load(MODE_S, va), LOAD, va);
  check_access_fault(number, store(MODE_S, va, 1), STORE, va);
  check_access_fault(number, touch(MODE_S, AMO, va, 1), AMO, va);
  struct outcome fetched = fetch(MODE_S, va);
  check_access_fault(number, fetched, FETCH, va);
  check(number, fetched.epc, va);
}

int main(void) {
  // Below RAM, between devices (on QEMU too); beyond any RAM; the last of the 56 bits.
  static const u64 holes[] = {0x0e000000, 0x4000000000, 0xfffffffffff000};
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    reset_pages();
    struct space space = new_space(mode);
    u64 va = (1ull << (mode->va_bits - 2)) + 0x5128;
    u64 *leaf = map(&space, va & -PAGE, 0, 0, S_RWX);
    use(&space, 0);
    for (unsigned i = 0; i < 3; i++) {
      context(mode->name, holes[i]);
      *leaf = pte(holes[i], S_RWX);
      check_all(1, va);
    }
    for (unsigned level = 1; level < mode->levels; level++) {
      for (unsigned i = 0; i < 3; i++) {
        context(mode->name, holes[i] | level);
        u64 *pointer = entry(&space, va, level), good = *pointer;
        *pointer = pte(holes[i], PTE_V);
        check_all(2, va);
        *pointer = good;
      }
    }
    // The root itself: not even the first instruction of the S-mode code can be fetched.
    context(mode->name, 0);
    csrw(satp, (u64)mode->satp << 60 | 0xe000);
    fence();
    struct outcome outcome = load(MODE_S, va);
    check(3, outcome.trapped, 1);
    check(4, outcome.cause, CAUSE_FETCH_ACCESS);
    check(5, outcome.tval, outcome.epc);
  }
  return 0;
}
