// Page tables of any mode for the guest tests, and memory accesses from any mode with what became of them.
//
// A new space maps, with leaves of 1 GiB: 0 to itself for S (devices), 0x80000000 to itself for S (all of RAM, rwx),
// and 0xc0000000 to 0x80000000 for U (the user alias: the same RAM for code that runs in U-mode). Everything else is
// the test's. All physical pages come from one pool, in .bss.
#ifndef PAGING_H
#define PAGING_H

#include "test.h"

#define PAGE 4096ull
#define MIB2 0x200000ull
#define GIB1 0x40000000ull

#define PTE_V 1ull
#define PTE_R 2ull
#define PTE_W 4ull
#define PTE_X 8ull
#define PTE_U 16ull
#define PTE_G 32ull
#define PTE_A 64ull
#define PTE_D 128ull
#define PTE_N (1ull << 63)
#define PTE_PBMT(n) ((u64)(n) << 61)
// Everything allowed, A and D set: for S, and for U.
#define S_RWX (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)
#define U_RWX (S_RWX | PTE_U)

#define MSTATUS_MPRV (1ull << 17)
#define MSTATUS_SUM (1ull << 18)
#define MSTATUS_MXR (1ull << 19)

struct paging_mode {
  const char *name;
  unsigned satp, levels, va_bits;
};
extern const struct paging_mode paging_modes[3];   // Sv39, Sv48, Sv57

struct space {
  const struct paging_mode *mode;
  u64 *root;
};

// Pages of zeros; all are given back by reset_pages (which the tests call between modes).
u64 new_page(void);
void reset_pages(void);
struct space new_space(const struct paging_mode *mode);
// The entry for va at a level (0: 4 KiB, 1: 2 MiB, 2: 1 GiB, …), with tables above it made where they are missing.
u64 *entry(struct space *space, u64 va, unsigned level);
// Writes a leaf (or anything: flags are the low ten bits and the top ten) and returns where it is. No fence.
u64 *map(struct space *space, u64 va, u64 pa, unsigned level, u64 flags);
static inline u64 pte(u64 pa, u64 flags) { return pa >> 12 << 10 | flags; }
// Writes satp and executes sfence.vma.
void use(struct space *space, u64 asid);
void use_bare(void);
static inline void fence(void) { __asm__ volatile("sfence.vma" ::: "memory"); }

#define USER_ALIAS 0x40000000
#define user(function) ((void *)((u64)(function) + USER_ALIAS))

enum access { LOAD, STORE, FETCH, AMO, LR, SC };
// One access of 8 bytes (a store writes value) in S or U mode; a fetch jumps there (put a ret there first) and gives a0.
struct outcome touch(unsigned mode, enum access access, u64 va, u64 value);
struct outcome load(unsigned mode, u64 va);
struct outcome store(unsigned mode, u64 va, u64 value);
struct outcome fetch(unsigned mode, u64 va);
// Fails unless the access faults with its kind's page fault (or access fault) and tval.
void check_page_fault(unsigned number, struct outcome outcome, enum access access, u64 tval);
void check_access_fault(unsigned number, struct outcome outcome, enum access access, u64 tval);
// Writes "li a0, value; ret" to a physical address (value < 2048).
void put_function(u64 pa, u64 value);

#endif
