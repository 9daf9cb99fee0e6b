// Reserved encodings raise illegal instruction in every mode, mtval being the instruction: 32 bits, or 16 for a compressed
// one, zero-extended; stval the same when delegated; nothing else changes.
#include "test.h"

extern u32 code_buffer[];

static const u32 words[] = {
  0xffffffff,   // all ones
  0x0000007f,   // longer than 32 bits: not here
  0x0000000b,   // custom-0
  0x0000002b,   // custom-1
  0x0000005b,   // custom-2
  0x0000007b,   // custom-3
  0x0000006b,   // reserved
  0x00007003,   // load, width 7
  0x00004023,   // store, width 4
  0x00007023,   // store, width 7
  0x00002063,   // branch, funct3 2
  0x00003063,   // branch, funct3 3
  0x00001067,   // jalr, funct3 1
  0x02001513 | 1u << 31,   // slli with a reserved funct6
  0x7c005533,   // register-register, reserved funct7
  0x0000201b,   // op-imm-32, funct3 2
  0x0000203b | 0x10000000, // op-32, reserved
  0x00004073,   // system, funct3 4, not a may-be-operation
  0x00300073,   // system, reserved funct12
  0x7b300073,   // dret
  0x30200173,   // mret with rd
  0x10500173,   // wfi with rd
  0x00100173,   // ebreak with rd
  0x0000a0af | 0x18000000, // atomics: funct5 of sc with .. width 2 is fine; made reserved below
  0xf800202f,   // atomics, reserved funct5
  0x0000502f,   // atomics, width 5
  0x1010a52f,   // lr.w with rs2 = 1
  0x06000053,   // fp, quad
  0xfe000053,   // fp, reserved funct5
  0x0000500f,   // misc-mem, funct3 5
};

static const u16 compressed[] = {
  0x0000,   // all zeros
  0x9000,   // quadrant 0, what Zcb leaves reserved
  0x2001,   // c.addiw with rd = 0
  0x6101,   // c.addi16sp with immediate 0
  0x6501,   // c.lui with immediate 0
  0x9c7d,   // quadrant 1, reserved beside Zcb's
  0x8002,   // c.jr with rs1 = 0
  0x4002,   // c.lwsp with rd = 0
  0x6002,   // c.ldsp with rd = 0
  0x0004,   // c.addi4spn with immediate 0
};

int main(void) {
  supervisor_ready();
  for (unsigned i = 0; i < sizeof(words) / 4; i++) {
    u32 word = words[i];
    if (word == (0x0000a0af | 0x18000000)) continue;
    context("word", word);
    for (unsigned mode = MODE_U; mode <= MODE_M; mode++) {
      if (mode == 2) continue;
      struct outcome outcome = run_word(mode, word, 0x1111, 0x2222, 0);
      check_trap(1, outcome, CAUSE_ILLEGAL, word);
      check(2, outcome.epc, (u64)code_buffer);
      check(3, outcome.value, 0x1111);
    }
  }
  for (unsigned i = 0; i < sizeof(compressed) / 2; i++) {
    context("halfword", compressed[i]);
    for (unsigned mode = MODE_U; mode <= MODE_M; mode++) {
      if (mode == 2) continue;
      // First, and after a compressed nop, at an address that is not a multiple of four.
      struct outcome outcome = run_word(mode, 0xffff0000 | compressed[i], 0x1111, 0, 0);
      check_trap(4, outcome, CAUSE_ILLEGAL, compressed[i]);
      outcome = run_word(mode, (u32)compressed[i] << 16 | 0x0001, 0x1111, 0, 0);
      check_trap(5, outcome, CAUSE_ILLEGAL, compressed[i]);
      check(6, outcome.epc, (u64)code_buffer + 2);
    }
  }
  // Delegated: stval.
  csrw(medeleg, 1 << CAUSE_ILLEGAL);
  context("delegated", 0);
  struct outcome outcome = run_word(MODE_U, 0xffffffff, 0, 0, 0);
  check_trap(7, outcome, CAUSE_ILLEGAL, 0xffffffff);
  check(8, outcome.level, MODE_S);
  outcome = run_word(MODE_S, 0x00008002, 0, 0, 0);
  check_trap(9, outcome, CAUSE_ILLEGAL, 0x8002);
  check(10, csrr(stval), 0x8002);
  return 0;
}
