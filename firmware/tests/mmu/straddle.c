// An instruction of four bytes whose halves lie in two pages: each half has its own translation and fault; tval is the
// address of the half that failed, epc the instruction's.
#include "paging.h"
#include "pmp.h"

int main(void) {
  pmp_open();
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    context(mode->name, 0);
    reset_pages();
    struct space space = new_space(mode);
    u64 va = 1ull << (mode->va_bits - 2), at = va + 0xffe, next = va + PAGE;
    u64 first = new_page(), between = new_page(), second = new_page();   // not neighbours
    (void)between;
    map(&space, va, first, 0, S_RWX);
    u64 *leaf = map(&space, next, second, 0, S_RWX);
    use(&space, 0);
    // li a0, 0x123: its upper half is 0x1230, its lower 0x0513; then ret, compressed.
    *(volatile u16 *)(first + 0xffe) = 0x0513;
    *(volatile u16 *)second = 0x1230;
    *(volatile u16 *)(second + 2) = 0x8082;
    __asm__ volatile("fence.i" ::: "memory");
    check_value(1, fetch(MODE_S, at), 0x123);

    static const u64 refused[] = {0, PTE_V | PTE_R | PTE_W | PTE_A | PTE_D, U_RWX, PTE_V | PTE_W | PTE_X, S_RWX & ~PTE_V};
    for (unsigned i = 0; i < 5; i++) {
      context(mode->name, i);
      *leaf = pte(second, refused[i]);
      fence();
      struct outcome outcome = fetch(MODE_S, at);
      check_page_fault(2, outcome, FETCH, next);
      check(3, outcome.epc, at);
    }
    context(mode->name, 0);
    // Then repaired: the same instruction goes through.
    *leaf = pte(second, S_RWX);
    fence();
    check_value(4, fetch(MODE_S, at), 0x123);
    // The first half refused.
    *entry(&space, va, 0) = pte(first, S_RWX & ~PTE_X);
    fence();
    struct outcome outcome = fetch(MODE_S, at);
    check_page_fault(5, outcome, FETCH, at);
    check(6, outcome.epc, at);
    *entry(&space, va, 0) = pte(first, S_RWX);
    fence();
    // The second half refused by PMP, or led nowhere: an access fault.
    pmp(0, PMP_NAPOT | PMP_R | PMP_W, NAPOT(second, PAGE));
    outcome = fetch(MODE_S, at);
    check_access_fault(7, outcome, FETCH, next);
    check(8, outcome.epc, at);
    pmp(0, 0, 0);
    *leaf = pte(0x0e000000, S_RWX);
    fence();
    outcome = fetch(MODE_S, at);
    check_access_fault(9, outcome, FETCH, next);
    check(10, outcome.epc, at);
    // A compressed instruction there does not touch the next page: li a0, 5; ret before it.
    *leaf = 0;
    fence();
    *(volatile u16 *)(first + 0xffc) = 0x4515;
    *(volatile u16 *)(first + 0xffe) = 0x8082;
    __asm__ volatile("fence.i" ::: "memory");
    check_value(11, fetch(MODE_S, va + 0xffc), 5);
    // Running off the end of a page: the next instruction's address faults, in tval and in epc.
    *(volatile u16 *)(first + 0xffe) = 0x4515;
    __asm__ volatile("fence.i" ::: "memory");
    outcome = fetch(MODE_S, va + 0xffc);
    check_page_fault(12, outcome, FETCH, next);
    check(13, outcome.epc, next);
    check(14, outcome.value, 5);
    // Physical neighbours need not be virtual ones: the same bytes through another pair of pages.
    map(&space, next, between, 0, S_RWX);
    fence();
    *(volatile u16 *)(first + 0xffe) = 0x0513;
    *(volatile u16 *)between = 0x7770;
    *(volatile u16 *)(between + 2) = 0x8082;
    __asm__ volatile("fence.i" ::: "memory");
    check_value(15, fetch(MODE_S, at), 0x777);
    map(&space, next, second, 0, S_RWX);
    fence();
    check_value(16, fetch(MODE_S, at), 0x123);
    // At the very end of the lower half, the second half is not canonical.
    u64 last = 1ull << (mode->va_bits - 1);
    map(&space, last - PAGE, first, 0, S_RWX);
    fence();
    outcome = fetch(MODE_S, last - 2);
    check_page_fault(17, outcome, FETCH, last);
    check(18, outcome.epc, last - 2);
  }
  return 0;
}
