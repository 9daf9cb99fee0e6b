// Every combination of R, W, X and U, SUM and MXR, S and U mode, and kind of access: allowed or page fault, as steps 7
// and 8 of the walk say.
#include "paging.h"

static int allowed(enum access access, unsigned mode, u64 flags, int sum, int mxr) {
  if (mode == MODE_U && !(flags & PTE_U)) return 0;
  if (mode == MODE_S && flags & PTE_U && (access == FETCH || !sum)) return 0;
  if (access == FETCH) return (flags & PTE_X) != 0;
  int readable = flags & PTE_R || (mxr && flags & PTE_X);
  if (access == LOAD || access == LR) return readable;
  if (access == AMO || access == SC) return flags & PTE_W && flags & PTE_R;
  return (flags & PTE_W) != 0;
}

int main(void) {
  static const u8 rights[] = {PTE_R, PTE_R | PTE_W, PTE_X, PTE_R | PTE_X, PTE_R | PTE_W | PTE_X};
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    reset_pages();
    struct space space = new_space(mode);
    u64 va = 1ull << (mode->va_bits - 2), page = new_page();
    use(&space, 0);
    for (unsigned i = 0; i < 2 * sizeof(rights); i++) {
      u64 flags = rights[i / 2] | (i & 1 ? PTE_U : 0);
      map(&space, va, page, 0, flags | PTE_V | PTE_A | PTE_D);
      fence();
      for (unsigned status = 0; status < 4; status++) {
        csrc(mstatus, MSTATUS_SUM | MSTATUS_MXR);
        csrs(mstatus, (status & 1 ? MSTATUS_SUM : 0) | (status & 2 ? MSTATUS_MXR : 0));
        for (unsigned privilege = MODE_U; privilege <= MODE_S; privilege++) {
          for (enum access access = LOAD; access <= SC; access++) {
            context(mode->name, flags << 16 | status << 12 | privilege << 8 | access);
            put_function(page, 7);
            struct outcome outcome = touch(privilege, access, va, 0);
            if (allowed(access, privilege, flags, status & 1, status & 2)) {
              if (outcome.trapped) check(1, outcome.cause << 56 | outcome.tval, 0);
            } else if (access == SC && !allowed(LR, privilege, flags, status & 1, status & 2)) {
              check_page_fault(2, outcome, LR, va);   // its own lr comes first
            } else {
              check_page_fault(3, outcome, access, va);
              if (access == FETCH) check(4, outcome.epc, va);
            }
          }
        }
      }
    }
  }
  return 0;
}
