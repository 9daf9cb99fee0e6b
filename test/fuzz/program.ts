import { codeBytes, dataBytes, poolBytes } from "./layout.ts";

/** The environment that a test runs in, as the harness sets it before the test. */
export interface Environment {
  mode: 0 | 1 | 3;
  /** Bits of mstatus besides MPP. */
  mstatus: number;
  /** Page tables, if it has any: see mixes/paging.ts. */
  tables: PageTables | undefined;
  /** How many bytes at the slot's start the test may execute, and whether it may access the rest. */
  medeleg: number;
  menvcfg: bigint;
  senvcfg: number;
  mcounteren: number;
  scounteren: number;
  /** A rounding mode and flags for each round. */
  fcsr: number[];
  /** PMP entries, or undefined for the usual ones: code rwx, data rw. */
  pmp: ((slot: number, tables: number) => PmpEntry[]) | undefined;
}

export interface PmpEntry {
  readonly config: number;
  readonly address: bigint;
}

/** Page tables of a test, and where the test sees its slot. */
export interface PageTables {
  readonly satpMode: number;
  readonly asid: number;
  /** Virtual addresses of the slot's parts; code that runs in M-mode is where it is. */
  readonly code: bigint | undefined;
  readonly supervisor: bigint | undefined;
  readonly data: bigint;
  /** Where s1 points, `offset` into the data, for a slot at a physical address. */
  third(slot: number, offset: number): bigint;
  /** Writes the tables that will lie at a physical address, for a slot at another. */
  write(words: BigUint64Array, tables: number, slot: number): void;
}

/** One test: what to run, in which environment, with which values. */
export interface TestCase {
  readonly mix: string;
  readonly seed: number;
  readonly index: number;
  /** The code, without the `ecall` at its end. */
  readonly code: Uint8Array;
  /** Where each instruction begins. */
  readonly starts: readonly number[];
  /** What the shrinker drops together has the same number; 0: the instruction can be dropped alone. */
  readonly units: readonly number[];
  readonly environment: Environment;
  readonly rounds: number;
  /** 64 values for x registers and 64 for f registers, as 32-bit halves. */
  readonly pool: Uint32Array;
  /** Offsets into the data of what sp, s0 and s1 point to. */
  readonly pointers: readonly [number, number, number];
  readonly data: Uint32Array;
}

export const newPool = () => new Uint32Array(poolBytes / 4);
export const newData = () => new Uint32Array(dataBytes / 4);

export function usualEnvironment(): Environment {
  return {
    mode: 0,
    mstatus: 0x6000,
    tables: undefined,
    medeleg: 0,
    menvcfg: 0xf0n,
    senvcfg: 0xf0,
    mcounteren: 0,
    scounteren: 0,
    fcsr: [0, 0, 0, 0],
    pmp: undefined,
  };
}

/** Most bytes of code: the rest of a slot's code is room for the end. */
export const mostCode = codeBytes - 64;

/** Code that is being written, instruction by instruction. */
export class CodeBuffer {
  readonly bytes = new Uint8Array(codeBytes);
  readonly view = new DataView(this.bytes.buffer);
  readonly starts: number[] = [];
  readonly units: number[] = [];
  at = 0;

  get room(): number {
    return mostCode - this.at;
  }

  /** Appends an instruction of a unit. Returns its offset. */
  emit(bits: number, unit = 0): number {
    const at = this.at;
    this.starts.push(at);
    this.units.push(unit);
    this.view.setUint16(at, bits, true);
    this.at += 2;
    if ((bits & 3) === 3) {
      this.view.setUint16(at + 2, bits >>> 16, true);
      this.at += 2;
    }
    return at;
  }

  /** Rewrites the instruction at an offset. */
  patch(at: number, bits: number): void {
    this.view.setUint16(at, bits, true);
    if ((bits & 3) === 3) this.view.setUint16(at + 2, bits >>> 16, true);
  }
}
