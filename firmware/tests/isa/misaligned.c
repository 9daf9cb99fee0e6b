// march: rv64gc
// Misaligned loads and stores: every size at every offset of a 64-byte line and around the end of a page, by the plain,
// the compressed and the floating-point instructions; neighbours stay as they were.
#include "test.h"

static u8 area[3 * 4096] __attribute__((aligned(4096)));

#define LOADS(X) \
  X(0, 1, 0, "lbu %0, 0(%1)") X(1, 1, 1, "lb %0, 0(%1)") X(2, 2, 0, "lhu %0, 0(%1)") X(3, 2, 1, "lh %0, 0(%1)") \
  X(4, 4, 0, "lwu %0, 0(%1)") X(5, 4, 1, "lw %0, 0(%1)") X(6, 8, 0, "ld %0, 0(%1)") \
  X(7, 4, 1, "mv a4, %1\n\tc.lw a5, 0(a4)\n\tmv %0, a5") X(8, 8, 0, "mv a4, %1\n\tc.ld a5, 0(a4)\n\tmv %0, a5") \
  X(9, 4, 1, "flw fa5, 0(%1)\n\tfmv.x.w %0, fa5") X(10, 8, 0, "fld fa5, 0(%1)\n\tfmv.x.d %0, fa5") \
  X(11, 8, 0, "mv a4, %1\n\tc.fld fa5, 0(a4)\n\tfmv.x.d %0, fa5")
#define LOAD_COUNT 12

#define STORES(X) \
  X(0, 1, "sb %0, 0(%1)") X(1, 2, "sh %0, 0(%1)") X(2, 4, "sw %0, 0(%1)") X(3, 8, "sd %0, 0(%1)") \
  X(4, 4, "mv a4, %1\n\tmv a5, %0\n\tc.sw a5, 0(a4)") X(5, 8, "mv a4, %1\n\tmv a5, %0\n\tc.sd a5, 0(a4)") \
  X(6, 4, "fmv.w.x fa5, %0\n\tfsw fa5, 0(%1)") X(7, 8, "fmv.d.x fa5, %0\n\tfsd fa5, 0(%1)") \
  X(8, 8, "mv a4, %1\n\tfmv.d.x fa5, %0\n\tc.fsd fa5, 0(a4)")
#define STORE_COUNT 9

static u64 load(unsigned kind, u8 *at) {
  u64 value = 0;
  switch (kind) {
#define X(n, size, sign, code) case n: __asm__ volatile(code : "=r"(value) : "r"(at) : "memory", "a4", "a5"); break;
    LOADS(X)
#undef X
  }
  return value;
}

static void store(unsigned kind, u8 *at, u64 value) {
  switch (kind) {
#define X(n, size, code) case n: __asm__ volatile(code ::"r"(value), "r"(at) : "memory", "a4", "a5"); break;
    STORES(X)
#undef X
  }
}

static const struct { u8 size, sign; } loads[] = {
#define X(n, size, sign, code) {size, sign},
  LOADS(X)
#undef X
};
static const u8 stores[] = {
#define X(n, size, code) size,
  STORES(X)
#undef X
};

// Bytes with all kinds of top bits.
static u8 byte_at(u64 i) { return (u8)(i * 0x4d + 0x1b); }

static u64 bytes(u8 *at, unsigned size, int sign) {
  u64 value = 0;
  for (unsigned i = size; i-- > 0;) value = value << 8 | *(volatile u8 *)(at + i);
  if (sign && value >> (size * 8 - 1) & 1) value |= size == 8 ? 0 : -1ull << size * 8;
  return value;
}

static void check_place(u8 *at) {
  for (u8 *p = at - 16; p < at + 24; p++) *(volatile u8 *)p = byte_at((u64)p);
  for (unsigned kind = 0; kind < LOAD_COUNT; kind++) {
    context("address", (u64)at);
    check(1 + kind, load(kind, at), bytes(at, loads[kind].size, loads[kind].sign));
  }
  for (unsigned kind = 0; kind < STORE_COUNT; kind++) {
    for (u8 *p = at - 16; p < at + 24; p++) *(volatile u8 *)p = byte_at((u64)p);
    u64 value = 0xf1e2d3c4b5a69788;
    store(kind, at, value);
    for (u8 *p = at - 16; p < at + 24; p++) {
      context("byte", (u64)p);
      u64 inside = (u64)(p - at);
      check(20 + kind, *(volatile u8 *)p, p >= at && inside < stores[kind] ? (u8)(value >> 8 * inside) : byte_at((u64)p));
    }
  }
}

int main(void) {
  for (unsigned offset = 0; offset < 64; offset++) check_place(area + 2048 + offset);
  for (i64 offset = -16; offset <= 16; offset++) {
    check_place(area + 4096 + offset);
    check_place(area + 8192 + offset);
  }
  // A misaligned store over code's neighbours and a load of what two stores left: bytes interleave as written.
  store(3, area + 4093, 0x1111111111111111);
  store(2, area + 4095, 0x22222222);
  check(40, load(6, area + 4092), 0x1122222222111100 | area[4092]);
  check(41, load(6, area + 4093), 0x1111222222221111);
  return 0;
}
