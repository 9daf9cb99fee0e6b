import type { SystemOp } from "../isa/meaning.ts";
import type { AccessWidth } from "../memory/device.ts";
import type { PhysicalMemory } from "../memory/physical.ts";
import { fastKind, type Mmu } from "../mmu/index.ts";
import { envcfgBits } from "./csr/bits.ts";
import { slot } from "./csr/slots.ts";
import { hartLayout } from "./layout.ts";
import type { HartState } from "./state.ts";
import type { Outcome, SystemOperands } from "./system.ts";

/** What these instructions need of their hart. */
export interface MemoryHart {
  readonly state: HartState;
  readonly physical: PhysicalMemory;
  readonly mmu: Mmu;
  trap(cause: number, tval: bigint): 1;
}

const cause = { illegal: 2, loadMisaligned: 4, loadAccess: 5, storeMisaligned: 6, storeAccess: 7 } as const;
const blockBytes = 64;
const zeroes = new Uint8Array(blockBytes);
const access = { load: 0, store: 1 } as const;

type Handler = (o: SystemOperands) => Outcome;

/**
 * Instructions on memory that are not worth generated code: load-reserved and store-conditional, cache blocks, the
 * 128-bit compare-and-swap.
 *
 * A reservation is one physical address. It ends with any sc of the hart, and with the hart's turn when there are
 * other harts, so that no store of another hart can come between ("Eventual Success of Store-Conditional
 * Instructions" allows it: a turn is far longer than a constrained loop).
 */
export class MemoryInstructions {
  readonly #hart: MemoryHart;
  readonly #handlers: Partial<Record<SystemOp, Handler>>;

  constructor(hart: MemoryHart) {
    this.#hart = hart;
    const { state, physical } = hart;
    physical.view.setFloat64(state.base + hartLayout.physicalOffset, physical.ramBase - physical.hostBase, true);
    this.#handlers = {
      "lr.w": (o) => this.#loadReserved(o, 4),
      "lr.d": (o) => this.#loadReserved(o, 8),
      "sc.w": (o) => this.#storeConditional(o, 4),
      "sc.d": (o) => this.#storeConditional(o, 8),
      "amocas.q": (o) => this.#compareAndSwapPair(o),
      "cbo.zero": (o) => this.#zeroBlock(o),
      "cbo.clean": (o) => this.#manageBlock(o, envcfgBits.cbcfe),
      "cbo.flush": (o) => this.#manageBlock(o, envcfgBits.cbcfe),
      "cbo.inval": (o) => this.#manageBlock(o, envcfgBits.cbie),
    };
  }

  handles(op: SystemOp): boolean {
    return this.#handlers[op] !== undefined;
  }

  execute(op: SystemOp, operands: SystemOperands): Outcome {
    return this.#handlers[op]!(operands);
  }

  #trap(which: number, tval: bigint): Outcome {
    this.#hart.trap(which, tval);
    return "redirect";
  }

  /** 0, or the cause of the fault; then `mmu.pa` is the physical address. */
  #translate(address: bigint, kind: 0 | 1, size: number): number {
    const lo = Number(address & 0xffff_ffffn) | 0;
    return this.#hart.mmu.translate(lo, Number(address >> 32n) | 0, kind, size);
  }

  #reserve(pa: number): void {
    const { state, physical } = this.#hart;
    physical.view.setFloat64(state.base + hartLayout.reservation, pa, true);
  }

  #loadReserved(o: SystemOperands, size: AccessWidth): Outcome {
    const { state, physical, mmu } = this.#hart;
    const address = state.x(o.rs1);
    if (address % BigInt(size) !== 0n) return this.#trap(cause.loadMisaligned, address);
    const fault = this.#translate(address, access.load, size);
    if (fault !== 0) return this.#trap(fault, address);
    if (!physical.isRam(mmu.pa, size)) return this.#trap(cause.loadAccess, address);
    const value = physical.load(mmu.pa, size)!;
    this.#reserve(mmu.pa);
    state.setX(o.rd, BigInt.asUintN(64, BigInt.asIntN(size * 8, value)));
    return "next";
  }

  #storeConditional(o: SystemOperands, size: AccessWidth): Outcome {
    const { state, physical, mmu } = this.#hart;
    const address = state.x(o.rs1);
    if (address % BigInt(size) !== 0n) return this.#trap(cause.storeMisaligned, address);
    const fault = this.#translate(address, access.store, size);
    if (fault !== 0) return this.#trap(fault, address);
    if (!physical.isRam(mmu.pa, size)) return this.#trap(cause.storeAccess, address);
    const reserved = physical.view.getFloat64(state.base + hartLayout.reservation, true) === mmu.pa;
    this.#reserve(0);
    if (reserved) physical.store(mmu.pa, size, state.x(o.rs2));
    state.setX(o.rd, reserved ? 0n : 1n);
    return "next";
  }

  /** amocas.q: registers in even-odd pairs; the pair of x0 reads as zero and is not written. */
  #compareAndSwapPair(o: SystemOperands): Outcome {
    const { state, physical, mmu } = this.#hart;
    const address = state.x(o.rs1);
    if (address % 16n !== 0n) return this.#trap(cause.storeMisaligned, address);
    const fault = this.#translate(address, access.store, 16);
    if (fault !== 0) return this.#trap(fault, address);
    const { pa } = mmu;
    if (!physical.isRam(pa, 16)) return this.#trap(cause.storeAccess, address);
    const pair = (register: number): [bigint, bigint] =>
      register === 0 ? [0n, 0n] : [state.x(register), state.x(register + 1)];
    const old: [bigint, bigint] = [physical.load(pa, 8)!, physical.load(pa + 8, 8)!];
    const expected = pair(o.rd);
    if (old[0] === expected[0] && old[1] === expected[1]) {
      const wanted = pair(o.rs2);
      physical.store(pa, 8, wanted[0]);
      physical.store(pa + 8, 8, wanted[1]);
    }
    if (o.rd !== 0) {
      state.setX(o.rd, old[0]);
      state.setX(o.rd + 1, old[1]);
    }
    return "next";
  }

  /** Whether menvcfg and senvcfg let the current privilege execute an instruction on cache blocks. */
  #permitted(field: bigint): boolean {
    const { state } = this.#hart;
    if (state.priv < 3 && (state.csr[slot.menvcfg] & field) === 0n) return false;
    return state.priv > 0 || (state.csr[slot.senvcfg] & field) !== 0n;
  }

  #zeroBlock(o: SystemOperands): Outcome {
    const { state, physical, mmu } = this.#hart;
    if (!this.#permitted(envcfgBits.cbze)) return this.#trap(cause.illegal, BigInt(o.bits));
    const address = state.x(o.rs1);
    const lo = Number(address & 0xffff_ffffn) & -blockBytes;
    const hi = Number(address >> 32n) | 0;
    // Linux clears each page so: mostly the one of the block before
    const host = mmu.fast.probe(mmu.dataContext, fastKind.write, lo, hi);
    if (host >= 0) {
      physical.bytes.fill(0, host, host + blockBytes);
      return "next";
    }
    const fault = mmu.translate(lo, hi, access.store, blockBytes);
    if (fault !== 0) return this.#trap(fault, address);
    if (!physical.isRam(mmu.pa, blockBytes)) return this.#trap(cause.storeAccess, address);
    physical.write(mmu.pa, zeroes);
    return "next";
  }

  /** Nothing is cached, so only the permission is left to check: whoever may load or store may do this. */
  #manageBlock(o: SystemOperands, field: bigint): Outcome {
    const { state } = this.#hart;
    if (!this.#permitted(field)) return this.#trap(cause.illegal, BigInt(o.bits));
    const address = state.x(o.rs1);
    const start = address & ~BigInt(blockBytes - 1);
    if (this.#translate(start, access.load, blockBytes) === 0) return "next";
    const fault = this.#translate(start, access.store, blockBytes);
    if (fault === 0) return "next";
    return this.#trap(fault, address);
  }
}
