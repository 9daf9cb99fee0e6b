// The upper halves that RV32 has are absent on RV64: illegal instruction, read or written.
#include "test.h"

static const u16 halves[] = {
  0x15d,                        // stimecmph
  0x310, 0x312, 0x31a,          // mstatush, medelegh, menvcfgh
  0x3a1, 0x3a3, 0x3a5, 0x3af,   // odd pmpcfg
  0x723, 0x73f,                 // mhpmevent3h, mhpmevent31h
  0x757,                        // mseccfgh
  0xb80, 0xb82, 0xb83, 0xb9f,   // mcycleh, minstreth, mhpmcounter3h, mhpmcounter31h
  0xc80, 0xc81, 0xc82, 0xc9f,   // cycleh, timeh, instreth, hpmcounter31h
  0x31c, 0x31d, 0x31e, 0x31f,   // mstateen0h to 3h
};

int main(void) {
  for (unsigned i = 0; i < sizeof(halves) / 2; i++) {
    context("csr", halves[i]);
    check_trap(1, csr_read(MODE_M, halves[i]), CAUSE_ILLEGAL, (u32)halves[i] << 20 | 0x2573);
    check_trap(2, csr_write(MODE_M, halves[i], 0), CAUSE_ILLEGAL, (u32)halves[i] << 20 | 0x51573);
    check_trap(3, csr_read(MODE_S, halves[i]), CAUSE_ILLEGAL, (u32)halves[i] << 20 | 0x2573);
  }
  return 0;
}
