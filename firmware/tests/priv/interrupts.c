// Software, timer and external interrupts of both levels: what makes them pending, which mode and enable bits let them
// in, delegation, the views sip and sie, and the order of priority.
#include "test.h"

#define INTERRUPT (1ull << 63)
#define SSI 1
#define MSI 3
#define STI 5
#define MTI 7
#define SEI 9
#define MIE (1 << 3)
#define MPIE (1 << 7)
#define SIE (1 << 1)
#define BIT(n) (1ull << (n))

static void nothing(void) {}

// sets sstatus.SIE and gives the next instruction a chance to be interrupted
static void enable_s(void) { __asm__ volatile("csrsi sstatus, 2; nop" ::: "memory"); }

static void msip(int value) {
  write32(CLINT, (u32)value);
  (void)read32(CLINT);
}
static void mtimecmp(u64 value) { write64(CLINT + 0x4000, value); }

// Runs nothing in a mode with MIE and SIE as given; the cause that comes in, or 0.
static u64 taken(unsigned mode, int mie, int sie) {
  csrc(mstatus, MIE | MPIE | SIE);
  if (mie) csrs(mstatus, MPIE);
  if (sie) csrs(mstatus, SIE);
  struct outcome outcome = run_as(mode, nothing, 0, 0, 0);
  csrc(mstatus, SIE);
  if (!outcome.trapped) return 0;
  check(200, outcome.tval, 0);
  check(201, outcome.epc, (u64)nothing);
  check(202, outcome.level, csrr(mideleg) >> (outcome.cause & 63) & 1 && mode != MODE_M ? MODE_S : MODE_M);
  return outcome.cause;
}

int main(void) {
  supervisor_ready();
  csrw(mideleg, 0);
  csrw(mie, 0);
  mtimecmp(~0ull);
  msip(0);
  csrw(mip, 0);
  check(1, csrr(mip) & 0xaaa, 0);

  // The CLINT's software interrupt.
  msip(1);
  check(2, csrr(mip) & 0xaaa, BIT(MSI));
  csrw(mip, 0);
  check(3, csrr(mip) & BIT(MSI), BIT(MSI));   // read-only here
  check(4, taken(MODE_M, 1, 0), 0);
  csrw(mie, BIT(MSI));
  check(5, taken(MODE_M, 1, 0), INTERRUPT | MSI);
  check(6, taken(MODE_M, 0, 0), 0);
  check(7, taken(MODE_S, 0, 0), INTERRUPT | MSI);
  check(8, taken(MODE_U, 0, 0), INTERRUPT | MSI);
  check(9, taken(MODE_U, 1, 1), INTERRUPT | MSI);
  msip(0);
  check(10, csrr(mip) & BIT(MSI), 0);
  check(11, taken(MODE_U, 1, 1), 0);

  // The CLINT's timer.
  csrw(mie, BIT(MTI));
  mtimecmp(0);
  check(12, csrr(mip) & BIT(MTI), BIT(MTI));
  check(13, taken(MODE_M, 1, 0), INTERRUPT | MTI);
  check(14, taken(MODE_M, 0, 0), 0);
  check(15, taken(MODE_S, 0, 1), INTERRUPT | MTI);
  mtimecmp(~0ull);
  check(16, csrr(mip) & BIT(MTI), 0);

  // S-mode's, pending by a write to mip: undelegated, they are M-mode's.
  static const u8 supervisor[] = {SSI, STI, SEI};
  for (unsigned i = 0; i < 3; i++) {
    u64 bit = BIT(supervisor[i]), cause = INTERRUPT | supervisor[i];
    context("interrupt", supervisor[i]);
    csrw(mideleg, 0);
    csrw(mip, bit);
    csrw(mie, bit);
    check(17, csrr(mip) & 0xaaa, bit);
    check(18, taken(MODE_M, 1, 0), cause);
    check(19, taken(MODE_M, 0, 1), 0);
    check(20, taken(MODE_S, 0, 0), cause);
    check(21, taken(MODE_U, 0, 0), cause);
    check(22, csrr(sip) & bit, 0);
    check(23, csrr(sie) & bit, 0);
    csrs(sie, bit);
    csrw(mie, 0);
    csrs(sie, bit);
    check(24, csrr(mie), 0);
    csrw(mie, bit);
    // Delegated: S-mode's. Never taken in M; in S with SIE; in U always.
    csrw(mideleg, bit);
    check(25, csrr(mideleg) & bit, bit);
    check(26, taken(MODE_M, 1, 1), 0);
    check(27, taken(MODE_S, 0, 1), cause);
    check(28, taken(MODE_S, 1, 0), 0);
    check(29, taken(MODE_U, 0, 0), cause);
    check(30, csrr(sip), bit);
    check(31, csrr(sie), bit);
    csrw(sie, 0);
    check(32, csrr(mie), 0);
    check(33, taken(MODE_U, 1, 1), 0);
    csrw(sie, ~0ull);
    check(34, csrr(mie), bit);
    // Through sip, S-mode can clear and set its software interrupt alone.
    csrw(sip, 0);
    check(35, csrr(mip) & bit, supervisor[i] == SSI ? 0 : bit);
    csrw(sip, bit);
    check(36, csrr(mip) & bit, bit);
    // Enabled from inside S-mode, it comes at once.
    csrc(mstatus, SIE);
    struct outcome outcome = run_as(MODE_S, enable_s, 0, 0, 0);
    check(37, outcome.trapped, 1);
    check(38, outcome.cause, cause);
    check(39, outcome.epc, (u64)enable_s + 4);
    check(40, outcome.status & (1 << 5 | SIE), 1 << 5);
    csrc(mstatus, SIE);
    csrw(mip, 0);
    csrw(mie, 0);
  }

  // Priority: MSI, MTI, SEI, SSI, STI (MEI before them all).
  context("priority", 0);
  static const u8 order[] = {MSI, MTI, SEI, SSI, STI};
  csrw(mideleg, 0);
  csrw(mie, 0xaaa);
  for (unsigned pending = 1; pending < 32; pending++) {
    context("pending", pending);
    u64 highest = 0, mip = 0;
    for (unsigned i = 5; i-- > 0;)
      if (pending >> i & 1) highest = order[i], mip |= BIT(order[i]);
    csrw(mip, mip);
    msip(mip >> MSI & 1);
    mtimecmp(mip >> MTI & 1 ? 0 : ~0ull);
    check(41, csrr(mip) & 0xaaa, mip);
    check(42, taken(MODE_U, 0, 0), INTERRUPT | highest);
    check(43, taken(MODE_M, 1, 0), INTERRUPT | highest);
    // What is delegated comes after all that is not, and among itself in the same order.
    csrw(mideleg, BIT(SSI) | BIT(SEI) | BIT(STI));
    u64 machine = mip & (BIT(MSI) | BIT(MTI));
    check(44, taken(MODE_M, 1, 1), machine ? INTERRUPT | highest : 0);
    check(45, taken(MODE_S, 1, 1), INTERRUPT | highest);
    check(46, taken(MODE_S, 1, 0), machine ? INTERRUPT | highest : 0);
    csrw(mideleg, BIT(SEI));   // SSI and STI are M's, then, and SEI waits
    u64 kept = mip & ~BIT(SEI);
    u64 first = kept & BIT(MSI) ? MSI : kept & BIT(MTI) ? MTI : kept & BIT(SSI) ? SSI : kept & BIT(STI) ? STI : SEI;
    check(47, taken(MODE_U, 1, 1), INTERRUPT | first);
    csrw(mideleg, 0);
  }
  msip(0);
  mtimecmp(~0ull);
  csrw(mip, 0);

  // Machine interrupts cannot be delegated here; a synchronous trap comes from the instruction, an interrupt before it.
  context("mideleg", 0);
  csrw(mideleg, ~0ull);
  check(48, csrr(mideleg) & 0xaaa, BIT(SSI) | BIT(STI) | BIT(SEI));
  csrw(mideleg, 0);
  csrw(mie, BIT(SSI));
  csrw(mip, BIT(SSI));
  check(49, run_word(MODE_U, 0xffffffff, 0, 0, 0).cause, INTERRUPT | SSI);
  csrw(mip, 0);
  return 0;
}
