// What the parts of the firmware share. M-mode, one stack and one `struct hart` for each hart.
#pragma once

typedef unsigned long u64;
typedef unsigned int u32;
typedef unsigned char u8;

enum { MAX_HARTS = 64, STACK_BYTES = 4096 };

// The registers of the interrupted program, in the order in which start.S saves them.
struct frame {
  u64 x[32];
};

// States of a hart (SBI 2.0, "Hart State Management Extension", table of states).
enum hart_state { STARTED = 0, STOPPED = 1, START_PENDING = 2, STOP_PENDING = 3, SUSPENDED = 4 };

// What one hart asks of another, with the software interrupt as the bell.
enum request { REQUEST_NONE, REQUEST_FENCE_I, REQUEST_FENCE_VMA, REQUEST_FENCE_VMA_ASID };

struct hart {
  volatile u64 present;
  volatile u64 state;
  // hart_start: where to go, and what to bring.
  volatile u64 start_address, start_argument;
  // Bits that other harts have set: 1 a supervisor software interrupt is wanted.
  volatile u32 wants_ipi;
  // A remote fence: its kind and range; the asker waits until the kind is REQUEST_NONE again.
  volatile u32 request;
  volatile u64 request_start, request_bytes, request_asid;
};

extern struct hart harts[MAX_HARTS];

#define csr_read(name) ({ u64 v_; asm volatile("csrr %0, " #name : "=r"(v_)); v_; })
#define csr_write(name, value) asm volatile("csrw " #name ", %0" ::"r"((u64)(value)) : "memory")
#define csr_set(name, bits) asm volatile("csrs " #name ", %0" ::"r"((u64)(bits)) : "memory")
#define csr_clear(name, bits) asm volatile("csrc " #name ", %0" ::"r"((u64)(bits)) : "memory")

// An access to a CSR that the hart may not have: an illegal instruction there is stepped over. Gives whether it was there.
#define csr_try(access) ({ expect_trap = 1; access; u64 there_ = expect_trap == 1; expect_trap = 0; there_; })
#define csr_try_write(name, value) csr_try(csr_write(name, value))

extern volatile u64 expect_trap;

static inline u64 this_hart(void) { return csr_read(mhartid); }
static inline void fence(void) { asm volatile("fence rw, rw" ::: "memory"); }

// Devices, at the addresses of QEMU's virt board.
#define CLINT_MSIP(hart) ((volatile u32 *)(0x2000000UL + 4 * (hart)))
#define CLINT_MTIMECMP(hart) ((volatile u64 *)(0x2004000UL + 8 * (hart)))
#define CLINT_MTIME ((volatile u64 *)0x200bff8UL)
#define UART ((volatile u8 *)0x10000000UL)
#define FINISHER ((volatile u32 *)0x100000UL)

enum { MIP_SSIP = 1 << 1, MIP_MSIP = 1 << 3, MIP_STIP = 1 << 5, MIP_MTIP = 1 << 7, MIP_SEIP = 1 << 9, MIP_LCOFI = 1 << 13 };

void console_write(u8 byte);
int console_read(void);
void console_text(const char *text);

enum { CAUSE_ILLEGAL = 2 };

void emulate_counters_if_absent(void);
void handle_illegal_instruction(struct frame *frame);
void handle_call(struct frame *frame);
void handle_software_interrupt(void);
void enter_supervisor(u64 hart, u64 argument, u64 address) __attribute__((noreturn));
void wait_to_be_started(void) __attribute__((noreturn));
