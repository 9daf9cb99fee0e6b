// satp: a write with an unsupported mode changes nothing; all 44 bits of PPN and 16 of ASID stay; modes change from S-mode
// on the fly; Bare needs no tables.
#include "paging.h"

static struct space spaces[3];

// Walks through all modes from inside S-mode, reading a page each maps elsewhere.
static u64 tour(u64 va39) {
  u64 sum = 0;
  for (unsigned round = 0; round < 3; round++) {
    for (unsigned i = 0; i < 3; i++) {
      csrw(satp, (u64)spaces[i].mode->satp << 60 | (u64)(i + 1) << 44 | (u64)spaces[i].root >> 12);
      sum = sum * 10 + *(volatile u64 *)va39;
    }
    csrw(satp, 0);
    __asm__ volatile("sfence.vma" ::: "memory");
    sum = sum * 10 + *(volatile u64 *)0x80000000 % 2;
  }
  return sum;
}

int main(void) {
  csrw(satp, 0);
  check(1, csrr(satp), 0);
  u64 valid = 8ull << 60 | 0x1234ull << 44 | 0x80123;
  csrw(satp, valid);
  check(2, csrr(satp), valid);
  for (u64 mode = 1; mode < 16; mode++) {
    context("mode", mode);
    if (mode >= 8 && mode <= 10) continue;
    csrw(satp, mode << 60 | 0x77);
    check(3, csrr(satp), valid);
    csrs(satp, mode << 60);   // 8 | mode: valid for 8 to 10 only
    u64 set = 8 | mode;
    check(4, csrr(satp), set <= 10 ? (valid | set << 60) : valid);
    csrw(satp, valid);
  }
  context("satp", 0);
  for (u64 mode = 8; mode <= 10; mode++) {
    csrw(satp, mode << 60 | ~0ull >> 4);
    check(5, csrr(satp), mode << 60 | ~0ull >> 4);
  }
  csrw(satp, 0);
  fence();

  u64 va = 0x1000000000;
  for (unsigned i = 0; i < 3; i++) {
    u64 page = new_page();
    write64(page, i + 1);
    spaces[i] = new_space(&paging_modes[i]);
    map(&spaces[i], va, page, 0, S_RWX);
  }
  fence();
  u64 bit = read64(0x80000000) % 2;
  check_value(6, run_as(MODE_S, tour, va, 0, 0), (1230ull + bit) * 100010001 - (bit ? 0 : 0));

  // Bare: addresses are physical in S and U too; what no memory has is an access fault, not a page fault.
  context("Bare", 0);
  use_bare();
  u64 page = new_page();
  write64(page + 8, 0x55);
  check_value(7, load(MODE_S, page + 8), 0x55);
  check_value(8, load(MODE_U, page + 8), 0x55);
  check_access_fault(9, load(MODE_S, 0x4000000000), LOAD, 0x4000000000);
  check_access_fault(10, store(MODE_U, 0x4000000000, 0), STORE, 0x4000000000);
  check_access_fault(11, fetch(MODE_S, 0x4000000000), FETCH, 0x4000000000);
  check_access_fault(12, load(MODE_S, -8ull), LOAD, -8ull);
  check_access_fault(13, load(MODE_S, page | 1ull << 63), LOAD, page | 1ull << 63);
  check_access_fault(14, load(MODE_M, page | 1ull << 56), LOAD, page | 1ull << 56);
  // satp is S-mode's, not U-mode's.
  check_trap(15, csr_read(MODE_U, 0x180), CAUSE_ILLEGAL, 0x18002573);
  check_value(16, csr_read(MODE_S, 0x180), 0);
  // M-mode does not translate, whatever satp says.
  csrw(satp, 8ull << 60 | 0x12345);
  check_value(17, load(MODE_M, page + 8), 0x55);
  csrw(satp, 0);
  return 0;
}
