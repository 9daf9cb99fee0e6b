// After a fence that covers it, a changed entry is what the next access uses. Each of sfence.vma's four forms, and the
// same through sinval.vma between sfence.w.inval and sfence.inval.ir, for entries at each level.
#include "paging.h"

// form: bit 0 an address, bit 1 an ASID, bit 2 sinval.vma. Runs in S-mode.
static u64 fence_form(u64 form, u64 va, u64 asid) {
  if (form & 4) __asm__ volatile(".word 0x18000073" ::: "memory");   // sfence.w.inval
  register u64 a0 __asm__("a0") = va, a1 __asm__("a1") = asid;
  switch (form) {
    case 0: __asm__ volatile("sfence.vma" ::: "memory"); break;
    case 1: __asm__ volatile("sfence.vma %0" ::"r"(a0) : "memory"); break;
    case 2: __asm__ volatile("sfence.vma zero, %0" ::"r"(a1) : "memory"); break;
    case 3: __asm__ volatile("sfence.vma %0, %1" ::"r"(a0), "r"(a1) : "memory"); break;
    case 4: __asm__ volatile(".word 0x16000073" ::: "memory"); break;                          // sinval.vma zero, zero
    case 5: __asm__ volatile(".word 0x16050073" ::"r"(a0) : "memory"); break;                  // sinval.vma a0, zero
    case 6: __asm__ volatile(".word 0x16b00073" ::"r"(a1) : "memory"); break;                  // sinval.vma zero, a1
    case 7: __asm__ volatile(".word 0x16b50073" ::"r"(a0), "r"(a1) : "memory"); break;         // sinval.vma a0, a1
  }
  if (form & 4) __asm__ volatile(".word 0x18100073" ::: "memory");   // sfence.inval.ir
  return 0;
}

int main(void) {
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    for (unsigned form = 0; form < 8; form++) {
      for (unsigned level = 0; level < 2; level++) {
        context(mode->name, form << 4 | level);
        reset_pages();
        struct space space = new_space(mode);
        const u64 asid = 5, size = PAGE << 9 * level, va = (1ull << (mode->va_bits - 2)) + 0x11228;
        const u64 one = 0x80400000, two = 0x80600000, offset = va & (size - 1);
        write64(one + offset, 1);
        write64(two + offset, 2);
        u64 *leaf = map(&space, va & -size, one, level, S_RWX);
        csrw(satp, (u64)mode->satp << 60 | asid << 44 | (u64)space.root >> 12);
        fence();
        check_value(1, load(MODE_S, va), 1);
        // Another page.
        *leaf = pte(two, S_RWX);
        run_as(MODE_S, fence_form, form, va, asid);
        check_value(2, load(MODE_S, va), 2);
        check(3, store(MODE_S, va, 22).trapped, 0);
        check(4, read64(two + offset), 22);
        // Fewer rights.
        *leaf = pte(two, S_RWX & ~PTE_W);
        run_as(MODE_S, fence_form, form, va, asid);
        check_page_fault(5, store(MODE_S, va, 23), STORE, va);
        check_value(6, load(MODE_S, va), 22);
        // Other rights.
        *leaf = pte(two, S_RWX & ~PTE_R & ~PTE_W);
        run_as(MODE_S, fence_form, form, va, asid);
        check_page_fault(7, load(MODE_S, va), LOAD, va);
        put_function(two + offset, 33);
        check_value(8, fetch(MODE_S, va), 33);
        // Code of another page at the same address.
        put_function(one + offset, 44);
        *leaf = pte(one, S_RWX);
        run_as(MODE_S, fence_form, form, va, asid);
        check_value(9, fetch(MODE_S, va), 44);
        // Gone, and back.
        *leaf = 0;
        run_as(MODE_S, fence_form, form, va, asid);
        check_page_fault(10, load(MODE_S, va), LOAD, va);
        check_page_fault(11, fetch(MODE_S, va), FETCH, va);
        *leaf = pte(two, S_RWX);
        run_as(MODE_S, fence_form, form, va, asid);
        check_value(12, fetch(MODE_S, va), 33);
        // For the User bit too.
        *leaf = pte(two, U_RWX);
        run_as(MODE_S, fence_form, form, va, asid);
        check_page_fault(13, load(MODE_S, va), LOAD, va);
        check(14, load(MODE_U, va).trapped, 0);
        *leaf = pte(two, S_RWX);
        run_as(MODE_S, fence_form, form, va, asid);
        check_page_fault(15, load(MODE_U, va), LOAD, va);
        // An address elsewhere in a superpage covers it.
        if (level && form & 1) {
          check(16, load(MODE_S, va).trapped, 0);
          write64(one + offset, 1);
          *leaf = pte(one, S_RWX);
          run_as(MODE_S, fence_form, form, va ^ 0x1ff000, asid);
          check_value(17, load(MODE_S, va), 1);
        }
        // Without an address, pointers are covered as well: another table.
        if (!(form & 1)) {
          u64 *pointer = entry(&space, va, level + 1), other = new_page();
          memcpy((void *)other, (void *)(*pointer >> 10 << 12), 4096);
          *(u64 *)(other | ((u64)leaf & 0xff8)) = pte(one, S_RWX);
          write64(one + offset, 1);
          write64(two + offset, 2);
          check(18, load(MODE_S, va).trapped, 0);
          *pointer = pte(other, PTE_V);
          run_as(MODE_S, fence_form, form, va, asid);
          check_value(19, load(MODE_S, va), 1);
        }
      }
    }
  }
  // The forms in M-mode (TVM does not hold there) and not in U-mode.
  reset_pages();
  context("fence in U-mode", 0);
  check_trap(20, run_word(MODE_U, 0x12000073, 0, 0, 0), CAUSE_ILLEGAL, 0x12000073);
  check_trap(21, run_word(MODE_U, 0x12b50073, 0, 0, 0), CAUSE_ILLEGAL, 0x12b50073);
  check_trap(22, run_word(MODE_U, 0x16000073, 0, 0, 0), CAUSE_ILLEGAL, 0x16000073);
  check(25, run_word(MODE_M, 0x12b50073, 0x1234567, 9, 0).trapped, 0);
  check(26, run_word(MODE_M, 0x16b50073, 0x1234567, 9, 0).trapped, 0);
  // An address that no mode can translate is no error: the fence has no effect.
  check(27, run_word(MODE_S, 0x12b50073, 1ull << 62, 9, 0).trapped, 0);
  // The fields that must be zero.
  check_trap(28, run_word(MODE_M, 0x120000f3, 0, 0, 0), CAUSE_ILLEGAL, 0x120000f3);
  check_trap(29, run_word(MODE_M, 0x180000f3, 0, 0, 0), CAUSE_ILLEGAL, 0x180000f3);
  check_trap(30, run_word(MODE_M, 0x18200073, 0, 0, 0), CAUSE_ILLEGAL, 0x18200073);
  return 0;
}
