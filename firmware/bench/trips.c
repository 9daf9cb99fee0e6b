// march: rv64gc
// A million round trips from S-mode to M-mode and back, under Sv39, with a load and a store on one of 64 pages of 4 KiB
// before each: what a small system call and its return cost. `npm run bench -- --only trips`.
#include "paging.h"

enum { PAGES = 64, TRIPS = 1000000 };
#define VIRTUAL 0x1000000000
#define PHYSICAL 0x80400000

// Counts in a0, and returns behind the ecall. All other traps go where they went before; t0 and t1 are the caller's loss.
__attribute__((naked, aligned(4))) static void count_trip(void) {
  __asm__(
      "csrr t0, mcause\n"
      "addi t0, t0, -9\n"
      "bnez t0, 1f\n"
      "bnez a7, 1f\n"
      "csrr t0, mepc\n"
      "addi t0, t0, 4\n"
      "csrw mepc, t0\n"
      "addi a0, a0, 1\n"
      "mret\n"
      "1: j trap_entry_m\n");
}

static u64 kernel(u64 trips) {
  register u64 count __asm__("a0") = 0;
  u64 sum = 0;
  for (u64 n = 0; n < trips; n++) {
    volatile u64 *page = (u64 *)(VIRTUAL + (n * 29 & (PAGES - 1)) * PAGE + (n & 511) * 8);
    sum += *page;
    *page = sum + n;
    register u64 a7 __asm__("a7") = 0;
    __asm__ volatile("ecall" : "+r"(count) : "r"(a7) : "t0", "t1", "memory");
  }
  return count * 31 + sum;
}

int main(void) {
  struct space space = new_space(&paging_modes[0]);
  for (u64 i = 0; i < PAGES; i++) map(&space, VIRTUAL + i * PAGE, PHYSICAL + i * PAGE, 0, S_RWX);
  use(&space, 1);
  __asm__ volatile("csrw mtvec, %0" : : "r"(count_trip));
  struct outcome outcome = run_as(MODE_S, kernel, TRIPS, 0, 0);
  context("total", 0);
  check_value(1, outcome, 0x48bb32fdd15da0e);
  return 0;
}
