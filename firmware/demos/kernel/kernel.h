// What the parts of the kernel share: the address space, the page table entry, the process. README.md says in which order
// to read them.
//
//   virtual address                                     who may       page tables
//   0x00100000              test finisher (power off)   kernel rw-   \ root entry 0: the same in every process
//   0x10000000              UART                        kernel rw-   /
//   0x40000000              program                     user   r-x   \ .
//   0x50000000..0x5000ffff  heap, 16 pages              user   rw-    | root entry 1: each process has its own
//   0x60000000              shared page                 user   rw-    |
//   0x6fffc000..0x6fffffff  stack, 4 pages              user   rw-   /
//   0x80000000..0x801fffff  kernel code and constants   kernel r-x   \ root entry 2: the same in every process
//   0x80200000..0x803fffff  kernel data, free pages     kernel rw-   /
//
// The kernel's own addresses are mapped to themselves, so that it may use a physical address as a pointer.
#ifndef KERNEL_H
#define KERNEL_H

#include <stdint.h>

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint8_t u8;

#define FINISHER 0x00100000ul
#define UART 0x10000000ul
#define USER_CODE 0x40000000ul
#define HEAP 0x50000000ul
#define SHARED 0x60000000ul
#define STACK_TOP 0x70000000ul
#define KERNEL_CODE 0x80000000ul
#define KERNEL_DATA 0x80200000ul
#define MEMORY_END 0x80400000ul

#define PAGE 4096ul
#define MEGAPAGE 0x200000ul

// A page table entry (PTE): the physical page number from bit 10 up, and below it these flags.
enum {
  V = 1,      // valid
  R = 2,      // may be read; an entry without R, W and X points to the next table
  W = 4,      // may be written
  X = 8,      // may be executed
  U = 16,     // user mode may use it, and S-mode may not
  G = 32,     // global: the same in all address spaces
  A = 64,     // has been accessed
  D = 128,    // has been written ("dirty")
};
#define PTE(pa, flags) ((pa) >> 12 << 10 | (flags))
#define PA_OF(pte) ((pte) >> 10 << 12)

// What a trap saves of the user program, and what it gets back. start.S knows these offsets.
struct frame {
  u64 x[32];   // x[0] is unused
  u64 pc;
};

enum state { FREE, READY, WAITING, DEAD };

struct process {
  struct frame frame;
  enum state state;
  u64 id;                    // counts from 1 and is never used again: it is also the address space's number, the ASID
  struct process *parent;
  u64 *root;                 // the root page table
  u64 exit_code;             // of a DEAD one
};

// System calls: the number in a7, arguments from a0 on, the result in a0. The numbers are Linux's.
enum { SYS_WRITE = 64, SYS_EXIT = 93, SYS_FORK = 220, SYS_WAIT = 260 };

enum {
  CAUSE_ECALL_U = 8,
  CAUSE_FETCH_PAGE = 12,
  CAUSE_LOAD_PAGE = 13,
  CAUSE_STORE_PAGE = 15,
};
#define CAUSE_TIMER (1ul << 63 | 5)

// console.c. print knows %s, %c, %d (decimal) and %x (hexadecimal, with 0x), all of 64 bits.
void print(const char *format, ...);
_Noreturn void power_off(u64 code);

// memory.c
u64 map_kernel(void);                                   // makes the kernel's tables; the value for satp
u64 *new_space(void);                                   // a root table: the kernel, and the user program's code
void share_space(struct process *from, struct process *to);
void free_space(u64 *root);
int page_fault(struct process *process, u64 cause, u64 va);  // 1: the instruction may be tried again
const char *user_byte(struct process *process, u64 va);  // where the kernel finds a byte of a process; 0: nowhere

// start.S
void kernel_trap(void);                                 // where a trap of the kernel itself goes
_Noreturn void resume(struct frame *frame);

#define csrr(name) ({ u64 _v; __asm__ volatile("csrr %0, " #name : "=r"(_v)::"memory"); _v; })
#define csrw(name, v) __asm__ volatile("csrw " #name ", %0" ::"r"((u64)(v)) : "memory")
#define csrs(name, v) __asm__ volatile("csrs " #name ", %0" ::"r"((u64)(v)) : "memory")

// satp: mode 8 is Sv39; which address space; where its root table is.
#define SATP(asid, root) (8ul << 60 | (u64)(asid) << 44 | (u64)(root) >> 12)

#endif
