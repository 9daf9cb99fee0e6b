// march: rv64imac_zicsr_zifencei
// qemu: -cpu max,h=off,v=off -smp 1
// Each instruction that can raise an exception of its own raises it: every load, store and AMO a page fault and an access
// fault, every floating-point instruction an illegal instruction while mstatus.FS is Off.
#include "paging.h"

#define UNMAPPED 0x2000000000ull
#define OUTSIDE 0x100000000ull
#define RD 12
#define RS1 10
#define RS2 11
#define R(opcode, funct3, funct7, rs2) \
  ((u32)(funct7) << 25 | (u32)(rs2) << 20 | RS1 << 15 | (u32)(funct3) << 12 | RD << 7 | (opcode))

static struct space space;

// Under Sv39 in S-mode at an unmapped address, then in M-mode at an address where nothing is.
static void faults(u32 word, int is_load) {
  context("instruction", word);
  use(&space, 1);
  check_trap(1, run_word(MODE_S, word, UNMAPPED, 0, 0), is_load ? CAUSE_LOAD_PAGE : CAUSE_STORE_PAGE, UNMAPPED);
  use_bare();
  check_trap(2, run_word(MODE_M, word, OUTSIDE, 0, 0), is_load ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS, OUTSIDE);
}

static void memory(void) {
  static const u8 amos[] = {0x00, 0x01, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x18, 0x1c, 0x05};
  for (u32 f = 0; f < 7; f++) faults(R(0x03, f, 0, 0), 1);
  for (u32 f = 1; f < 4; f++) faults(R(0x07, f, 0, 0), 1);
  for (u32 f = 0; f < 4; f++) faults(R(0x23, f, 0, RS2) & ~(31u << 7), 0);
  for (u32 f = 1; f < 4; f++) faults(R(0x27, f, 0, RS2) & ~(31u << 7), 0);
  for (u32 width = 2; width < 4; width++) {
    faults(R(0x2f, width, 0x02 << 2, 0), 1);
    for (unsigned i = 0; i < sizeof(amos); i++) faults(R(0x2f, width, amos[i] << 2, RS2 + (amos[i] == 0x05)), 0);
  }
}

static u64 refused;

static void needs_fs(u32 word) {
  context("instruction", word);
  csrc(mstatus, 3ull << 13);
  check_trap(3, run_word(MODE_M, word, 0, 0, 0), CAUSE_ILLEGAL, word);
  csrs(mstatus, 1ull << 13);
  // and not because it does not exist
  check(4, run_word(MODE_M, word, (u64)&refused, 0, 0).trapped, 0);
  refused++;
}

static void floating(u32 format) {
#define OP(rm, funct5, rs2) needs_fs(R(0x53, rm, (funct5) << 2 | format, rs2))
  for (u32 f = 0; f < 4; f++) OP(0, f, RS2);                     // add, sub, mul, div
  for (u32 f = 0; f < 3; f++) OP(f, 0x04, RS2);                  // fsgnj, fsgnjn, fsgnjx
  for (u32 f = 0; f < 4; f++) OP(f, 0x05, RS2);                  // fmin, fmax, fminm, fmaxm
  for (u32 f = 0; f < 6; f++)
    if (f != 3) OP(f, 0x14, RS2);                                // fle, flt, feq, fleq, fltq
  OP(0, 0x0b, 0);                                                // fsqrt
  OP(1, 0x1c, 0);                                                // fclass
  OP(0, 0x1c, 0), OP(0, 0x1e, 0), OP(0, 0x1e, 1);                // fmv both ways, fli
  for (u32 n = 0; n < 4; n++) OP(0, 0x18, n), OP(0, 0x1a, n);    // to and from integers
  for (u32 n = 0; n < 3; n++)
    if (n != format) OP(0, 0x08, n);                             // from the other formats
  OP(0, 0x08, 4), OP(0, 0x08, 5);                                // fround, froundnx
  for (u32 opcode = 0x43; opcode <= 0x4f; opcode += 4) needs_fs(R(opcode, 0, RS1 << 2 | format, RS2));
#undef OP
}

int main(void) {
  space = new_space(&paging_modes[0]);
  memory();
  for (u32 format = 0; format < 3; format++) floating(format);
  needs_fs(R(0x53, 1, 0x61, 8));                                 // fcvtmod.w.d
  for (u32 f = 1; f < 4; f++) needs_fs(R(0x07, f, 0, 0)), needs_fs(R(0x27, f, 0, RS2) & ~(31u << 7));
  return 0;
}
