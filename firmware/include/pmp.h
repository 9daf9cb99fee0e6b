// Physical memory protection for the guest tests.
#ifndef PMP_H
#define PMP_H

#include "test.h"

#define PMP_R 1
#define PMP_W 2
#define PMP_X 4
#define PMP_RWX 7
#define PMP_TOR 0x08
#define PMP_NA4 0x10
#define PMP_NAPOT 0x18
#define PMP_L 0x80
// pmpaddr for the naturally aligned power-of-two region of this size (8 or more) at base.
#define NAPOT(base, size) (((u64)(base) >> 2) | (((u64)(size) >> 3) - 1))
#define EVERYTHING (~0ull >> 10)

static inline u64 pmp_address(unsigned n) { return csr_read(MODE_M, 0x3b0 + n).value; }
static inline u8 pmp_config(unsigned n) { return (u8)(csr_read(MODE_M, 0x3a0 + n / 8 * 2).value >> n % 8 * 8); }

// Writes entry n: its address first, then its configuration, and the fence that translations need.
static inline void pmp(unsigned n, u8 config, u64 address) {
  unsigned shift = n % 8 * 8, csr = 0x3a0 + n / 8 * 2;
  csr_write(MODE_M, 0x3b0 + n, address);
  u64 others = csr_read(MODE_M, csr).value & ~(0xffull << shift);
  csr_write(MODE_M, csr, others | (u64)config << shift);
  __asm__ volatile("sfence.vma" ::: "memory");
}

// Entry 15 allows everything that no entry before it matches; those are off.
static inline void pmp_open(void) {
  pmp(15, PMP_NAPOT | PMP_RWX, EVERYTHING);
  for (unsigned n = 0; n < 15; n++) pmp(n, 0, 0);
}

#endif
