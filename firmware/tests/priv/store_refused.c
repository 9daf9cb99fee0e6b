// Stores that are not plain ones, where memory may be read only or not at all, as PMP says and as pages say: sc after its
// lr, amocas of every width, and cache-block operations, which need what a load or a store needs (CMO specification, 2.5.2;
// cbo.zero what a store needs). What is refused is a store/AMO fault, and memory keeps its value.
#include "paging.h"
#include "pmp.h"

#define LR(width) (0x1005062fu | (width) << 12)              // lr a2, (a0)
#define SC(width) (0x18b506afu | (width) << 12)              // sc a3, a1, (a0)
#define AMOCAS(width) (0x28e5062fu | (width) << 12)          // amocas a2, a4, (a0)
#define CBO(operation) (0x0005200fu | (u32)(operation) << 20) // cbo.… (a0)
enum { INVAL, CLEAN, FLUSH, ZERO = 4 };

#define before 0x0123456789abcdefull

// The place that is used, as S-mode sees it and where it is; and the fault that says no.
static u64 va, pa, expected_cause;

static void refused(unsigned number, struct outcome outcome) {
  check_trap(number, outcome, expected_cause, va);
  check(number, read64(pa), before);
}

// What S-mode may do; `kind` is the store/AMO fault that says otherwise.
static void try_all(unsigned kind, int reads, int writes) {
  expected_cause = kind;
  write64(pa, before);
  for (u32 width = 2; width <= 3; width++) {
    context("width of sc", width);
    const u32 pair[] = {LR(width), SC(width)};
    struct outcome outcome = run_words(MODE_S, 2, pair, va, before, 0);
    if (writes) check(1, outcome.trapped, 0);
    else if (reads) refused(2, outcome);
    else check(3, outcome.cause, kind == CAUSE_STORE_ACCESS ? CAUSE_LOAD_ACCESS : CAUSE_LOAD_PAGE);
  }
  for (u32 width = 2; width <= 4; width++) {
    context("width of amocas", width);
    struct outcome outcome = run_word(MODE_S, AMOCAS(width), va, 0, ~before);
    if (writes) check(4, outcome.trapped, 0);
    else refused(5, outcome);
  }
  for (u32 operation = INVAL; operation <= ZERO; operation++) {
    if (operation == 3) continue;
    context("cbo", operation);
    struct outcome outcome = run_word(MODE_S, CBO(operation), va, 0, 0);
    if (writes || (reads && operation != ZERO)) check(6, outcome.trapped, 0);
    else refused(7, outcome);
  }
  if (writes) check(8, read64(pa), 0);
}

int main(void) {
  csrs(0x30a, 0xf0); // menvcfg: CBZE, CBCFE, CBIE = 3
  for (unsigned n = 0; n < 16; n++) pmp(n, 0, 0);
  pmp(15, PMP_NAPOT | PMP_RWX, EVERYTHING);
  u64 page = new_page();
  va = pa = page + 0x240;
  static const u8 rights[] = {0, PMP_R, PMP_X, PMP_R | PMP_X, PMP_R | PMP_W, PMP_RWX};
  for (unsigned i = 0; i < sizeof rights; i++) {
    pmp(0, PMP_NAPOT | rights[i], NAPOT(page, 4096));
    try_all(CAUSE_STORE_ACCESS, rights[i] & PMP_R, rights[i] & PMP_W);
  }
  pmp(0, 0, 0);

  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    reset_pages();
    struct space space = new_space(mode);
    page = new_page();
    pa = page + 0x240;
    va = (1ull << (mode->va_bits - 2)) + 0x240;
    u64 *leaf = map(&space, va & -PAGE, page, 0, S_RWX);
    use(&space, 0);
    static const u8 flags[] = {0, PTE_R, PTE_X, PTE_R | PTE_X, PTE_R | PTE_W, PTE_R | PTE_W | PTE_X};
    for (unsigned i = 0; i < sizeof flags; i++) {
      *leaf = flags[i] ? pte(page, flags[i] | PTE_V | PTE_A | PTE_D) : 0;
      fence();
      try_all(CAUSE_STORE_PAGE, flags[i] & PTE_R, flags[i] & PTE_W);
    }
    use_bare();
  }
  return 0;
}
