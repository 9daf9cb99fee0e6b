// Pages and page tables: who has which page of memory, the three-level walk, and what a page fault is good for.
#include "kernel.h"

// The lessons have kernels that are built with one of these set to 1.
#ifndef FORGET_FENCE
#define FORGET_FENCE 0
#endif
#ifndef SMALL_PAGES
#define SMALL_PAGES 0
#endif

extern char user_image[], user_image_end[], kernel_end[];

// ----------------------------------------------------------------------------------------------------- physical pages

// How many address spaces a page between kernel_end and MEMORY_END is used by; 0: free.
static u8 users[(MEMORY_END - KERNEL_DATA) / PAGE];
#define USERS(pa) users[((pa) - KERNEL_DATA) / PAGE]

// A page of zeros, with one user.
static u64 new_page(void) {
  u64 pa = (u64)kernel_end;
  while (pa < MEMORY_END && USERS(pa)) pa += PAGE;
  if (pa == MEMORY_END) {
    print("S  out of memory\n");
    power_off(254);
  }
  USERS(pa) = 1;
  for (u64 *word = (u64 *)pa; word < (u64 *)(pa + PAGE); word++) *word = 0;
  return pa;
}

static void copy_page(u64 to, u64 from) {
  for (u64 i = 0; i < PAGE / 8; i++) ((u64 *)to)[i] = ((u64 *)from)[i];
}

// ------------------------------------------------------------------------------------------------------------ the walk

// The entry that maps va, in the table of a level (0: 4 KiB pages, 1: 2 MiB). Nine bits of the address choose the entry
// in each of the three tables; the hardware does the same at each TLB miss. Tables that are missing are made, or else
// there is no entry: 0.
static u64 *walk(u64 *table, u64 va, int level, int make) {
  for (int i = 2; i > level; i--) {
    u64 *pte = &table[va >> (12 + 9 * i) & 511];
    if (!(*pte & V)) {
      if (!make) return 0;
      *pte = PTE(new_page(), V);
    }
    table = (u64 *)PA_OF(*pte);
  }
  return &table[va >> (12 + 9 * level) & 511];
}

// The hart may hold copies of entries in its TLB, as long as it likes, until a fence tells it to forget them. One for an
// address; and one for everything in an address space.
static void fence_page(u64 va, u64 asid) { __asm__ volatile("sfence.vma %0, %1" ::"r"(va), "r"(asid) : "memory"); }
static void fence_space(u64 asid) { __asm__ volatile("sfence.vma zero, %0" ::"r"(asid) : "memory"); }

// ---------------------------------------------------------------------------------------------------------- the kernel

static u64 *kernel_root;

// Maps part of the kernel to itself. A and D are set from the start: nobody asks whether the kernel used its own pages.
static void map_range(u64 start, u64 end, u64 flags) {
  int level = SMALL_PAGES ? 0 : 1;
  u64 size = SMALL_PAGES ? PAGE : MEGAPAGE;
  for (u64 pa = start; pa < end; pa += size) *walk(kernel_root, pa, level, 1) = PTE(pa, flags | A | D | G | V);
}

u64 map_kernel(void) {
  kernel_root = (u64 *)new_page();
  map_range(KERNEL_CODE, KERNEL_DATA, R | X);
  map_range(KERNEL_DATA, MEMORY_END, R | W);
  *walk(kernel_root, UART, 0, 1) = PTE(UART, R | W | A | D | G | V);
  *walk(kernel_root, FINISHER, 0, 1) = PTE(FINISHER, R | W | A | D | G | V);
  return SATP(0, kernel_root);
}

// -------------------------------------------------------------------------------------------------------- address spaces

// What a process may use. Nothing of it is there until it is touched, but the code.
static const struct region {
  const char *name;
  u64 start, end, rights;
  int shared;              // after a fork both use the same pages, otherwise each sees its own
} regions[] = {
  {"code", USER_CODE, USER_CODE + MEGAPAGE, R | X, 1},
  {"heap", HEAP, HEAP + 16 * PAGE, R | W, 0},
  {"shared page", SHARED, SHARED + PAGE, R | W, 1},
  {"stack", STACK_TOP - 4 * PAGE, STACK_TOP, R | W, 0},
};
#define REGIONS (sizeof regions / sizeof regions[0])

static const struct region *region_of(u64 va) {
  for (const struct region *region = regions; region < regions + REGIONS; region++)
    if (va >= region->start && va < region->end) return region;
  return 0;
}

u64 *new_space(void) {
  u64 *root = (u64 *)new_page();
  root[0] = kernel_root[0];
  root[2] = kernel_root[2];
  u64 va = USER_CODE;
  for (u64 pa = (u64)user_image; pa < (u64)user_image_end; pa += PAGE, va += PAGE)
    *walk(root, va, 0, 1) = PTE(pa, R | X | U | V);
  return root;
}

// Fork: the child gets the parent's pages, not copies of them. Private pages lose W in both; the first who writes to one
// of them faults, and copy_on_write makes the copy then.
void share_space(struct process *from, struct process *to) {
  u64 count = 0;
  for (const struct region *region = regions + 1; region < regions + REGIONS; region++) {
    for (u64 va = region->start; va < region->end; va += PAGE) {
      u64 *pte = walk(from->root, va, 0, 0);
      if (!pte || !(*pte & V)) continue;
      if (!region->shared) *pte &= ~(u64)W;
      *walk(to->root, va, 0, 1) = *pte;
      USERS(PA_OF(*pte))++;
      count++;
    }
  }
  // The parent has written to these pages: its TLB may still say that it may.
  if (!FORGET_FENCE) fence_space(from->id);
  print("S  process %d forks: process %d uses the same %d pages, ", from->id, to->id, count);
  print("private ones are read-only from now on\n");
}

// A leaf of a table ends the recursion; the code's pages are not ours to free.
static void free_table(u64 *table) {
  for (int i = 0; i < 512; i++) {
    if (!(table[i] & V)) continue;
    u64 pa = PA_OF(table[i]);
    if (!(table[i] & (R | W | X))) free_table((u64 *)pa);
    else if (pa >= KERNEL_DATA) USERS(pa)--;
  }
  USERS((u64)table)--;
}

// Not for the address space in use: the hart walks its tables. Entries in the TLB may stay: their ASID is not used again.
void free_space(u64 *root) {
  if (root[1] & V) free_table((u64 *)PA_OF(root[1]));
  USERS((u64)root)--;
}

// ---------------------------------------------------------------------------------------------------------- page faults

// A store to a page that fork has made read-only.
static void copy_on_write(u64 *pte) {
  u64 pa = PA_OF(*pte);
  if (USERS(pa) == 1) {
    *pte |= W;
    print("%x has no other user any more: writable again\n", pa);
    return;
  }
  u64 copy = new_page();
  copy_page(copy, pa);
  USERS(pa)--;
  *pte = PTE(copy, R | W | U | V);
  print("%x has %d other: copied to %x\n", pa, (u64)USERS(pa), copy);
}

int page_fault(struct process *process, u64 cause, u64 va) {
  const struct region *region = region_of(va);
  u64 wanted = cause == CAUSE_STORE_PAGE ? W : cause == CAUSE_LOAD_PAGE ? R : X;
  if (!region || !(region->rights & wanted)) return 0;

  u64 *pte = walk(process->root, va, 0, 1);
  if (*pte & V && *pte & wanted) {
    // All is as it should be, but A, or D for a store, is 0, and this hardware leaves setting them to us.
    *pte |= wanted == W ? A | D : A;
  } else {
    const char *access = wanted == W ? "store" : wanted == R ? "load" : "fetch";
    print("S  process %d: %s page fault at %x (%s): ", process->id, access, va, region->name);
    if (*pte & V) {
      copy_on_write(pte);
    } else if (region == regions) {
      print("no code there\n");
      return 0;
    } else {
      u64 pa = new_page();
      *pte = PTE(pa, region->rights | U | V);
      print("a fresh page, %x\n", pa);
    }
  }
  fence_page(va, process->id);
  return 1;
}

const char *user_byte(struct process *process, u64 va) {
  if (!region_of(va)) return 0;
  u64 *pte = walk(process->root, va, 0, 0);
  return pte && *pte & V ? (const char *)(PA_OF(*pte) + va % PAGE) : 0;
}
