// Instructions that S- and U-mode may use and the hart may not have: the counters of Zicntr, which kernels for rv64gc read.
#include "sbi.h"

enum { CSR_CYCLE = 0xc00, CSR_TIME = 0xc01, CSR_INSTRET = 0xc02 };

// Where the hart has the counters, illegal instructions are S-mode's business at once; else M-mode looks at them first.
void emulate_counters_if_absent(void) {
  u64 time;
  if (!csr_try(asm volatile("csrr %0, time" : "=r"(time)))) csr_clear(medeleg, 1 << CAUSE_ILLEGAL);
}

// Hands the trap on to S-mode as the hart would have done, had it been delegated (privileged specification, "Trap entry").
static void pass_on(void) {
  enum { SIE = 1 << 1, SPIE = 1 << 5, SPP = 1 << 8 };
  u64 status = csr_read(mstatus);
  csr_write(sepc, csr_read(mepc));
  csr_write(scause, csr_read(mcause));
  csr_write(stval, csr_read(mtval));
  u64 interrupts = status & SIE ? SPIE : 0;
  u64 from = status >> 11 & 1 ? SPP : 0;
  csr_clear(mstatus, SIE | SPIE | SPP | 3UL << 11);
  csr_set(mstatus, interrupts | from | 1UL << 11);
  csr_write(mepc, csr_read(stvec) & ~3UL);
}

// csrrs rd, counter, x0: what the assembler calls rdtime, rdcycle and rdinstret.
void handle_illegal_instruction(struct frame *frame) {
  u32 bits = (u32)csr_read(mtval);
  u32 counter = bits >> 20, rd = bits >> 7 & 31;
  if ((bits & 0xff07f) != 0x2073 || counter < CSR_CYCLE || counter > CSR_INSTRET) {
    pass_on();
    return;
  }
  u64 value = counter == CSR_TIME ? *CLINT_MTIME : counter == CSR_CYCLE ? csr_read(mcycle) : csr_read(minstret);
  if (rd != 0) frame->x[rd] = value;
  csr_write(mepc, csr_read(mepc) + 4);
}
