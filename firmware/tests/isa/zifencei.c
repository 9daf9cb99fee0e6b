// march: rv64gc_zifencei
// Zifencei: code that was written runs as written after fence.i: again and again, in the page that runs, over the
// boundary of two pages, one half of an instruction at a time, and in a loop that changes itself.
#include "test.h"

static u8 area[3 * 4096] __attribute__((aligned(4096)));
typedef u64 routine(u64);

#define RET 0x00008067u
#define C_RET 0x8082u

static void fence_i(void) { __asm__ volatile("fence.i" ::: "memory"); }
static u64 call(void *at, u64 argument) { return ((routine *)at)(argument); }
static void put32(u8 *at, u32 word) {
  *(volatile u16 *)at = (u16)word;
  *(volatile u16 *)(at + 2) = (u16)(word >> 16);
}
static u32 addi_a0(i64 immediate) { return (u32)immediate << 20 | 0x00050513; }

u64 self_changing(u64 rounds);
__asm__(".text\n.balign 4\n.globl self_changing\n"
        "self_changing:\n"
        "  la a1, 2f\n"
        "  lw a2, 0(a1)\n"
        "  li a3, 1 << 20\n"
        "  li a4, 0\n"
        "1:\n"
        "  fence.i\n"
        ".option push\n.option norvc\n"
        "2:\n"
        "  addi a4, a4, 1\n"       // its immediate grows by one each time round
        ".option pop\n"
        "  lw a2, 0(a1)\n"
        "  add a2, a2, a3\n"
        "  sw a2, 0(a1)\n"
        "  addi a0, a0, -1\n"
        "  bnez a0, 1b\n"
        "  mv a0, a4\n"
        "  ret\n");

int main(void) {
  u8 *page = area + 4096;

  // The same place, many versions.
  for (i64 n = -50; n < 50; n++) {
    put32(page + 64, addi_a0(n));
    put32(page + 68, RET);
    fence_i();
    check(1, call(page + 64, 1000), (u64)(1000 + n));
  }

  // An instruction in two pages: both halves at once, then each alone.
  u8 *straddling = page - 2;
  put32(straddling, addi_a0(0x123));
  put32(straddling + 4, RET);
  fence_i();
  check(2, call(straddling, 0), 0x123);
  *(volatile u16 *)page = (u16)(addi_a0(0x765) >> 16);
  fence_i();
  check(3, call(straddling, 0), 0x765);
  *(volatile u16 *)straddling = 0x0593;      // the lower half: addi a1, a0; a0 stays
  fence_i();
  check(4, call(straddling, 42), 42);
  put32(straddling, addi_a0(-1));
  fence_i();
  check(5, call(straddling, 42), 41);
  // The boundary's two halves become two compressed instructions, and one again.
  *(volatile u16 *)straddling = 0x0505;      // c.addi a0, 1
  *(volatile u16 *)page = 0x0509;            // c.addi a0, 2
  fence_i();
  check(6, call(straddling, 0), 3);
  *(volatile u16 *)page = C_RET;
  fence_i();
  check(7, call(straddling, 0), 1);
  put32(straddling, addi_a0(9));
  fence_i();
  check(8, call(straddling, 0), 9);

  // Straight-line code that falls from one page into the next, each rewritten on its own.
  for (unsigned i = 0; i < 8; i++) put32(page - 16 + 4 * i, addi_a0(1));
  put32(page + 16, RET);
  fence_i();
  check(9, call(page - 16, 0), 8);
  put32(page + 4, addi_a0(100));
  fence_i();
  check(10, call(page - 16, 0), 107);
  put32(page - 8, addi_a0(-100));
  fence_i();
  check(11, call(page - 16, 0), 6);

  // Code in the middle of an instruction: at +2 an addi's upper half is an instruction of its own.
  put32(page + 64, 0x80820513);               // an addi whose upper half is c.jr ra
  put32(page + 68, RET);
  fence_i();
  check(12, call(page + 66, 77), 77);

  // A byte changes an instruction as well as a word does.
  put32(page + 64, addi_a0(0));
  put32(page + 68, RET);
  fence_i();
  check(13, call(page + 64, 5), 5);
  page[67] = 0x01;                           // immediate 0x010
  fence_i();
  check(14, call(page + 64, 5), 21);
  *(volatile u64 *)(page + 64) = (u64)RET << 32 | addi_a0(2047);
  fence_i();
  check(15, call(page + 64, 5), 2052);
  // An AMO and a store-conditional write code too.
  __asm__ volatile("amoswap.w zero, %0, (%1)" ::"r"(addi_a0(3)), "r"(page + 64) : "memory");
  fence_i();
  check(16, call(page + 64, 5), 8);
  u32 failed;
  do
    __asm__ volatile("lr.w zero, (%1)\n\tsc.w %0, %2, (%1)" : "=&r"(failed) : "r"(page + 64), "r"(addi_a0(4)) : "memory");
  while (failed);
  fence_i();
  check(17, call(page + 64, 5), 9);
  // A store that covers the end of one page and the start of the next.
  put32(page - 4, addi_a0(1));
  put32(page, addi_a0(2));
  put32(page + 4, RET);
  fence_i();
  check(18, call(page - 4, 0), 3);
  *(volatile u64 __attribute__((aligned(1))) *)(page - 4) = (u64)addi_a0(20) << 32 | addi_a0(10);
  fence_i();
  check(19, call(page - 4, 0), 30);

  // A loop that changes an instruction of its own each time: 1 + 2 + … + 100.
  check(20, self_changing(100), 5050);
  // fence.i ignores its immediate, rd and rs1 (reserved for finer fences).
  u64 a0 = 11;
  __asm__ volatile("mv a0, %0\n\t.word 0xfff5150f\n\tmv %0, a0" : "+r"(a0)::"a0", "memory");   // fence.i with all fields
  check(21, a0, 11);
  return 0;
}
