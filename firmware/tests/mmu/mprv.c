// MPRV with paging: M-mode's loads and stores translate and are checked as MPP's mode would be, with SUM and MXR; its
// fetches are not; a fault traps to M with the virtual address.
#include "paging.h"

// One load (or store) in M-mode with MPRV set; -1 and the recorded trap if it faults.
static u64 access_with_mprv(u64 mpp, int is_store, u64 va, u64 value) {
  u64 result = 0, t;
  csrc(mstatus, 3 << 11);
  csrs(mstatus, mpp << 11);
  this_hart()->cause = 0;
  __asm__ volatile(
      "csrr %1, mscratch\n la t0, 2f\n sd t0, 16(%1)\n csrs mstatus, %5\n"
      "bnez %3, 1f\n ld %0, 0(%2)\n j 3f\n 1: sd %4, 0(%2)\n"
      "3: csrc mstatus, %5\n sd zero, 16(%1)\n j 4f\n"
      "2: csrc mstatus, %5\n li %0, -1\n 4:"
      : "+&r"(result), "=&r"(t) : "r"(va), "r"((u64)is_store), "r"(value), "r"(MSTATUS_MPRV) : "t0", "memory");
  return result;
}

int main(void) {
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    context(mode->name, 0);
    reset_pages();
    struct space space = new_space(mode);
    // The harness's trap handler runs with MPRV set until it returns: no, MPRV holds for MPP, which a trap from M-mode
    // makes M. So it reaches its stack.
    u64 va = (1ull << (mode->va_bits - 2)) + 0x240, page = new_page();
    u64 *leaf = map(&space, va & -PAGE, page, 0, S_RWX & ~PTE_X);
    write64(page + 0x240, 42);
    use(&space, 3);
    csrc(mstatus, MSTATUS_SUM | MSTATUS_MXR);
    check(1, access_with_mprv(MODE_S, 0, va, 0), 42);
    check(2, access_with_mprv(MODE_S, 1, va, 43), 0);
    check(3, read64(page + 0x240), 43);
    check(4, access_with_mprv(MODE_U, 0, va, 0), -1ull);
    check(5, this_hart()->cause, CAUSE_LOAD_PAGE);
    check(6, this_hart()->tval, va);
    check(7, access_with_mprv(MODE_U, 1, va, 0), -1ull);
    check(8, this_hart()->cause, CAUSE_STORE_PAGE);
    check(9, this_hart()->tval, va);
    // MPP = M: nothing is translated.
    check(10, access_with_mprv(MODE_M, 0, page + 0x240, 0), 43);
    check(11, access_with_mprv(MODE_M, 0, va, 0), -1ull);
    check(12, this_hart()->cause, CAUSE_LOAD_ACCESS);
    // A user page: as U it may be used, as S with SUM only.
    *leaf = pte(page, U_RWX & ~PTE_X);
    fence();
    check(13, access_with_mprv(MODE_U, 0, va, 0), 43);
    check(14, access_with_mprv(MODE_S, 0, va, 0), -1ull);
    check(15, this_hart()->cause, CAUSE_LOAD_PAGE);
    csrs(mstatus, MSTATUS_SUM);
    check(16, access_with_mprv(MODE_S, 0, va, 0), 43);
    check(17, access_with_mprv(MODE_S, 1, va, 44), 0);
    csrc(mstatus, MSTATUS_SUM);
    // Execute only: with MXR.
    *leaf = pte(page, S_RWX & ~PTE_R & ~PTE_W);
    fence();
    check(18, access_with_mprv(MODE_S, 0, va, 0), -1ull);
    csrs(mstatus, MSTATUS_MXR);
    check(19, access_with_mprv(MODE_S, 0, va, 0), 44);
    csrc(mstatus, MSTATUS_MXR);
    // Unmapped.
    check(20, access_with_mprv(MODE_S, 0, va + PAGE, 0), -1ull);
    check(21, this_hart()->tval, va + PAGE);
    // The trap left MPRV as it was (the stub cleared it), and recorded that it came from M.
    check(22, this_hart()->status >> 11 & 3, MODE_M);
    check(23, this_hart()->status & MSTATUS_MPRV, MSTATUS_MPRV);
  }
  return 0;
}
