// SUM, MXR, satp and MPRV changed by a CSR write hold from the next access on, without a trap, a return or a fence between:
// each step in S-mode (or in M-mode with MPRV) loads a page just before and just after, when every TLB knows it.
#include "paging.h"

#define OK 0
#define FAULT 1
#define DATA 0x1000000000ull   // the user's page, the executable page after it

// Counts S-mode's page faults and goes on behind the instruction (always of four bytes here).
static volatile u64 faults, last_tval;
static int on_trap(struct frame *frame) {
  if (frame->cause != CAUSE_LOAD_PAGE && frame->cause != CAUSE_STORE_PAGE) return 0;
  faults++;
  last_tval = frame->tval;
  frame->epc += 4;
  return 1;
}

static inline u64 faults_at_load(u64 va) {
  u64 before = faults, value;
  __asm__ volatile(".option push; .option norvc; ld %0, 0(%1); .option pop" : "=&r"(value) : "r"(va) : "memory");
  return faults - before;
}
static inline void just_load(u64 va) {
  u64 value;
  __asm__ volatile(".option push; .option norvc; ld %0, 0(%1); .option pop" : "=&r"(value) : "r"(va) : "memory");
}
static inline u64 faults_at_store(u64 va) {
  u64 before = faults;
  __asm__ volatile(".option push; .option norvc; sd zero, 0(%0); .option pop" ::"r"(va) : "memory");
  return faults - before;
}

// In S-mode; gives the number of the first step that went wrong.
static u64 supervisor(u64 satp, u64 other) {
  const u64 user_page = DATA, code_page = DATA + PAGE;
  for (u64 round = 0; round < 20; round++) {
    csrs(sstatus, MSTATUS_SUM);
    if (faults_at_load(user_page) != OK) return 1;
    if (faults_at_store(user_page) != OK) return 2;
    csrc(sstatus, MSTATUS_SUM);
    if (faults_at_load(user_page) != FAULT) return 3;
    if (faults_at_store(user_page) != FAULT) return 4;
    if (last_tval != user_page) return 5;
    csrs(sstatus, MSTATUS_MXR);
    if (faults_at_load(code_page) != OK) return 6;
    if (faults_at_load(user_page) != FAULT) return 7;
    csrc(sstatus, MSTATUS_MXR);
    if (faults_at_load(code_page) != FAULT) return 8;
    csrs(sstatus, MSTATUS_MXR | MSTATUS_SUM);
    if (faults_at_load(code_page) + faults_at_load(user_page) != OK) return 9;
    csrc(sstatus, MSTATUS_SUM);
    if (faults_at_load(code_page) != OK || faults_at_load(user_page) != FAULT) return 10;
    csrc(sstatus, MSTATUS_MXR);
    if (faults_at_load(code_page) != FAULT) return 11;
    // Another address space: the same pages with the rights exchanged.
    csrw(satp, other);
    if (faults_at_load(user_page) != FAULT) return 12;
    csrs(sstatus, MSTATUS_MXR);
    if (faults_at_load(user_page) != OK) return 13;
    csrc(sstatus, MSTATUS_MXR);
    if (faults_at_load(code_page) != FAULT) return 14;
    csrs(sstatus, MSTATUS_SUM);
    if (faults_at_load(code_page) != OK) return 15;
    csrc(sstatus, MSTATUS_SUM);
    csrw(satp, satp);
  }
  return 0;
}

int main(void) {
  on_trap_s = on_trap;
  supervisor_ready();
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    context(mode->name, 0);
    reset_pages();
    csrw(medeleg, 1 << CAUSE_LOAD_PAGE | 1 << CAUSE_STORE_PAGE);
    struct space space = new_space(mode), other = new_space(mode);
    const u64 code = PTE_V | PTE_X | PTE_A | PTE_D;
    u64 page = new_page();
    map(&space, DATA, page, 0, U_RWX & ~PTE_X);
    map(&space, DATA + PAGE, page, 0, code);
    map(&other, DATA, page, 0, code);
    map(&other, DATA + PAGE, page, 0, U_RWX & ~PTE_X);
    u64 first = (u64)mode->satp << 60 | 1ull << 44 | (u64)space.root >> 12;
    u64 second = (u64)mode->satp << 60 | 2ull << 44 | (u64)other.root >> 12;
    csrw(satp, first);
    fence();
    csrc(mstatus, MSTATUS_SUM | MSTATUS_MXR);
    check_value(1, run_as(MODE_S, supervisor, first, second, 0), 0);

    // M-mode with MPRV: what MPP says, from the write on. Its traps are M-mode's.
    context(mode->name, 1);
    csrw(satp, first);
    csrw(medeleg, 0);
    on_trap_m = on_trap;
    check(2, faults_at_load(page), OK);
    u64 wrong = 0;
    for (u64 round = 0; round < 20 && !wrong; round++) {
      u64 s, u, before = faults;
      csrc(mstatus, 3 << 11);
      csrs(mstatus, MSTATUS_MPRV | 1 << 11);       // as S
      just_load(DATA);
      csrc(mstatus, MSTATUS_MPRV);
      s = faults - before;
      before = faults;
      csrc(mstatus, 3 << 11);
      csrs(mstatus, MSTATUS_MPRV);                 // as U
      just_load(DATA);
      csrc(mstatus, MSTATUS_MPRV);
      u = faults - before;
      if (s != FAULT || u != OK) wrong = 1 + s * 2 + u;
      before = faults;
      csrs(mstatus, 1 << 11 | MSTATUS_SUM);
      csrs(mstatus, MSTATUS_MPRV);                 // as S with SUM
      just_load(DATA);
      csrc(mstatus, MSTATUS_SUM);                  // and without, MPRV staying
      just_load(DATA);
      csrc(mstatus, MSTATUS_MPRV);
      if (faults - before != 1) wrong = 10 + faults - before;
      before = faults;
      csrs(mstatus, 1 << 11);                      // again: the return from the fault left U in MPP
      csrs(mstatus, MSTATUS_MPRV | MSTATUS_MXR);
      just_load(DATA + PAGE);
      csrc(mstatus, MSTATUS_MXR);
      just_load(DATA + PAGE);
      csrc(mstatus, MSTATUS_MPRV);
      if (faults - before != 1) wrong = 20 + faults - before;
    }
    check(3, wrong, 0);
    on_trap_m = 0;
  }
  return 0;
}
