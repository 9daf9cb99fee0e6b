// qemu: -cpu max,h=off,v=off -smp 2
// One hart changes a page table entry, the other has used it: after its own sfence.vma, asked for by an interrupt, the
// other sees the change; hart 0's fence alone is for hart 0. The same with code and fence.i.
#include "paging.h"

#define VA 0x1000000000

static struct space space;
static volatile u64 ready, asked, fenced, done, holding, held;

// Hart 1's software interrupt: the fence that hart 0 asked for, after waiting while hart 0 writes code that runs here.
static int on_ipi(struct frame *frame) {
  if (frame->cause != (1ull << 63 | 3)) return 0;
  write32(CLINT + 4, 0);
  held = 1;
  while (holding) {}
  held = 0;
  __asm__ volatile("sfence.vma; fence.i; fence" ::: "memory");
  fenced = asked;
  return 1;
}

static void shoot_down(void) {
  asked++;
  __asm__ volatile("fence" ::: "memory");
  write32(CLINT + 4, 1);
  while (fenced != asked) {}
}

static volatile u64 seen, called, rounds;

// Hart 1, in S-mode: reads and calls the page over and over.
static u64 watch(void) {
  while (!done) {
    seen = *(volatile u64 *)(VA + 8);
    called = ((u64(*)(void))VA)();
    rounds++;
  }
  return 7;
}

void hart_main(u64 id) {
  (void)id;
  while (!ready) {}
  __asm__ volatile("fence; fence.i" ::: "memory");
  csrw(mie, 8);
  use(&space, 1);
  check_value(1, run_as(MODE_S, watch, 0, 0, 0), 7);
  done = 2;
}

static void await_rounds(u64 more) {
  u64 start = rounds;
  while (rounds < start + more) {}
}

int main(void) {
  space = new_space(&paging_modes[0]);
  u64 pages[2] = {new_page(), new_page()};
  for (u64 i = 0; i < 2; i++) {
    put_function(pages[i], 100 + i);
    write64(pages[i] + 8, 10 + i);
  }
  u64 *leaf = map(&space, VA, pages[0], 0, S_RWX);
  on_trap_m = on_ipi;
  __asm__ volatile("fence" ::: "memory");
  ready = 1;
  while (!rounds) {}
  for (u64 i = 0; i < 50; i++) {
    context("round", i);
    await_rounds(3);
    check(2, seen, 10 + i % 2);
    check(3, called, 100 + i % 2);
    *leaf = pte(pages[(i + 1) % 2], S_RWX);
    shoot_down();
    await_rounds(2);
    check(4, seen, 10 + (i + 1) % 2);
    check(5, called, 100 + (i + 1) % 2);
  }
  // The same page, other code.
  for (u64 i = 0; i < 50; i++) {
    context("code", i);
    asked++;
    holding = 1;
    __asm__ volatile("fence" ::: "memory");
    write32(CLINT + 4, 1);
    while (!held) {}
    put_function(pages[0], 200 + i);
    __asm__ volatile("fence" ::: "memory");
    holding = 0;
    while (fenced != asked) {}
    await_rounds(2);
    check(6, called, 200 + i);
  }
  done = 1;
  while (done != 2) {}
  return 0;
}
