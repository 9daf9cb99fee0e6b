// Processes, system calls, the timer: everything that happens between two traps.
#include "kernel.h"

// A process runs for at most so long when another is ready: 0.2 ms, at 10 MHz.
enum { TIME_SLICE = 2000 };

static struct process processes[4];
#define END (processes + sizeof processes / sizeof processes[0])
static struct process *running;
static u64 last_id, switches;

static struct process *new_process(void) {
  for (struct process *process = processes; process < END; process++) {
    if (process->state != FREE) continue;
    process->state = READY;
    process->id = ++last_id;
    process->root = new_space();
    return process;
  }
  print("S  too many processes\n");
  power_off(254);
}

static void set_timer(void) { csrw(stimecmp, csrr(time) + TIME_SLICE); }

// Chooses who runs: the next in turn that is ready. Writing satp is all that a change of address space takes. The TLB
// may keep what it has: its entries say of which address space (ASID) they are.
static struct frame *schedule(void) {
  struct process *next = running;
  do {
    if (++next == END) next = processes;
  } while (next->state != READY && next != running);
  if (next->state != READY) {
    print("S  nobody can run\n");
    power_off(254);
  }
  if (next != running) set_timer();
  running = next;
  csrw(satp, SATP(next->id, next->root));
  return &next->frame;
}

// --------------------------------------------------------------------------------------------------------- system calls

static u64 sys_write(u64 va, u64 length) {
  print("U%d \"", running->id);
  for (u64 i = 0; i < length; i++) {
    const char *byte = user_byte(running, va + i);
    if (!byte) return (u64)-1;
    print("%c", *byte);
  }
  print("\"\n");
  return length;
}

// The child is the parent at the same instruction, but for the result of its fork.
static u64 sys_fork(void) {
  struct process *child = new_process();
  child->parent = running;
  child->frame = running->frame;
  child->frame.x[10] = 0;
  share_space(running, child);
  return child->id;
}

static void sys_exit(u64 code) {
  print("S  process %d ends with %d\n", running->id, code);
  if (!running->parent) {
    print("S  the timer has changed processes %s\n", switches >= 4 ? "again and again" : "too seldom");
    power_off(code);
  }
  running->state = DEAD;
  running->exit_code = code;
  if (running->parent->state == WAITING) running->parent->state = READY;
}

// Gives back the exit code of a child that has ended. While there is none the process waits, and does its ecall again
// when it is woken. The dead child's memory goes only here, where its page tables are surely not in use.
static void sys_wait(struct frame *frame) {
  for (struct process *child = processes; child < END; child++) {
    if (child->state != DEAD || child->parent != running) continue;
    frame->x[10] = child->exit_code;
    free_space(child->root);
    child->state = FREE;
    return;
  }
  frame->pc -= 4;
  running->state = WAITING;
}

static void system_call(struct frame *frame) {
  frame->pc += 4;                              // go on after the ecall, of 4 bytes
  switch (frame->x[17]) {
    case SYS_WRITE: frame->x[10] = sys_write(frame->x[10], frame->x[11]); break;
    case SYS_FORK: frame->x[10] = sys_fork(); break;
    case SYS_EXIT: sys_exit(frame->x[10]); break;
    case SYS_WAIT: sys_wait(frame); break;
    default: frame->x[10] = (u64)-1;
  }
}

// ---------------------------------------------------------------------------------------------------------------- traps

// Called for every trap, by start.S. Interrupts stay off until sret, so that there is never more than one at a time.
struct frame *trap(struct frame *frame) {
  u64 cause = csrr(scause), tval = csrr(stval);
  if (cause == CAUSE_TIMER) {
    struct process *before = running;
    set_timer();
    frame = schedule();
    if (running != before) switches++;
    return frame;
  }
  int is_page_fault = cause == CAUSE_FETCH_PAGE || cause == CAUSE_LOAD_PAGE || cause == CAUSE_STORE_PAGE;
  if (cause == CAUSE_ECALL_U) {
    system_call(frame);
  } else if (!is_page_fault || !page_fault(running, cause, tval)) {
    print("S  process %d: cause %d, %x, by the instruction at %x: not allowed\n", running->id, cause, tval, frame->pc);
    sys_exit(139);                             // what a shell shows for SIGSEGV
  }
  return running->state == READY ? frame : schedule();
}

void kernel_mistake(void) {
  print("S  the kernel itself: cause %x, %x, by the instruction at %x\n", csrr(scause), csrr(stval), csrr(sepc));
  power_off(255);
}

void kernel_main(void) {
  csrw(stvec, kernel_trap);
  u64 satp = map_kernel();
  csrw(satp, satp);                            // from the next instruction on, addresses are virtual
  __asm__ volatile("sfence.vma" ::: "memory");
  print("S  paging is on: satp is %x; the kernel's code is r-x, its data rw-\n", satp);

  running = new_process();
  running->frame.pc = USER_CODE;
  running->frame.x[2] = STACK_TOP;
  print("S  process %d starts; of all its memory, only its code is there\n", running->id);
  csrw(sie, 1 << 5);                           // the timer may interrupt U-mode
  set_timer();
  resume(schedule());
}
