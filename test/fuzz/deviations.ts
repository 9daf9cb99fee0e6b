/**
 * Where QEMU 10.0 does something else than the specification says, or than we do where it leaves the choice. Tests keep
 * clear of exactly these; `npm run fuzz -- --deviations` runs the demonstrations and says which of them still hold.
 */
export interface Deviation {
  readonly id: string;
  /** What QEMU does. */
  readonly qemu: string;
  /** What the specification says, and where; for a latitude, why both may be. */
  readonly clause: string;
  /** `wrong`: QEMU is; `latitude`: both may. */
  readonly kind: "wrong" | "latitude";
  /** How tests keep clear of it. */
  readonly avoided: string;
  /**
   * Where avoiding it would avoid too much: the names of instructions that a mismatch comes down to, in this order, the
   * last of them at its end. Such a mismatch is counted as known.
   */
  readonly pattern?: readonly string[];
  /** A program about which the two machines disagree. */
  readonly demonstration?: Demonstration;
}

/** Instructions, where they run, and what registers they begin with. s0 points to 64-byte-aligned data. */
export interface Demonstration {
  readonly mode: 0 | 1 | 3;
  readonly code: readonly string[];
  readonly registers?: Readonly<Record<string, bigint>>;
  readonly environment?: { readonly mstatus?: number; readonly scounteren?: number };
}

export const deviations: readonly Deviation[] = [
  {
    id: "amocas-x0",
    kind: "wrong",
    qemu: "amocas with rd = x0 overwrites its constant zero: later instructions of the block read x0 as something else",
    clause: 'Unprivileged, "Integer Register State": register x0 is hardwired with all bits equal to 0',
    avoided: "mixes/memory.ts never makes one",
    demonstration: {
      mode: 3,
      code: ["sd a1, 0(s0)", "amocas.d zero, a2, (s0)", "sltu a3, zero, a1", "add a2, zero, zero"],
      registers: { a1: 5n },
    },
  },
  {
    id: "cbo-tval",
    kind: "wrong",
    qemu: "a fault of a cache-block instruction reports the block's address instead of rs1",
    clause:
      'Privileged, "mtval": for an access or page fault it holds the faulting virtual address; the effective address is rs1 (CMO, "cbo.clean"), which the Sail model reports',
    avoided: "mixes/memory.ts gives them addresses that do not fault",
    demonstration: { mode: 0, code: ["cbo.flush (a0)"], registers: { a0: 0x1234n } },
  },
  {
    id: "cbom-pma",
    kind: "wrong",
    qemu: "cbo.clean, cbo.flush and cbo.inval do not fault where there is no memory (QEMU issue 3501)",
    clause: 'CMO, "Access permission": without load and store permission they raise a store access fault',
    avoided: "mixes/memory.ts gives them addresses of data",
    demonstration: { mode: 3, code: ["cbo.clean (a0)"], registers: { a0: 0x3c66_9d22_8e36_8803n } },
  },
  {
    id: "sc-failing-access",
    kind: "latitude",
    qemu: "sc that fails for want of a reservation does not fault where there is no memory",
    clause: 'A, "Zalrsc": for the purposes of memory protection, a failed sc may be treated like a store',
    avoided: "sc goes to addresses of data",
    demonstration: { mode: 3, code: ["sc.w a1, a2, (a0)"], registers: { a0: 0xc8n } },
  },
  {
    id: "lcofi-in-sip",
    kind: "wrong",
    qemu: "sip does not show LCOFIP, though mideleg delegates it",
    clause: 'Sscofpmf: "the LCOFI bits of sip and sie are present if mideleg bit 13 delegates the interrupt"',
    avoided: "mixes/csr.ts writes bits 11 and below of interrupt registers",
    demonstration: {
      mode: 3,
      code: ["csrrw zero, mideleg, a0", "csrrw zero, mip, a0", "csrrs a1, sip, zero"],
      registers: { a0: 0x2000n },
    },
  },
  {
    id: "pmpcfg-reserved",
    kind: "wrong",
    qemu: "pmpcfg keeps the reserved R=0, W=1",
    clause: 'Privileged, "PMP CSRs": R, W and X form a collective WARL field for which R=0 and W=1 are reserved',
    avoided: "mixes/csr.ts writes no W, mixes/protection.ts no W without R",
    demonstration: { mode: 3, code: ["csrrwi zero, pmpcfg2, 2", "csrrs a0, pmpcfg2, zero"] },
  },
  {
    id: "medeleg-guest",
    kind: "wrong",
    qemu: "medeleg has the bits of guest exceptions (10 and 20 to 23) without H",
    clause: 'Privileged, "medeleg": bits for exceptions that cannot occur are read-only zero (WARL)',
    avoided: "mixes/csr.ts writes 16 bits without bit 10",
    demonstration: {
      mode: 3,
      code: ["csrrw zero, medeleg, a0", "csrrs a1, medeleg, zero"],
      registers: { a0: 0xf0_0400n },
    },
  },
  {
    id: "mideleg-guest",
    kind: "wrong",
    qemu: "mideleg has the VS interrupts' bits without H, mip too",
    clause: 'Privileged, "mip and mie": bits 2, 6 and 10 belong to the hypervisor extension',
    avoided: "mixes/csr.ts never writes them",
    demonstration: { mode: 3, code: ["csrrw zero, mideleg, a0", "csrrs a1, mideleg, zero"], registers: { a0: 0x444n } },
  },
  {
    id: "mie-any-bit",
    kind: "wrong",
    qemu: "mie keeps bits of interrupts that do not exist",
    clause: 'Privileged, "mip and mie": bits of interrupts that cannot become pending are read-only zero',
    avoided: "mixes/csr.ts writes single standard bits",
    demonstration: {
      mode: 3,
      code: ["csrrw zero, mie, a0", "csrrs a1, mie, zero"],
      registers: { a0: 0x8000_0000_0000n },
    },
  },
  {
    id: "epc-bit-0",
    kind: "wrong",
    qemu: "mepc and sepc keep bit 0",
    clause: 'Privileged, "mepc": the low bit of mepc is always zero',
    avoided: "mixes/csr.ts writes even values",
    demonstration: { mode: 3, code: ["csrrwi zero, sepc, 5", "csrrs a1, sepc, zero"] },
  },
  {
    id: "menvcfg-cde",
    kind: "wrong",
    qemu: "menvcfg.CDE can be set without Smcdeleg",
    clause: 'Privileged, "menvcfg": without the extension a field is read-only zero',
    avoided: "mixes/csr.ts clears bit 60",
    demonstration: {
      mode: 3,
      code: ["csrrw zero, menvcfg, a0", "csrrs a1, menvcfg, zero"],
      registers: { a0: 1n << 60n },
    },
  },
  {
    id: "cbie-reserved",
    kind: "wrong",
    qemu: "menvcfg.CBIE and senvcfg.CBIE keep the reserved value 2",
    clause: 'CMO, "xenvcfg": CBIE is WARL; 10 is reserved',
    avoided: "mixes/csr.ts clears bit 5",
    demonstration: { mode: 3, code: ["csrrw zero, senvcfg, a0", "csrrs a1, senvcfg, zero"], registers: { a0: 0x20n } },
  },
  {
    id: "pmpaddr-high",
    kind: "wrong",
    qemu: "pmpaddr keeps bits 63 to 54",
    clause: 'Privileged, "PMP address register format, RV64": bits 63 to 54 are zero',
    avoided: "mixes/csr.ts writes 54 bits",
    demonstration: {
      mode: 3,
      code: ["csrrw zero, pmpaddr9, a0", "csrrs a1, pmpaddr9, zero"],
      registers: { a0: 1n << 60n },
    },
  },
  {
    id: "uxl",
    kind: "latitude",
    qemu: "UXL can be set to 1 (32 bits)",
    clause: 'Privileged, "Base ISA control": UXL is WARL and may be read-only',
    avoided: "mixes/csr.ts leaves bits 35 to 32 of mstatus and sstatus alone",
    demonstration: {
      mode: 3,
      code: ["csrrw zero, sstatus, a0", "csrrs a2, sstatus, zero"],
      registers: { a0: 1n << 32n },
    },
  },
  {
    id: "mpp-reserved",
    kind: "latitude",
    qemu: "a write of 2 to MPP keeps the old value; ours makes it 0",
    clause: 'Privileged, "mstatus": xPP fields are WARL and hold only implemented modes',
    avoided: "mixes/csr.ts never writes 2",
    demonstration: {
      mode: 3,
      code: ["csrrw zero, mstatus, a0", "csrrw zero, mstatus, a1", "csrrs a2, mstatus, zero"],
      registers: { a0: 0x7800n, a1: 0x7000n },
    },
  },
  {
    id: "csrrc-zero",
    kind: "wrong",
    qemu: "csrrs and csrrc with a register that holds 0 do not write: FS stays Clean",
    clause:
      'Zicsr: "if rs1 specifies a register other than x0 that holds a zero value, the instruction will attempt to write the unmodified value back"',
    avoided: "FS is Dirty in mixes/csr.ts",
    demonstration: {
      mode: 3,
      code: ["csrrw zero, mstatus, a0", "csrrs zero, fcsr, a1"],
      registers: { a0: 0x5800n, a1: 0n },
    },
  },
  {
    id: "fs-clean-flags",
    kind: "wrong",
    qemu: "FS stays Clean when a comparison or a conversion to an integer raises a flag",
    clause: 'Privileged, "Extension context status": Dirty once the state may differ from what was saved',
    avoided: "FS is Dirty in all mixes",
    demonstration: {
      mode: 3,
      code: ["csrrwi zero, fflags, 0", "csrrw zero, mstatus, a0", "fcvt.w.d a1, fs0"],
      registers: { a0: 0x5800n, fs0: 0x3ff8_0000_0000_0000n },
    },
  },
  {
    id: "sfence-inval-user",
    kind: "wrong",
    qemu: "sfence.w.inval and sfence.inval.ir execute in U-mode",
    clause: 'Svinval: "an attempt to execute them in U-mode raises an illegal-instruction exception"',
    avoided: "no mix has them in U-mode",
    demonstration: { mode: 0, code: ["sfence.w.inval"] },
  },
  {
    id: "mret-without-pmp",
    kind: "wrong",
    qemu: "mret to S or U without any PMP entry raises the access fault itself",
    clause: 'Privileged, "PMP": the access fails, which is the fetch at the address that mret goes to',
    avoided: "mixes/csr.ts either clears entries or leaves M-mode",
    demonstration: {
      mode: 3,
      code: ["csrrw zero, pmpcfg0, zero", "csrrw zero, mstatus, a0", "csrrw zero, mepc, s0", "mret"],
      registers: { a0: 0x6000n },
    },
  },
  {
    id: "stimecmp-without-stce",
    kind: "wrong",
    qemu: "writing stimecmp makes STIP pending while menvcfg.STCE is 0",
    clause: 'Sstc, "menvcfg": with STCE 0, STIP behaves as if Sstc were not there',
    avoided: "mixes/csr.ts does not write stimecmp",
    demonstration: { mode: 3, code: ["csrrw zero, stimecmp, zero", "csrrs a0, mip, zero"] },
  },
  {
    id: "mstateenh",
    kind: "wrong",
    qemu: "mstateen0h to mstateen3h exist on RV64",
    clause: 'Smstateen: the h registers are there for RV32 only; "CSR Listing"',
    avoided: "mixes/csr.ts leaves out 0x31c to 0x31f",
    demonstration: { mode: 3, code: ["csrrs zero, 0x31c, zero"] },
  },
  {
    id: "interrupt-priority",
    kind: "wrong",
    qemu: "of several pending interrupts the one with the lowest number is taken (without AIA)",
    clause: 'Privileged, "mip and mie": MEI, MSI, MTI, SEI, SSI, STI, LCOFI in decreasing priority',
    avoided: "mixes/csr.ts enables one at a time",
    demonstration: {
      mode: 3,
      code: ["csrrw zero, mip, a0", "csrrw zero, mie, a0", "csrrsi zero, mstatus, 8", "addi a1, zero, 1"],
      registers: { a0: 0x202n },
    },
  },
  {
    id: "pmp-inside-access",
    kind: "wrong",
    qemu: "a PMP region inside an access, touching neither its first nor its last byte, is overlooked",
    clause:
      'Privileged, "Priority and matching logic": the entry must match all bytes of an access, or the access fails',
    avoided: "mixes/protection.ts has regions of 4 bytes only where accesses are aligned",
  },
  {
    id: "amo-two-accesses",
    kind: "wrong",
    qemu: "with one hart an AMO is a load and then a store: it may fault as a load, or set A without D",
    clause: 'A, "Zaamo": an AMO raises store/AMO exceptions; its page must be readable and writable at once',
    avoided: "QEMU runs with a second, sleeping hart",
  },
  {
    id: "fround-dead",
    kind: "wrong",
    qemu: "fround and froundnx are left out, flags and all, where their result is overwritten before it is used",
    clause: 'Zfa, "froundnx": it sets the inexact flag; both set invalid for signaling NaNs',
    avoided: "mixes/compute.ts stores their results",
    demonstration: {
      mode: 0,
      code: ["froundnx.d fa0, fs0", "fadd.d fa0, fs1, fs1"],
      registers: { fs0: 0x3ff8_0000_0000_0000n },
    },
  },
  {
    id: "pcie-windows",
    kind: "latitude",
    qemu: "its board answers where a PCIe bus stands, even without a device there: with ones, or as registers",
    clause: 'Privileged, "Physical memory attributes": what is where is up to the platform',
    avoided:
      "addresses outside RAM are above 64 GiB; mixes/csr.ts leaves M-mode with satp 0, so that no walk goes there",
  },
  {
    id: "roriw-slliw",
    kind: "wrong",
    qemu: "slliw of what roriw made of a value with known zeros is not sign-extended from bit 31: its optimizer's fault",
    clause: 'Unprivileged, "RV64I": SLLIW produces signed 32-bit results, which are sign-extended to 64 bits',
    avoided: "it needs three instructions in a row; mismatches that come down to them are counted as known",
    pattern: ["roriw", "slliw"],
    demonstration: {
      mode: 3,
      code: ["andi a2, a2, 1", "roriw a0, a2, 1", "slliw a1, a0, 17"],
      registers: { a2: 1n },
    },
  },
  {
    id: "misa-g",
    kind: "wrong",
    qemu: "misa has bit 6 (G)",
    clause: 'Privileged, "misa": bit 6 is reserved',
    avoided: "-cpu max,g=off",
  },
  {
    id: "napot-accessed",
    kind: "latitude",
    qemu: "caches a 64 KiB page page by page, and so sets A and D in each of its entries",
    clause: "Svnapot: an update of A or D need not go to all entries of the range",
    avoided: "entries with N have A and D set",
  },
  {
    id: "global-and-fences",
    kind: "latitude",
    qemu: "sfence.vma and sinval.vma that name an address space drop global entries too",
    clause: 'Privileged, "sfence.vma": with rs2 other than x0, accesses to global mappings are not ordered',
    avoided:
      "where tables may have G, fences of mixes/paging.ts name no address space; elsewhere no entry becomes global",
  },
  {
    id: "reservation-and-traps",
    kind: "latitude",
    qemu: "a trap between lr and sc ends the reservation",
    clause: 'A, "Zalrsc": sc may fail for other reasons',
    avoided: "nothing traps between lr and sc",
    demonstration: { mode: 0, code: ["lr.d a1, (s0)", "ecall", "sc.d a2, a1, (s0)"] },
  },
  {
    id: "counters",
    kind: "latitude",
    qemu: "minstret and mcycle count host time or translated blocks",
    clause: "Zicntr: what a cycle is, is up to the platform; minstret is wrong in QEMU without -icount",
    avoided: "no counter's value is compared",
  },
  {
    id: "warl-counters",
    kind: "latitude",
    qemu: "mcounteren has the bits of the counters that pmu-mask gives",
    clause: 'Privileged, "mcounteren": any of the bits may be read-only zero',
    avoided: "pmu-mask=0xfffffff8: all of them",
  },
];

/** The deviation that a small program's instructions show, if it is one that is known by them. */
export function knownBy(names: readonly string[]): Deviation | undefined {
  return deviations.find(({ pattern }) => {
    if (pattern === undefined || names.at(-1) !== pattern.at(-1)) return false;
    let at = 0;
    for (const name of names) if (name === pattern[at]) at++;
    return at === pattern.length;
  });
}
