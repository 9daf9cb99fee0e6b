// The CLINT's clock: mtime runs, `time` shows it, mtimecmp makes MTIP pending from the moment mtime reaches it, wfi waits
// for that, with the interrupt enabled in mie alone or taken.
#include "test.h"

#define MTIP (1 << 7)
#define MTIME (CLINT + 0xbff8)
#define MTIMECMP (CLINT + 0x4000)

static volatile u64 interrupts, taken_at;

static int on_timer(struct frame *frame) {
  if (frame->cause != (1ull << 63 | 7)) return 0;
  interrupts++;
  taken_at = read64(MTIME);
  write64(MTIMECMP, ~0ull);
  return 1;
}

int main(void) {
  write64(MTIMECMP, ~0ull);
  check(1, csrr(mip) & MTIP, 0);
  u64 start = read64(MTIME), later = start;
  for (unsigned i = 0; i < 10000000 && later == start; i++) later = read64(MTIME);
  check(2, later > start, 1);
  u64 a = read64(MTIME), b = csrr(time), c = read64(MTIME);
  check(3, a <= b && b <= c, 1);
  // Both halves by words.
  check(4, read32(MTIME + 4), c >> 32);
  write32(MTIMECMP, 0x11223344);
  write32(MTIMECMP + 4, 0x7fffffff);
  check(5, read64(MTIMECMP), 0x7fffffff11223344);
  check(6, read32(MTIMECMP), 0x11223344);
  check(7, read32(MTIMECMP + 4), 0x7fffffff);

  // Polled: pending exactly when mtime has got there.
  u64 when = read64(MTIME) + 2000;
  write64(MTIMECMP, when);
  check(8, csrr(mip) & MTIP && read64(MTIME) < when, 0);
  while (!(csrr(mip) & MTIP)) {}
  check(9, read64(MTIME) >= when, 1);
  write64(MTIMECMP, ~0ull);
  check(10, csrr(mip) & MTIP, 0);

  // wfi with MIE = 0: goes on after it without a trap.
  csrw(mie, MTIP);
  for (unsigned i = 0; i < 3; i++) {
    when = read64(MTIME) + 5000;
    write64(MTIMECMP, when);
    while (!(csrr(mip) & MTIP)) __asm__ volatile("wfi");
    check(11, read64(MTIME) >= when, 1);
    write64(MTIMECMP, ~0ull);
  }
  // wfi with MIE = 1: the interrupt comes.
  on_trap_m = on_timer;
  for (unsigned i = 0; i < 3; i++) {
    when = read64(MTIME) + 5000;
    write64(MTIMECMP, when);
    interrupts = 0;
    csrs(mstatus, 8);
    while (!interrupts) __asm__ volatile("wfi");
    csrc(mstatus, 8);
    check(12, interrupts, 1);
    check(13, taken_at >= when, 1);
  }
  // In a loop without wfi, too.
  when = read64(MTIME) + 3000;
  interrupts = 0;
  write64(MTIMECMP, when);
  csrs(mstatus, 8);
  while (!interrupts) {}
  csrc(mstatus, 8);
  check(14, taken_at >= when, 1);
  on_trap_m = 0;
  // mtime can be set.
  csrw(mie, 0);
  write64(MTIME, 0x123456789000);
  u64 now = read64(MTIME);
  check(15, now >= 0x123456789000 && now < 0x123456789000 + 100000000, 1);
  b = csrr(time);
  check(16, b >= now && b < now + 100000000, 1);
  write64(MTIMECMP, 0x123456788fff);
  check(17, csrr(mip) & MTIP, MTIP);
  // Setting mtime past mtimecmp is what makes it pending, and back again what ends it; at once, with the interrupt let in.
  write64(MTIME, 1000);
  write64(MTIMECMP, 1ull << 40);
  check(18, csrr(mip) & MTIP, 0);
  write64(MTIME, 1ull << 40);   // reached, not passed
  check(19, csrr(mip) & MTIP, MTIP);
  write64(MTIME, 1000);
  check(20, csrr(mip) & MTIP, 0);
  on_trap_m = on_timer;
  interrupts = 0;
  csrw(mie, MTIP);
  csrs(mstatus, 8);
  check(21, interrupts, 0);
  write64(MTIME, 1ull << 41);
  for (volatile unsigned i = 0; i < 10 && !interrupts; i++) {}
  csrc(mstatus, 8);
  check(22, interrupts, 1);
  return 0;
}
