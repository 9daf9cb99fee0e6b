import { mstatusBits } from "./csr/bits.ts";
import { slot } from "./csr/slots.ts";
import { hartLayout } from "./layout.ts";

/** 0 is U, 1 is S, 3 is M. */
export type Privilege = 0 | 1 | 3;

/** A trap as it was taken. */
export interface TrapRecord {
  /** The exception's or the interrupt's number, without the interrupt bit. */
  readonly cause: number;
  readonly interrupt: boolean;
  /** What was written to mtval or stval. */
  readonly tval: bigint;
  /** The address in mepc or sepc. */
  readonly pc: bigint;
  readonly from: Privilege;
  readonly to: Privilege;
  /** The privilege that loads and stores had: mstatus.MPP under MPRV, otherwise `from`. */
  readonly dataFrom: Privilege;
}

/** What others want to know of a hart's changes. They are told after the change, inside the instruction. */
export interface HartEffects {
  /** Privilege, mstatus.MPRV/MPP/SUM/MXR, satp, or menvcfg.ADUE/PBMTE changed: translations mean something else. */
  contextChanged(): void;
  /** A pmpcfg or pmpaddr register changed. */
  pmpChanged(): void;
  /** What is pending, enabled or delegated changed: an interrupt may be due. */
  interruptsChanged(): void;
  /** stimecmp or its enable changed, or a counter that can overflow was set: deadlines must be asked for anew. */
  timerChanged(): void;
}

const nothing = () => {};

/**
 * The architectural state of one hart: views over its block of the machine's WebAssembly memory ({@link hartLayout}),
 * which generated code reads and writes too. Nothing is kept elsewhere: copying the block copies the hart.
 */
export class HartState {
  readonly memory: WebAssembly.Memory;
  /** Where the hart's block begins in the memory. */
  readonly base: number;
  /** The CSRs' words, by {@link slot}. */
  readonly csr: BigUint64Array;
  /** The same words as 32-bit halves: the low half of word n is `[2 * n]`. */
  readonly csrHalves: Int32Array;
  /** Set by the CSR file. */
  effects: HartEffects = {
    contextChanged: nothing,
    pmpChanged: nothing,
    interruptsChanged: nothing,
    timerChanged: nothing,
  };
  /** Told of each trap, after it was taken. */
  onTrap: ((trap: TrapRecord) => void) | undefined;
  /**
   * Called before the privilege changes while the word `filtered` says that a counter counts in some privileges only.
   * The argument says whether the instruction at hand retires (mret, sret) or not (traps). Set by the CSR file.
   */
  beforePrivilegeChange: (retires: boolean) => void = nothing;
  /**
   * Gets the exceptions of U-mode in place of the guest's own handlers: nothing changes, pc stays at the instruction.
   * Set by {@link supervise}; undefined: traps go where the specification says.
   */
  supervisor: ((cause: number, tval: bigint) => void) | undefined;
  readonly #x: BigUint64Array;
  readonly #f: BigUint64Array;
  readonly #pc: BigUint64Array;
  readonly #floatFlags: Int32Array;

  /** Puts a hart into its reset state at `base`, which must be a multiple of 8. */
  constructor(memory: WebAssembly.Memory, base: number) {
    this.memory = memory;
    this.base = base;
    const csrWords = (hartLayout.systemWatch - hartLayout.csr) / 8;
    this.csr = new BigUint64Array(memory.buffer, base + hartLayout.csr, csrWords);
    this.csrHalves = new Int32Array(memory.buffer, base + hartLayout.csr, csrWords * 2);
    this.#x = new BigUint64Array(memory.buffer, base + hartLayout.x, 32);
    this.#f = new BigUint64Array(memory.buffer, base + hartLayout.f, 32);
    this.#pc = new BigUint64Array(memory.buffer, base + hartLayout.pc, 1);
    this.#floatFlags = new Int32Array(memory.buffer, base + hartLayout.fflags, 2);
    this.reset(0n);
  }

  /** M-mode at `pc`, interrupts and MPRV off (privileged specification, "Reset"); registers and CSRs are zero too. */
  reset(pc: bigint): void {
    this.#x.fill(0n);
    this.#f.fill(0n);
    this.#floatFlags.fill(0);
    this.csr.fill(0n);
    this.pc = pc;
    this.priv = 3;
    this.csr[slot.mstatus] = mstatusBits.uxl64 | mstatusBits.sxl64;
  }

  /** An integer register's value, unsigned. */
  x(index: number): bigint {
    return this.#x[index];
  }

  /** Writes the low 64 bits; x0 stays 0. */
  setX(index: number, value: bigint): void {
    if (index !== 0) this.#x[index] = value;
  }

  /** The raw 64 bits of a floating-point register. */
  f(index: number): bigint {
    return this.#f[index];
  }

  setF(index: number, value: bigint): void {
    this.#f[index] = value;
  }

  /** The program counter, unsigned. */
  get pc(): bigint {
    return this.#pc[0];
  }

  set pc(value: bigint) {
    this.#pc[0] = value;
  }

  get priv(): Privilege {
    return this.csrHalves[2 * slot.priv] as Privilege;
  }

  set priv(value: Privilege) {
    this.csrHalves[2 * slot.priv] = value;
  }

  /** Accrued exception flags (NV DZ OF UF NX = 16 8 4 2 1). */
  get fflags(): number {
    return this.#floatFlags[0];
  }

  set fflags(value: number) {
    this.#floatFlags[0] = value;
  }

  /** The dynamic rounding mode, 0 to 7. */
  get frm(): number {
    return this.#floatFlags[1];
  }

  set frm(value: number) {
    this.#floatFlags[1] = value;
  }

  /** Leaves the exceptions of U-mode to a supervisor outside the guest. Generated code must not take them by itself. */
  supervise(supervisor: (cause: number, tval: bigint) => void): void {
    this.supervisor = supervisor;
    this.csr[slot.filtered] = 1n;
  }

  /** The pending interrupts: bit n is interrupt n. */
  get pending(): number {
    return this.csrHalves[2 * slot.mip] | this.csrHalves[2 * slot.lines];
  }

  /** Drives an interrupt line: 3 MSI, 7 MTI, 11 MEI and 9 SEI are the devices', 5 STI is the CSR file's. */
  setLine(interrupt: number, level: boolean): void {
    const old = this.csrHalves[2 * slot.lines];
    const now = level ? old | (1 << interrupt) : old & ~(1 << interrupt);
    if (now === old) return;
    this.csrHalves[2 * slot.lines] = now;
    this.effects.interruptsChanged();
  }
}
