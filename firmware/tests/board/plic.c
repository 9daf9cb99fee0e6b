// The PLIC with the UART's interrupt (10): priority, enable and threshold for M-mode and S-mode of hart 0, claim and
// complete; machine external interrupts come before all others, supervisor external ones by mideleg.
#include "test.h"

#define PLIC 0xc000000
#define PRIORITY(irq) (PLIC + 4 * (irq))
#define PENDING (PLIC + 0x1000)
#define ENABLE(context) (PLIC + 0x2000 + 0x80 * (context))
#define THRESHOLD(context) (PLIC + 0x200000 + 0x1000 * (context))
#define CLAIM(context) (THRESHOLD(context) + 4)
#define IRQ 10
#define MEIP (1ull << 11)
#define SEIP (1ull << 9)
#define INTERRUPT (1ull << 63)

static volatile u8 *const uart = (volatile u8 *)UART;
static void nothing(void) {}

int main(void) {
  supervisor_ready();
  csrw(mideleg, 0);
  csrw(mie, 0);
  write64(CLINT + 0x4000, ~0ull);
  uart[1] = 0;
  write32(ENABLE(0), 0);
  write32(ENABLE(1), 0);
  check(1, csrr(mip) & (MEIP | SEIP), 0);
  // The registers hold what is written; source 0 is nothing.
  write32(PRIORITY(IRQ), 3);
  check(2, read32(PRIORITY(IRQ)), 3);
  write32(THRESHOLD(0), 0);
  write32(THRESHOLD(1), 5);
  check(3, read32(THRESHOLD(1)), 5);
  write32(THRESHOLD(1), 0);
  write32(ENABLE(0), 1 << IRQ);
  check(4, read32(ENABLE(0)), 1 << IRQ);
  check(5, read32(CLAIM(0)), 0);

  // The transmitter is empty: the UART raises its line when asked to.
  uart[1] = 2;
  check(6, read32(PENDING) >> IRQ & 1, 1);
  check(7, csrr(mip) & (MEIP | SEIP), MEIP);
  csrw(mie, MEIP);
  struct outcome outcome = run_as(MODE_U, nothing, 0, 0, 0);
  check(8, outcome.cause, INTERRUPT | 11);
  check(9, outcome.tval, 0);
  // Before everything else that is pending.
  csrw(mie, 0xaaa);
  csrw(mip, 0x222);
  write32(CLINT, 1);
  write64(CLINT + 0x4000, 0);
  check(10, run_as(MODE_U, nothing, 0, 0, 0).cause, INTERRUPT | 11);
  csrw(mip, 0);
  write32(CLINT, 0);
  write64(CLINT + 0x4000, ~0ull);
  csrw(mie, 0);
  // mip cannot clear it; threshold and priority can hold it back.
  csrw(mip, 0);
  check(11, csrr(mip) & MEIP, MEIP);
  write32(THRESHOLD(0), 3);
  check(12, csrr(mip) & MEIP, 0);
  write32(THRESHOLD(0), 2);
  check(13, csrr(mip) & MEIP, MEIP);
  write32(PRIORITY(IRQ), 0);
  check(14, csrr(mip) & MEIP, 0);
  write32(ENABLE(0), 0);
  write32(PRIORITY(IRQ), 3);   // after the enables, because QEMU's PLIC heeds those with its next other change
  check(15, csrr(mip) & MEIP, 0);
  // S-mode's context.
  write32(ENABLE(1), 1 << IRQ);
  write32(THRESHOLD(1), 0);
  check(16, csrr(mip) & (MEIP | SEIP), SEIP);
  csrw(mideleg, SEIP);
  csrw(mie, SEIP);
  check(17, csrr(sip) & SEIP, SEIP);
  outcome = run_as(MODE_U, nothing, 0, 0, 0);
  check(18, outcome.cause, INTERRUPT | 9);
  check(19, outcome.level, MODE_S);
  csrw(sip, 0);
  check(20, csrr(mip) & SEIP, SEIP);
  // M-mode's own SEIP bit is or-ed with the line: setting and clearing it does not lose the line.
  csrs(mip, SEIP);
  csrc(mip, SEIP);
  check(21, csrr(mip) & SEIP, SEIP);
  // Nor does a read-modify-write of another bit keep the line's value in it (checked when the line is down, below).
  csrw(mip, 0);
  csrs(mip, 2);
  csrc(mip, 2);
  // Claimed: no longer pending; claimed again: nothing. Completed with the line still up: pending again.
  check(22, read32(CLAIM(1)), IRQ);
  check(23, csrr(mip) & SEIP, 0);
  check(24, read32(CLAIM(1)), 0);
  check(25, run_as(MODE_U, nothing, 0, 0, 0).trapped, 0);
  // The UART's own acknowledgement takes the line down: IIR says why.
  check(26, uart[2] & 15, 2);
  write32(CLAIM(1), IRQ);
  check(27, csrr(mip) & SEIP, 0);
  check(28, read32(PENDING) >> IRQ & 1, 0);
  // And once more from the start.
  uart[1] = 0;
  uart[1] = 2;
  check(29, csrr(mip) & SEIP, SEIP);
  check(30, read32(CLAIM(1)), IRQ);
  uart[1] = 0;
  write32(CLAIM(1), IRQ);
  check(31, csrr(mip) & SEIP, 0);
  return 0;
}
