// qemu: -cpu max,h=off,v=off -smp 2
// What belongs to one hart alone: CSRs, PMP, address translation, timer comparison, counters, privilege and traps.
#include "paging.h"
#include "pmp.h"

static volatile u64 step;
static u64 word __attribute__((aligned(64)));
static struct space space;

static void reach(u64 value) {
  __asm__ volatile("fence" ::: "memory");
  step = value;
}
static void await(u64 value) {
  while (step < value) {}
  __asm__ volatile("fence" ::: "memory");
}

#define VA 0x1000000000

// One instruction in M-mode by hand: this hart must not use the harness's buffers while the other does.
static u64 load_as_supervisor(u64 va) { return load(MODE_S, va).value; }

void hart_main(u64 id) {
  (void)id;
  await(1);
  check(1, csrr(sscratch), 0);
  check(2, csrr(stvec), 0);
  check(3, csrr(satp), 0);
  check(4, csrr(mie), 0);
  csrw(sscratch, 0x2222);
  csrw(mie, 0);
  write64(CLINT + 0x4008, 0);
  while (!(csrr(mip) & 0x80)) {}
  write64(CLINT + 0x4008, ~0ull);
  check(5, csrr(mip) & 0x80, 0);
  csrw(minstret, 1ull << 40);
  reach(2);
  await(3);
  // Hart 0 has forbidden the word to itself, and it is in Sv39: here neither holds.
  check_value(6, load(MODE_S, (u64)&word), 77);
  csrw(satp, (u64)space.mode->satp << 60 | (u64)space.root >> 12);
  fence();
  check(7, load_as_supervisor(VA), 77);
  check(8, csrr(minstret) >> 40, 1);
  reach(4);
}

int main(void) {
  // Hart 1 waits, so that the harness is this hart's.
  csrw(sscratch, 0x1111);
  csrw(stvec, 0x80000100);
  csrw(mie, 0x888);
  write64(CLINT + 0x4000, ~0ull);
  csrw(minstret, 1ull << 50);
  word = 77;
  space = new_space(&paging_modes[0]);
  map(&space, VA, (u64)&word & -PAGE, 0, S_RWX);
  *entry(&space, VA, 0) = pte((u64)&word & -PAGE, S_RWX);
  u64 *page = (u64 *)new_page();
  page[((u64)&word & 4095) / 8] = 77;
  page[0] = 77;
  map(&space, VA, (u64)page, 0, S_RWX);
  reach(1);
  await(2);
  check(9, csrr(sscratch), 0x1111);
  check(10, csrr(stvec), 0x80000100);
  check(11, csrr(mie), 0x888);
  check(12, csrr(mip) & 0x80, 0);
  check(13, csrr(minstret) >> 40, 1 << 10);
  pmp_open();
  pmp(0, PMP_NAPOT, NAPOT(&word, 64));
  check_access_fault(14, load(MODE_S, (u64)&word), LOAD, (u64)&word);
  use(&space, 0);
  check(15, load_as_supervisor(VA), 77);
  reach(3);
  await(4);
  check_access_fault(16, load(MODE_S, (u64)&word), LOAD, (u64)&word);
  check(17, csrr(sscratch), 0x1111);
  return 0;
}
