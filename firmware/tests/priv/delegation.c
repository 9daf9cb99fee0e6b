// medeleg: a delegated exception from U or S goes to S-mode with scause, stval, sepc and sstatus; from M it never does;
// an undelegated one goes to M. An ecall from M cannot be delegated.
#include "paging.h"

#define SIE (1 << 1)
#define SPIE (1 << 5)
#define SPP (1 << 8)

extern u32 code_buffer[];

// An exception of each kind, in the mode given. Addresses are physical (Bare), pages are for page faults.
static struct outcome provoke(unsigned mode, unsigned cause) {
  switch (cause) {
    case CAUSE_FETCH_ACCESS: return fetch(mode, 0xe000000);
    case CAUSE_ILLEGAL: return run_word(mode, 0xffffffff, 0, 0, 0);
    case CAUSE_BREAKPOINT: return run_word(mode, 0x00100073, 0, 0, 0);
    case CAUSE_LOAD_ACCESS: return load(mode, 0xe000010);
    case CAUSE_STORE_ACCESS: return store(mode, 0xe000018, 0);
    case CAUSE_ECALL_U:
    case CAUSE_ECALL_S:
    case CAUSE_ECALL_M: return run_word(mode, 0x00000073, 0, 0, 0);
    case CAUSE_FETCH_PAGE: return fetch(mode, 0x1000000000);
    case CAUSE_LOAD_PAGE: return load(mode, 0x1000000008);
    default: return store(mode, 0x1000000010, 0);
  }
}

int main(void) {
  static const u8 causes[] = {1, 2, 3, 5, 7, 8, 9, 11, 12, 13, 15};
  supervisor_ready();
  for (unsigned i = 0; i < sizeof(causes); i++) {
    for (unsigned mode = MODE_U; mode <= MODE_M; mode++) {
      u64 cause = causes[i];
      if (mode == 2 || (cause >= 12 && mode == MODE_M)) continue;
      if (cause >= 8 && cause <= 11 && cause != CAUSE_ECALL_U + mode) continue;
      context("cause and mode", cause << 4 | mode);
      struct space space;
      reset_pages();
      if (cause >= 12) space = new_space(&paging_modes[0]), use(&space, 0);
      else use_bare();

      csrw(medeleg, 0);
      csrw(scause, 0x99);
      csrw(stval, 0x77);
      struct outcome outcome = provoke(mode, (unsigned)cause);
      check(1, outcome.trapped, 1);
      check(2, outcome.level, MODE_M);
      check(3, outcome.cause, cause);
      check(4, csrr(mcause), cause);
      check(5, csrr(scause), 0x99);
      check(6, csrr(stval), 0x77);
      u64 epc = outcome.epc, tval = outcome.tval;

      // All others delegated: still M.
      csrw(medeleg, ~(1ull << cause));
      if (cause != CAUSE_ECALL_S) check(7, provoke(mode, (unsigned)cause).level, MODE_M);

      csrw(medeleg, 1ull << cause);
      check(8, csrr(medeleg), cause == CAUSE_ECALL_M ? 0 : 1ull << cause);
      csrw(mepc, 0);
      csrc(mstatus, SPP | SPIE);
      csrs(mstatus, SIE);
      if (cause == CAUSE_ECALL_S) {
        // The harness's own way back from S-mode is an ecall: look at what the delegated one left, through a second.
        csrw(stvec, (u64)code_buffer + 8);
        static const u32 words[] = {0x00000073, 0x00000013, 0x14202573, 0x100025f3, 0xffffffff};   // ecall; nop; csrr a0, scause; csrr a1, sstatus; trap
        outcome = run_words(MODE_S, 5, words, 0, 0, 0);
        check(9, outcome.value, CAUSE_ECALL_S);
        check(10, csrr(sepc), (u64)code_buffer);
        check(11, csrr(stval), 0);
        check(12, csrr(sstatus) & (SPP | SIE | SPIE), SPP | SPIE);
        supervisor_ready();
        continue;
      }
      outcome = provoke(mode, (unsigned)cause);
      check(13, outcome.trapped, 1);
      check(14, outcome.level, mode == MODE_M ? MODE_M : MODE_S);
      check(15, outcome.cause, cause);
      check(16, outcome.tval, tval);
      check(17, outcome.epc, epc);
      if (mode != MODE_M) {
        check(18, outcome.status & (SPP | SIE | SPIE), (mode == MODE_S ? SPP : 0) | SPIE);
        check(19, csrr(scause), cause);
      }
      csrw(medeleg, 0);
    }
  }
  return 0;
}
