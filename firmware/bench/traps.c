// march: rv64gc
// Traps from S-mode to M-mode and back, about 10^9 instructions: a kernel's calls to its firmware (ecall), which saves and
// restores every register, and instructions that the firmware carries out for it (reads of a CSR that S-mode must not see).
#include "test.h"

static volatile u64 counter;

static int firmware(struct frame *frame) {
  u64 *x = frame->x;
  if (frame->cause == CAUSE_ECALL_S && x[17] < 4) {
    switch (x[17]) {
      case 0: counter += x[10]; x[10] = counter; break;
      case 1: x[10] ^= x[11] << (x[12] & 63); break;
      case 2: x[10] = x[10] * 6364136223846793005 + 1442695040888963407; break;
      default: x[10] = counter; break;
    }
  } else if (frame->cause == CAUSE_ILLEGAL && (u32)frame->tval >> 20 == 0xf14) {
    x[(u32)frame->tval >> 7 & 31] = 42;   // mhartid, as this firmware has it
  } else {
    return 0;
  }
  frame->epc += 4;
  return 1;
}

static inline u64 call(u64 number, u64 a, u64 b, u64 c) {
  register u64 a0 __asm__("a0") = a;
  register u64 a1 __asm__("a1") = b;
  register u64 a2 __asm__("a2") = c;
  register u64 a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  return a0;
}

static u64 kernel(u64 rounds) {
  u64 x = 1, id;
  for (u64 n = 0; n < rounds; n++) {
    x = call(2, x, 0, 0);
    x = call(1, x, n, n & 63);
    x ^= call(0, n & 7, 0, 0);
    x += call(3, 0, 0, 0);
    __asm__ volatile("csrr %0, mhartid" : "=r"(id));
    x += id;
    for (int i = 0; i < 16; i++) x = x << 1 | x >> 63, x ^= n;
  }
  return x;
}

int main(void) {
  on_trap_m = firmware;
  struct outcome outcome = run_as(MODE_S, kernel, 1220000, 0, 0);
  context("total", 0);
  check_value(1, outcome, 0x884c51d94e846848);
  return 0;
}
