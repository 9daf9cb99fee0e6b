// Checks, printing, traps, and running code in another mode.
#include "test.h"

int (*volatile on_trap_m)(struct frame *frame);
int (*volatile on_trap_s)(struct frame *frame);

static const char *volatile subject;
static volatile u64 subject_value;

void enter(struct hart *hart, u64 function, u64 sp, u64 a, u64 b, u64 c, u64 ra);
_Noreturn void leave(struct hart *hart);
_Noreturn void abort_from_s(void);
extern char function_done[];
extern u32 code_buffer[16];

struct hart *this_hart(void) { return (struct hart *)csrr(mscratch); }

static void print_char(char c) {
  while (!(*(volatile u8 *)(UART + 5) & 0x20)) {}
  *(volatile u8 *)UART = (u8)c;
}

void print(const char *text) {
  while (*text) print_char(*text++);
}

void print_hex(u64 value) {
  print("0x");
  int shift = 60;
  while (shift > 0 && !(value >> shift)) shift -= 4;
  for (; shift >= 0; shift -= 4) print_char("0123456789abcdef"[value >> shift & 15]);
}

void print_decimal(u64 value) {
  char digits[21], *p = digits + 20;
  *p = 0;
  do {
    u64 tenth = 0, rest = value;
    for (int bit = 60; bit >= 0; bit--)
      if (rest >> bit >= 10) rest -= 10ull << bit, tenth += 1ull << bit;
    *--p = (char)('0' + rest);
    value = tenth;
  } while (value);
  print(p);
}

void finish(u64 code) {
  for (;;) write32(FINISHER, code ? (u32)(code << 16 | 0x3333) : 0x5555);
}

void test_pass(void) {
  print("pass\n");
  finish(0);
}

void context(const char *what, u64 value) {
  subject = what;
  subject_value = value;
}

static void print_subject(void) {
  if (!subject) return;
  print(" (");
  print(subject);
  print(" ");
  print_hex(subject_value);
  print(")");
}

void test_fail(u64 number, u64 got, u64 expected) {
  print("check ");
  print_decimal(number);
  print_subject();
  print(": got ");
  print_hex(got);
  print(", expected ");
  print_hex(expected);
  print("\n");
  finish(number);
}

void check(unsigned number, u64 got, u64 expected) {
  if (got != expected) test_fail(number, got, expected);
}

static _Noreturn void unexpected(struct frame *frame) {
  print("unexpected trap");
  print_subject();
  print(": cause ");
  print_hex(frame->cause);
  print(", tval ");
  print_hex(frame->tval);
  print(", epc ");
  print_hex(frame->epc);
  print("\n");
  finish(255);
}

static void record(struct outcome *outcome, struct frame *frame, u64 level) {
  outcome->trapped = 1;
  outcome->value = frame->x[10];
  outcome->cause = frame->cause;
  outcome->tval = frame->tval;
  outcome->epc = frame->epc;
  outcome->status = frame->status;
  outcome->level = level;
}

void trap_m(struct frame *frame, struct hart *hart) {
  int is_ecall = frame->cause == CAUSE_ECALL_U || frame->cause == CAUSE_ECALL_S || frame->cause == CAUSE_ECALL_M;
  if (hart->running && is_ecall && (frame->x[17] == ECALL_DONE || frame->x[17] == ECALL_ABORT)) {
    if (frame->x[17] == ECALL_DONE) {
      hart->outcome.trapped = 0;
      hart->outcome.value = frame->x[10];
      hart->outcome.cause = frame->cause;
      hart->outcome.status = frame->status;
    }
    leave(hart);
  }
  if (on_trap_m && on_trap_m(frame)) return;
  if (hart->resume) {
    hart->count++;
    hart->cause = frame->cause;
    hart->tval = frame->tval;
    hart->epc = frame->epc;
    hart->status = frame->status;
    frame->epc = hart->resume;
    hart->resume = 0;
    return;
  }
  if (!hart->running) unexpected(frame);
  record(&hart->outcome, frame, MODE_M);
  leave(hart);
}

void trap_s(struct frame *frame, struct hart *hart) {
  // With U's ecalls delegated, the end of a U-mode function arrives here first.
  if (frame->cause == CAUSE_ECALL_U && frame->x[17] == ECALL_DONE) {
    hart->outcome.trapped = 0;
    hart->outcome.value = frame->x[10];
    hart->outcome.status = frame->status;
    abort_from_s();
  }
  if (on_trap_s && on_trap_s(frame)) return;
  record(&hart->outcome, frame, MODE_S);
  abort_from_s();
}

void supervisor_ready(void) {
  csrw(sscratch, csrr(mscratch));
  csrw(stvec, trap_entry_s);
}

struct outcome run_as(unsigned mode, const volatile void *function, u64 a, u64 b, u64 c) {
  struct hart *hart = this_hart();
  // Code that runs at the user alias of its address (paging.h) has its stack and its way back there too.
  u64 at = (u64)function, alias = at >> 30 == 3 ? 0x40000000 : 0;
  static char stacks[MAX_HARTS][8192] __attribute__((aligned(16)));
  csrc(mstatus, 3ull << 11);
  csrs(mstatus, (u64)mode << 11);
  hart->running = 1;
  hart->outcome.trapped = 2;
  enter(hart, at, (u64)stacks[hart->id + 1] + alias, a, b, c, (u64)function_done + alias);
  hart->running = 0;
  return hart->outcome;
}

struct outcome run_words(unsigned mode, unsigned count, const u32 *words, u64 a, u64 b, u64 c) {
  for (unsigned i = 0; i < count && i < 14; i++) code_buffer[i] = words[i];
  code_buffer[count < 14 ? count : 14] = 0x00008067;   // ret
  __asm__ volatile("fence.i" ::: "memory");
  return run_as(mode, code_buffer, a, b, c);
}

struct outcome run_word(unsigned mode, u32 word, u64 a, u64 b, u64 c) { return run_words(mode, 1, &word, a, b, c); }

// csrr* a0, csr, a0 (or x0)
static struct outcome csr_access(unsigned mode, unsigned csr, u32 funct3, u32 rs1, u64 value) {
  return run_word(mode, csr << 20 | rs1 << 15 | funct3 << 12 | 10 << 7 | 0x73, value, 0, 0);
}

struct outcome csr_read(unsigned mode, unsigned csr) { return csr_access(mode, csr, 2, 0, 0); }
struct outcome csr_write(unsigned mode, unsigned csr, u64 value) { return csr_access(mode, csr, 1, 10, value); }
struct outcome csr_set(unsigned mode, unsigned csr, u64 value) { return csr_access(mode, csr, 2, 10, value); }
struct outcome csr_clear(unsigned mode, unsigned csr, u64 value) { return csr_access(mode, csr, 3, 10, value); }

void check_value(unsigned number, struct outcome outcome, u64 value) {
  if (outcome.trapped) {
    print("trapped, cause ");
    print_hex(outcome.cause);
    print(", tval ");
    print_hex(outcome.tval);
    print(", epc ");
    print_hex(outcome.epc);
    print(": ");
    test_fail(number, outcome.cause, value);
  }
  check(number, outcome.value, value);
}

void check_trap(unsigned number, struct outcome outcome, u64 cause, u64 tval) {
  if (!outcome.trapped) print("no trap: "), test_fail(number, outcome.value, cause);
  if (outcome.cause != cause) print("cause: "), test_fail(number, outcome.cause, cause);
  if (outcome.tval != tval) print("tval: "), test_fail(number, outcome.tval, tval);
}

void *memset(void *to, int byte, size_t size) {
  for (char *p = to; size--;) *p++ = (char)byte;
  return to;
}

void *memcpy(void *to, const void *from, size_t size) {
  const char *q = from;
  for (char *p = to; size--;) *p++ = *q++;
  return to;
}
