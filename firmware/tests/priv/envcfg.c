// menvcfg and senvcfg open the cache-block instructions: CBIE for cbo.inval, CBCFE for clean and flush, CBZE for zero; S
// needs menvcfg, U needs both, M neither. Closed, they are illegal instructions with their bits in tval.
#include "test.h"

#define CBO_INVAL 0x0005200f   // (a0)
#define CBO_CLEAN 0x0015200f
#define CBO_FLUSH 0x0025200f
#define CBO_ZERO 0x0045200f

static u8 block[128] __attribute__((aligned(64)));

int main(void) {
  static const struct { u32 word; u64 field, open; } operations[] = {
    {CBO_INVAL, 0x30, 0x10}, {CBO_INVAL, 0x30, 0x30}, {CBO_CLEAN, 0x40, 0x40}, {CBO_FLUSH, 0x40, 0x40}, {CBO_ZERO, 0x80, 0x80},
  };
  csr_write(MODE_M, 0x30c, ~0ull);   // mstateen0, where there is one: senvcfg is S-mode's
  for (unsigned i = 0; i < 5; i++) {
    u32 word = operations[i].word;
    for (unsigned enables = 0; enables < 4; enables++) {
      context("cbo and enables", (u64)word << 8 | enables);
      // What is not asked about is the other way round.
      csrw(0x30a, enables & 1 ? operations[i].open : 0xf0 & ~operations[i].field);
      csrw(0x10a, enables & 2 ? operations[i].open : 0xf0 & ~operations[i].field);
      check(1, run_word(MODE_M, word, (u64)block, 0, 0).trapped, 0);
      struct outcome s = run_word(MODE_S, word, (u64)block, 0, 0), u = run_word(MODE_U, word, (u64)block, 0, 0);
      if (enables & 1) check(2, s.trapped, 0);
      else check_trap(3, s, CAUSE_ILLEGAL, word);
      if (enables == 3) check(4, u.trapped, 0);
      else check_trap(5, u, CAUSE_ILLEGAL, word);
    }
  }
  // Illegal comes first: a bad address is not looked at.
  context("order", 0);
  csrw(0x30a, 0);
  check_trap(6, run_word(MODE_S, CBO_ZERO, 0xe000000, 0, 0), CAUSE_ILLEGAL, CBO_ZERO);
  csrw(0x30a, 0xf0);
  check_trap(7, run_word(MODE_S, CBO_ZERO, 0xe000000, 0, 0), CAUSE_STORE_ACCESS, 0xe000000);
  // senvcfg is S-mode's own register.
  csrw(0x10a, 0);
  check_value(8, csr_write(MODE_S, 0x10a, 0xd1), 0);
  check(9, csrr(0x10a), 0xd1);
  check_trap(10, csr_read(MODE_U, 0x10a), CAUSE_ILLEGAL, 0x10a02573);
  check_trap(11, csr_read(MODE_S, 0x30a), CAUSE_ILLEGAL, 0x30a02573);
  return 0;
}
