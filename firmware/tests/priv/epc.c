// mepc and sepc: all bits stay but bit 0, which is always 0.
#include "test.h"

int main(void) {
  csrw(mepc, 0x80001234);
  check(1, csrr(mepc), 0x80001234);
  csrw(mepc, 0x80001236);
  check(2, csrr(mepc), 0x80001236);
  csrw(sepc, 0xffffffffdeadbeee);
  check(3, csrr(sepc), 0xffffffffdeadbeee);
  csrw(mepc, 0x80001235);
  check(4, csrr(mepc), 0x80001234);
  csrw(sepc, ~0ull);
  check(5, csrr(sepc), ~1ull);
  return 0;
}
