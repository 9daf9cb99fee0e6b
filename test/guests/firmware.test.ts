import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createMachine } from "../../src/machine/machine.ts";

/** Every self-checking guest program: it says itself whether it passes, by its exit code. */
const root = "firmware/tests";
const programs = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".elf"))
  .sort();

/** Programs of this folder are for two harts. */
const hartsOf = (program: string) => (program.startsWith("smp/") ? 2 : 1);

describe("guest programs", () => {
  test("there are some", () => expect(programs.length).toBeGreaterThan(20));

  test.each(programs)("%s passes", (program) => {
    let output = "";
    const machine = createMachine({
      harts: hartsOf(program),
      onOutput: (bytes) => {
        output += String.fromCharCode(...bytes);
      },
    });
    machine.loadElf(readFileSync(join(root, program)), program);
    const end = machine.run({ maxInstructions: 200_000_000, timeoutMs: 60_000 });
    expect({ end, output }).toEqual({ end: { reason: "exit", code: 0 }, output: expect.stringContaining("pass") });
  });
});
