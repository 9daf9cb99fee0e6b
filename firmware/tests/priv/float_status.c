// mstatus.FS: off makes every floating-point instruction and CSR illegal, in all modes; what writes FP state makes it dirty;
// SD sums it up; sstatus shows and writes the same field.
#include "test.h"

#define FS (3ull << 13)
#define OFF 0ull
#define INITIAL (1ull << 13)
#define CLEAN (2ull << 13)
#define DIRTY (3ull << 13)
#define SD (1ull << 63)

static void set_fs(u64 value) {
  csrc(mstatus, FS);
  csrs(mstatus, value);
}

static u64 memory[2];

int main(void) {
  // Instructions on a0 (an address, or an integer), each with whether it writes FP state.
  static const struct { u32 word; u8 dirties; } instructions[] = {
    {0x00053007, 1},   // fld ft0, 0(a0)
    {0x00052007, 1},   // flw ft0, 0(a0)
    {0x00053027, 0},   // fsd ft0, 0(a0)
    {0x00052027, 0},   // fsw ft0, 0(a0)
    {0xf2050053, 1},   // fmv.d.x ft0, a0
    {0xe2000553, 0},   // fmv.x.d a0, ft0
    {0x02007053, 1},   // fadd.d ft0, ft0, ft0
    {0xa2002553, 0},   // feq.d a0, ft0, ft0 (quiet, no flag)
    {0x22000053, 1},   // fsgnj.d ft0, ft0, ft0
    {0xd2057053, 1},   // fcvt.d.w ft0, a0
    {0x02007043, 1},   // fmadd.d ft0, ft0, ft0, ft0
    {0x00202573, 0},   // frrm a0
    {0x00102573, 0},   // frflags a0
    {0x00302573, 0},   // frcsr a0
    {0x00105573, 1},   // fsflagsi a0, 0
    {0x00205573, 1},   // fsrmi a0, 0
    {0x00305573, 1},   // csrrwi a0, fcsr, 0
  };
  for (unsigned i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++) {
    u32 word = instructions[i].word;
    for (unsigned mode = MODE_U; mode <= MODE_M; mode++) {
      if (mode == 2) continue;
      context("instruction", word);
      set_fs(OFF);
      check_trap(1, run_word(mode, word, (u64)memory, 0, 0), CAUSE_ILLEGAL, word);
      check(2, csrr(mstatus) & (FS | SD), OFF);
      set_fs(INITIAL);
      check(3, run_word(mode, word, (u64)memory, 0, 0).trapped, 0);
      if (instructions[i].dirties) check(4, csrr(mstatus) & (FS | SD), DIRTY | SD);
      set_fs(CLEAN);
      check(5, run_word(mode, word, (u64)memory, 0, 0).trapped, 0);
      // Dirty may be set needlessly, never too seldom.
      if (instructions[i].dirties) check(6, csrr(mstatus) & (FS | SD), DIRTY | SD);
      set_fs(DIRTY);
      check(7, run_word(mode, word, (u64)memory, 0, 0).trapped, 0);
      check(8, csrr(mstatus) & (FS | SD), DIRTY | SD);
    }
  }
  // Compressed ones: c.fld fa0, 0(a0); c.fsd; with a nop after.
  context("compressed", 0);
  set_fs(OFF);
  check_trap(9, run_word(MODE_S, 0x00012108, (u64)memory, 0, 0), CAUSE_ILLEGAL, 0x2108);
  check_trap(10, run_word(MODE_S, 0x0001a108, (u64)memory, 0, 0), CAUSE_ILLEGAL, 0xa108);
  set_fs(CLEAN);
  check(11, run_word(MODE_S, 0x00012108, (u64)memory, 0, 0).trapped, 0);
  check(12, csrr(mstatus) & FS, DIRTY);
  // sstatus is the same field.
  set_fs(OFF);
  csrs(sstatus, INITIAL);
  check(13, csrr(mstatus) & FS, INITIAL);
  csrs(sstatus, FS);
  check(14, csrr(sstatus) & (FS | SD), DIRTY | SD);
  csrc(sstatus, FS);
  check(15, csrr(sstatus) & (FS | SD), 0);
  // SD cannot be written.
  csrs(mstatus, SD);
  check(16, csrr(mstatus) & SD, 0);
  return 0;
}
