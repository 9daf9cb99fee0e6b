// march: rv64gc
// Zicbom: cbo.clean, cbo.flush and cbo.inval keep what memory holds (inval after flush: nothing is newer than memory);
// U and S need CBCFE, and CBIE for inval.
#include "test.h"

#define INVAL_A0 0x0005200f
#define CLEAN_A0 0x0015200f
#define FLUSH_A0 0x0025200f
#define CBIE_FLUSH (1ull << 4)
#define CBIE_INVAL (3ull << 4)
#define CBCFE (1ull << 6)

static u8 area[192] __attribute__((aligned(64)));

static void check_area(unsigned number) {
  for (unsigned i = 0; i < sizeof area; i++) {
    context("byte", i);
    check(number, area[i], (u8)(i * 7));
  }
}

static void check_gate(unsigned number, u32 word, unsigned mode, int open) {
  struct outcome outcome = run_word(mode, word, (u64)area + 64, 0, 0);
  context("instruction", word);
  if (open) check_value(number, outcome, (u64)area + 64);
  else check_trap(number, outcome, CAUSE_ILLEGAL, word);
}

int main(void) {
  static const u32 words[] = {CLEAN_A0, FLUSH_A0, INVAL_A0};
  for (unsigned i = 0; i < sizeof area; i++) area[i] = (u8)(i * 7);
  for (unsigned offset = 64; offset < 128; offset += 13)
    for (unsigned i = 0; i < 3; i++) {
      check_value(1, run_word(MODE_M, words[i], (u64)area + offset, 0, 0), (u64)area + offset);
      check_area(2);
    }

  // menvcfg rules S and U, senvcfg U too; CBIE is a field of its own. M-mode is never stopped.
  static const u64 fields[] = {0, CBCFE, CBIE_FLUSH, CBIE_INVAL, CBCFE | CBIE_FLUSH, CBCFE | CBIE_INVAL};
  for (unsigned m = 0; m < 6; m++)
    for (unsigned s = 0; s < 6; s++) {
      csrw(menvcfg, fields[m]);
      csrw(senvcfg, fields[s]);
      int supervisor_clean = fields[m] & CBCFE ? 1 : 0, supervisor_inval = fields[m] & CBIE_INVAL ? 1 : 0;
      int user_clean = supervisor_clean && fields[s] & CBCFE, user_inval = supervisor_inval && fields[s] & CBIE_INVAL;
      check_gate(3, CLEAN_A0, MODE_S, supervisor_clean);
      check_gate(4, FLUSH_A0, MODE_S, supervisor_clean);
      check_gate(5, INVAL_A0, MODE_S, supervisor_inval);
      check_gate(6, CLEAN_A0, MODE_U, user_clean);
      check_gate(7, FLUSH_A0, MODE_U, user_clean);
      check_gate(8, INVAL_A0, MODE_U, user_inval);
      check_gate(9, INVAL_A0, MODE_M, 1);
      check_gate(10, CLEAN_A0, MODE_M, 1);
    }
  check_area(11);
  // rd must be x0, and there is no fourth operation between flush and zero.
  check_trap(12, run_word(MODE_M, CLEAN_A0 | 1 << 7, (u64)area, 0, 0), CAUSE_ILLEGAL, CLEAN_A0 | 1 << 7);
  check_trap(13, run_word(MODE_M, 0x0035200f, (u64)area, 0, 0), CAUSE_ILLEGAL, 0x0035200f);
  check_trap(14, run_word(MODE_M, 0x0055200f, (u64)area, 0, 0), CAUSE_ILLEGAL, 0x0055200f);
  return 0;
}
