// march: rv64gc
// qemu: -cpu max -smp 2
// Two harts: a store by the other between lr and sc makes sc fail; AMOs, lr/sc loops, amocas and a lock lose no update.
#include "test.h"

#define ROUNDS 2000

static struct { volatile u64 value; u64 pad[7]; } request, answer, cell, sums[4], lock, plain __attribute__((aligned(64)));

static void signal(volatile u64 *flag, u64 value) {
  __asm__ volatile("fence rw, rw\n\tsd %0, (%1)\n\tfence rw, rw" ::"r"(value), "r"(flag) : "memory");
}
static void await(volatile u64 *flag, u64 value) {
  while (*flag != value) {}
  __asm__ volatile("fence rw, rw" ::: "memory");
}

static void acquire(void) {
  u64 held;
  do __asm__ volatile("amoswap.d.aq %0, %1, (%2)" : "=&r"(held) : "r"(1ul), "r"(&lock.value) : "memory");
  while (held);
}
static void release(void) { __asm__ volatile("amoswap.d.rl zero, zero, (%0)" ::"r"(&lock.value) : "memory"); }

// amocas.d a0, a1, (a2)
static u64 compare_and_swap(volatile u64 *at, u64 expected, u64 value) {
  register u64 a0 __asm__("a0") = expected;
  register u64 a1 __asm__("a1") = value;
  register volatile u64 *a2 __asm__("a2") = at;
  __asm__ volatile(".insn r 0x2f, 3, 0x14, %0, %2, %1" : "+r"(a0) : "r"(a1), "r"(a2) : "memory");
  return a0;
}

static void count(void) {
  for (unsigned i = 0; i < ROUNDS; i++) {
    __asm__ volatile("amoadd.d zero, %0, (%1)" ::"r"(1ul), "r"(&sums[0].value) : "memory");
    u64 scratch;
    __asm__ volatile("1: lr.d %0, (%1)\n\taddi %0, %0, 1\n\tsc.d %0, %0, (%1)\n\tbnez %0, 1b" : "=&r"(scratch) : "r"(&sums[1].value) : "memory");
    __asm__ volatile("1: lr.w %0, (%1)\n\taddi %0, %0, 1\n\tsc.w %0, %0, (%1)\n\tbnez %0, 1b" : "=&r"(scratch) : "r"(&sums[2].value) : "memory");
    for (u64 old = sums[3].value, seen; (seen = compare_and_swap(&sums[3].value, old, old + 1)) != old; old = seen) {}
    acquire();
    plain.value = plain.value + 1;
    release();
  }
}

void hart_main(u64 hartid) {
  if (hartid != 1) return;
  for (u64 turn = 1; turn <= 10; turn++) {
    await(&request.value, turn);
    cell.value = 1000 + turn;
    signal(&answer.value, turn);
  }
  await(&request.value, 100);
  count();
  signal(&answer.value, 100);
}

int main(void) {
  for (u64 turn = 1; turn <= 10; turn++) {
    u64 old, failed;
    context("turn", turn);
    cell.value = turn;
    __asm__ volatile("lr.d %0, (%1)" : "=r"(old) : "r"(&cell.value) : "memory");
    check(1, old, turn);
    signal(&request.value, turn);
    await(&answer.value, turn);
    __asm__ volatile("sc.d %0, %1, (%2)" : "=&r"(failed) : "r"(77ul), "r"(&cell.value) : "memory");
    check(2, failed != 0, 1);
    check(3, cell.value, 1000 + turn);
  }
  signal(&request.value, 100);
  count();
  await(&answer.value, 100);
  for (unsigned i = 0; i < 4; i++) {
    context("counter", i);
    check(4, sums[i].value, 2 * ROUNDS);
  }
  context("lock", 0);
  check(5, plain.value, 2 * ROUNDS);
  return 0;
}
