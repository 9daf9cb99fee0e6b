import { type Hart, type Privilege, translationRegime, type Watcher } from "../cpu/index.ts";
import { type CsrName, csrNumber, type Decoded, decoderOf, registerNumber } from "../isa/index.ts";
import type { PhysicalMemory } from "../memory/physical.ts";
import {
  type Access,
  bare,
  type Explanation,
  type Mode,
  modeOf,
  type TlbCounters,
  type TlbEntry,
  type TlbGeometry,
} from "../mmu/index.ts";
import type { RunEnd } from "./machine.ts";

/** What an architectural TLB holds and has counted, at one moment. */
export interface TlbContents {
  readonly geometry: TlbGeometry;
  readonly counters: TlbCounters;
  /** The valid entries, in order of set and way. */
  readonly entries: readonly TlbEntry[];
}

/** What satp says: how addresses are translated below M-mode. */
export interface Translation {
  readonly mode: Mode;
  readonly asid: number;
  /** Physical address of the root table; means nothing in Bare. */
  readonly root: bigint;
}

/** What a value of satp says. A mode that there is not is Bare. */
export function translationOf(satp: bigint): Translation {
  return {
    mode: modeOf(Number(satp >> 60n)) ?? bare,
    asid: Number((satp >> 44n) & 0xffffn),
    root: (satp & 0xfff_ffff_ffffn) << 12n,
  };
}

/** In which privilege a debugger's question about an address is meant. Default: the hart's own. */
export interface AsPrivilege {
  readonly priv: Privilege;
}

/**
 * A hart as a debugger sees it, between two instructions. Nothing that is read here changes anything: no A or D bit,
 * no TLB entry, no counter. Virtual addresses mean what they mean to the hart's loads and stores at this moment.
 */
export class HartInspector {
  readonly hart: Hart;
  readonly #memory: PhysicalMemory;
  readonly #decode: (word: number) => Decoded;

  constructor(hart: Hart) {
    this.hart = hart;
    this.#memory = hart.physical;
    this.#decode = decoderOf(hart.isa);
  }

  /** The program counter, unsigned. */
  get pc(): bigint {
    return this.hart.state.pc;
  }

  set pc(value: bigint) {
    this.hart.state.pc = BigInt.asUintN(64, value);
  }

  /** 0 U, 1 S, 3 M. */
  get priv(): Privilege {
    return this.hart.state.priv;
  }

  /**
   * A register's 64 bits, unsigned, by any of its names: `pc`, `a0`, `x10`, `fp`, `fa0`, `f10`.
   * Throws a RangeError for any other name.
   */
  register(name: string): bigint {
    if (name === "pc") return this.pc;
    const { state } = this.hart;
    const x = registerNumber("x", name);
    return x === undefined ? state.f(floatNumber(name)) : state.x(x);
  }

  /** Writes the low 64 bits of a value to a register; x0 stays 0. Floating-point registers take raw bits. */
  setRegister(name: string, value: bigint): void {
    if (name === "pc") {
      this.pc = value;
      return;
    }
    const { state } = this.hart;
    const bits = BigInt.asUintN(64, value);
    const x = registerNumber("x", name);
    if (x === undefined) state.setF(floatNumber(name), bits);
    else state.setX(x, bits);
  }

  /** A CSR's value as M-mode reads it, by name or number. Throws a RangeError where the hart has no such CSR. */
  csr(which: CsrName | number): bigint {
    const value = this.hart.csrs.peek(toNumber(which));
    if (value === undefined) throw new RangeError(`this hart has no CSR ${which} (isa ${this.hart.isa})`);
    return value;
  }

  /** Writes a CSR as M-mode would; what the CSR makes of the value is its own business (WARL). */
  setCsr(which: CsrName | number, value: bigint): void {
    if (this.hart.csrs.poke(toNumber(which), value)) return;
    throw new RangeError(`CSR ${which} cannot be written, or this hart has none (isa ${this.hart.isa})`);
  }

  /** What satp says now. */
  get translation(): Translation {
    return translationOf(this.csr("satp"));
  }

  /** Every step of a translation, as memory and the CSRs say it now. */
  explain(va: bigint, access: Access = "load", as?: AsPrivilege): Explanation {
    const regime = as === undefined ? undefined : translationRegime(this.hart.state, as.priv, as.priv);
    return this.hart.mmu.explain(va, access, regime);
  }

  /** The physical address that an access reaches, or undefined where it would fault. */
  translate(va: bigint, access: Access = "load", as?: AsPrivilege): bigint | undefined {
    const { outcome, pa } = this.explain(va, access, as);
    return outcome === "translated" ? pa : undefined;
  }

  /**
   * A copy of bytes at a virtual address. Throws a RangeError that says which byte cannot be read and why; devices
   * are not read, as that could change them.
   */
  readVirtual(va: bigint, length: number, access: "load" | "fetch" = "load", as?: AsPrivilege): Uint8Array {
    const bytes = new Uint8Array(length);
    for (const { pa, offset, size } of this.#pieces(va, length, access, as)) {
      bytes.set(this.#memory.read(pa, size), offset);
    }
    return bytes;
  }

  /** Writes RAM at a virtual address, all of it or nothing. Throws a RangeError like {@link readVirtual}. */
  writeVirtual(va: bigint, bytes: Uint8Array): void {
    for (const { pa, offset, size } of this.#pieces(va, bytes.length, "store")) {
      this.#memory.write(pa, bytes.subarray(offset, offset + size));
    }
  }

  /** The instruction at an address as the hart would fetch it, or undefined where it cannot. */
  instructionAt(pc: bigint, as?: AsPrivilege): Decoded | undefined {
    try {
      const low = this.readVirtual(pc, 2, "fetch", as);
      const first = low[0] | (low[1] << 8);
      if ((first & 3) !== 3) return this.#decode(first);
      const high = this.readVirtual(pc + 2n, 2, "fetch", as);
      return this.#decode(first | (high[0] << 16) | (high[1] << 24));
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  /** What the architectural TLB holds. */
  get tlb(): TlbContents {
    const { tlb } = this.hart.mmu;
    const { fences } = tlb.counters;
    return { geometry: tlb.geometry, counters: { ...tlb.counters, fences: { ...fences } }, entries: tlb.list() };
  }

  /** Splits a range at page boundaries and translates each piece, before anything is done with one. */
  #pieces(va: bigint, length: number, access: Access, as?: AsPrivilege) {
    const pieces: { readonly pa: number; readonly offset: number; readonly size: number }[] = [];
    for (let offset = 0; offset < length; ) {
      const at = BigInt.asUintN(64, va + BigInt(offset));
      const size = Math.min(length - offset, 4096 - Number(at & 0xfffn));
      const explained = this.explain(at, access, as);
      const pa = Number(explained.pa ?? 0n);
      if (explained.outcome !== "translated") throw new RangeError(`${access} of ${hex(at)}: ${explained.says}`);
      if (!this.#memory.isRam(pa, size)) throw new RangeError(`${access} of ${hex(at)}: ${hex(pa)} is not RAM`);
      pieces.push({ pa, offset, size });
      offset += size;
    }
    return pieces;
  }
}

/** A {@link Watcher} that ends the run when its hart comes to an address, besides what another one does. */
export class PcWatcher implements Watcher {
  readonly #pc: bigint;
  readonly #end: (end: RunEnd) => void;
  readonly #also: Watcher | undefined;

  constructor(pc: bigint, end: (end: RunEnd) => void, also?: Watcher) {
    this.#pc = BigInt.asUintN(64, pc);
    this.#end = end;
    this.#also = also;
  }

  before(hart: Hart): void {
    this.#also?.before(hart);
  }

  after(hart: Hart): void {
    this.#also?.after(hart);
    if (hart.state.pc === this.#pc) this.#end({ reason: "reached", hart: hart.id });
  }
}

function floatNumber(name: string): number {
  const number = registerNumber("f", name);
  if (number === undefined) throw new RangeError(`no register is called ${name}: x0 to x31, f0 to f31, ABI names, pc`);
  return number;
}

function toNumber(which: CsrName | number): number {
  const number = typeof which === "number" ? which : csrNumber(which);
  if (number === undefined) throw new RangeError(`no CSR is called ${which}`);
  return number;
}

const hex = (value: bigint | number) => `0x${value.toString(16)}`;
