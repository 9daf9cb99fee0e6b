// qemu: -cpu max,h=off,v=off,sscofpmf=on -icount shift=0
// Sscofpmf: a counter that overflows sets its OF, scountovf shows the OF bits that mcounteren opens, and MINH, SINH and
// UINH keep a counter still in their modes. Event 2 is instructions.
#include "test.h"

#define OF (1ull << 63)
#define MINH (1ull << 62)
#define SINH (1ull << 61)
#define UINH (1ull << 60)
#define SCOUNTOVF 0xda0
#define WHOLE 0xfffffff8

// 2000 instructions.
static void __attribute__((naked)) spin(void) { __asm__("li t0, 1000; 1: addi t0, t0, -1; bnez t0, 1b; ret"); }

int main(void) {
  csrw(mcounteren, ~0ull);
  csrw(0x320, 0);
  for (unsigned n = 3; n < 6; n++) {
    context("hpm", n);
    csr_write(MODE_M, 0x320 + n, 2);
    csr_write(MODE_M, 0xb00 + n, 0);
    run_as(MODE_M, spin, 0, 0, 0);
    u64 count = csr_read(MODE_M, 0xb00 + n).value;
    check(1, count >= 2000 && count < 20000, 1);
    check_value(2, csr_read(MODE_M, 0x320 + n), 2);
    check(3, csr_read(MODE_M, SCOUNTOVF).value >> n & 1, 0);
    // Over the edge.
    csr_write(MODE_M, 0xb00 + n, -500ull);
    for (unsigned i = 0; i < 100 && !(csr_read(MODE_M, 0x320 + n).value & OF); i++) run_as(MODE_M, spin, 0, 0, 0);
    check_value(4, csr_read(MODE_M, 0x320 + n), OF | 2);
    check(5, csr_read(MODE_M, SCOUNTOVF).value & WHOLE, 1ull << n);
    check(6, csr_read(MODE_S, SCOUNTOVF).value & WHOLE, 1ull << n);
    // S sees what mcounteren opens.
    csrw(mcounteren, ~(1ull << n));
    check(7, csr_read(MODE_S, SCOUNTOVF).value & WHOLE, 0);
    csrw(mcounteren, ~0ull);
    check_trap(8, csr_read(MODE_U, SCOUNTOVF), CAUSE_ILLEGAL, 0xda002573);
    check_trap(9, csr_write(MODE_M, SCOUNTOVF, 0), CAUSE_ILLEGAL, 0xda051573);
    csr_write(MODE_M, 0x320 + n, 2);
    check(10, csr_read(MODE_M, SCOUNTOVF).value & WHOLE, 0);
    // Inhibited by mode.
    static const struct { u64 bit; unsigned mode; } filters[] = {{MINH, MODE_M}, {SINH, MODE_S}, {UINH, MODE_U}};
    for (unsigned i = 0; i < 3; i++) {
      context("filter", filters[i].bit >> 56 | n);
      // All others inhibited: 2000 and a few are counted there.
      csr_write(MODE_M, 0x320 + n, 2 | ((MINH | SINH | UINH) & ~filters[i].bit));
      csr_write(MODE_M, 0xb00 + n, 0);
      run_as(filters[i].mode, spin, 0, 0, 0);
      count = csr_read(MODE_M, 0xb00 + n).value;
      check(11, count >= 2000, 1);
      if (i) check(12, count < 2100, 1);
      // Just this one inhibited.
      csr_write(MODE_M, 0x320 + n, 2 | filters[i].bit);
      csr_write(MODE_M, 0xb00 + n, 0);
      run_as(filters[i].mode, spin, 0, 0, 0);
      check(13, csr_read(MODE_M, 0xb00 + n).value < 2000, 1);
      check_value(14, csr_read(MODE_M, 0x320 + n), 2 | filters[i].bit);
    }
    csr_write(MODE_M, 0x320 + n, 0);
  }
  return 0;
}
