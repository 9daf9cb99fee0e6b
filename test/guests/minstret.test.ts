import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMachine } from "../../src/machine/machine.ts";
import { pagewalk } from "../cli/commandUnderTest.ts";

const programs = ["sort", "crypto", "bytecode", "float", "memory", "traps"];
const pathOf = (name: string) => `firmware/bench/${name}.elf`;
/** The beginning of each program; whole ones have 10^9 instructions. */
const traced = 100_000;
/** How far the untraced run goes before, where set-up is over. */
const skipped = 3_000_000;

describe("minstret is what an independent count says", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "pagewalk-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(programs)("%s: the commit log's lines", async (name) => {
    const log = join(folder, `${name}.log`);
    const { stderr } = await pagewalk(
      "run",
      pathOf(name),
      "--stats",
      "--trace",
      log,
      "--max-instructions",
      `${traced}`,
    );
    const retired = Number(/\(([\d,]+) retired\)/.exec(stderr)?.[1].replaceAll(",", ""));
    const lines = readFileSync(log, "latin1").split("\n");
    expect(lines.filter((line) => /^core +\d+: [0-3] 0x/.test(line)).length).toBe(retired);
  });

  test.each(programs)("%s: instructions seen to complete, in the midst of the program", (name) => {
    const machine = createMachine();
    machine.loadElf(readFileSync(pathOf(name)), name);
    machine.run({ maxInstructions: skipped });
    const before = machine.inspect().csr("minstret");
    let completed = 0;
    let trapped = false;
    const [hart] = machine.harts;
    hart.onTrap = ({ interrupt }) => {
      trapped ||= !interrupt;
    };
    hart.watcher = {
      before: () => {
        trapped = false;
      },
      after: () => {
        if (!trapped) completed++;
      },
    };
    machine.run({ maxInstructions: traced });
    expect(machine.inspect().csr("minstret") - before).toBe(BigInt(completed));
    expect(completed).toBeGreaterThan(traced * 0.9);
  });
});
