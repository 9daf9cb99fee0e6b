import type { AccessWidth, Device } from "../memory/device.ts";

/** Whom the PLIC tells what. */
export interface PlicEvents {
  /** The external interrupt line of a context has changed: context 2h is hart h's M-mode, 2h + 1 its S-mode. */
  externalInterrupt(context: number, level: boolean): void;
}

/** Offsets of the register blocks (RISC-V PLIC specification, "Memory Map"). */
const offset = { priority: 0, pending: 0x1000, enable: 0x2000, context: 0x20_0000 } as const;
const enableStride = 0x80;
const contextStride = 0x1000;

/** Interrupt sources of QEMU's `virt`: 1 to 95; priorities 0 to 7. */
const sources = 96;
const words = sources / 32;
const highestPriority = 7;

/**
 * The platform-level interrupt controller. Sources are level-triggered: a source whose line is high is pending unless it
 * has been claimed; completion makes it pending again while the line stays high.
 *
 * Registers are accessed in 4 aligned bytes; anything else is an access fault, as on QEMU. Absent registers read as 0 and
 * ignore writes.
 */
export class Plic implements Device {
  readonly name = "plic";
  readonly size = 0x60_0000;
  readonly contexts: number;
  readonly #events: PlicEvents;
  readonly #priority = new Uint8Array(sources);
  readonly #lines = new Uint32Array(words);
  readonly #pending = new Uint32Array(words);
  readonly #claimed = new Uint32Array(words);
  readonly #enable: Uint32Array;
  readonly #threshold: Uint8Array;
  readonly #levels: boolean[];

  constructor(harts: number, events: PlicEvents) {
    this.contexts = harts * 2;
    this.#events = events;
    this.#enable = new Uint32Array(this.contexts * words);
    this.#threshold = new Uint8Array(this.contexts);
    this.#levels = new Array(this.contexts).fill(false);
  }

  /** A device's interrupt line has changed. */
  setLine(source: number, level: boolean): void {
    const bit = 1 << (source & 31);
    const word = source >> 5;
    if (level) {
      this.#lines[word] |= bit;
      if ((this.#claimed[word] & bit) === 0) this.#pending[word] |= bit;
    } else {
      this.#lines[word] &= ~bit;
      this.#pending[word] &= ~bit;
    }
    this.#update();
  }

  load(at: number, width: AccessWidth): bigint | undefined {
    if (width !== 4 || at % 4 !== 0) return undefined;
    return BigInt(this.#load(at) >>> 0);
  }

  #load(at: number): number {
    if (at < offset.pending) return this.#priority[at >> 2] ?? 0;
    if (at < offset.enable) return this.#pending[(at - offset.pending) >> 2] ?? 0;
    if (at < offset.context) {
      const index = this.#enableIndex(at);
      return index < 0 ? 0 : this.#enable[index];
    }
    const context = Math.floor((at - offset.context) / contextStride);
    if (context >= this.contexts) return 0;
    const register = (at - offset.context) % contextStride;
    if (register === 0) return this.#threshold[context];
    return register === 4 ? this.#claim(context) : 0;
  }

  store(at: number, width: AccessWidth, value: bigint): boolean {
    if (width !== 4 || at % 4 !== 0) return false;
    const word = Number(value);
    if (at < offset.pending) {
      if (at > 0 && at >> 2 < sources) this.#priority[at >> 2] = word & highestPriority;
    } else if (at >= offset.enable && at < offset.context) {
      const index = this.#enableIndex(at);
      if (index >= 0) this.#enable[index] = index % words === 0 ? word & ~1 : word;
    } else if (at >= offset.context) {
      const context = Math.floor((at - offset.context) / contextStride);
      const register = (at - offset.context) % contextStride;
      if (context < this.contexts && register === 0) this.#threshold[context] = word & highestPriority;
      if (context < this.contexts && register === 4) this.#complete(context, word);
    }
    this.#update();
    return true;
  }

  #enableIndex(at: number): number {
    const context = Math.floor((at - offset.enable) / enableStride);
    const word = ((at - offset.enable) % enableStride) >> 2;
    return context < this.contexts && word < words ? context * words + word : -1;
  }

  /** The pending and enabled source of the highest priority, the lowest number among equals; 0: none. */
  #best(context: number): number {
    let best = 0;
    for (let word = 0; word < words; word++) {
      let candidates = this.#pending[word] & this.#enable[context * words + word];
      while (candidates !== 0) {
        const source = word * 32 + 31 - Math.clz32(candidates & -candidates);
        if (this.#priority[source] > this.#priority[best]) best = source;
        candidates &= candidates - 1;
      }
    }
    return best;
  }

  #claim(context: number): number {
    const source = this.#best(context);
    if (source === 0) return 0;
    this.#pending[source >> 5] &= ~(1 << (source & 31));
    this.#claimed[source >> 5] |= 1 << (source & 31);
    this.#update();
    return source;
  }

  /** Completion by a context for which the source is not enabled is ignored. */
  #complete(context: number, source: number): void {
    const word = source >> 5;
    const bit = 1 << (source & 31);
    if (source >= sources || (this.#enable[context * words + word] & bit) === 0) return;
    this.#claimed[word] &= ~bit;
    if ((this.#lines[word] & bit) !== 0) this.#pending[word] |= bit;
  }

  /** Claims do not look at the threshold; notification does. */
  #update(): void {
    for (let context = 0; context < this.contexts; context++) {
      const level = this.#priority[this.#best(context)] > this.#threshold[context];
      if (level === this.#levels[context]) continue;
      this.#levels[context] = level;
      this.#events.externalInterrupt(context, level);
    }
  }
}
