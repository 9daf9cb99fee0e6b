// march: rv64gc
// qemu: -cpu max -smp 2
// A reservation watches writes, not values: a store by another hart of the value that is there already makes sc fail, and
// so do two stores that put it back. ("LR/SC … monitors all writes to the address rather than only checking for changes".)
#include "test.h"

static struct { volatile u64 value; u64 pad[7]; } request, answer, cell __attribute__((aligned(64)));

static void signal(volatile u64 *flag, u64 value) {
  __asm__ volatile("fence rw, rw\n\tsd %0, (%1)\n\tfence rw, rw" ::"r"(value), "r"(flag) : "memory");
}
static void await(volatile u64 *flag, u64 value) {
  while (*flag != value) {}
  __asm__ volatile("fence rw, rw" ::: "memory");
}

// What the other hart does to the cell, which holds 5.
static void disturb(u64 turn) {
  switch (turn) {
    case 1: cell.value = 5; break;
    case 2: cell.value = 6; cell.value = 5; break;
    case 3: *(volatile u32 *)&cell.value = 5; break;
    case 4: *(volatile u8 *)((u64)&cell.value + 7) = 0; break;
    case 5: __asm__ volatile("amoor.d zero, zero, (%0)" ::"r"(&cell.value) : "memory"); break;
    case 6: {
      u64 failed;
      __asm__ volatile("1: lr.d %0, (%1)\n\tsc.d %0, %0, (%1)\n\tbnez %0, 1b" : "=&r"(failed) : "r"(&cell.value) : "memory");
      break;
    }
  }
}

void hart_main(u64 hartid) {
  if (hartid != 1) return;
  for (u64 turn = 1; turn <= 6; turn++) {
    await(&request.value, turn);
    disturb(turn);
    signal(&answer.value, turn);
  }
}

int main(void) {
  for (u64 turn = 1; turn <= 6; turn++) {
    u64 failed;
    context("turn", turn);
    cell.value = 5;
    __asm__ volatile("lr.d zero, (%0)" ::"r"(&cell.value) : "memory");
    signal(&request.value, turn);
    await(&answer.value, turn);
    __asm__ volatile("sc.d %0, %1, (%2)" : "=&r"(failed) : "r"(77ul), "r"(&cell.value) : "memory");
    check(1, failed != 0, 1);
    check(2, cell.value, 5);
  }
  return 0;
}
