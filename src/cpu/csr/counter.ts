import type { HartState } from "../state.ts";
import { interrupts, mask64 } from "./bits.ts";
import { type SlotName, slot } from "./slots.ts";

/** What the machine counts, from its start and without pause; the CSRs make their counters of these. */
export interface LiveCounters {
  /** Cycles before the instruction at hand. Each instruction that retires must add exactly one. */
  cycles(): bigint;
  /** Instructions retired before the one at hand. */
  instructionsRetired(): bigint;
  /** What the `time` CSR reads. */
  time(): bigint;
}

/** Something that mhpmevent can select. */
export interface CounterEvent {
  /** The value of mhpmevent's low bits that selects it; 1 and 2 are taken, 0 is none. At most 2^31 - 1. */
  readonly id: number;
  /** How often it happened since the machine's start. */
  count(): bigint;
}

/** Event numbers of mhpmevent; those of the TLBs are the ones that firmware for QEMU's machines expects. */
export const hpmEvents = {
  cycles: 1,
  instructions: 2,
  loadTlbMiss: 0x10019,
  storeTlbMiss: 0x1001b,
  fetchTlbMiss: 0x10021,
} as const;

/** In mhpmevent's, mcyclecfg's and minstretcfg's high half: OF, and the bits that stop the counter in M, S and U. */
const overflowHigh = 1 << 31;
const inhibitHigh = { 3: 1 << 30, 1: 1 << 29, 0: 1 << 28 } as const;
const anyInhibitHigh = inhibitHigh[3] | inhibitHigh[1] | inhibitHigh[0];

/** One counter: where its words are, and what it counts. */
interface Counter {
  readonly value: number;
  readonly since: number;
  /** The word whose high half holds the privilege filter; for mhpmcounters also the event. */
  readonly config: number;
}

const counterAt = (index: number): Counter => {
  const value = index === 0 ? "mcycle" : index === 2 ? "minstret" : `mhpmcounter${index}`;
  const config = index === 0 ? "mcyclecfg" : index === 2 ? "minstretcfg" : `mhpmevent${index}`;
  return { value: slot[value as SlotName], since: slot[`since${index}`], config: slot[config as SlotName] };
};

/** The counters by their bit in mcounteren and mcountinhibit; 1, which is `time`, is a hole. */
const counters: readonly Counter[] = Array.from({ length: 32 }, (_, index) => counterAt(index));
const numbers = counters.map((_, index) => index).filter((index) => index !== 1);

/**
 * mcycle, minstret and mhpmcounter3 to 31. Nothing is incremented: a counter remembers its value and the live count
 * at which it had that value, so that it is exact whenever it is asked and costs nothing while nobody asks.
 */
export class Counters {
  /** How much of the instruction at hand is still to be counted when a CSR is written: 1, for a debugger 0. */
  step = 1n;
  readonly #state: HartState;
  readonly #live: LiveCounters;
  readonly #events = new Map<number, () => bigint>();
  readonly #overflows: boolean;

  /** `overflows`: with Sscofpmf, mhpmcounters interrupt when they wrap. */
  constructor(state: HartState, live: LiveCounters, events: readonly CounterEvent[], overflows: boolean) {
    this.#state = state;
    this.#live = live;
    this.#overflows = overflows;
    for (const event of events) this.#events.set(event.id, () => event.count());
  }

  /** The `time` CSR. */
  time(): bigint {
    return this.#live.time();
  }

  /** Whether mhpmevent can select an event. */
  hasEvent(id: number): boolean {
    return id === hpmEvents.cycles || id === hpmEvents.instructions || this.#events.has(id);
  }

  /** The value of counter 0 (mcycle), 2 (minstret) or 3 to 31, before the instruction at hand. */
  read(index: number): bigint {
    return this.#unwrapped(index) & mask64;
  }

  /**
   * A write takes effect after the instruction that writes has otherwise completed: it takes the place of that
   * instruction's own increment, and the next instruction reads what was written.
   */
  write(index: number, value: bigint): void {
    this.#checkOverflow(index, this.#count(index));
    this.#state.csr[counters[index].value] = value;
    this.#state.csr[counters[index].since] = this.#after(index);
    this.#deadlineChanged(index);
  }

  /** Writes mcountinhibit: the instruction at hand is counted as the old value says. */
  writeInhibit(value: bigint): void {
    const { csr } = this.#state;
    const differs = csr[slot.mcountinhibit] ^ value;
    for (const index of numbers) if ((differs >> BigInt(index)) & 1n) this.#settle(index, this.#after(index));
    csr[slot.mcountinhibit] = value;
    this.#state.effects.timerChanged();
  }

  /** Writes mhpmevent `index`, or mcyclecfg (0) or minstretcfg (2): filter and, for the former, event and OF. */
  configure(index: number, value: bigint): void {
    this.#settle(index, this.#after(index));
    this.#state.csr[counters[index].config] = value;
    this.#state.csr[counters[index].since] = this.#after(index);
    this.#state.csr[slot.filtered] = numbers.some((n) => this.#filter(n) !== 0) ? 1n : 0n;
    this.#deadlineChanged(index);
  }

  /** The OF bits, at the numbers of their counters: scountovf. */
  overflowed(): number {
    let bits = 0;
    for (let index = 3; index < 32; index++) {
      if (this.#configHigh(index) & overflowHigh) bits |= 1 << index;
    }
    return bits;
  }

  /** Before the privilege changes: counters that do not count everywhere take stock. */
  beforePrivilegeChange(retires: boolean): void {
    for (const index of numbers) {
      if (this.#filter(index) === 0) continue;
      const count = this.#count(index);
      this.#settle(index, retires ? count + this.#weight(index) : count);
    }
  }

  /**
   * How many cycles must pass at least before a counter of cycles or instructions can overflow and interrupt; 0: one
   * has; undefined: none will. {@link checkOverflow} is due then.
   */
  nextOverflow(): bigint | undefined {
    if (!this.#overflows) return undefined;
    let least: bigint | undefined;
    for (let index = 3; index < 32; index++) {
      if (this.#weight(index) === 0n || this.#inhibited(index) || this.#configHigh(index) & overflowHigh) continue;
      const left = (1n << 64n) - this.#unwrapped(index);
      if (least === undefined || left < least) least = left;
    }
    return least !== undefined && least < 0n ? 0n : least;
  }

  /** Sets OF and raises the interrupt for the mhpmcounters that have wrapped since they were last looked at. */
  checkOverflow(): void {
    for (let index = 3; index < 32; index++) {
      if (this.#state.csrHalves[2 * counters[index].config] !== 0) this.#checkOverflow(index, this.#count(index));
    }
  }

  /** The value with the carry out of its 64 bits, if it has wrapped since it was last looked at. */
  #unwrapped(index: number): bigint {
    const { csr } = this.#state;
    const { value, since } = counters[index];
    if (!this.#runs(index, this.#state.priv)) return csr[value];
    return csr[value] + this.#count(index) - csr[since];
  }

  /** The live count of what a counter counts. */
  #count(index: number): bigint {
    const event = this.#event(index);
    if (event === hpmEvents.cycles) return this.#live.cycles();
    if (event === hpmEvents.instructions) return this.#live.instructionsRetired();
    return this.#events.get(event)?.() ?? 0n;
  }

  /** What one retired instruction adds to a counter's live count, apart from what it happens to do. */
  #weight(index: number): bigint {
    const event = this.#event(index);
    return event === hpmEvents.cycles || event === hpmEvents.instructions ? 1n : 0n;
  }

  /** The live count when the instruction at hand will have completed. */
  #after(index: number): bigint {
    return this.#count(index) + this.step * this.#weight(index);
  }

  #event(index: number): number {
    if (index === 0) return hpmEvents.cycles;
    if (index === 2) return hpmEvents.instructions;
    return this.#state.csrHalves[2 * counters[index].config];
  }

  #configHigh(index: number): number {
    return this.#state.csrHalves[2 * counters[index].config + 1];
  }

  #filter(index: number): number {
    return this.#configHigh(index) & anyInhibitHigh;
  }

  #inhibited(index: number): boolean {
    return ((this.#state.csrHalves[2 * slot.mcountinhibit] >>> index) & 1) !== 0;
  }

  #runs(index: number, priv: 0 | 1 | 3): boolean {
    return !this.#inhibited(index) && (this.#configHigh(index) & inhibitHigh[priv]) === 0;
  }

  /** Makes the counter's word true at a live count, so that what follows may count by other rules. */
  #settle(index: number, at: bigint): void {
    const { csr } = this.#state;
    const { value, since } = counters[index];
    this.#checkOverflow(index, at);
    if (this.#runs(index, this.#state.priv)) csr[value] = csr[value] + at - csr[since];
    csr[since] = at;
  }

  /**
   * A counter's word at a live count, as halves; `high` is 2^32 or more when it has wrapped. In numbers, as live counts are
   * exact in them: the host's compiler (Node 20) fails on this sum of bigints when it is hot.
   */
  #halvesAt(index: number, at: number): { low: number; high: number } {
    const { csrHalves } = this.#state;
    const { value, since } = counters[index];
    const passed = at - (csrHalves[2 * since + 1] * 2 ** 32 + (csrHalves[2 * since] >>> 0));
    const passedHigh = Math.floor(passed / 2 ** 32);
    const low = (csrHalves[2 * value] >>> 0) + (passed - passedHigh * 2 ** 32);
    const carry = low >= 2 ** 32 ? 1 : 0;
    return { low: low - carry * 2 ** 32, high: (csrHalves[2 * value + 1] >>> 0) + passedHigh + carry };
  }

  /** Sscofpmf: a counter that wrapped on its way to a live count sets OF, and interrupts where OF was clear. */
  #checkOverflow(index: number, at: bigint): void {
    if (!this.#overflows || index < 3 || !this.#runs(index, this.#state.priv)) return;
    const { csrHalves } = this.#state;
    const { value, since, config } = counters[index];
    const count = Number(at);
    const { low, high } = this.#halvesAt(index, count);
    if (high < 2 ** 32) return;
    csrHalves[2 * value] = low;
    csrHalves[2 * value + 1] = high;
    csrHalves[2 * since] = count;
    csrHalves[2 * since + 1] = Math.floor(count / 2 ** 32);
    if (csrHalves[2 * config + 1] & overflowHigh) return;
    csrHalves[2 * config + 1] |= overflowHigh;
    csrHalves[2 * slot.mip] |= 1 << interrupts.lcofi;
    this.#state.effects.interruptsChanged();
  }

  #deadlineChanged(index: number): void {
    if (this.#overflows && index >= 3) this.#state.effects.timerChanged();
  }
}
