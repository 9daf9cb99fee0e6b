// An address whose upper bits are not all equal to its topmost translated bit is a page fault, for every access, with
// the whole address in tval; even where its lower bits name a mapped page. In M-mode with MPRV too.
#include "paging.h"

int main(void) {
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    context(mode->name, 0);
    reset_pages();
    struct space space = new_space(mode);
    u64 low = (1ull << (mode->va_bits - 2)) + 0x120, high = -(1ull << (mode->va_bits - 2)) + 0x128;
    map(&space, low - 0x120, new_page(), 0, S_RWX);
    map(&space, high - 0x128, new_page(), 0, S_RWX);
    use(&space, 0);
    check(1, load(MODE_S, low).trapped, 0);
    check(2, load(MODE_S, high).trapped, 0);
    for (unsigned bit = mode->va_bits - 1; bit < 64; bit++) {
      for (unsigned half = 0; half < 2; half++) {
        context(mode->name, bit << 4 | half);
        u64 va = (half ? high : low) ^ 1ull << bit;
        if (bit == mode->va_bits - 1) va = half ? high & ((1ull << mode->va_bits) - 1) : low | -(1ull << mode->va_bits);
        check_page_fault(3, load(MODE_S, va), LOAD, va);
        check_page_fault(4, store(MODE_S, va, 0), STORE, va);
        check_page_fault(5, touch(MODE_S, AMO, va, 0), AMO, va);
        struct outcome outcome = fetch(MODE_S, va);
        check_page_fault(6, outcome, FETCH, va);
        check(7, outcome.epc, va);
        check_page_fault(8, load(MODE_U, va), LOAD, va);
      }
    }
    // MPRV: the harness's own trap handler sees the fault of a load in M-mode.
    context(mode->name, 1);
    u64 va = low | 1ull << 63, got;
    csrc(mstatus, 3 << 11);
    csrs(mstatus, 1 << 11);
    this_hart()->resume = 0;
    __asm__ volatile(
        "la t0, 1f\n csrr t1, mscratch\n sd t0, 16(t1)\n csrs mstatus, %2\n ld %0, 0(%1)\n 1: csrc mstatus, %2"
        : "=&r"(got) : "r"(va), "r"(MSTATUS_MPRV) : "t0", "t1", "memory");
    check(9, this_hart()->cause, CAUSE_LOAD_PAGE);
    check(10, this_hart()->tval, va);
  }
  return 0;
}
