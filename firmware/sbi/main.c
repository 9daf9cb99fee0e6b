// M-mode firmware: prepares the harts, lets one of them enter the kernel in S-mode, and then answers SBI calls.
// Reading order: start.S, this file, call.c, console.c.
#include "sbi.h"

// How the loader says where to go on: OpenSBI's fw_dynamic interface, which QEMU uses too.
struct fw_dynamic_info {
  u64 magic, version, next_address, next_mode, options, boot_hart;
};
enum { FW_DYNAMIC_MAGIC = 0x4942534f };

struct hart harts[MAX_HARTS];
volatile u64 expect_trap;
static u64 device_tree;

extern u8 _start[], end_of_program[];

// Keeps S- and U-mode out of the firmware's memory, and lets them use everything else.
static void protect(void) {
  u64 bytes = 4096;
  while (bytes < (u64)(end_of_program - _start)) bytes *= 2;
  csr_write(pmpaddr0, ((u64)_start | (bytes / 2 - 1)) >> 2);
  csr_write(pmpaddr1, ~0UL >> 10);
  csr_write(pmpcfg0, 0x1f18);  // entry 0: NAPOT, nothing; entry 1: NAPOT, rwx
}

// What S-mode may do and handle by itself.
static void delegate(void) {
  csr_write(mideleg, MIP_SSIP | MIP_STIP | MIP_SEIP | MIP_LCOFI);
  // All exceptions but the call from S-mode.
  csr_write(medeleg, 0xb1ff);
  csr_write(mcounteren, ~0UL);
  // Absent on small harts. menvcfg: FIOM off; cache blocks, Sstc, Svpbmt and hardware A/D on where they are.
  csr_try_write(menvcfg, 0xe0000000000000f0);
  csr_try_write(0x30c, ~0UL);  // mstateen0
}

static void prepare_hart(void) {
  protect();
  delegate();
  emulate_counters_if_absent();
  csr_write(mie, MIP_MSIP);
}

void firmware_main(u64 id, u64 tree, const struct fw_dynamic_info *next) {
  harts[id].present = 1;
  harts[id].state = STOPPED;
  prepare_hart();
  u64 boot_hart = next->magic == FW_DYNAMIC_MAGIC && next->version >= 2 ? next->boot_hart : 0;
  if (id != boot_hart) wait_to_be_started();
  device_tree = tree;
  if (next->magic != FW_DYNAMIC_MAGIC) {
    console_text("sbi: the loader did not say where to go on (fw_dynamic_info)\n");
    *FINISHER = 0x13333;
  }
  harts[id].state = STARTED;
  enter_supervisor(id, device_tree, next->next_address);
}

// Enters S-mode with interrupts and paging off (SBI 2.0, "Hart State Management Extension", register state).
void enter_supervisor(u64 hart, u64 argument, u64 address) {
  csr_write(satp, 0);
  csr_write(sie, 0);
  csr_write(mepc, address);
  csr_clear(mstatus, 3UL << 11 | 1UL << 7 | 1UL << 1);
  csr_set(mstatus, 1UL << 11);  // MPP = S
  register u64 a0 asm("a0") = hart;
  register u64 a1 asm("a1") = argument;
  asm volatile("mret" ::"r"(a0), "r"(a1));
  __builtin_unreachable();
}

void wait_to_be_started(void) {
  struct hart *self = &harts[this_hart()];
  while (self->state != START_PENDING) asm volatile("wfi");
  *CLINT_MSIP(this_hart()) = 0;
  u64 address = self->start_address, argument = self->start_argument;
  self->state = STARTED;
  enter_supervisor(this_hart(), argument, address);
}

enum { CAUSE_CALL_FROM_S = 9, INTERRUPT_SOFTWARE = 3, INTERRUPT_TIMER = 7 };

static void stop_with(const char *what, u64 cause) {
  console_text("sbi: ");
  console_text(what);
  console_text(", mcause 0x");
  for (int shift = 60; shift >= 0; shift -= 4) console_write("0123456789abcdef"[cause >> shift & 15]);
  console_text(", mepc 0x");
  for (int shift = 60; shift >= 0; shift -= 4) console_write("0123456789abcdef"[csr_read(mepc) >> shift & 15]);
  console_text("\n");
  *FINISHER = 0x13333;
  for (;;) asm volatile("wfi");
}

void handle_trap(struct frame *frame) {
  u64 cause = csr_read(mcause);
  if (cause >> 63) {
    if ((u32)cause == INTERRUPT_SOFTWARE) {
      handle_software_interrupt();
    } else if ((u32)cause == INTERRUPT_TIMER) {
      // The timer that set_timer asked for: S-mode's now.
      csr_clear(mie, MIP_MTIP);
      csr_set(mip, MIP_STIP);
    } else {
      stop_with("an interrupt that nobody asked for", cause);
    }
  } else if (cause == CAUSE_CALL_FROM_S) {
    csr_write(mepc, csr_read(mepc) + 4);
    handle_call(frame);
  } else if (cause == CAUSE_ILLEGAL && expect_trap) {
    expect_trap = 2;
    csr_write(mepc, csr_read(mepc) + 4);
  } else if (cause == CAUSE_ILLEGAL && (csr_read(mstatus) >> 11 & 3) != 3) {
    handle_illegal_instruction(frame);
  } else {
    stop_with("an exception in M-mode", cause);
  }
}
