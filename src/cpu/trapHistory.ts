import { hartLayout, systemWatch } from "./layout.ts";
import type { HartState, Privilege, TrapRecord } from "./state.ts";

const causes = 24;
const { trapNews, trapFuel, trapCause, trapPrivileges, trapTval, trapPc } = hartLayout;

/**
 * The traps that a hart has taken, be it in TypeScript or in generated code: both count in the hart's block, and what generated
 * code has written there is taken up before TypeScript adds to it, and after each run.
 */
export class TrapHistory {
  /** Interrupts taken, by cause. */
  readonly interrupts = new Array<number>(16).fill(0);
  #last: TrapRecord | undefined;
  #firstOfRow: TrapRecord | undefined;
  /** How many exceptions of the row there were after the first one. */
  row = 0;
  #observer: ((trap: TrapRecord) => void) | undefined;
  readonly #retiredAt: (fuel: number) => number;
  readonly #view: DataView;
  readonly #words: Int32Array;
  readonly #exceptions: Float64Array;
  readonly #total: Float64Array;
  /** How many instructions had retired when the last exception was taken. */
  #retired = -1;

  /** `retiredAt` says how many instructions had retired before the one that left so much fuel, by {@link total}. */
  constructor({ memory, base }: HartState, retiredAt: (fuel: number) => number) {
    this.#retiredAt = retiredAt;
    this.#view = new DataView(memory.buffer, base);
    this.#words = new Int32Array(memory.buffer, base, hartLayout.scratchOps / 4);
    this.#exceptions = new Float64Array(memory.buffer, base + hartLayout.exceptions, causes);
    this.#total = new Float64Array(memory.buffer, base + hartLayout.trapped, 1);
    this.#exceptions.fill(0);
    this.#total.fill(0);
    this.#words[hartLayout.systemWatch / 4] = 0;
    this.#words[trapNews / 4] = 0;
  }

  /** The last trap. */
  get last(): TrapRecord | undefined {
    this.hear();
    return this.#last;
  }

  /** The first of the exceptions in a row, with nothing executed in between, that the last one belongs to. */
  get firstOfRow(): TrapRecord | undefined {
    this.hear();
    return this.#firstOfRow;
  }

  /** Exceptions taken. */
  get total(): number {
    return this.#total[0];
  }

  /** And by cause. */
  get exceptions(): number[] {
    return [...this.#exceptions];
  }

  /** Whoever wants to hear of each trap. */
  get observer(): ((trap: TrapRecord) => void) | undefined {
    return this.#observer;
  }

  set observer(observer: ((trap: TrapRecord) => void) | undefined) {
    this.#observer = observer;
    this.watch("exceptions", observer !== undefined);
  }

  /** Before a run: an exception of its first instruction is TypeScript's, as generated code cannot see what was before. */
  begin(fuel: number): void {
    this.#words[trapFuel / 4] = fuel;
  }

  /** Counts a trap that TypeScript takes, an exception of the instruction at hand or an interrupt before it. */
  add(trap: TrapRecord): void {
    this.hear();
    this.#last = trap;
    this.#observer?.(trap);
    if (trap.interrupt) {
      this.interrupts[trap.cause]++;
      return;
    }
    const fuel = this.#words[hartLayout.fuel / 4];
    const retired = this.#retiredAt(fuel);
    this.#exceptions[trap.cause]++;
    this.#total[0]++;
    this.#words[trapFuel / 4] = fuel;
    this.row = retired === this.#retired ? this.row + 1 : 0;
    if (this.row === 0) this.#firstOfRow = trap;
    this.#retired = retired;
  }

  /** Takes up the last exception of generated code. It is the first of a row: what comes right behind is TypeScript's. */
  hear(): void {
    if (this.#words[trapNews / 4] === 0) return;
    this.#words[trapNews / 4] = 0;
    const privileges = this.#words[trapPrivileges / 4];
    const privilege = (n: number) => ((privileges >> (8 * n)) & 3) as Privilege;
    this.#last = {
      cause: this.#words[trapCause / 4],
      interrupt: false,
      tval: this.#view.getBigUint64(trapTval, true),
      pc: this.#view.getBigUint64(trapPc, true),
      from: privilege(0),
      to: privilege(1),
      dataFrom: privilege(2),
    };
    this.#firstOfRow = this.#last;
    this.row = 0;
    // it is counted among those that did not retire, but was taken before it was
    this.#retired = this.#retiredAt(this.#words[trapFuel / 4]) + 1;
  }

  /** What generated code must leave to TypeScript. */
  watch(what: keyof typeof systemWatch, on: boolean): void {
    const at = hartLayout.systemWatch / 4;
    this.#words[at] = on ? this.#words[at] | systemWatch[what] : this.#words[at] & ~systemWatch[what];
  }
}
