// The end of RAM (128 MiB): the last byte is there, the next is an access fault of each kind; an access that reaches over
// it faults with the first byte that is not there; an instruction that does, likewise.
#include "test.h"

#define END 0x88000000ull

static const u32 LOAD8 = 0x00053503, STORE8 = 0x00b53023, LOAD1 = 0x00054503, AMO = 0x00b5352f;

int main(void) {
  for (unsigned mode = MODE_U; mode <= MODE_M; mode++) {
    if (mode == 2) continue;
    context("mode", mode);
    write64(END - 8, 0x1122334455667788);
    check_value(1, run_word(mode, LOAD8, END - 8, 0, 0), 0x1122334455667788);
    check_value(2, run_word(mode, LOAD1, END - 1, 0, 0), 0x11);
    check_trap(3, run_word(mode, LOAD1, END, 0, 0), CAUSE_LOAD_ACCESS, END);
    check_trap(4, run_word(mode, STORE8, END, 0, 0), CAUSE_STORE_ACCESS, END);
    check_trap(5, run_word(mode, AMO, END, 0, 0), CAUSE_STORE_ACCESS, END);
    struct outcome outcome = run_as(mode, (void *)END, 0, 0, 0);
    check_trap(6, outcome, CAUSE_FETCH_ACCESS, END);
    check(7, outcome.epc, END);
    for (u64 before = 1; before < 8; before++) {
      check_trap(8, run_word(mode, LOAD8, END - before, 0, 0), CAUSE_LOAD_ACCESS, END);
      check_trap(9, run_word(mode, STORE8, END - before, 0, 0), CAUSE_STORE_ACCESS, END);
    }
    // li a0, 0x123, half of it.
    *(volatile u16 *)(END - 2) = 0x0513;
    __asm__ volatile("fence.i" ::: "memory");
    outcome = run_as(mode, (void *)(END - 2), 0, 0, 0);
    check_trap(10, outcome, CAUSE_FETCH_ACCESS, END);
    check(11, outcome.epc, END - 2);
  }
  return 0;
}
