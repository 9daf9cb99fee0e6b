// The harness of the guest tests, for C and for assembly. See ../README.md.
//
// A test defines main. It starts in M-mode on hart 0 with FS on, PMP open, no delegation and interrupts off; its checks
// are numbered from 1 to 250. When main returns the program prints "pass" and ends with 0; a failing check prints what
// it got and expected and ends with its number; a trap nobody expected ends with 255.
#ifndef TEST_H
#define TEST_H

#define FINISHER 0x100000
#define UART 0x10000000
#define CLINT 0x2000000

#define MODE_U 0
#define MODE_S 1
#define MODE_M 3

#define CAUSE_FETCH_MISALIGNED 0
#define CAUSE_FETCH_ACCESS 1
#define CAUSE_ILLEGAL 2
#define CAUSE_BREAKPOINT 3
#define CAUSE_LOAD_MISALIGNED 4
#define CAUSE_LOAD_ACCESS 5
#define CAUSE_STORE_MISALIGNED 6
#define CAUSE_STORE_ACCESS 7
#define CAUSE_ECALL_U 8
#define CAUSE_ECALL_S 9
#define CAUSE_ECALL_M 11
#define CAUSE_FETCH_PAGE 12
#define CAUSE_LOAD_PAGE 13
#define CAUSE_STORE_PAGE 15

// Offsets in struct hart, which mscratch points to while a program runs.
#define HART_TRAP_STACK 0
#define HART_ID 8
#define HART_RESUME 16
#define HART_TRAP_COUNT 24
#define HART_TRAP_CAUSE 32
#define HART_TRAP_TVAL 40
#define HART_TRAP_EPC 48
#define HART_SUPERVISOR_STACK 72
#define HART_SAVED 80
#define HART_CONTEXT 128
#define HART_SIZE 8192
#define MAX_HARTS 4

// An ecall with this in a7 ends run_as: _DONE by the function's own return, _ABORT by a trap taken in S-mode.
#define ECALL_DONE 0x646f6e65
#define ECALL_ABORT 0x61626f72

#ifdef __ASSEMBLER__

// TEST_EQ number, register, expected: fails unless the register holds the constant. Uses t5 and t6.
.macro TEST_EQ number, register, expected
  mv t5, \register
  li t6, \expected
  beq t5, t6, .Lok\@
  li a0, \number
  mv a1, t5
  mv a2, t6
  j test_fail
.Lok\@:
.endm

// TEST_EQR number, register, register2: fails unless both hold the same. Uses t5 and t6.
.macro TEST_EQR number, register, expected
  mv t5, \register
  mv t6, \expected
  beq t5, t6, .Lok\@
  li a0, \number
  mv a1, t5
  mv a2, t6
  j test_fail
.Lok\@:
.endm

// TEST_TRAP number, cause, tval, instruction: the instruction, executed in M-mode, must trap with that cause, and with
// that mtval and the instruction's own address in mepc. Uses t5 and t6. Quote an instruction with commas: "lw a0, 1(a1)".
.macro TEST_TRAP number, cause, tval, instruction:vararg
  csrr t5, mscratch
  la t6, .Lafter\@
  sd t6, HART_RESUME(t5)
.Lat\@:
  \instruction
.Lafter\@:
  csrr t5, mscratch
  ld t6, HART_RESUME(t5)
  beqz t6, .Ltrapped\@
  sd zero, HART_RESUME(t5)
  li a0, \number
  li a1, -1
  li a2, \cause
  j test_fail
.Ltrapped\@:
  ld t6, HART_TRAP_CAUSE(t5)
  TEST_EQ \number, t6, \cause
  csrr t5, mscratch
  ld t6, HART_TRAP_TVAL(t5)
  TEST_EQ \number, t6, \tval
  csrr t5, mscratch
  ld t6, HART_TRAP_EPC(t5)
  la t5, .Lat\@
  TEST_EQR \number, t6, t5
.endm

// TEST_ILLEGAL number, bits: these 32 bits must raise illegal instruction with themselves in mtval.
.macro TEST_ILLEGAL number, bits
  TEST_TRAP \number, CAUSE_ILLEGAL, \bits, .word \bits
.endm

// TEST_ILLEGAL16 number, bits: the same for a compressed encoding.
.macro TEST_ILLEGAL16 number, bits
  TEST_TRAP \number, CAUSE_ILLEGAL, \bits, .half \bits
.endm

#else

#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t i64;

// Registers as a trap found them; a handler may change them (x[0] is ignored) and epc and status before it returns.
struct frame {
  u64 x[32], epc, cause, tval, status;
};

// What became of a function run by run_as.
struct outcome {
  u64 trapped;        // 0: it returned; 1: a trap ended it
  u64 value;          // what it returned
  u64 cause, tval, epc;
  u64 status;         // mstatus, or sstatus, as the trap left it
  u64 level;          // MODE_M or MODE_S: who took the trap
};

struct hart {
  u64 trap_stack;
  u64 id;
  u64 resume;         // if not 0, the next trap in M-mode goes on here
  u64 count, cause, tval, epc, status;   // the last trap taken in M-mode outside run_as, and how many there were
  u64 running;        // inside run_as
  u64 supervisor_stack;
  u64 saved, reserved[5];
  u64 context[16];    // ra, sp, gp, tp, s0-s11 of run_as's caller
  struct outcome outcome;
};

struct hart *this_hart(void);

// Ends the program: a failing check prints its number and both values; finish ends with any code.
void check(unsigned number, u64 got, u64 expected);
_Noreturn void test_fail(u64 number, u64 got, u64 expected);
_Noreturn void finish(u64 code);
// What the following checks are about, printed if one fails: context("Sv39, level", 2).
void context(const char *what, u64 value);

void print(const char *text);
void print_hex(u64 value);
void print_decimal(u64 value);

// Runs function(a, b, c) in the given mode and comes back in M-mode, whatever happens. It runs where its address says:
// with paging on, that must be mapped for the mode (see paging.h: user()).
struct outcome run_as(unsigned mode, const volatile void *function, u64 a, u64 b, u64 c);
// The same for up to 14 instruction words, followed by a return; a0, a1 and a2 hold the arguments.
struct outcome run_words(unsigned mode, unsigned count, const u32 *words, u64 a, u64 b, u64 c);
// One instruction (of 32 bits) with a, b and c in a0, a1 and a2; the value is what it leaves in a0.
struct outcome run_word(unsigned mode, u32 word, u64 a, u64 b, u64 c);
// CSR accesses by number, in any mode: the value is the CSR's old value.
struct outcome csr_read(unsigned mode, unsigned csr);
struct outcome csr_write(unsigned mode, unsigned csr, u64 value);
struct outcome csr_set(unsigned mode, unsigned csr, u64 value);
struct outcome csr_clear(unsigned mode, unsigned csr, u64 value);
// Fails unless the outcome is a return with this value, or a trap taken by M-mode with this cause and tval.
void check_value(unsigned number, struct outcome outcome, u64 value);
void check_trap(unsigned number, struct outcome outcome, u64 cause, u64 tval);

// Sees every trap before the rule above; returns 1 to go on at frame->epc.
extern int (*volatile on_trap_m)(struct frame *frame);
extern int (*volatile on_trap_s)(struct frame *frame);
// Where traps are recorded in S-mode: put it into stvec, and call supervisor_ready first.
void trap_entry_s(void);
void trap_entry_m(void);
void supervisor_ready(void);

// Harts other than 0 come here, if the program has it, and sleep afterwards.
void hart_main(u64 hartid) __attribute__((weak));

void *memset(void *to, int byte, size_t size);
void *memcpy(void *to, const void *from, size_t size);

#define csrr(name) ({ u64 _v; __asm__ volatile("csrr %0, " #name : "=r"(_v)::"memory"); _v; })
#define csrw(name, v) __asm__ volatile("csrw " #name ", %0" ::"r"((u64)(v)) : "memory")
#define csrs(name, v) __asm__ volatile("csrs " #name ", %0" ::"r"((u64)(v)) : "memory")
#define csrc(name, v) __asm__ volatile("csrc " #name ", %0" ::"r"((u64)(v)) : "memory")
#define swap_csr(name, v) ({ u64 _v; __asm__ volatile("csrrw %0, " #name ", %1" : "=r"(_v) : "r"((u64)(v)) : "memory"); _v; })

static inline u64 read64(u64 address) { return *(volatile u64 *)address; }
static inline u32 read32(u64 address) { return *(volatile u32 *)address; }
static inline void write64(u64 address, u64 value) { *(volatile u64 *)address = value; }
static inline void write32(u64 address, u32 value) { *(volatile u32 *)address = value; }

#endif
#endif
