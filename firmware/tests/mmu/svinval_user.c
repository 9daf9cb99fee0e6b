// Svinval's three instructions are illegal in U-mode, with their bits in tval, and none but sinval.vma heeds TVM.
#include "paging.h"

#define SFENCE_W_INVAL 0x18000073
#define SFENCE_INVAL_IR 0x18100073
#define SINVAL_VMA 0x16b50073   // a0, a1
#define MSTATUS_TVM (1ull << 20)

int main(void) {
  check_trap(1, run_word(MODE_U, SINVAL_VMA, 0, 0, 0), CAUSE_ILLEGAL, SINVAL_VMA);
  check_trap(2, run_word(MODE_U, SFENCE_W_INVAL, 0, 0, 0), CAUSE_ILLEGAL, SFENCE_W_INVAL);
  check_trap(3, run_word(MODE_U, SFENCE_INVAL_IR, 0, 0, 0), CAUSE_ILLEGAL, SFENCE_INVAL_IR);
  csrs(mstatus, MSTATUS_TVM);
  check_trap(4, run_word(MODE_S, SINVAL_VMA, 0, 0, 0), CAUSE_ILLEGAL, SINVAL_VMA);
  check(5, run_word(MODE_S, SFENCE_W_INVAL, 0, 0, 0).trapped, 0);
  check(6, run_word(MODE_S, SFENCE_INVAL_IR, 0, 0, 0).trapped, 0);
  check(7, run_word(MODE_M, SINVAL_VMA, 0, 0, 0).trapped, 0);
  csrc(mstatus, MSTATUS_TVM);
  check(8, run_word(MODE_S, SINVAL_VMA, 0, 0, 0).trapped, 0);
  return 0;
}
