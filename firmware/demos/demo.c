// march: rv64gc
// A kernel in one file: it builds Sv39 page tables, runs a program in U-mode, gives it memory when it first touches it,
// and ends it when it breaks the rules. Each step is printed; the page tables stay in place for whoever looks afterwards.
//
//   virtual address          what                        rights
//   0x00000000_00100000      test finisher (power off)   kernel rw-
//   0x00000000_00400000      the user program            user   r-x
//   0x00000000_10000000      UART                        kernel rw-
//   0x00000000_40000000      the user's heap, 16 pages   user   rw-   nothing there until it is touched
//   0x0000003f_fffff000      the user's stack            user   rw-
//   0x00000000_80000000      RAM, one 2 MiB page         kernel rwx
#include "test.h"

// A page table entry: the physical page number from bit 10 up, and below it these flags.
enum { V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128 };

enum { PAGE = 4096, MEGAPAGE = 0x200000 };
enum { USER_CODE = 0x400000, HEAP = 0x40000000, HEAP_PAGES = 16 };
#define STACK_TOP 0x4000000000

enum { SYS_WRITE = 64, SYS_EXIT = 93 };

// ---------------------------------------------------------------------------------------------------- the user program
// It is copied to 0x400000 and runs there, so it may use nothing but its own section, its stack and its heap.

#define USER __attribute__((section(".user.text")))
#define TEXT(name, text) static const char name[] __attribute__((section(".user.rodata"))) = text

TEXT(hello, "hello from a user program");
TEXT(touching, "writing to the first and to the last page of my heap");
TEXT(reading, "the sum of what I read back is right");
TEXT(wrong, "the sum of what I read back is WRONG");
TEXT(cheating, "now I write to my own code");

static inline __attribute__((always_inline)) u64 system_call(u64 number, u64 a, u64 b) {
  register u64 a0 __asm__("a0") = a, a1 __asm__("a1") = b, a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a7) : "memory");
  return a0;
}
#define say(text) system_call(SYS_WRITE, (u64)(text), sizeof(text) - 1)

USER void user_program(void) {
  volatile u64 *first = (u64 *)HEAP, *last = (u64 *)(HEAP + (HEAP_PAGES - 1) * PAGE);
  say(hello);
  say(touching);
  first[0] = 40;
  last[0] = 2;
  if (first[0] + first[1] + last[0] == 42) say(reading);   // first[1] was never written: a fresh page is all zeros
  else say(wrong);
  say(cheating);
  *(volatile u32 *)USER_CODE = 0;
  system_call(SYS_EXIT, 1, 0);                             // never reached: the kernel ends the program before
}

// --------------------------------------------------------------------------------------------------------- page tables

static u64 *root;
static u8 pages[32][PAGE] __attribute__((aligned(4096)));
static unsigned pages_used;

static u64 allocate_page(void) { return (u64)pages[pages_used++]; }

// The entry that maps va at a level (0: 4 KiB, 1: 2 MiB), with the tables above it made where they are missing. Nine bits
// of the address choose the entry at each of three levels.
static u64 *entry_for(u64 va, int level) {
  u64 *table = root;
  for (int i = 2; i > level; i--) {
    u64 *entry = &table[va >> (12 + 9 * i) & 511];
    if (!(*entry & V)) *entry = allocate_page() >> 12 << 10 | V;
    table = (u64 *)(*entry >> 10 << 12);
  }
  return &table[va >> (12 + 9 * level) & 511];
}

// A and D are set from the start, so that it makes no difference whether the hardware sets them or faults.
static void map(u64 va, u64 pa, int level, u64 rights) { *entry_for(va, level) = pa >> 12 << 10 | rights | A | D | V; }

// ----------------------------------------------------------------------------------------------------------- printing

static void show(u64 value, int digits) {
  print("0x");
  for (int shift = digits * 4 - 4; shift >= 0; shift -= 4) print((const char[]){"0123456789abcdef"[value >> shift & 15], 0});
}

static void show_mapping(const char *what, u64 va, u64 pa, const char *rights) {
  print("S  map ");
  show(va, 10);
  print(" -> ");
  show(pa, 8);
  print(rights);
  print(what);
  print("\n");
}

// ---------------------------------------------------------------------------------------------------- the kernel proper

// Runs the user program's system calls and gives it its heap page by page. frame is what the trap saved; returning 1
// resumes the program at frame->epc.
static int on_trap(struct frame *frame) {
  if (frame->cause == CAUSE_ECALL_U && frame->x[17] == SYS_WRITE) {
    const char *text = (const char *)frame->x[10];
    print("U    \"");
    csrs(sstatus, 1 << 18);                                // SUM: let the kernel read the user's page
    for (u64 i = 0; i < frame->x[11]; i++) print((const char[]){text[i], 0});
    csrc(sstatus, 1 << 18);
    print("\"\n");
    frame->epc += 4;                                       // past the ecall
    return 1;
  }
  print(frame->cause == CAUSE_LOAD_PAGE ? "S  load page fault at " : frame->cause == CAUSE_STORE_PAGE ? "S  store page fault at " : "S  trap at ");
  show(frame->tval, 10);
  print(" by the instruction at ");
  show(frame->epc, 8);
  print("\n");
  if ((frame->cause == CAUSE_LOAD_PAGE || frame->cause == CAUSE_STORE_PAGE) &&
      frame->tval >= HEAP && frame->tval < HEAP + HEAP_PAGES * PAGE) {
    u64 va = frame->tval & ~(u64)(PAGE - 1), pa = allocate_page();
    map(va, pa, 0, R | W | U);
    __asm__ volatile("sfence.vma %0" ::"r"(va) : "memory");
    show_mapping("its heap: a fresh page, and again", va, pa, "  rw-  user   ");
    return 1;
  }
  int wanted = frame->cause == CAUSE_STORE_PAGE && frame->tval == USER_CODE;
  print("S  that page may be read and executed, not written: the program ends here\n");
  print(wanted ? "S  done\n" : "S  that was not expected\n");
  finish(wanted ? 0 : 1);                                  // a store to the finisher, through the page tables
}

static void kernel(void) {
  extern char user_start[], user_end[];
  root = (u64 *)allocate_page();
  u64 code = allocate_page(), stack = allocate_page();
  memcpy((void *)code, user_start, (size_t)(user_end - user_start));

  print("S  build three levels of page tables, root at ");
  show((u64)root, 8);
  print("\n");
  map(0x80000000, 0x80000000, 1, R | W | X | G);
  show_mapping("kernel, a 2 MiB page", 0x80000000, 0x80000000, "  rwx         ");
  map(UART, UART, 0, R | W | G);
  show_mapping("UART", UART, UART, "  rw-         ");
  map(FINISHER, FINISHER, 0, R | W | G);
  show_mapping("test finisher", FINISHER, FINISHER, "  rw-         ");
  map(USER_CODE, code, 0, R | X | U);
  show_mapping("program", USER_CODE, code, "  r-x  user   ");
  map(STACK_TOP - PAGE, stack, 0, R | W | U);
  show_mapping("stack", STACK_TOP - PAGE, stack, "  rw-  user   ");

  u64 satp = 8ull << 60 | 1ull << 44 | (u64)root >> 12;    // mode 8: Sv39; ASID 1
  csrw(satp, satp);
  __asm__ volatile("sfence.vma" ::: "memory");
  print("S  satp = ");
  show(satp, 16);
  print(": paging is on\n");

  print("S  enter the program at ");
  show(USER_CODE + ((u64)user_program - (u64)user_start), 8);
  print("; its heap is not mapped yet\n");
  csrc(sstatus, 1 << 8);                                   // SPP = 0: sret goes to U-mode
  csrw(sepc, USER_CODE + ((u64)user_program - (u64)user_start));
  __asm__ volatile("mv sp, %0; sret" ::"r"(STACK_TOP) : "memory");
}

int main(void) {
  print("M  start; leave page faults and system calls of U-mode to S-mode\n");
  csrw(medeleg, 1 << CAUSE_FETCH_PAGE | 1 << CAUSE_LOAD_PAGE | 1 << CAUSE_STORE_PAGE | 1 << CAUSE_ECALL_U);
  supervisor_ready();                                      // stvec: save the registers, call on_trap_s
  on_trap_s = on_trap;
  run_as(MODE_S, kernel, 0, 0, 0);
  return 0;
}
