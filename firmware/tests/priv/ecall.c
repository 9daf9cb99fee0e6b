// ecall and ebreak from each mode: cause, tval, epc, and what the trap does to mstatus; mret and sret undo it.
#include "test.h"

#define ECALL 0x00000073
#define EBREAK 0x00100073
#define MRET 0x30200073
#define SRET 0x10200073
#define MIE (1 << 3)
#define MPIE (1 << 7)
#define SIE (1 << 1)
#define SPIE (1 << 5)
#define SPP (1 << 8)
#define MPP (3 << 11)
#define MPRV (1 << 17)

extern u32 code_buffer[];

// mret (or sret) to the next instruction, which reads mstatus. In M-mode.
static u64 __attribute__((naked)) status_after_mret(u64 status __attribute__((unused))) {
  __asm__("mv a2, ra; csrw mstatus, a0; la a0, 1f; csrw mepc, a0; mret; 1: csrr a0, mstatus; mv ra, a2; ret");
}
static u64 __attribute__((naked)) status_after_sret(u64 status __attribute__((unused))) {
  __asm__("mv a2, ra; csrw mstatus, a0; la a0, 1f; csrw sepc, a0; sret; 1: csrr a0, sstatus; mv ra, a2; ret");
}

int main(void) {
  static const unsigned modes[] = {MODE_U, MODE_S, MODE_M};
  for (unsigned i = 0; i < 3; i++) {
    context("mode", modes[i]);
    for (unsigned enabled = 0; enabled < 2; enabled++) {
      // mret puts MPIE into MIE, and the trap puts that back.
      csrc(mstatus, MPIE);
      if (enabled) csrs(mstatus, MPIE);
      struct outcome outcome = run_word(modes[i], ECALL, 0, 0, 0);
      check_trap(1, outcome, CAUSE_ECALL_U + modes[i], 0);
      check(2, outcome.epc, (u64)code_buffer);
      check(3, outcome.status & (MPP | MPIE | MIE), modes[i] << 11 | (enabled ? MPIE : 0));
    }
    // ebreak: mtval is 0 or its own address, as an implementation likes.
    struct outcome outcome = run_word(modes[i], EBREAK, 0, 0, 0);
    check(4, outcome.cause, CAUSE_BREAKPOINT);
    check(5, outcome.epc, (u64)code_buffer);
    if (outcome.tval) check(6, outcome.tval, (u64)code_buffer);
    // The compressed one: c.ebreak; c.nop.
    outcome = run_word(modes[i], 0x00019002, 0, 0, 0);
    check(7, outcome.cause, CAUSE_BREAKPOINT);
    check(8, outcome.epc, (u64)code_buffer);
  }

  // xret is for its own mode and above; the instruction's bits are in tval.
  context("xret", 0);
  check_trap(9, run_word(MODE_U, MRET, 0, 0, 0), CAUSE_ILLEGAL, MRET);
  check_trap(10, run_word(MODE_S, MRET, 0, 0, 0), CAUSE_ILLEGAL, MRET);
  check_trap(11, run_word(MODE_U, SRET, 0, 0, 0), CAUSE_ILLEGAL, SRET);
  check_trap(12, run_word(MODE_U, 0x00200073, 0, 0, 0), CAUSE_ILLEGAL, 0x00200073);   // uret is gone

  // mret: MIE = MPIE, MPIE = 1, MPP = U; MPRV stays when it returns to M, and is cleared otherwise.
  u64 before = csrr(mstatus) & ~(u64)(MIE | MPIE | MPP | MPRV);
  u64 after = run_as(MODE_M, status_after_mret, before | MPP, 0, 0).value;
  check(13, after & (MIE | MPIE | MPP), MPIE);
  check(14, run_as(MODE_M, status_after_mret, before | MPP | MPRV, 0, 0).value & MPRV, MPRV);
  csrc(mstatus, MPRV);
  after = run_as(MODE_M, status_after_mret, before | MPP | MPIE, 0, 0).value;
  check(15, after & (MIE | MPIE | MPP), MIE | MPIE);
  csrc(mstatus, MIE);
  csrs(mstatus, MPRV);                               // MPP is M here, whatever run_as makes of it
  check(16, run_as(MODE_S, (void *)(u64)code_buffer, 0, 0, 0).status & MPRV, 0);

  // sret in M-mode: SIE = SPIE, SPIE = 1, SPP = U, MPRV = 0; and the mode is SPP's.
  csrs(mstatus, 3 << 13);
  before = csrr(mstatus) & ~(u64)(SIE | SPIE | SPP | MPRV);
  after = run_as(MODE_M, status_after_sret, before | SPP | SPIE, 0, 0).value;
  check(17, after & (SIE | SPIE | SPP), SIE | SPIE);
  after = run_as(MODE_M, status_after_sret, before | SPP | SIE, 0, 0).value;
  check(18, after & (SIE | SPIE | SPP), SPIE);
  struct outcome outcome = run_as(MODE_M, status_after_sret, before, 0, 0);   // to U, where sstatus is out of reach
  check_trap(19, outcome, CAUSE_ILLEGAL, 0x10002573);
  check(20, outcome.status & MPP, 0);
  outcome = run_as(MODE_M, status_after_sret, before | SPP | MPRV, 0, 0);
  check(21, outcome.trapped, 0);
  check(22, csrr(mstatus) & MPRV, 0);
  return 0;
}
