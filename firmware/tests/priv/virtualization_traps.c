// mstatus.TVM makes satp and sfence.vma illegal in S-mode, TSR makes sret illegal there; M-mode is free of both.
#include "test.h"

#define TVM (1 << 20)
#define TSR (1 << 22)
#define SRET 0x10200073
#define SFENCE_VMA 0x12000073

extern u32 code_buffer[];

int main(void) {
  check(1, run_word(MODE_S, SFENCE_VMA, 0, 0, 0).trapped, 0);
  check(2, csr_read(MODE_S, 0x180).trapped, 0);
  check(3, csr_write(MODE_S, 0x180, 0).trapped, 0);
  csrs(mstatus, TVM);
  check(4, csrr(mstatus) & TVM, TVM);
  check_trap(5, run_word(MODE_S, SFENCE_VMA, 0, 0, 0), CAUSE_ILLEGAL, SFENCE_VMA);
  check_trap(6, run_word(MODE_S, 0x12b50073, 0, 0, 0), CAUSE_ILLEGAL, 0x12b50073);
  check_trap(7, csr_read(MODE_S, 0x180), CAUSE_ILLEGAL, 0x18002573);
  check_trap(8, csr_write(MODE_S, 0x180, 0), CAUSE_ILLEGAL, 0x18051573);
  check(9, run_word(MODE_M, SFENCE_VMA, 0, 0, 0).trapped, 0);
  check(10, csr_read(MODE_M, 0x180).trapped, 0);
  csrc(mstatus, TVM);
  check(11, csr_read(MODE_S, 0x180).trapped, 0);

  csrs(mstatus, TSR);
  check(12, csrr(mstatus) & TSR, TSR);
  check_trap(13, run_word(MODE_S, SRET, 0, 0, 0), CAUSE_ILLEGAL, SRET);
  check_trap(14, run_word(MODE_U, SRET, 0, 0, 0), CAUSE_ILLEGAL, SRET);
  csrc(mstatus, TSR);
  // Allowed: to the next instruction, still in S (SPP).
  csrs(mstatus, 1 << 8);
  csrw(sepc, (u64)code_buffer + 4);
  check_value(15, run_word(MODE_S, SRET, 5, 0, 0), 5);
  csrs(mstatus, 1 << 8 | TSR);
  csrw(sepc, (u64)code_buffer + 4);
  check_value(16, run_word(MODE_M, SRET, 6, 0, 0), 6);
  // None of them is in sstatus's view, from where S-mode could clear it.
  csrs(mstatus, TVM | TSR | 1 << 21);
  check(17, csrr(sstatus) & (TVM | TSR | 1 << 21), 0);
  csrw(sstatus, 0);
  check(18, csrr(mstatus) & (TVM | TSR | 1 << 21), TVM | TSR | 1 << 21);
  return 0;
}
