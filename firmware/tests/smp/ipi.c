// qemu: -cpu max,h=off,v=off -smp 2
// Software interrupts between two harts, through the CLINT: each hart's msip is its own mip.MSIP, wakes it from wfi, and is
// taken where MIE lets it in; hundreds in both directions, none lost.
#include "test.h"

#define MSIP (1 << 3)
#define ROUNDS 200

static volatile u64 ready, received[2], stop;

static int on_ipi(struct frame *frame) {
  if (frame->cause != (1ull << 63 | 3)) return 0;
  u64 id = csrr(mhartid);
  write32(CLINT + 4 * id, 0);
  __asm__ volatile("fence iorw, iorw" ::: "memory");
  received[id]++;
  return 1;
}

// Sleeps until an interrupt has come; interrupts are let in only between the test and the sleep.
static void sleep_until(volatile u64 *counter, u64 value) {
  for (;;) {
    csrc(mstatus, 8);
    if (*counter >= value) return;
    __asm__ volatile("wfi");
    csrs(mstatus, 8);
    __asm__ volatile("nop");
  }
}

void hart_main(u64 id) {
  check(1, id, 1);
  check(2, csrr(mhartid), 1);
  csrw(mie, MSIP);
  ready = 1;
  for (u64 round = 1; round <= ROUNDS; round++) {
    sleep_until(&received[1], round);
    write32(CLINT, 1);
  }
  // Polled, with nothing let in.
  csrw(mie, 0);
  while (!(csrr(mip) & MSIP)) {}
  check(3, received[1], ROUNDS);
  write32(CLINT + 4, 0);
  check(4, csrr(mip) & MSIP, 0);
  stop = 1;
}

int main(void) {
  on_trap_m = on_ipi;
  csrw(mie, MSIP);
  check(5, csrr(mhartid), 0);
  while (!ready) {}
  for (u64 round = 1; round <= ROUNDS; round++) {
    write32(CLINT + 4, 1);
    sleep_until(&received[0], round);
  }
  check(6, received[0], ROUNDS);
  check(7, received[1], ROUNDS);
  write32(CLINT + 4, 1);
  while (!stop) {}
  check(8, csrr(mip) & MSIP, 0);
  // Only bit 0 is there.
  csrw(mie, 0);
  write32(CLINT, ~1u);
  check(9, read32(CLINT), 0);
  check(10, csrr(mip) & MSIP, 0);
  write32(CLINT, ~0u);
  check(11, read32(CLINT), 1);
  check(12, csrr(mip) & MSIP, MSIP);
  write32(CLINT, 0);
  return 0;
}
