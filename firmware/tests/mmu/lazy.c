// Demand paging under S-mode's own handler: a program in U-mode writes and reads pages that are not there yet; each first
// touch faults once, with delegated traps, and the instruction runs again.
#include "paging.h"

#define PAGES 24

static struct space space;
static u64 base;
static u64 faults, fetches;

static int on_fault(struct frame *frame) {
  if (frame->cause == CAUSE_FETCH_PAGE) {
    u64 page = new_page();
    put_function(page + 0x10, 41);
    map(&space, frame->tval & -PAGE, page, 0, U_RWX & ~PTE_W);
    fetches++;
  } else if (frame->cause == CAUSE_LOAD_PAGE || frame->cause == CAUSE_STORE_PAGE) {
    if (frame->tval < base || frame->tval >= base + PAGES * PAGE) return 0;
    map(&space, frame->tval & -PAGE, new_page(), 0, U_RWX & ~PTE_X);
    faults++;
  } else {
    return 0;
  }
  __asm__ volatile("sfence.vma %0" ::"r"(frame->tval) : "memory");
  return 1;
}

static u64 program(u64 start) {
  u64 sum = 0;
  for (u64 i = 0; i < PAGES; i += 2) *(volatile u64 *)(start + i * PAGE + 8 * i) = i;
  // Misaligned, across two pages of which every other one is not there.
  for (u64 i = 0; i + 1 < PAGES; i += 2) *(volatile u64 *)(start + i * PAGE + PAGE - 3) = 0x0101010101010101;
  for (u64 i = 0; i < PAGES; i++) sum += *(volatile u64 *)(start + i * PAGE + 8 * i);
  return sum;
}

int main(void) {
  on_trap_s = on_fault;
  supervisor_ready();
  csrw(medeleg, 1 << CAUSE_FETCH_PAGE | 1 << CAUSE_LOAD_PAGE | 1 << CAUSE_STORE_PAGE);
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    context(mode->name, 0);
    reset_pages();
    space = new_space(mode);
    base = 1ull << (mode->va_bits - 2);
    faults = fetches = 0;
    use(&space, 7);
    u64 expected = 0;
    for (u64 i = 0; i < PAGES; i += 2) expected += i;
    check_value(1, run_as(MODE_U, user(program), base, 0, 0), expected);
    check(2, faults, PAGES);
    check_value(3, run_as(MODE_U, user(program), base, 0, 0), expected);
    check(4, faults, PAGES);
    // A fetch from a page that is filled when it is called for.
    check_value(5, fetch(MODE_U, base + GIB1 + 0x10), 41);
    check(6, fetches, 1);
    check_value(7, fetch(MODE_U, base + GIB1 + 0x10), 41);
    check(8, fetches, 1);
    // Outside, the handler refuses, and S-mode has the whole story.
    struct outcome outcome = store(MODE_U, base - 8, 1);
    check(9, outcome.trapped, 1);
    check(10, outcome.level, MODE_S);
    check(11, outcome.cause, CAUSE_STORE_PAGE);
    check(12, outcome.tval, base - 8);
    check(13, outcome.status & 1 << 8, 0);   // SPP: from U
  }
  return 0;
}
