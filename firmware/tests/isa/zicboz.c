// march: rv64gc
// Zicboz: cbo.zero clears the 64-byte block that holds its address and nothing else; U and S need CBZE.
#include "test.h"

#define CBO_ZERO_A0 0x0045200f
#define CBZE (1ull << 7)

static u8 area[256] __attribute__((aligned(64)));

static void fill(void) {
  for (unsigned i = 0; i < sizeof area; i++) area[i] = (u8)(i | 1);
}

static void check_area(unsigned number, unsigned from, unsigned to) {
  for (unsigned i = 0; i < sizeof area; i++) {
    context("byte", i);
    check(number, area[i], i >= from && i < to ? 0 : (u8)(i | 1));
  }
}

int main(void) {
  // Any address inside the block will do.
  static const unsigned offsets[] = {64, 65, 71, 96, 100, 127};
  for (unsigned i = 0; i < sizeof offsets / sizeof *offsets; i++) {
    fill();
    check_value(1, run_word(MODE_M, CBO_ZERO_A0, (u64)area + offsets[i], 0, 0), (u64)area + offsets[i]);
    check_area(2, 64, 128);
  }
  context("access fault", 0);
  check_trap(3, run_word(MODE_M, CBO_ZERO_A0, 64, 0, 0), CAUSE_STORE_ACCESS, 64);

  // menvcfg.CBZE rules S and U; senvcfg.CBZE rules U too.
  for (unsigned enables = 0; enables < 4; enables++) {
    context("menvcfg.CBZE, senvcfg.CBZE", enables);
    csrw(menvcfg, enables & 2 ? CBZE : 0);
    csrw(senvcfg, enables & 1 ? CBZE : 0);
    fill();
    struct outcome supervisor = run_word(MODE_S, CBO_ZERO_A0, (u64)area + 64, 0, 0);
    if (enables & 2) check_value(4, supervisor, (u64)area + 64);
    else check_trap(5, supervisor, CAUSE_ILLEGAL, CBO_ZERO_A0);
    check(6, area[64], enables & 2 ? 0 : 65);
    fill();
    struct outcome user = run_word(MODE_U, CBO_ZERO_A0, (u64)area + 64, 0, 0);
    if (enables == 3) check_value(7, user, (u64)area + 64);
    else check_trap(8, user, CAUSE_ILLEGAL, CBO_ZERO_A0);
    check(9, area[64], enables == 3 ? 0 : 65);
    // M-mode is never stopped.
    check_value(10, run_word(MODE_M, CBO_ZERO_A0, (u64)area, 0, 0), (u64)area);
  }
  // rd must be x0.
  check_trap(11, run_word(MODE_M, CBO_ZERO_A0 | 1 << 7, (u64)area, 0, 0), CAUSE_ILLEGAL, CBO_ZERO_A0 | 1 << 7);
  return 0;
}
