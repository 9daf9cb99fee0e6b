import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CommitLog } from "../../src/debug/commitLog.ts";
import { explainFaults } from "../../src/debug/faultReport.ts";
import { createMachine } from "../../src/machine/machine.ts";

const tests = join(import.meta.dirname, "../../firmware/tests");
const programs = ["mmu", "smp"].flatMap((group) => {
  return readdirSync(join(tests, group))
    .filter((file) => file.endsWith(".elf"))
    .map((file) => `${group}/${file}`);
});

/** What can be seen of a run: how it ended, every count, where the harts are. */
function outcome(program: string, isWatched: boolean) {
  const machine = createMachine({ ramBytes: 16 << 20, harts: program.startsWith("smp") ? 2 : 1 });
  machine.loadElf(readFileSync(join(tests, program)), program);
  if (isWatched) {
    new CommitLog(machine.harts, () => {});
    explainFaults(
      machine.harts,
      () => machine.symbols,
      () => {},
    );
  }
  const end = machine.run({ maxInstructions: 20_000 });
  const harts = machine.harts.map(({ state, cycles, retired, exceptions, interrupts, mmu }) => {
    const registers = Array.from({ length: 32 }, (_, n) => [state.x(n), state.f(n)]);
    return { pc: state.pc, registers, cycles, retired, exceptions, interrupts, tlb: mmu.tlb.counters };
  });
  return { end, harts };
}

test.each(programs)("%s does the same, TLB and all, whether it is logged and explained or not", (program) => {
  expect(outcome(program, true)).toEqual(outcome(program, false));
});
