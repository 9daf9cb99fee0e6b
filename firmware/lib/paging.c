// Page tables and accesses through them (include/paging.h).
#include "paging.h"

const struct paging_mode paging_modes[3] = {{"Sv39", 8, 3, 39}, {"Sv48", 9, 4, 48}, {"Sv57", 10, 5, 57}};

enum { POOL_PAGES = 256 };
static u8 pool[POOL_PAGES][4096] __attribute__((aligned(4096)));
static unsigned used;

u64 new_page(void) {
  if (used == POOL_PAGES) print("the pool of pages is empty\n"), finish(254);
  memset(pool[used], 0, 4096);
  return (u64)pool[used++];
}

void reset_pages(void) {
  use_bare();
  used = 0;
}

struct space new_space(const struct paging_mode *mode) {
  struct space space = {mode, (u64 *)new_page()};
  map(&space, 0, 0, 2, S_RWX & ~PTE_X);
  map(&space, 0x80000000, 0x80000000, 2, S_RWX);
  map(&space, 0xc0000000, 0x80000000, 2, U_RWX);
  return space;
}

u64 *entry(struct space *space, u64 va, unsigned level) {
  u64 *table = space->root;
  for (unsigned i = space->mode->levels - 1; i > level; i--) {
    u64 *next = &table[va >> (12 + 9 * i) & 511];
    if (!(*next & PTE_V)) *next = pte(new_page(), PTE_V);
    table = (u64 *)(*next >> 10 << 12);
  }
  return &table[va >> (12 + 9 * level) & 511];
}

u64 *map(struct space *space, u64 va, u64 pa, unsigned level, u64 flags) {
  u64 *where = entry(space, va, level);
  *where = pte(pa, flags);
  return where;
}

void use(struct space *space, u64 asid) {
  csrw(satp, (u64)space->mode->satp << 60 | asid << 44 | (u64)space->root >> 12);
  fence();
}

void use_bare(void) {
  csrw(satp, 0);
  fence();
}

extern char probe_load[], probe_store[], probe_fetch[], probe_amo[], probe_lr[], probe_sc[];

struct outcome touch(unsigned mode, enum access access, u64 va, u64 value) {
  char *probes[] = {probe_load, probe_store, probe_fetch, probe_amo, probe_lr, probe_sc};
  char *probe = probes[access];
  return run_as(mode, mode == MODE_U && csrr(satp) ? user(probe) : probe, va, value, 0);
}

struct outcome load(unsigned mode, u64 va) { return touch(mode, LOAD, va, 0); }
struct outcome store(unsigned mode, u64 va, u64 value) { return touch(mode, STORE, va, value); }
struct outcome fetch(unsigned mode, u64 va) { return touch(mode, FETCH, va, 0); }

void check_page_fault(unsigned number, struct outcome outcome, enum access access, u64 tval) {
  check_trap(number, outcome, access == FETCH ? CAUSE_FETCH_PAGE : access == LOAD || access == LR ? CAUSE_LOAD_PAGE : CAUSE_STORE_PAGE, tval);
}

void check_access_fault(unsigned number, struct outcome outcome, enum access access, u64 tval) {
  check_trap(number, outcome, access == FETCH ? CAUSE_FETCH_ACCESS : access == LOAD || access == LR ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS, tval);
}

void put_function(u64 pa, u64 value) {
  write32(pa, (u32)value << 20 | 10 << 7 | 0x13);   // li a0, value
  write32(pa + 4, 0x00008067);                      // ret
  __asm__ volatile("fence.i" ::: "memory");
}
