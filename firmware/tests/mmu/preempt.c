// qemu: -cpu max,h=off,v=off -icount shift=0
// A kernel in small: three programs in U-mode, each in its own address space and ASID at the same addresses, share the hart
// by a timer interrupt in S-mode (Sstc); each computes with integers and floating point and writes its own pages, which are
// filled when touched. All must end with what they compute alone.
#include "paging.h"

enum { TASKS = 3, SLICE = 300 };
#define DATA 0x1000000000ull
#define STIP (1 << 5)

struct task {
  struct frame frame;
  u64 f[33];
  struct space space;
  u64 satp, done, result;
};

static struct task tasks[TASKS];
static volatile unsigned current;
static volatile u64 switches, faults;

void save_float(u64 *f), restore_float(const u64 *f);
__asm__(
    ".text\nsave_float:\n"
    " .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n fsd f\\n, \\n*8(a0)\n .endr\n"
    " frcsr t0\n sd t0, 256(a0)\n ret\n"
    "restore_float:\n"
    " .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n fld f\\n, \\n*8(a0)\n .endr\n"
    " ld t0, 256(a0)\n fscsr t0\n ret\n");

// Runs in U-mode: fills pages, sums them in an order of its own, and iterates a map in doubles.
static u64 __attribute__((aligned(64))) work(u64 which) {
  volatile u64 *data = (volatile u64 *)DATA;
  double x = 0.1 + (double)which / 16;
  u64 sum = which;
  for (u64 i = 0; i < 6000; i++) {
    u64 at = (i * (2 * which + 5)) & 2047;
    data[at] += i * sum ^ which;
    sum = sum * 6364136223846793005 + data[(at * 7) & 2047];
    x = 3.75 * x * (1 - x);
  }
  union { double number; u64 bits; } as = {x};
  return sum ^ as.bits;
}

static void schedule(struct frame *frame) {
  tasks[current].frame = *frame;
  save_float(tasks[current].f);
  unsigned next = current;
  do next = (next + 1) % TASKS; while (tasks[next].done);
  current = next;
  switches++;
  *frame = tasks[next].frame;
  restore_float(tasks[next].f);
  csrw(satp, tasks[next].satp);   // no fence: ASIDs keep them apart
}

// In S-mode.
static int on_trap(struct frame *frame) {
  if (frame->cause == (1ull << 63 | 5)) {
    csrw(0x14d, csrr(time) + SLICE);
    schedule(frame);
    return 1;
  }
  if (frame->cause == CAUSE_LOAD_PAGE || frame->cause == CAUSE_STORE_PAGE) {
    map(&tasks[current].space, frame->tval & -PAGE, new_page(), 0, U_RWX & ~PTE_X);
    __asm__ volatile("sfence.vma %0" ::"r"(frame->tval) : "memory");
    faults++;
    return 1;
  }
  if (frame->cause == CAUSE_ECALL_U) {
    tasks[current].result = frame->x[10];
    tasks[current].done = 1;
    for (unsigned i = 0; i < TASKS; i++)
      if (!tasks[i].done) {
        schedule(frame);
        return 1;
      }
  }
  return 0;   // all are done (or something is wrong): back to M-mode
}

// A task ends with an ecall that is not the harness's.
static void __attribute__((naked)) end(void) { __asm__("li a7, 1; ecall"); }

static void start(u64 which) {
  csrw(0x14d, csrr(time) + SLICE);
  csrw(satp, tasks[which].satp);
  csrc(sstatus, 1 << 8);
  csrs(sstatus, 1 << 5);
  csrw(sepc, tasks[which].frame.epc);
  __asm__ volatile("mv a0, %0; mv sp, %1; mv ra, %2; sret" ::"r"(which), "r"(tasks[which].frame.x[2]), "r"(tasks[which].frame.x[1]) : "a0", "memory");
}

static u8 stacks[TASKS][1024] __attribute__((aligned(16)));

int main(void) {
  // What each computes as the only task, to compare with.
  u64 alone[TASKS];
  csrs(0x30a, 1ull << 63);
  csrw(mcounteren, 2);
  csrs(mstatus, 3 << 13);
  csrw(medeleg, 1 << CAUSE_LOAD_PAGE | 1 << CAUSE_STORE_PAGE | 1 << CAUSE_ECALL_U);
  csrw(mideleg, STIP);
  on_trap_s = on_trap;
  supervisor_ready();
  for (const struct paging_mode *mode = paging_modes; mode < paging_modes + 3; mode++) {
    for (unsigned together = 0; together < 2; together++) {
      reset_pages();
      csrw(mie, together ? STIP : 0);
      for (unsigned i = 0; i < TASKS; i++) {
        struct task *task = &tasks[i];
        memset(task, 0, sizeof(*task));
        task->space = new_space(mode);
        task->satp = (u64)mode->satp << 60 | (u64)(i + 1) << 44 | (u64)task->space.root >> 12;
        task->frame.epc = (u64)user(work);
        task->frame.x[1] = (u64)user(end);
        task->frame.x[2] = (u64)user(stacks[i] + sizeof(stacks[i]));
        task->frame.x[10] = i;
        task->frame.status = 1 << 5 | 3 << 13;
      }
      fence();
      faults = switches = 0;
      for (unsigned i = 0; i < (together ? 1 : TASKS); i++) {
        context(mode->name, together << 4 | i);
        for (unsigned other = 0; !together && other < TASKS; other++) tasks[other].done = other != i;
        current = i;
        struct outcome outcome = run_as(MODE_S, start, i, 0, 0);
        check(1, outcome.cause, CAUSE_ECALL_U);
        check(2, outcome.level, MODE_S);
        if (!together) alone[i] = tasks[i].result;
      }
      check(3, faults, TASKS * 4);
      for (unsigned i = 0; together && i < TASKS; i++) {
        context(mode->name, together << 4 | i);
        check(4, tasks[i].result, alone[i]);
      }
      if (together) check(5, switches > TASKS, 1);
    }
  }
  check(6, alone[0] != alone[1] && alone[1] != alone[2], 1);
  return 0;
}
