import type { HartClock } from "../cpu/index.ts";

/** Cycles that pass in one tick of `mtime`: at 10 MHz, a hart of a nominal 1 GHz. */
export const cyclesPerTick = 100;

/** `mtime`, made of executed instructions: the same run gives the same times on every machine. */
export class VirtualClock implements HartClock {
  /** What guests have added by writing mtime. */
  #offset = 0n;

  timeAt(cycles: number): bigint {
    return BigInt.asUintN(64, BigInt(Math.floor(cycles / cyclesPerTick)) + this.#offset);
  }

  /** The first cycle count at which `time >= deadline`; Infinity if that is never. */
  cyclesAt(deadline: bigint): number {
    const ticks = deadline - this.#offset;
    if (ticks <= 0n) return 0;
    const cycles = Number(ticks) * cyclesPerTick;
    return cycles > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : cycles;
  }

  /** A write to mtime at a cycle count. */
  setTime(cycles: number, time: bigint): void {
    this.#offset += time - this.timeAt(cycles);
  }
}
