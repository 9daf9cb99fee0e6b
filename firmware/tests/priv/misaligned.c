// qemu: -cpu max,h=off,v=off,zama16b=off
// Loads and stores work at every alignment in M-mode too; at the end of RAM, tval is the first byte that is not there;
// atomics must be aligned.
#include "test.h"

static u8 buffer[32] __attribute__((aligned(16)));

static u32 amoadd_d = 0x00b5352f;   // amoadd.d a0, a1, (a0)
static u32 amoadd_w = 0x00b5252f;
static u32 lr_d = 0x1005352f, lr_w = 0x1005252f;

int main(void) {
  for (unsigned i = 0; i < 32; i++) buffer[i] = (u8)(0x81 + 3 * i);
  for (unsigned offset = 0; offset < 16; offset++) {
    context("offset", offset);
    u64 expected = 0, at = (u64)buffer + offset;
    for (unsigned i = 8; i-- > 0;) expected = expected << 8 | buffer[offset + i];
    // ld, lw, lwu, lh, lhu a0, 0(a0)
    check_value(1, run_word(MODE_M, 0x00053503, at, 0, 0), expected);
    check_value(2, run_word(MODE_M, 0x00052503, at, 0, 0), (u64)(i64)(int32_t)expected);
    check_value(3, run_word(MODE_M, 0x00056503, at, 0, 0), expected & 0xffffffff);
    check_value(4, run_word(MODE_M, 0x00051503, at, 0, 0), (u64)(i64)(int16_t)expected);
    check_value(5, run_word(MODE_M, 0x00055503, at, 0, 0), expected & 0xffff);
  }
  for (unsigned offset = 0; offset < 16; offset++) {
    context("offset", offset);
    memset(buffer, 0xee, 32);
    u64 at = (u64)buffer + offset;
    run_word(MODE_M, 0x00b53023, at, 0x8877665544332211, 0);   // sd a1, 0(a0)
    for (unsigned i = 0; i < 32; i++) check(6, buffer[i], i >= offset && i < offset + 8 ? 0x11 * (i - offset + 1) : 0xee);
    run_word(MODE_M, 0x00b52023, at, 0xa4a3a2a1, 0);           // sw
    run_word(MODE_M, 0x00b51023, at, 0xb2b1, 0);               // sh
    check(7, buffer[offset], 0xb1);
    check(8, buffer[offset + 1], 0xb2);
    check(9, buffer[offset + 2], 0xa3);
    check(10, buffer[offset + 4], 0x55);
  }
  // Atomics: an address-misaligned exception, or an access fault, with the address.
  for (unsigned offset = 1; offset < 8; offset++) {
    context("offset", offset);
    u64 at = (u64)buffer + offset;
    struct outcome outcome = run_word(MODE_M, amoadd_d, at, 1, 0);
    check(11, outcome.trapped && (outcome.cause == CAUSE_STORE_MISALIGNED || outcome.cause == CAUSE_STORE_ACCESS), 1);
    check(12, outcome.tval, at);
    outcome = run_word(MODE_M, lr_d, at, 0, 0);
    check(13, outcome.trapped && (outcome.cause == CAUSE_LOAD_MISALIGNED || outcome.cause == CAUSE_LOAD_ACCESS), 1);
    check(14, outcome.tval, at);
    if (offset % 4 == 0) {
      check(15, run_word(MODE_M, amoadd_w, at, 1, 0).trapped, 0);
      check(16, run_word(MODE_M, lr_w, at, 1, 0).trapped, 0);
    }
  }
  // Where nothing is.
  context("edge", 0);
  for (u64 before = 1; before < 8; before++) {
    struct outcome outcome = run_word(MODE_M, 0x00053503, 0xe000000 + before, 0, 0);
    check(17, outcome.cause, CAUSE_LOAD_ACCESS);
    check(18, outcome.tval, 0xe000000 + before);
  }
  return 0;
}
