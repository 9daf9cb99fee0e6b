import type { Hart } from "../cpu/index.ts";
import type { Machine } from "../machine/machine.ts";
import { privilegeName } from "./cause.ts";
import { hex } from "./hex.ts";

const mostLines = 20;
const pageMask = ~0xfffn;

/**
 * Where a machine spends its instructions: samples of the harts' pc, by function. Every instruction weighs the same,
 * whichever engine executes it, and the run is the same as without.
 */
export class Profile {
  readonly #samples = new Map<string, number>();
  #count = 0;

  /** Samples a machine from now on. `nameOf` says what a hart is executing, if not the functions of the machine's program. */
  constructor(machine: Machine, nameOf: (hart: Hart) => string = (hart) => functionOf(machine, hart)) {
    machine.onSample = (hart) => {
      const name = nameOf(hart);
      this.#samples.set(name, (this.#samples.get(name) ?? 0) + 1);
      this.#count++;
    };
  }

  /** The hottest functions as lines for people, the hottest first. */
  lines(): string[] {
    if (this.#count === 0) return ["profile: too short a run for a sample"];
    const hottest = [...this.#samples].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, mostLines);
    return [
      `profile: ${this.#count.toLocaleString("en-US")} samples; share of instructions by function`,
      ...hottest.map(([name, count]) => `${((100 * count) / this.#count).toFixed(1).padStart(6)}%  ${name}`),
    ];
  }
}

/** The function that a hart is in, or its page where there is no symbol. */
function functionOf({ symbols }: Machine, { state }: Hart): string {
  const name = symbols?.nearest(state.pc)?.name ?? `page ${hex(state.pc & pageMask)}`;
  return `${name}  [${privilegeName(state.priv)}]`;
}
