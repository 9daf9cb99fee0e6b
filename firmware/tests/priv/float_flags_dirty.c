// An instruction that changes nothing but fflags makes mstatus.FS dirty as well: fcsr is part of the state that FS guards.
#include "test.h"

#define FS (3ull << 13)
#define CLEAN (2ull << 13)

int main(void) {
  csrs(mstatus, FS);
  run_word(MODE_S, 0xf2050053, 0x7ff0000000000001, 0, 0);   // fmv.d.x ft0, a0: a signalling NaN
  csrw(fflags, 0);
  csrc(mstatus, FS);
  csrs(mstatus, CLEAN);
  check_value(1, run_word(MODE_S, 0xa2002553, 0, 0, 0), 0);   // feq.d a0, ft0, ft0 raises NV
  check(2, csrr(mstatus) & FS, FS);
  check(3, csrr(fflags), 0x10);
  return 0;
}
