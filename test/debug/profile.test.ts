import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Profile } from "../../src/debug/profile.ts";
import { createMachine } from "../../src/machine/machine.ts";

const path = "firmware/bench/sort.elf";

function machineAt(limit: number, profiled: boolean) {
  const machine = createMachine({ ramBytes: 32 << 20 });
  machine.loadElf(readFileSync(path), path);
  const profile = profiled ? new Profile(machine) : undefined;
  machine.run({ maxInstructions: limit });
  return { machine, profile };
}

test("a profile names functions, and its shares are of all samples", () => {
  const { profile } = machineAt(3_000_000, true);
  const [title, ...lines] = profile!.lines();
  expect(title).toMatch(/^profile: \d+ samples/);
  expect(lines.length).toBeGreaterThan(0);
  const shares = lines.map((line) => Number.parseFloat(line));
  expect(shares).toEqual([...shares].sort((a, b) => b - a));
  expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(100, 0);
  expect(lines[0]).toMatch(/% {2}\w+ {2}\[M\]$/);
});

test("a run that is sampled is the run that it is without", () => {
  const [one, other] = [true, false].map((profiled) => machineAt(3_000_001, profiled).machine);
  expect(one.instructions).toBe(other.instructions);
  for (let n = 0; n < 32; n++) expect(one.harts[0].state.x(n)).toBe(other.harts[0].state.x(n));
});

test("a run too short for a sample says so", () => {
  expect(machineAt(0, true).profile!.lines()).toEqual(["profile: too short a run for a sample"]);
});
