// The SBI calls (RISC-V Supervisor Binary Interface 2.0). a7 is the extension, a6 the function; a0 and a1 the answer.
#include "sbi.h"

enum { SUCCESS = 0, ERR_FAILED = -1, ERR_NOT_SUPPORTED = -2, ERR_INVALID_PARAM = -3, ERR_INVALID_ADDRESS = -5, ERR_ALREADY_AVAILABLE = -6 };

struct answer {
  long error;
  u64 value;
};
typedef struct answer (*call)(u64 function, const u64 *a);

static struct answer done(u64 value) { return (struct answer){SUCCESS, value}; }
static struct answer failed(long error) { return (struct answer){error, 0}; }

static int exists(u64 hart) { return hart < MAX_HARTS && harts[hart].present; }

// Calls something for each hart of a mask: bit n of the mask is hart base + n; base -1 means all.
static struct answer for_harts(u64 mask, u64 base, void (*tell)(u64 hart, const u64 *a), const u64 *a) {
  for (u64 n = 0; n < 64; n++) {
    u64 hart = base == -1UL ? n : base + n;
    if (base == -1UL ? exists(hart) && harts[hart].state == STARTED : mask >> n & 1) {
      if (!exists(hart)) return failed(ERR_INVALID_PARAM);
      tell(hart, a);
    }
  }
  return done(0);
}

static struct answer call_timer(u64 function, const u64 *a) {
  if (function != 0) return failed(ERR_NOT_SUPPORTED);
  csr_clear(mip, MIP_STIP);
  *CLINT_MTIMECMP(this_hart()) = a[0];
  csr_set(mie, MIP_MTIP);
  return done(0);
}

static void send_ipi(u64 hart, const u64 *a) {
  (void)a;
  __atomic_store_n(&harts[hart].wants_ipi, 1, __ATOMIC_RELEASE);
  *CLINT_MSIP(hart) = 1;
}

static struct answer call_ipi(u64 function, const u64 *a) {
  return function == 0 ? for_harts(a[0], a[1], send_ipi, a) : failed(ERR_NOT_SUPPORTED);
}

// Carries out a fence that was asked of this hart. A range of more than a few pages is a fence of everything.
static void carry_out(enum request request, u64 start, u64 bytes, u64 asid) {
  enum { FEW_PAGES = 64 };
  if (request == REQUEST_FENCE_I) {
    asm volatile("fence.i" ::: "memory");
    return;
  }
  if (bytes == 0 || bytes > FEW_PAGES * 4096UL) {
    if (request == REQUEST_FENCE_VMA_ASID) asm volatile("sfence.vma zero, %0" ::"r"(asid) : "memory");
    else asm volatile("sfence.vma" ::: "memory");
    return;
  }
  for (u64 at = start & ~4095UL; at < start + bytes; at += 4096) {
    if (request == REQUEST_FENCE_VMA_ASID) asm volatile("sfence.vma %0, %1" ::"r"(at), "r"(asid) : "memory");
    else asm volatile("sfence.vma %0" ::"r"(at) : "memory");
  }
}

static void answer_request(struct hart *self) {
  u32 request = __atomic_load_n(&self->request, __ATOMIC_ACQUIRE);
  if (request == REQUEST_NONE) return;
  carry_out(request, self->request_start, self->request_bytes, self->request_asid);
  __atomic_store_n(&self->request, REQUEST_NONE, __ATOMIC_RELEASE);
}

void handle_software_interrupt(void) {
  struct hart *self = &harts[this_hart()];
  *CLINT_MSIP(this_hart()) = 0;
  fence();
  answer_request(self);
  if (__atomic_exchange_n(&self->wants_ipi, 0, __ATOMIC_ACQ_REL)) csr_set(mip, MIP_SSIP);
}

// Two harts that fence each other at once must not wait for each other: whoever waits answers.
static void remote_fence(u64 hart, const u64 *a) {
  struct hart *self = &harts[this_hart()], *other = &harts[hart];
  u64 function = a[6];
  enum request request = function == 0 ? REQUEST_FENCE_I : function == 1 ? REQUEST_FENCE_VMA : REQUEST_FENCE_VMA_ASID;
  if (other == self) {
    carry_out(request, a[2], a[3], a[4]);
    return;
  }
  // One asker at a time: the lowest bit of `present` is taken, the second is the lock.
  while (__atomic_fetch_or(&other->present, 2, __ATOMIC_ACQUIRE) & 2) answer_request(self);
  other->request_start = a[2];
  other->request_bytes = a[3];
  other->request_asid = a[4];
  __atomic_store_n(&other->request, request, __ATOMIC_RELEASE);
  *CLINT_MSIP(hart) = 1;
  while (__atomic_load_n(&other->request, __ATOMIC_ACQUIRE) != REQUEST_NONE) answer_request(self);
  __atomic_fetch_and(&other->present, ~2UL, __ATOMIC_RELEASE);
}

static struct answer call_remote_fence(u64 function, const u64 *a) {
  return function <= 2 ? for_harts(a[0], a[1], remote_fence, a) : failed(ERR_NOT_SUPPORTED);
}

static struct answer call_harts(u64 function, const u64 *a) {
  struct hart *self = &harts[this_hart()];
  switch (function) {
    case 0:  // hart_start(hart, address, argument)
      if (!exists(a[0])) return failed(ERR_INVALID_PARAM);
      if (harts[a[0]].state != STOPPED) return failed(ERR_ALREADY_AVAILABLE);
      harts[a[0]].start_address = a[1];
      harts[a[0]].start_argument = a[2];
      fence();
      harts[a[0]].state = START_PENDING;
      *CLINT_MSIP(a[0]) = 1;
      return done(0);
    case 1:  // hart_stop()
      self->state = STOPPED;
      csr_write(mie, MIP_MSIP);
      wait_to_be_started();
    case 2:  // hart_get_status(hart)
      return exists(a[0]) ? done(harts[a[0]].state) : failed(ERR_INVALID_PARAM);
    case 3:  // hart_suspend(type, address, argument): the default retentive one is a wfi
      if (a[0] != 0) return failed(a[0] == 0x80000000 ? ERR_NOT_SUPPORTED : ERR_INVALID_PARAM);
      asm volatile("wfi");
      return done(0);
    default:
      return failed(ERR_NOT_SUPPORTED);
  }
}

enum { RESET_SHUTDOWN = 0, RESET_COLD = 1, RESET_WARM = 2 };

static struct answer call_reset(u64 function, const u64 *a) {
  if (function != 0) return failed(ERR_NOT_SUPPORTED);
  if (a[0] > RESET_WARM || a[1] > 1) return failed(ERR_INVALID_PARAM);
  if (a[0] == RESET_SHUTDOWN) *FINISHER = a[1] == 0 ? 0x5555 : 0x13333;
  else *FINISHER = 0x7777;
  for (;;) asm volatile("wfi");
}

// Only memory outside the firmware: S-mode must not read M-mode's through a call.
static int may_access(u64 address, u64 bytes, u64 high) {
  extern u8 end_of_program[];
  return high == 0 && address + bytes >= address && address >= (u64)end_of_program;
}

static struct answer call_console(u64 function, const u64 *a) {
  u64 count = 0;
  int byte;
  switch (function) {
    case 0:  // write(bytes, address low, address high)
      if (!may_access(a[1], a[0], a[2])) return failed(ERR_INVALID_PARAM);
      for (; count < a[0]; count++) console_write(((u8 *)a[1])[count]);
      return done(count);
    case 1:  // read(bytes, address low, address high)
      if (!may_access(a[1], a[0], a[2])) return failed(ERR_INVALID_PARAM);
      while (count < a[0] && (byte = console_read()) >= 0) ((u8 *)a[1])[count++] = (u8)byte;
      return done(count);
    case 2:  // write_byte(byte)
      console_write((u8)a[0]);
      return done(0);
    default:
      return failed(ERR_NOT_SUPPORTED);
  }
}

// No counters are offered beyond those that S-mode reads by itself.
static struct answer call_counters(u64 function, const u64 *a) {
  (void)a;
  return function == 0 ? done(0) : failed(function <= 6 ? ERR_INVALID_PARAM : ERR_NOT_SUPPORTED);
}

static struct answer call_base(u64 function, const u64 *a);

static const struct {
  u64 id;
  call handle;
} extensions[] = {
    {0x10, call_base},           {0x54494d45, call_timer},     // TIME
    {0x735049, call_ipi},                                      // sPI
    {0x52464e43, call_remote_fence},                           // RFNC
    {0x48534d, call_harts},                                    // HSM
    {0x53525354, call_reset},                                  // SRST
    {0x4442434e, call_console},                                // DBCN
    {0x504d55, call_counters},                                 // PMU
};

static call find(u64 id) {
  for (u64 n = 0; n < sizeof extensions / sizeof *extensions; n++)
    if (extensions[n].id == id) return extensions[n].handle;
  return 0;
}

enum { SPEC_VERSION = 2 << 24, IMPLEMENTATION = 0x5057, IMPLEMENTATION_VERSION = 1 };

static struct answer call_base(u64 function, const u64 *a) {
  switch (function) {
    case 0: return done(SPEC_VERSION);
    case 1: return done(IMPLEMENTATION);
    case 2: return done(IMPLEMENTATION_VERSION);
    case 3: return done(find(a[0]) != 0);
    case 4: return done(csr_read(mvendorid));
    case 5: return done(csr_read(marchid));
    case 6: return done(csr_read(mimpid));
    default: return failed(ERR_NOT_SUPPORTED);
  }
}

// The calls of SBI 0.1 that early consoles still use return one value.
static int legacy(struct frame *frame) {
  u64 *a = &frame->x[10];
  if (a[7] == 1) {
    console_write((u8)a[0]);
    a[0] = 0;
  } else if (a[7] == 2) {
    a[0] = (u64)(long)console_read();
  } else {
    return 0;
  }
  return 1;
}

void handle_call(struct frame *frame) {
  u64 *a = &frame->x[10];
  if (legacy(frame)) return;
  call handle = find(a[7]);
  struct answer answer = handle ? handle(a[6], a) : failed(ERR_NOT_SUPPORTED);
  a[0] = (u64)answer.error;
  a[1] = answer.value;
}
