// MPRV without paging: M-mode's loads and stores are checked against PMP as MPP's mode; fetches are not.
#include "pmp.h"

#define MPRV (1 << 17)
#define MPP (3 << 11)

static u64 memory[8] __attribute__((aligned(64)));

// One store (in M, with MPRV and MPP = S) to a place that only M may touch; 1 if it trapped.
static u64 try_store(u64 mpp) {
  struct hart *hart = this_hart();
  hart->cause = 0;
  csrc(mstatus, MPP);
  csrs(mstatus, mpp << 11);
  __asm__ volatile(
      "la t0, 1f\n sd t0, 16(%0)\n csrs mstatus, %2\n sd %0, 0(%1)\n csrc mstatus, %2\n sd zero, 16(%0)\n"
      "1: csrc mstatus, %2" ::"r"(hart), "r"(memory), "r"((u64)MPRV) : "t0", "memory");
  return hart->cause;
}

int main(void) {
  pmp_open();
  pmp(0, PMP_NAPOT | PMP_R, NAPOT(memory, 64));
  check(1, try_store(MODE_M), 0);
  check(2, try_store(MODE_S), CAUSE_STORE_ACCESS);
  check(3, this_hart()->tval, (u64)memory);
  check(4, try_store(MODE_U), CAUSE_STORE_ACCESS);
  pmp(0, PMP_NAPOT | PMP_R | PMP_W, NAPOT(memory, 64));
  check(5, try_store(MODE_S), 0);
  check(6, try_store(MODE_U), 0);
  // Returning to S or U clears MPRV.
  csrs(mstatus, MPRV);
  struct outcome outcome = run_word(MODE_S, 0x00000013, 0, 0, 0);
  check(7, outcome.trapped, 0);
  check(8, csrr(mstatus) & MPRV, 0);
  return 0;
}
