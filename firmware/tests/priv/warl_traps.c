// The WARL fields of the trap CSRs: mtvec, stvec, medeleg, mideleg, mie, mip, mcause, mtval, mscratch and S-mode's.
#include "test.h"

#define BIT(n) (1ull << (n))

int main(void) {
  // mtvec and stvec: two modes; bases of four bytes at least, all of the address.
  u64 harness = csrr(mtvec);
  for (unsigned mode = 0; mode < 2; mode++) {
    csrw(mtvec, 0x80012300 | mode);
    check(1, csrr(mtvec), 0x80012300 | mode);
    csrw(stvec, 0xffffffc012345600 | mode);
    check(2, csrr(stvec), 0xffffffc012345600 | mode);
  }
  for (unsigned mode = 2; mode < 4; mode++) {
    csrw(mtvec, harness);
    csrw(mtvec, 0x80012300 | mode);
    check(3, (csrr(mtvec) & 3) < 2, 1);
    csrw(stvec, 0x80012300 | mode);
    check(4, (csrr(stvec) & 3) < 2, 1);
  }
  csrw(mtvec, harness);

  // medeleg: what can happen below M can be delegated; not an ecall from M, nor the reserved causes.
  csrw(medeleg, ~0ull);
  u64 wanted = BIT(1) | BIT(2) | BIT(3) | BIT(5) | BIT(7) | BIT(8) | BIT(9) | BIT(12) | BIT(13) | BIT(15);
  check(5, csrr(medeleg) & wanted, wanted);
  check(6, csrr(medeleg) & (BIT(11) | BIT(14) | BIT(17)), 0);
  check(7, csrr(medeleg) >> 32, 0);
  csrw(medeleg, 0);
  check(8, csrr(medeleg), 0);
  for (unsigned bit = 0; bit < 16; bit++) {
    if (!(wanted >> bit & 1)) continue;
    csrw(medeleg, BIT(bit));
    check(9, csrr(medeleg), BIT(bit));
  }
  csrw(medeleg, 0);

  // mideleg: S-mode's three (the counter overflow's is sscofpmf's).
  csrw(mideleg, ~0ull);
  check(10, csrr(mideleg) & 0xaaa, 0x222);
  // mie: the six; S-mode's view of it.
  csrw(mie, ~0ull);
  check(11, csrr(mie) & 0xaaa, 0xaaa);
  check(12, csrr(sie) & 0xaaa, 0x222);
  csrw(sie, 0);
  check(14, csrr(mie) & 0xaaa, 0x0888);
  csrw(mideleg, 0);
  csrw(sie, ~0ull);
  check(15, csrr(mie) & 0xaaa, 0x0888);
  check(16, csrr(sie) & 0xaaa, 0);
  csrw(mie, 0);
  check(17, csrr(mie) & 0xaaa, 0);
  // mip: the S-mode bits are M's to write, the M-mode bits nobody's.
  write64(CLINT + 0x4000, ~0ull);
  write32(CLINT, 0);
  csrw(mip, ~0ull);
  check(18, csrr(mip) & 0xaaa, 0x222);
  csrw(mip, 0);
  check(19, csrr(mip) & 0xaaa, 0);

  // The scratch registers and the trap values hold any 64 bits.
  static const u64 values[] = {0, ~0ull, 0x123456789abcdef1, 0x8000000000000000, 0xfedcba9876543210};
  for (unsigned i = 0; i < 5; i++) {
    u64 hart = swap_csr(mscratch, values[i]);
    u64 got = swap_csr(mscratch, hart);
    check(20, got, values[i]);
    csrw(sscratch, values[i]);
    check(21, csrr(sscratch), values[i]);
    csrw(mtval, values[i]);
    check(22, csrr(mtval), values[i]);
    csrw(stval, values[i]);
    check(23, csrr(stval), values[i]);
  }
  // The causes hold every cause there is.
  static const u8 causes[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15};
  for (unsigned i = 0; i < sizeof(causes); i++) {
    csrw(mcause, causes[i]);
    check(24, csrr(mcause), causes[i]);
    if (causes[i] == 11) continue;
    csrw(scause, causes[i]);
    check(25, csrr(scause), causes[i]);
  }
  static const u8 interrupts[] = {1, 3, 5, 7, 9, 11, 13};
  for (unsigned i = 0; i < sizeof(interrupts); i++) {
    csrw(mcause, BIT(63) | interrupts[i]);
    check(26, csrr(mcause), BIT(63) | interrupts[i]);
  }
  return 0;
}
