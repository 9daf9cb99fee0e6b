// A CSR whose number begins with 11 is read-only: any form that would write is illegal, even with nothing to change;
// csrrs and csrrc with x0, or 0, only read. A CSR belongs to the mode in bits 9:8 of its number and to those above.
#include "test.h"

// csrr* a0, csr, rs1-or-immediate
static u32 csr_word(unsigned csr, unsigned funct3, unsigned rs1, unsigned rd) { return csr << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x73; }

int main(void) {
  static const u16 readonly[] = {0xc00, 0xc01, 0xc02, 0xc03, 0xf11, 0xf12, 0xf13, 0xf14, 0xf15};
  for (unsigned i = 0; i < sizeof(readonly) / 2; i++) {
    unsigned csr = readonly[i];
    context("csr", csr);
    for (unsigned rd = 0; rd <= 10; rd += 10) {
      // csrrw and csrrwi always write.
      static const u8 writes[][2] = {{1, 0}, {1, 10}, {5, 0}, {5, 3}, {2, 10}, {3, 10}, {6, 1}, {7, 31}};
      for (unsigned w = 0; w < 8; w++) {
        u32 word = csr_word(csr, writes[w][0], writes[w][1], rd);
        check_trap(1, run_word(MODE_M, word, 0, 0, 0), CAUSE_ILLEGAL, word);
      }
      static const u8 reads[] = {2, 3, 6, 7};
      for (unsigned r = 0; r < 4; r++) check(2, run_word(MODE_M, csr_word(csr, reads[r], 0, rd), 0, 0, 0).trapped, 0);
    }
    // funct3 4 is no CSR instruction (where it is a may-be-operation, it does not touch the CSR); funct3 0 neither.
  }

  // By mode: M's CSRs from S and U, S's from U; written or read, and by a form that does neither a change.
  static const u16 machine[] = {0x300, 0x301, 0x302, 0x303, 0x304, 0x305, 0x306, 0x30a, 0x320, 0x323, 0x340, 0x341, 0x342, 0x343,
                                0x344, 0x3a0, 0x3b0, 0xb00, 0xb02, 0xb03, 0xf11, 0xf14};
  static const u16 supervisor[] = {0x100, 0x104, 0x105, 0x106, 0x10a, 0x140, 0x141, 0x142, 0x143, 0x144, 0x14d, 0x180};
  for (unsigned i = 0; i < sizeof(machine) / 2; i++) {
    context("csr", machine[i]);
    for (unsigned mode = MODE_U; mode <= MODE_S; mode++) {
      check_trap(3, csr_read(mode, machine[i]), CAUSE_ILLEGAL, csr_word(machine[i], 2, 0, 10));
      check_trap(4, csr_write(mode, machine[i], 0), CAUSE_ILLEGAL, csr_word(machine[i], 1, 10, 10));
      check_trap(5, run_word(mode, csr_word(machine[i], 7, 0, 0), 0, 0, 0), CAUSE_ILLEGAL, csr_word(machine[i], 7, 0, 0));
    }
    check(6, csr_read(MODE_M, machine[i]).trapped, 0);
  }
  csr_write(MODE_M, 0x30c, ~0ull);   // mstateen0, for senvcfg, where there is one
  csrs(0x30a, 1ull << 63);   // menvcfg.STCE, for stimecmp
  csrs(mcounteren, 2);
  for (unsigned i = 0; i < sizeof(supervisor) / 2; i++) {
    context("csr", supervisor[i]);
    check_trap(7, csr_read(MODE_U, supervisor[i]), CAUSE_ILLEGAL, csr_word(supervisor[i], 2, 0, 10));
    check_trap(8, csr_write(MODE_U, supervisor[i], 0), CAUSE_ILLEGAL, csr_word(supervisor[i], 1, 10, 10));
    check(9, csr_read(MODE_S, supervisor[i]).trapped, 0);
    check(10, csr_read(MODE_M, supervisor[i]).trapped, 0);
  }
  return 0;
}
