// march: rv64imac_zicsr
// What the kernels of operating system courses expect of the machine that they are started on, in one file: M-mode on all
// harts, a step down to S-mode on each, page tables whose A and D bits nobody sets, a timer by stimecmp, interrupts of the
// UART and of a disk through the PLIC, and a virtio disk driven without any feature but the oldest. Such a kernel is started by
//
//   -machine virt -bios none -kernel K -m 128M -smp 3 -nographic -global virtio-mmio.force-legacy=false
//   -drive file=fs.img,if=none,format=raw,id=x0 -device virtio-blk-device,drive=x0,bus=virtio-mmio-bus.0
//
// Every hart writes blocks of its own to the disk (96 KiB at least) and reads them back. Then a line is read from the console.

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

enum { HARTS = 3, ROUNDS = 16, BLOCK = 1024, SECTORS = BLOCK / 512, TICK = 100000 };
enum { FINISHER = 0x100000, PLIC = 0xc000000, UART = 0x10000000, DISK = 0x10001000, DISK_IRQ = 1, UART_IRQ = 10 };

#define reg8(at) (*(volatile u8 *)(u64)(at))
#define reg32(at) (*(volatile u32 *)(u64)(at))
#define csrr(csr) ({ u64 value; __asm__ volatile("csrr %0, " #csr : "=r"(value)); value; })
#define csrw(csr, value) __asm__ volatile("csrw " #csr ", %0" ::"r"((u64)(value)) : "memory")
#define csrs(csr, bits) __asm__ volatile("csrs " #csr ", %0" ::"r"((u64)(bits)) : "memory")
#define csrc(csr, bits) __asm__ volatile("csrc " #csr ", %0" ::"r"((u64)(bits)) : "memory")

static void kernel(void);
u8 stacks[HARTS][4096] __attribute__((aligned(16)));

// -------------------------------------------------------------------------------------------------------------- M-mode

__asm__(
    ".section .text.start, \"ax\"\n"
    ".globl _start\n"
    "_start:\n"
    "  la sp, stacks\n"
    "  li t0, 4096\n"
    "  csrr t1, mhartid\n"
    "  addi t1, t1, 1\n"
    "  mul t0, t0, t1\n"
    "  add sp, sp, t0\n"
    "  call machine\n");

__attribute__((used)) static void machine(void) {
  csrw(mstatus, (csrr(mstatus) & ~(3ul << 11)) | 1 << 11);   // MPP: mret leads to S-mode
  csrw(mepc, kernel);
  csrw(satp, 0);
  csrw(medeleg, 0xffff);
  csrw(mideleg, 0xffff);
  csrs(sie, 1 << 9 | 1 << 5);
  csrw(pmpaddr0, 0x3fffffffffffff);
  csrw(pmpcfg0, 0xf);                                        // top of range, rwx: all of memory
  csrs(0x30a, 1ul << 63);                                    // menvcfg.STCE: S-mode has stimecmp
  csrs(mcounteren, 2);                                       // and may read the time
  csrw(0x14d, csrr(time) + TICK);
  __asm__ volatile("mv tp, %0" ::"r"(csrr(mhartid)));
  __asm__ volatile("mret");
}

// --------------------------------------------------------------------------------------------------------------- locks

static u64 hart(void) {
  u64 id;
  __asm__ volatile("mv %0, tp" : "=r"(id));
  return id;
}

// With interrupts off from before it is held until after: a handler may want it, too.
static void acquire(u32 *lock) {
  while (__sync_lock_test_and_set(lock, 1) != 0) {}
  __sync_synchronize();
}

static void release(u32 *lock) {
  __sync_synchronize();
  __sync_lock_release(lock);
}

static void interrupts(int on) {
  if (on) csrs(sstatus, 2);
  else csrc(sstatus, 2);
}

static void power_off(u32 code) {
  reg32(FINISHER) = code == 0 ? 0x5555 : code << 16 | 0x3333;
  for (;;) {}
}

// ------------------------------------------------------------------------------------------------------------- console

enum { RHR = 0, THR = 0, IER = 1, FCR = 2, ISR = 2, LCR = 3, LSR = 5 };

static volatile int sending;
static char line[64];
static volatile u32 typed;
static volatile int line_is_there;

static void uart_start(void) {
  reg8(UART + IER) = 0;
  reg8(UART + LCR) = 0x80;   // the divisor's registers
  reg8(UART + 0) = 3;
  reg8(UART + 1) = 0;
  reg8(UART + LCR) = 3;      // 8 bits
  reg8(UART + FCR) = 7;      // FIFOs on and empty
  reg8(UART + IER) = 3;      // interrupts for what is received, and when there is room to send
}

static void put(char c) {
  sending = 1;
  reg8(UART + THR) = c;
  while (sending) {}         // until the interrupt, on whichever hart
}

static void say(const char *text) {
  while (*text != 0) put(*text++);
}

static void say_number(u64 n) {
  if (n >= 10) say_number(n / 10);
  put('0' + n % 10);
}

static void uart_interrupt(void) {
  reg8(UART + ISR);          // reading it ends "there is room to send"
  if (reg8(UART + LSR) & 0x20) sending = 0;
  while (reg8(UART + LSR) & 1) {
    char c = reg8(UART + RHR);
    if (c == '\n' || c == '\r') line_is_there = 1;
    else if (typed < sizeof line - 1) line[typed++] = c;
  }
}

// ---------------------------------------------------------------------------------------------------------------- disk

enum { QUEUE = 8, NEXT = 1, WRITE = 2 };

static struct { u64 address; u32 length; u16 flags, next; } descriptors[QUEUE] __attribute__((aligned(4096)));
static volatile struct { u16 flags, index, ring[QUEUE]; } available __attribute__((aligned(4096)));
static volatile struct { u16 flags, index; struct { u32 id, length; } ring[QUEUE]; } used __attribute__((aligned(4096)));
static struct { u32 type, reserved; u64 sector; } requests[2];
static volatile u8 statuses[2], done[2];
static u32 disk_lock, slots[2];
static u16 seen;

static int disk_start(void) {
  if (reg32(DISK) != 0x74726976 || reg32(DISK + 4) != 2 || reg32(DISK + 8) != 2 || reg32(DISK + 12) != 0x554d4551) return 1;
  u32 status = 0;
  reg32(DISK + 0x70) = status;
  reg32(DISK + 0x70) = status |= 1;
  reg32(DISK + 0x70) = status |= 2;
  // all of the low 32 features, but read-only, SCSI, flush, write-back, queues, any layout, event index, indirect descriptors
  reg32(DISK + 0x20) = reg32(DISK + 0x10) & ~(1u << 5 | 1u << 7 | 1u << 9 | 1u << 11 | 1u << 12 | 1u << 27 | 1u << 29 | 1u << 28);
  reg32(DISK + 0x70) = status |= 8;
  if (!(reg32(DISK + 0x70) & 8)) return 2;
  reg32(DISK + 0x30) = 0;
  if (reg32(DISK + 0x44) != 0 || reg32(DISK + 0x34) < QUEUE) return 3;
  reg32(DISK + 0x38) = QUEUE;
  const u64 parts[] = {(u64)descriptors, (u64)&available, (u64)&used};
  for (int n = 0; n < 3; n++) {
    reg32(DISK + 0x80 + 16 * n) = parts[n];
    reg32(DISK + 0x84 + 16 * n) = parts[n] >> 32;
  }
  reg32(DISK + 0x44) = 1;
  reg32(DISK + 0x70) = status |= 4;
  return 0;
}

// Two requests may be under way at once, each with three descriptors of its own; the third hart waits.
static void disk_move(u64 block, void *data, int write) {
  u32 slot;
  for (slot = 0; __sync_lock_test_and_set(&slots[slot], 1) != 0; slot ^= 1) {}
  interrupts(0);
  acquire(&disk_lock);
  u16 first = 3 * slot;
  requests[slot].type = write;
  requests[slot].reserved = 0;
  requests[slot].sector = block * SECTORS;
  descriptors[first].address = (u64)&requests[slot];
  descriptors[first].length = sizeof requests[slot];
  descriptors[first].flags = NEXT;
  descriptors[first].next = first + 1;
  descriptors[first + 1].address = (u64)data;
  descriptors[first + 1].length = BLOCK;
  descriptors[first + 1].flags = NEXT | (write ? 0 : WRITE);
  descriptors[first + 1].next = first + 2;
  descriptors[first + 2].address = (u64)&statuses[slot];
  descriptors[first + 2].length = 1;
  descriptors[first + 2].flags = WRITE;
  descriptors[first + 2].next = 0;
  statuses[slot] = 0xff;
  done[slot] = 0;
  available.ring[available.index % QUEUE] = first;
  __sync_synchronize();
  available.index++;
  __sync_synchronize();
  reg32(DISK + 0x50) = 0;
  release(&disk_lock);
  // another hart may have taken the interrupt: then this one's next tick ends its wait
  while (!done[slot]) {
    __asm__ volatile("wfi");
    interrupts(1);
    interrupts(0);
  }
  interrupts(1);
  __sync_lock_release(&slots[slot]);
}

static void disk_interrupt(void) {
  acquire(&disk_lock);
  reg32(DISK + 0x64) = reg32(DISK + 0x60) & 3;
  __sync_synchronize();
  for (; seen != used.index; seen++) {
    u32 slot = used.ring[seen % QUEUE].id / 3;
    if (statuses[slot] != 0) power_off(20 + statuses[slot]);
    done[slot] = 1;
  }
  release(&disk_lock);
}

// -------------------------------------------------------------------------------------------------------------- S-mode

static volatile u64 ticks[HARTS], claims;

__attribute__((interrupt("supervisor"), aligned(4))) static void trap(void) {
  u64 cause = csrr(scause);
  if (cause == (1ul << 63 | 5)) {
    ticks[hart()]++;
    csrw(0x14d, csrr(time) + TICK);
  } else if (cause == (1ul << 63 | 9)) {
    volatile u32 *claim = &reg32(PLIC + 0x201004 + 0x2000 * hart());
    u32 source = *claim;
    if (source == UART_IRQ) uart_interrupt();
    else if (source == DISK_IRQ) disk_interrupt();
    if (source == 0) return;   // another hart was faster
    __sync_fetch_and_add(&claims, 1);
    *claim = source;
  } else {
    power_off(cause == 12 ? 12 : cause == 13 ? 13 : cause == 15 ? 15 : 19);
  }
}

static u64 root[512] __attribute__((aligned(4096)));
static u8 blocks[HARTS][BLOCK];
static volatile u32 started, failed;
static u32 finished;

static void boot(void) {
  // gigapages for devices and RAM, without A and D
  root[0] = 0x7;
  root[2] = 0x80000ul << 10 | 0xf;
  uart_start();
  reg32(PLIC + 4 * UART_IRQ) = 1;
  reg32(PLIC + 4 * DISK_IRQ) = 1;
  int wrong = disk_start();
  if (wrong != 0) power_off(wrong);
}

static void work(u64 id) {
  for (u64 round = 0; round < ROUNDS; round++) {
    u64 block = round * HARTS + id;
    for (u32 at = 0; at < BLOCK; at++) blocks[id][at] = at * 7 + block;
    disk_move(block, blocks[id], 1);
    for (u32 at = 0; at < BLOCK; at++) blocks[id][at] = 0;
    disk_move(block, blocks[id], 0);
    for (u32 at = 0; at < BLOCK; at++) {
      if (blocks[id][at] != (u8)(at * 7 + block)) failed = 1;
    }
  }
  while (ticks[id] < 3) __asm__ volatile("wfi");
  __sync_fetch_and_add(&finished, 1);
}

static void kernel(void) {
  u64 id = hart();
  if (id == 0) {
    boot();
    __sync_synchronize();
    started = 1;
  }
  while (!started) {}
  __sync_synchronize();
  csrw(stvec, trap);
  csrw(satp, 8ul << 60 | (u64)root >> 12);
  __asm__ volatile("sfence.vma" ::: "memory");
  reg32(PLIC + 0x2080 + 0x100 * id) = 1 << UART_IRQ | 1 << DISK_IRQ;
  reg32(PLIC + 0x201000 + 0x2000 * id) = 0;
  interrupts(1);
  if (id == 0) say("a kernel is booting\n");
  work(id);
  while (id != 0) __asm__ volatile("wfi");
  while (__sync_fetch_and_add(&finished, 0) != HARTS) {}
  say_number(HARTS);
  say(" harts, ");
  say_number(HARTS * ROUNDS);
  say(failed ? " blocks, some WRONG\n" : " blocks written and read back\n");
  if (claims < HARTS * ROUNDS) say("interrupts are missing\n");
  say("$ ");
  while (!line_is_there) __asm__ volatile("wfi");
  for (u32 at = typed; at > 0; at--) put(line[at - 1]);
  say("\n");
  power_off(failed);
}
