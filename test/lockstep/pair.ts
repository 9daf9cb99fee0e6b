import { createHash } from "node:crypto";
import { createMachine, type Machine, type MachineOptions } from "../../src/machine/machine.ts";

/** How the second machine of a pair executes. */
export type TranslatedOptions = Pick<MachineOptions, "hotAfter" | "exitAtAccesses">;

/** How far a pair came: instructions of each machine, and how it ended; or where it differed. */
export interface PairOutcome {
  readonly instructions: number;
  /** Instructions of the second machine that were translated ones. */
  readonly translated: number;
  readonly end: string;
  /** What differed, and between which instructions; undefined if nothing did. */
  readonly difference: string | undefined;
}

/**
 * The same program on two machines, one that only interprets and one that translates: registers, CSRs, counters and
 * traps are compared every so many instructions, memory and output at the end.
 */
export class Pair {
  readonly #machines: readonly [Machine, Machine];
  readonly #output = ["", ""];
  readonly #traps: [string[], string[]] = [[], []];

  /** @param load puts the program into a machine */
  constructor(options: MachineOptions, translated: TranslatedOptions, load: (machine: Machine) => void) {
    const make = (n: 0 | 1, engine: MachineOptions): Machine => {
      const decoder = new TextDecoder();
      const machine = createMachine({
        ...options,
        ...engine,
        onOutput: (bytes) => {
          this.#output[n] += decoder.decode(bytes, { stream: true });
        },
      });
      load(machine);
      return machine;
    };
    this.#machines = [make(0, { engine: "interpreter" }), make(1, { engine: "translator", ...translated })];
  }

  /** Hears of every trap on both machines; without it some of them stay in generated code. */
  watchTraps(): void {
    this.#machines.forEach((machine, n) => {
      for (const hart of machine.harts) {
        hart.onTrap = ({ cause, interrupt, tval, pc }) => {
          this.#traps[n].push(`${hart.id} ${interrupt ? "interrupt" : "exception"} ${cause} at ${pc} with ${tval}`);
        };
      }
    });
  }

  /** Runs both, comparing them every `slice` instructions, to their end or to a limit. */
  run(slice: number, limit: number): PairOutcome {
    const [one, other] = this.#machines;
    for (;;) {
      const from = one.instructions;
      const ends = this.#machines.map((machine) => JSON.stringify(machine.run({ maxInstructions: slice })));
      const difference = this.#difference(ends);
      if (difference !== undefined) {
        return this.#outcome(ends[0], `instructions ${from} to ${from + slice}: ${difference}`);
      }
      const isOver = ends[0] !== '{"reason":"instructions"}' || one.instructions >= limit;
      if (isOver) return this.#outcome(ends[0], memoryOf(one) === memoryOf(other) ? undefined : "memory at the end");
    }
  }

  #outcome(end: string, difference: string | undefined): PairOutcome {
    const [{ instructions }, { harts }] = this.#machines;
    const translated = harts.reduce((sum, hart) => sum + hart.translation.instructions, 0);
    return { instructions, translated, end, difference };
  }

  #difference(ends: readonly string[]): string | undefined {
    if (ends[0] !== ends[1]) return `ends: ${ends.join(" and ")}`;
    const [one, other] = this.#machines.map(stateOf);
    const places = Object.keys(one).filter((name) => one[name] !== other[name]);
    if (places.length > 0) return places.map((name) => `${name}: ${one[name]} and ${other[name]}`).join("; ");
    const [mine, theirs] = this.#traps.splice(0, 2, [], []);
    if (mine.join() !== theirs.join()) return `traps: ${mine.join(", ")} and ${theirs.join(", ")}`;
    return this.#output[0] === this.#output[1] ? undefined : "output";
  }
}

/** All that a hart has, by name, as text. */
function stateOf(machine: Machine): Record<string, string> {
  const found: Record<string, string> = { instructions: `${machine.instructions}`, retired: `${machine.retired}` };
  for (const { id, state, exceptions, interrupts, mmu } of machine.harts) {
    found[`${id}.pc`] = hex(state.pc);
    for (let n = 0; n < 32; n++) {
      found[`${id}.x${n}`] = hex(state.x(n));
      found[`${id}.f${n}`] = hex(state.f(n));
    }
    found[`${id}.fcsr`] = `${state.frm} ${state.fflags}`;
    state.csr.forEach((value, n) => {
      found[`${id}.csr word ${n}`] = hex(value);
    });
    found[`${id}.traps`] = `${exceptions} ${interrupts}`;
    found[`${id}.TLB misses`] = `${mmu.missesBy}`;
  }
  return found;
}

const hex = (value: bigint) => `0x${value.toString(16)}`;

function memoryOf({ memory }: Machine): string {
  const ram = memory.bytes.subarray(memory.hostBase, memory.hostBase + memory.ramBytes);
  return createHash("sha256").update(ram).digest("hex");
}
