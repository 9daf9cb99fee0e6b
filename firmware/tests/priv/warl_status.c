// The WARL and WPRI fields of mstatus and sstatus: MPP never holds a mode that is not, XLEN is 64, what is not there reads
// as zero, and sstatus shows and writes S-mode's part alone.
#include "test.h"

#define MPP (3ull << 11)
#define WRITABLE_M 0x7e79aaull       // SIE MIE SPIE MPIE SPP MPP FS MPRV SUM MXR TVM TW TSR
#define VIEW_S 0xc6122ull            // SIE SPIE SPP FS SUM MXR (without UXL, SD)

int main(void) {
  u64 initial = csrr(mstatus);
  // Each single bit that M-mode may write: set and cleared.
  for (unsigned bit = 0; bit < 32; bit++) {
    context("mstatus bit", bit);
    if (!(WRITABLE_M >> bit & 1) || bit == 11 || bit == 12) continue;
    if (bit == 3 || bit == 17) continue;   // MIE and MPRV: on their own below
    csrs(mstatus, 1ull << bit);
    check(1, csrr(mstatus) >> bit & 1, 1);
    csrc(mstatus, 1ull << bit);
    check(2, csrr(mstatus) >> bit & 1, 0);
  }
  csrw(mie, 0);
  csrs(mstatus, 8);
  check(3, csrr(mstatus) & 8, 8);
  csrc(mstatus, 8);
  csrs(mstatus, MPP);
  csrs(mstatus, 1 << 17);   // MPP is M: harmless
  check(4, csrr(mstatus) >> 17 & 1, 1);
  csrc(mstatus, 1 << 17);

  // MPP: U, S and M; 2 is not a mode.
  context("MPP", 0);
  for (u64 mode = 0; mode < 4; mode++) {
    csrw(mstatus, (csrr(mstatus) & ~MPP) | mode << 11);
    if (mode == 2) check(5, (csrr(mstatus) & MPP) == 2ull << 11, 0);
    else check(6, csrr(mstatus) & MPP, mode << 11);
  }
  // SXL and UXL are 64 bits; big-endian is not there; XS is nothing; reserved bits are zero.
  csrw(mstatus, ~0ull & ~(1ull << 3 | 1 << 17 | 3ull << 32 | 1ull << 23 | 1ull << 24 | 1ull << 42 | 1ull << 41));
  u64 all = csrr(mstatus);
  check(7, all >> 34 & 3, 2);
  check(8, all & (1ull << 36 | 1ull << 37 | 1 << 6), 0);
  check(9, all & (3 << 15), 0);
  check(10, all & 0x7ffff800fe000015ull, 0);
  csrw(mstatus, initial);
  check(11, csrr(mstatus) >> 32 & 15, 10);

  // sstatus is a window.
  context("sstatus", 0);
  csrw(mie, 0);
  csrs(mstatus, WRITABLE_M & ~(1ull << 17) & ~8ull);
  u64 seen = csrr(sstatus);
  check(12, seen & 0xffffffff & ~(3 << 9), VIEW_S);
  check(13, seen >> 32, 0x80000002);
  csrw(sstatus, 0);
  check(14, csrr(mstatus) & WRITABLE_M, (WRITABLE_M & ~VIEW_S) & ~(1ull << 17) & ~8ull);
  csrc(mstatus, WRITABLE_M);
  csrw(sstatus, ~0ull & ~(1ull << 23 | 1ull << 24 | 3ull << 32));
  check(15, csrr(mstatus) & WRITABLE_M, VIEW_S);
  csrw(mstatus, initial);

  // What S-mode sees is the same register; U-mode sees none.
  check_value(16, csr_read(MODE_S, 0x100), csrr(sstatus));
  check_trap(17, csr_read(MODE_U, 0x100), CAUSE_ILLEGAL, 0x10002573);
  check_trap(18, csr_read(MODE_S, 0x300), CAUSE_ILLEGAL, 0x30002573);
  check_trap(19, csr_read(MODE_U, 0x300), CAUSE_ILLEGAL, 0x30002573);
  return 0;
}
