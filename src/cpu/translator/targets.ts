import type { MappedCode } from "./code.ts";
import { translatorLayout } from "./layout.ts";

/** An address, in halves. */
interface Address {
  readonly lo: number;
  readonly hi: number;
}

/** Indirect jumps to more places than this are not looked at any closer. */
const mostTargets = 250;

/** How an op has x0 as its destination (opFormat.ts). */
const sinkByte = 31 * 8;

/** Where indirect jumps have gone, by the address of the jump's op: read from the ring that generated code writes. */
export class JumpTargets {
  readonly #ring: Int32Array;
  readonly #position: Int32Array;
  #read = 0;
  readonly #bytes: Uint8Array;
  readonly #byOp = new Map<number, Address[]>();

  constructor(memory: WebAssembly.Memory) {
    const { ring, ringEntries, ringPosition } = translatorLayout;
    this.#ring = new Int32Array(memory.buffer, ring, 4 * ringEntries).fill(0);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#position = new Int32Array(memory.buffer, ringPosition, 1).fill(0);
  }

  /**
   * Takes in what was written since the last time. If that was more than the ring holds, some is lost.
   *
   * @param onNew called with the op of a jump that has gone somewhere new
   */
  update(onNew: (op: number) => void): void {
    const end = this.#position[0] / 16;
    for (let n = this.#read; n !== end; n = (n + 1) % translatorLayout.ringEntries) {
      const op = this.#ring[4 * n];
      if (op !== 0 && !this.#isReturn(op) && this.#add(op, this.#ring[4 * n + 2], this.#ring[4 * n + 3])) onNew(op);
    }
    this.#read = end;
  }

  /** Whether an op is `jalr x0, ra`, by the bytes of its registers: where those go is no surprise. */
  #isReturn(op: number): boolean {
    return this.#bytes[op + 1] === sinkByte && this.#bytes[op + 2] === 1 * 8;
  }

  #add(op: number, lo: number, hi: number): boolean {
    const known = this.#byOp.get(op);
    if (known === undefined) this.#byOp.set(op, [{ lo, hi }]);
    else if (known.length >= mostTargets || known.some((to) => to.lo === lo && to.hi === hi)) return false;
    else known.push({ lo, hi });
    return true;
  }

  /** Where the jump at an offset of some code has gone, as offsets. */
  at(code: MappedCode, offset: number): number[] {
    const found: number[] = [];
    for (const { lo, hi } of this.#byOp.get(code.op(offset)) ?? []) {
      const target = code.offsetOf(lo, hi);
      if (target !== undefined && (target & 1) === 0) found.push(target);
    }
    return found;
  }

  /** Forgets everything: ops have got other meanings. */
  clear(): void {
    this.#byOp.clear();
    this.#read = this.#position[0] / 16;
  }
}
