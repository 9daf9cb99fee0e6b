// Address spaces apart by ASID: switching satp between them needs no fence, entries of one are never used for another,
// global entries serve all, and a fence for one ASID is enough for its own entries.
#include "paging.h"

#define SATP(space, asid) ((u64)(space).mode->satp << 60 | (u64)(asid) << 44 | (u64)(space).root >> 12)

int main(void) {
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    context(mode->name, 0);
    reset_pages();
    u64 va = (1ull << (mode->va_bits - 2)) + 0x3450, global = va + GIB1;
    csrw(satp, (u64)mode->satp << 60 | 0xffffull << 44);
    u64 widest = csrr(satp) >> 44 & 0xffff;
    csrw(satp, 0);
    fence();
    check(1, widest, 0xffff);
    // Four spaces: the same address, four pages; one page shared as global by all.
    static const u16 asids[] = {0, 1, 0x8000, 0xffff};
    struct space spaces[4];
    u64 shared = new_page();
    write64(shared + 0x450, 99);
    for (unsigned i = 0; i < 4; i++) {
      u64 page = new_page();
      spaces[i] = new_space(mode);
      map(&spaces[i], va & -PAGE, page, 0, S_RWX);
      map(&spaces[i], global & -PAGE, shared, 0, S_RWX | PTE_G);
      write64(page + 0x450, 10 + i);
    }
    fence();
    for (unsigned round = 0; round < 3; round++) {
      for (unsigned i = 0; i < 4; i++) {
        context(mode->name, asids[i]);
        csrw(satp, SATP(spaces[i], asids[i]));   // no fence
        check(2, csrr(satp), SATP(spaces[i], asids[i]));
        check_value(3, load(MODE_S, va), 10 + i + 100 * round);
        check(4, store(MODE_S, va, 110 + i + 100 * round).trapped, 0);
        check_value(5, load(MODE_S, global), 99);
      }
    }
    // Unmap in one space, fence that ASID alone: gone there, there elsewhere.
    context(mode->name, 1);
    *entry(&spaces[1], va, 0) = 0;
    __asm__ volatile("sfence.vma zero, %0" ::"r"(1ull) : "memory");
    csrw(satp, SATP(spaces[1], 1));
    check_page_fault(6, load(MODE_S, va), LOAD, va);
    csrw(satp, SATP(spaces[0], 0));
    check_value(7, load(MODE_S, va), 310);
    csrw(satp, SATP(spaces[3], 0xffff));
    check_value(8, load(MODE_S, va), 313);
    // ASID 0 in a register is an ASID; x0 is all of them. Bits above the ASID's 16 are ignored.
    *entry(&spaces[0], va, 0) = 0;
    __asm__ volatile("sfence.vma zero, %0" ::"r"(0x10000ull) : "memory");
    csrw(satp, SATP(spaces[0], 0));
    check_page_fault(9, load(MODE_S, va), LOAD, va);
    // A global page: a fence for its address in all ASIDs, from whichever space.
    for (unsigned i = 0; i < 4; i++) *entry(&spaces[i], global, 0) = 0;
    __asm__ volatile("sfence.vma %0" ::"r"(global) : "memory");
    for (unsigned i = 0; i < 4; i++) {
      context(mode->name, asids[i]);
      csrw(satp, SATP(spaces[i], asids[i]));
      check_page_fault(10, load(MODE_S, global), LOAD, global);
    }
    // G on a pointer makes everything below it global, too.
    context(mode->name, 2);
    for (unsigned i = 0; i < 4; i++) {
      *entry(&spaces[i], global, 0) = pte(shared, S_RWX);
      *entry(&spaces[i], global, 1) |= PTE_G;
    }
    fence();
    for (unsigned i = 0; i < 4; i++) {
      csrw(satp, SATP(spaces[i], asids[i]));
      check_value(11, load(MODE_S, global), 99);
    }
    for (unsigned i = 0; i < 4; i++) *entry(&spaces[i], global, 0) = 0;
    __asm__ volatile("sfence.vma %0" ::"r"(global) : "memory");
    for (unsigned i = 0; i < 4; i++) {
      csrw(satp, SATP(spaces[i], asids[i]));
      check_page_fault(12, load(MODE_S, global), LOAD, global);
    }
    // An ASID given to another space, after a fence for it.
    csrw(satp, SATP(spaces[2], 0x8000));
    check_value(13, load(MODE_S, va), 312);
    csrw(satp, SATP(spaces[3], 0x8000));
    __asm__ volatile("sfence.vma zero, %0" ::"r"(0x8000ull) : "memory");
    check_value(14, load(MODE_S, va), 313);
    // Two dozen spaces in turn, each with a page of its own (for S or for U) where the others have none: more than a TLB
    // may keep apart by other means than ASIDs.
    reset_pages();
    enum { MANY = 24 };
    static struct space many[MANY];
    for (unsigned i = 0; i < MANY; i++) {
      u64 page = new_page();
      many[i] = new_space(mode);
      map(&many[i], (va & -PAGE) + i * PAGE, page, 0, i % 2 ? U_RWX : S_RWX);
      write64(page + 0x450, 5000 + i);
    }
    fence();
    for (unsigned round = 0; round < 3; round++) {
      for (unsigned i = 0; i < MANY; i++) {
        context("of two dozen", round << 8 | i);
        csrw(satp, SATP(many[i], 100 + i));
        u64 wanted = 5000 + i + 100 * round, own = va + i * PAGE;
        if (i % 2 == 0) {
          check_value(15, load(MODE_S, own), wanted);
          check_page_fault(16, load(MODE_U, own), LOAD, own);
        } else {
          check_page_fault(17, load(MODE_S, own), LOAD, own);
          csrs(mstatus, MSTATUS_SUM);
          check_value(18, load(MODE_S, own), wanted);
          csrc(mstatus, MSTATUS_SUM);
          check_value(19, load(MODE_U, own), wanted);
        }
        check(20, store(i % 2 ? MODE_U : MODE_S, own, wanted + 100).trapped, 0);
        for (unsigned other = 0; other < MANY; other++) {
          u64 elsewhere = va + other * PAGE;
          if (other == i) continue;
          check_page_fault(21, load(MODE_S, elsewhere), LOAD, elsewhere);
          check_page_fault(22, store(MODE_U, elsewhere, 0), STORE, elsewhere);
        }
      }
    }
  }
  return 0;
}
