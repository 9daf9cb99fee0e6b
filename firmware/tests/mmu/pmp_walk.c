// PMP holds for the walk's own reads and writes of entries: a refused one is an access fault of the original access's
// kind, at any level, with the address that was asked for in tval. A refused final address is an access fault too.
#include "paging.h"
#include "pmp.h"

#define MENVCFG_ADUE (1ull << 61)

static void check_all(unsigned number, u64 va) {
  check_access_fault(number, load(MODE_S, va), LOAD, va);
  check_access_fault(number, store(MODE_S, va, 1), STORE, va);
  check_access_fault(number, touch(MODE_S, AMO, va, 1), AMO, va);
  struct outcome fetched = fetch(MODE_S, va);
  check_access_fault(number, fetched, FETCH, va);
  check(number, fetched.epc, va);
}

int main(void) {
  pmp_open();
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    reset_pages();
    struct space space = new_space(mode);
    u64 va = (1ull << (mode->va_bits - 2)) + 0x5128, page = new_page();
    map(&space, va & -PAGE, page, 0, S_RWX);
    use(&space, 0);
    // Each table on the way but the root, which the code's own mapping needs. Nothing readable; then execute only.
    for (unsigned level = 0; level + 1 < mode->levels; level++) {
      context(mode->name, level);
      u64 table = (u64)entry(&space, va, level) & -PAGE;
      for (unsigned rights = 0; rights <= PMP_X; rights += PMP_X) {
        pmp(0, (u8)(PMP_NAPOT | rights), NAPOT(table, PAGE));
        check_all(1, va);
      }
      // Just the entry, eight bytes.
      pmp(0, PMP_NAPOT, NAPOT(entry(&space, va, level), 8));
      check_all(2, va);
      pmp(0, PMP_NAPOT, NAPOT((u64)entry(&space, va, level) ^ 8, 8));
      check(3, load(MODE_S, va).trapped, 0);
      // Reading is all that the walk needs while A and D are set.
      pmp(0, PMP_NAPOT | PMP_R, NAPOT(table, PAGE));
      check(4, load(MODE_S, va).trapped, 0);
      check(5, store(MODE_S, va, 1).trapped, 0);
      pmp(0, 0, 0);
    }
    context(mode->name, 0);
    // To set A or D the walk must be allowed to write.
    csrs(0x30a, MENVCFG_ADUE);
    u64 *leaf = entry(&space, va, 0);
    *leaf &= ~(PTE_A | PTE_D);
    pmp(0, PMP_NAPOT | PMP_R, NAPOT((u64)leaf & -PAGE, PAGE));
    check_all(6, va);
    pmp(0, 0, 0);
    *leaf |= PTE_A;
    pmp(0, PMP_NAPOT | PMP_R, NAPOT((u64)leaf & -PAGE, PAGE));
    check(7, load(MODE_S, va).trapped, 0);
    check_access_fault(8, store(MODE_S, va, 1), STORE, va);
    pmp(0, 0, 0);
    check(9, *leaf & PTE_D, 0);
    *leaf |= PTE_D;
    csrc(0x30a, MENVCFG_ADUE);

    // The page itself: each right on its own.
    put_function(page + 0x128, 5);
    pmp(0, PMP_NAPOT, NAPOT(page, PAGE));
    check_all(10, va);
    pmp(0, PMP_NAPOT | PMP_R, NAPOT(page, PAGE));
    check(11, load(MODE_S, va).trapped, 0);
    check_access_fault(12, store(MODE_S, va, 1), STORE, va);
    check_access_fault(13, fetch(MODE_S, va), FETCH, va);
    pmp(0, PMP_NAPOT | PMP_X, NAPOT(page, PAGE));
    check_access_fault(14, load(MODE_S, va), LOAD, va);
    check_value(15, fetch(MODE_S, va), 5);
    // Half a page: the same translation, allowed or not by the address.
    pmp(0, PMP_NAPOT, NAPOT(page, PAGE / 2));
    check_access_fault(16, load(MODE_S, (va & -PAGE) + 0x7f8), LOAD, (va & -PAGE) + 0x7f8);
    check(17, load(MODE_S, (va & -PAGE) + 0x800).trapped, 0);
    check_access_fault(18, load(MODE_S, va & -PAGE), LOAD, va & -PAGE);
    // A page fault comes before the access fault: permission is checked on the way.
    *leaf &= ~PTE_W;
    pmp(0, PMP_NAPOT, NAPOT(page, PAGE));
    check_page_fault(19, store(MODE_S, va, 1), STORE, va);
    pmp(0, 0, 0);
  }
  return 0;
}
