import type { HartClock, SteadyTime } from "../cpu/index.ts";
import { timebaseFrequency } from "./memoryMap.ts";

/** Cycles that pass in one tick of `mtime`: at 10 MHz, a hart of a nominal 1 GHz. */
export const cyclesPerTick = 100;

/** Nanoseconds in a tick. */
const tickNanoseconds = BigInt(1e9 / timebaseFrequency);

/** A machine's `mtime`, and the date. */
export interface MachineClock extends HartClock {
  /** Whether time goes by by itself, so that a machine that waits must wait. */
  readonly isReal: boolean;
  /** A cycle count at which to look again whether `time >= deadline`, for a hart with so many; Infinity: never. */
  cyclesAt(deadline: bigint, cycles: number): number;
  /** A write to mtime at a cycle count. */
  setTime(cycles: number, time: bigint): void;
  /** Nanoseconds since 1970 in UTC, at a cycle count. */
  wallTime(cycles: number): bigint;
}

/** The date at which machines on virtual time begin: 2026-01-01. */
const virtualEpoch = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n;

/** `mtime`, made of executed instructions: the same run gives the same times on every machine. */
export class VirtualClock implements MachineClock {
  readonly isReal = false;
  readonly #epoch: bigint;
  /** What guests have added by writing mtime. */
  #offset = 0n;

  constructor(epoch = virtualEpoch) {
    this.#epoch = epoch;
  }

  get steady(): SteadyTime {
    return { cyclesPerTick, offset: this.#offset };
  }

  timeAt(cycles: number): bigint {
    return BigInt.asUintN(64, BigInt(Math.floor(cycles / cyclesPerTick)) + this.#offset);
  }

  /** The first cycle count at which `time >= deadline`, exactly. */
  cyclesAt(deadline: bigint): number {
    const ticks = deadline - this.#offset;
    if (ticks <= 0n) return 0;
    const cycles = Number(ticks) * cyclesPerTick;
    return cycles > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : cycles;
  }

  setTime(cycles: number, time: bigint): void {
    this.#offset += time - this.timeAt(cycles);
  }

  wallTime(cycles: number): bigint {
    return this.#epoch + BigInt(Math.floor(cycles / cyclesPerTick)) * tickNanoseconds;
  }
}

/** Cycles that a hart executes in one tick at least, so that timers are not looked at long after they were due. */
const slowCyclesPerTick = 5;
/** A timer that is almost due is not looked at more often than this. */
const fewestCycles = 2_000;

/** `mtime` as the host's clock has it, from 0 on. */
export class HostClock implements MachineClock {
  readonly isReal = true;
  readonly #start = performance.now();
  #offset = 0n;

  #now(): bigint {
    return BigInt(Math.floor((performance.now() - this.#start) * (timebaseFrequency / 1000)));
  }

  timeAt(): bigint {
    return BigInt.asUintN(64, this.#now() + this.#offset);
  }

  cyclesAt(deadline: bigint, cycles: number): number {
    const ticks = deadline - this.#offset - this.#now();
    if (ticks <= 0n) return 0;
    const later = cycles + Math.max(fewestCycles, Number(ticks) * slowCyclesPerTick);
    return later > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : later;
  }

  setTime(_cycles: number, time: bigint): void {
    this.#offset += time - this.timeAt();
  }

  wallTime(): bigint {
    return BigInt(Math.floor((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
  }
}
