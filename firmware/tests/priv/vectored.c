// mtvec and stvec in vectored mode: interrupts go to BASE + 4 x cause, exceptions to BASE; direct mode sends all to BASE.
#include "test.h"

#define BIT(n) (1ull << (n))

// 16 slots of 4 bytes, each loading its number and going on; t0 is lost. What arrives is in arrived.
static volatile u64 arrived;
static volatile u64 arrived_cause;
static void *volatile resume;

__asm__(
    ".section .text.vector, \"ax\"\n .option push\n .option norvc\n .balign 256\n vector:\n"
    " .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n  j slot\\n\n .endr\n"
    " .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n slot\\n: li t0, \\n\n  j landed\n .endr\n"
    "landed: la t1, arrived\n sd t0, 0(t1)\n csrr t0, mcause\n la t1, arrived_cause\n sd t0, 0(t1)\n"
    " csrw mie, zero\n la t0, resume\n ld t0, 0(t0)\n csrw mepc, t0\n li t0, 0x1800\n csrs mstatus, t0\n mret\n"
    // For S-mode: the slot goes to a0 of an ending ecall.
    ".balign 256\n vector_s:\n"
    " .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n  j slot_s\\n\n .endr\n"
    " .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n slot_s\\n: li a0, \\n\n  j function_done\n .endr\n"
    ".option pop\n .text\n");
extern char vector[], vector_s[];

// Lets an interrupt in (or executes an illegal instruction), in M-mode.
static void __attribute__((noinline)) trap_here(int exception) {
  __asm__ volatile(
      "la t0, 1f\n la t1, resume\n sd t0, 0(t1)\n bnez %0, 2f\n csrsi mstatus, 8\n nop\n nop\n j 1f\n"
      "2: .word 0xffffffff\n"
      ".balign 4\n 1: csrci mstatus, 8\n" ::"r"((u64)exception) : "t0", "t1", "memory");
}

static void nothing(void) {}

int main(void) {
  u64 harness = csrr(mtvec);
  csrw(mideleg, 0);
  write64(CLINT + 0x4000, ~0ull);
  static const u8 interrupts[] = {1, 3, 5, 7, 9};
  for (unsigned vectored = 0; vectored < 2; vectored++) {
    csrw(mtvec, (u64)vector | vectored);
    check(1, csrr(mtvec), (u64)vector | vectored);
    for (unsigned i = 0; i < 5; i++) {
      u64 n = interrupts[i];
      context("interrupt", n << 4 | vectored);
      csrw(mip, n == 3 || n == 7 ? 0 : BIT(n));
      write32(CLINT, n == 3);
      write64(CLINT + 0x4000, n == 7 ? 0 : ~0ull);
      while (!(csrr(mip) & BIT(n))) {}
      arrived = 99;
      csrw(mie, BIT(n));
      trap_here(0);
      check(2, arrived, vectored ? n : 0);
      check(3, arrived_cause, BIT(63) | n);
      csrw(mip, 0);
      write32(CLINT, 0);
      write64(CLINT + 0x4000, ~0ull);
    }
    context("exception", vectored);
    arrived = 99;
    trap_here(1);
    check(4, arrived, 0);
    check(5, arrived_cause, CAUSE_ILLEGAL);
  }
  csrw(mtvec, harness);
  csrw(mie, 0);

  csrw(mideleg, BIT(1) | BIT(5) | BIT(9));
  csrw(medeleg, BIT(CAUSE_ILLEGAL));
  for (unsigned vectored = 0; vectored < 2; vectored++) {
    csrw(stvec, (u64)vector_s | vectored);
    check(6, csrr(stvec), (u64)vector_s | vectored);
    static const u8 own[] = {1, 5, 9};
    for (unsigned i = 0; i < 3; i++) {
      context("S interrupt", own[i] << 4 | vectored);
      csrw(mip, BIT(own[i]));
      csrw(mie, BIT(own[i]));
      csrs(mstatus, 2);
      check_value(7, run_as(MODE_S, nothing, 0, 0, 0), vectored ? own[i] : 0);
      check_value(8, run_as(MODE_U, nothing, 0, 0, 0), vectored ? own[i] : 0);
      check(9, csrr(scause), BIT(63) | own[i]);
      csrw(mip, 0);
      csrw(mie, 0);
    }
    check_value(10, run_word(MODE_S, 0xffffffff, 77, 0, 0), 0);
    check(11, csrr(scause), CAUSE_ILLEGAL);
    check(12, csrr(stval), 0xffffffff);
  }
  return 0;
}
