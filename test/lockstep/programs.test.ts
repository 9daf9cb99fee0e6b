import { readFileSync } from "node:fs";
import { globSync } from "tinyglobby";
import { describe, expect, test } from "vitest";
import { Pair, type TranslatedOptions } from "./pair.ts";

/** Instructions of each guest program that are compared. */
const limit = Number(process.env.LOCKSTEP_LIMIT ?? 60_000);
const programs = globSync("firmware/tests/**/*.elf").sort();

const ways: Record<string, TranslatedOptions> = {
  "with all code translated at once": { hotAfter: 1 },
  "with code translated when it has been come to five times": { hotAfter: 5 },
  "with a side exit at every memory access": { hotAfter: 1, exitAtAccesses: true },
};

describe.each(Object.entries(ways))("translated as interpreted, %s", (_, options) => {
  test("there are programs to compare", () => {
    expect(programs.length).toBeGreaterThan(100);
  });

  test.each(programs)("%s", (path) => {
    const file = readFileSync(path);
    const pair = new Pair({ ramBytes: 32 << 20 }, options, (machine) => machine.loadElf(file, path));
    // an odd length, so that turns end anywhere in regions
    const { difference } = pair.run(7919, limit);
    expect(difference).toBeUndefined();
  });
});

test("a difference is found and told", () => {
  const path = programs[0];
  const file = readFileSync(path);
  let machines = 0;
  const pair = new Pair({ ramBytes: 32 << 20 }, { hotAfter: 1 }, (machine) => {
    machine.loadElf(file, path);
    if (machines++ === 1) machine.harts[0].state.setX(31, 1n);
  });
  expect(pair.run(1, 10).difference).toContain("0.x31: 0x0 and 0x1");
});
