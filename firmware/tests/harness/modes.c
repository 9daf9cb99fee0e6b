// march: rv64gc
// The harness itself, from C: functions run in each mode and come back, with a value or with a trap.
#include "test.h"

static u64 sum(u64 a, u64 b, u64 c) { return a + b + c; }

int main(void) {
  static const unsigned modes[] = {MODE_U, MODE_S, MODE_M};
  for (unsigned i = 0; i < 3; i++) {
    context("mode", modes[i]);
    check_value(1, run_as(modes[i], sum, 1, 2, 3), 6);
    check_value(2, run_word(modes[i], 0x00b50533, 40, 2, 0), 42);   // add a0, a0, a1
    check_trap(3, run_word(modes[i], 0xffffffff, 0, 0, 0), CAUSE_ILLEGAL, 0xffffffff);
    check(4, run_word(modes[i], 0x00000073, 0, 0, 0).cause, CAUSE_ECALL_U + modes[i]);
  }
  context("M-mode", 0);
  check_value(5, csr_read(MODE_M, 0xf14), 0);
  check_trap(6, csr_read(MODE_S, 0xf14), CAUSE_ILLEGAL, 0xf1402573);
  check_trap(7, csr_write(MODE_M, 0xf14, 0), CAUSE_ILLEGAL, 0xf1451573);
  return 0;
}
