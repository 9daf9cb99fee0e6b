// march: rv64i_zicsr_zifencei
// RV64I: jumps and branches to every power of two of distance, both ways, from the middle, the start and the end of a
// page: each bit of the scrambled immediates on its own, at its sign's extremes, and across page boundaries.
#include "test.h"

#define MIDDLE (2u << 20)
static u8 area[4u << 20] __attribute__((aligned(4096)));

typedef u64 routine(u64 a, u64 b);

#define RET 0x00008067u          // jalr x0, 0(ra)
#define LI_A0(n) (0x00000513u | (u32)(n) << 20)

static void put(u8 *at, u32 word) { *(volatile u32 *)at = word; }

static u32 jal(unsigned rd, u32 offset) {
  return (offset >> 20 & 1) << 31 | (offset >> 1 & 0x3ff) << 21 | (offset >> 11 & 1) << 20 | (offset >> 12 & 0xff) << 12 | rd << 7 | 0x6f;
}

static u32 branch(unsigned funct3, u32 offset) {
  return (offset >> 12 & 1) << 31 | (offset >> 5 & 0x3f) << 25 | 11 << 20 | 10 << 15 | funct3 << 12 | (offset >> 1 & 0xf) << 8 |
         (offset >> 11 & 1) << 7 | 0x63;
}

// beq, bne, blt, bge, bltu, bgeu: operands that take it and operands that do not.
static const struct {
  u8 funct3;
  i64 taken[2], untaken[2];
} branches[] = {
  {0, {5, 5}, {5, 6}},  {1, {5, 6}, {5, 5}},   {4, {-1, 0}, {0, -1}},
  {5, {0, -1}, {-1, 0}}, {6, {0, -1}, {-1, 0}}, {7, {-1, 0}, {0, -1}},
};

static void check_jal(u8 *from, i64 offset) {
  context("jal to", (u64)offset);
  put(from, jal(10, (u32)offset));         // jal a0, offset
  put(from + offset, RET);
  __asm__ volatile("fence.i" ::: "memory");
  check(1, ((routine *)(void *)from)(0, 0), (u64)from + 4);
}

static void check_branches(u8 *from, i64 offset) {
  for (unsigned i = 0; i < sizeof branches / sizeof *branches; i++) {
    context("branch to", (u64)offset);
    put(from + offset, LI_A0(1));
    put(from + offset + 4, RET);
    put(from, branch(branches[i].funct3, (u32)offset));
    put(from + 4, LI_A0(0));
    put(from + 8, RET);
    __asm__ volatile("fence.i" ::: "memory");
    check(2, ((routine *)(void *)from)((u64)branches[i].taken[0], (u64)branches[i].taken[1]), 1);
    check(3, ((routine *)(void *)from)((u64)branches[i].untaken[0], (u64)branches[i].untaken[1]), 0);
  }
}

static void check_from(u8 *from) {
  for (unsigned k = 3; k < 20; k++) {
    check_jal(from, 1l << k);
    check_jal(from, -(1l << k));
  }
  check_jal(from, -(1l << 20));
  check_jal(from, (1l << 20) - 4);
  for (unsigned k = 4; k < 12; k++) {
    check_branches(from, 1l << k);
    check_branches(from, -(1l << k));
  }
  check_branches(from, -4096);
  check_branches(from, 4092);
}

int main(void) {
  check_from(area + MIDDLE + 2048);
  check_from(area + MIDDLE);               // backwards is the page before
  check_from(area + MIDDLE - 4);           // the last instruction of a page: falls through into the next
  check_from(area + MIDDLE - 8);
  return 0;
}
