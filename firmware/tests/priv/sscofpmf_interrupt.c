// qemu: -cpu max,h=off,v=off,sscofpmf=on -icount shift=0
// Sscofpmf's interrupt, number 13: pending from the overflow that sets OF until software clears it, writable in mip, and in
// sip where it is delegated; after all others in priority. With OF set already, another overflow changes nothing.
#include "test.h"

#define OF (1ull << 63)
#define LCOFI (1ull << 13)
#define CAUSE (1ull << 63 | 13)

static void nothing(void) {}
static void __attribute__((naked)) spin(void) { __asm__("li t0, 1000; 1: addi t0, t0, -1; bnez t0, 1b; ret"); }

int main(void) {
  supervisor_ready();
  csrw(mie, LCOFI);
  check(1, csrr(mie), LCOFI);
  csrw(mideleg, 0);
  csrw(mip, LCOFI);
  check(2, csrr(mip) & LCOFI, LCOFI);
  check(3, run_as(MODE_S, nothing, 0, 0, 0).cause, CAUSE);
  check(4, csrr(sip) & LCOFI, 0);
  csrw(mideleg, LCOFI | 2);
  check(5, csrr(mideleg), LCOFI | 2);
  check(6, csrr(sip) & LCOFI, LCOFI);
  check(7, csrr(sie) & LCOFI, LCOFI);
  struct outcome outcome = run_as(MODE_U, nothing, 0, 0, 0);
  check(8, outcome.cause, CAUSE);
  check(9, outcome.level, MODE_S);
  csrw(mideleg, LCOFI | 2 | 1 << 5);
  csrw(mie, LCOFI | 1 << 5);
  csrs(mip, 1 << 5);
  check(21, run_as(MODE_U, nothing, 0, 0, 0).cause, 1ull << 63 | 5);
  csrc(mip, 1 << 5);
  csrw(mie, LCOFI | 2);
  csrs(mip, 2);
  check(10, run_as(MODE_U, nothing, 0, 0, 0).cause, 1ull << 63 | 1);
  csrw(sip, 0);
  check(11, csrr(mip) & (LCOFI | 2), 0);
  csrw(sip, LCOFI);
  check(12, csrr(mip) & LCOFI, LCOFI);
  csrw(mip, 0);

  // By an overflow.
  csrw(mie, LCOFI);
  csr_write(MODE_M, 0x323, 2);
  csr_write(MODE_M, 0xb03, -500ull);
  check(13, csrr(mip) & LCOFI, 0);
  for (unsigned i = 0; i < 100 && !(csr_read(MODE_M, 0x323).value & OF); i++) run_as(MODE_M, spin, 0, 0, 0);
  check_value(14, csr_read(MODE_M, 0x323), OF | 2);
  check(15, csrr(mip) & LCOFI, LCOFI);
  check(16, run_as(MODE_U, nothing, 0, 0, 0).cause, CAUSE);
  // Cleared, and over the edge again with OF still set.
  csrw(mip, 0);
  csr_write(MODE_M, 0xb03, -500ull);
  run_as(MODE_M, spin, 0, 0, 0);
  check(17, csrr(mip) & LCOFI, 0);
  check(18, run_as(MODE_U, nothing, 0, 0, 0).trapped, 0);
  // In the middle of U-mode code.
  csr_write(MODE_M, 0x323, 2);
  csr_write(MODE_M, 0xb03, -1000ull);
  outcome = run_as(MODE_U, spin, 0, 0, 0);
  check(19, outcome.cause, CAUSE);
  check(20, csr_read(MODE_M, 0x323).value, OF | 2);
  csrw(mip, 0);
  csr_write(MODE_M, 0x323, 0);
  return 0;
}
