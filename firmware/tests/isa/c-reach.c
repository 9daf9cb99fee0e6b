// march: rv64ic_zicsr_zifencei
// C: c.j, c.beqz and c.bnez to every power of two of distance, both ways, and jal from odd halfwords; from the middle of
// a page, from its first and last halfwords, and from an instruction that lies in two pages.
#include "test.h"

#define MIDDLE (2u << 20)
static u8 area[4u << 20] __attribute__((aligned(4096)));

typedef u64 routine(u64 a, u64 b);

#define C_RET 0x8082u             // c.jr ra
#define C_LI_A0(n) (0x4501u | (n) << 2)

static void put(u8 *at, u32 half) { *(volatile u16 *)at = (u16)half; }

static u32 c_j(u32 offset) {
  return 0xa001 | (offset >> 11 & 1) << 12 | (offset >> 4 & 1) << 11 | (offset >> 8 & 3) << 9 | (offset >> 10 & 1) << 8 |
         (offset >> 6 & 1) << 7 | (offset >> 7 & 1) << 6 | (offset >> 1 & 7) << 3 | (offset >> 5 & 1) << 2;
}

// c.beqz a0 (nonzero 0) or c.bnez a0 (1)
static u32 c_branch(u32 nonzero, u32 offset) {
  return 0xc101 | nonzero << 13 | (offset >> 8 & 1) << 12 | (offset >> 3 & 3) << 10 | (offset >> 6 & 3) << 5 |
         (offset >> 1 & 3) << 3 | (offset >> 5 & 1) << 2;
}

static u32 jal(unsigned rd, u32 offset) {
  return (offset >> 20 & 1) << 31 | (offset >> 1 & 0x3ff) << 21 | (offset >> 11 & 1) << 20 | (offset >> 12 & 0xff) << 12 | rd << 7 | 0x6f;
}

static u64 call(u8 *at, u64 argument) {
  __asm__ volatile("fence.i" ::: "memory");
  return ((routine *)(void *)at)(argument, 0);
}

static void check_jump(u8 *from, i64 offset) {
  context("c.j to", (u64)offset);
  put(from + offset, C_LI_A0(7));
  put(from + offset + 2, C_RET);
  put(from, c_j((u32)offset));
  check(1, call(from, 0), 7);
}

static void check_branches(u8 *from, i64 offset) {
  context("branch to", (u64)offset);
  for (u32 nonzero = 0; nonzero < 2; nonzero++) {
    put(from + offset, C_LI_A0(7));
    put(from + offset + 2, C_RET);
    put(from, c_branch(nonzero, (u32)offset));
    put(from + 2, C_LI_A0(9));
    put(from + 4, C_RET);
    check(2, call(from, 0), nonzero ? 9 : 7);
    check(3, call(from, 1ull << 63), nonzero ? 7 : 9);
  }
}

static void check_jal(u8 *from, i64 offset) {
  context("jal to", (u64)offset);
  put(from + offset, C_RET);
  u32 word = jal(10, (u32)offset);         // jal a0, offset
  put(from, word & 0xffff);
  put(from + 2, word >> 16);
  check(4, call(from, 0), (u64)from + 4);
}

static void check_from(u8 *from) {
  for (unsigned k = 2; k < 11; k++) {
    check_jump(from, 1l << k);
    check_jump(from, -(1l << k));
  }
  check_jump(from, -2048);
  check_jump(from, 2046);
  for (unsigned k = 3; k < 8; k++) {
    check_branches(from, 1l << k);
    check_branches(from, -(1l << k));
  }
  check_branches(from, -256);
  check_branches(from, 254);
  for (unsigned k = 2; k < 20; k++) {
    check_jal(from, 1l << k);
    check_jal(from, -(1l << k));
  }
  check_jal(from, -2);
  check_jal(from, -(1l << 20));
  check_jal(from, (1l << 20) - 2);
}

int main(void) {
  check_from(area + MIDDLE + 2050);
  check_from(area + MIDDLE);
  check_from(area + MIDDLE - 2);           // jal lies in two pages here; the others fall into the next
  check_from(area + MIDDLE - 4);
  check_from(area + MIDDLE + 2);
  return 0;
}
