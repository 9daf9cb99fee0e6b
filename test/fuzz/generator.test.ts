import { expect, test } from "vitest";
import { createDecoder, parseIsa, recordMeaning } from "../../src/isa/index.ts";
import { Catalogue, isFree } from "./catalogue.ts";
import { differences, readOutcome } from "./compare.ts";
import { testOf } from "./demonstration.ts";
import { deviations } from "./deviations.ts";
import { generate } from "./generator.ts";
import { Image, slotAddress, tableAddress } from "./image.ts";
import { ramBase, tableBytes } from "./layout.ts";
import { mixes } from "./mixes/index.ts";
import { pte, type RandomTables } from "./mixes/pageTables.ts";
import { runOurs } from "./ours.ts";
import { instructionsOf, shrink } from "./shrink.ts";

const isa = parseIsa("max");
const catalogue = new Catalogue(isa);
const decode = createDecoder(isa);

/** Runs tests on our machine; the RAM afterwards. */
function run(tests: Parameters<Image["fill"]>[0]): { ram: Uint8Array; end: string } {
  const image = new Image();
  image.fill(tests);
  const ram = new Uint8Array(image.length);
  const { end } = runOurs(image.bytes, image.length, ram, "max", 5_000_000);
  return { ram, end };
}

test.each(mixes.map((mix) => [mix.name, mix] as const))("%s: the same seed gives the same test", (_, mix) => {
  const [a, b, other] = [
    generate(catalogue, mix, 5, 3),
    generate(catalogue, mix, 5, 3),
    generate(catalogue, mix, 5, 4),
  ];
  expect(Buffer.from(a.code).equals(b.code)).toBe(true);
  expect(a.pool).toEqual(b.pool);
  expect(Buffer.from(a.code).equals(other.code)).toBe(false);
});

test.each(mixes.map((mix) => [mix.name, mix] as const))(
  "%s: tests end, round by round or with a full log",
  (_, mix) => {
    const tests = Array.from({ length: 6 }, (_, index) => generate(catalogue, mix, 9, index));
    const { ram, end } = run(tests);
    expect(end).toBe("exit 0");
    tests.forEach(({ rounds }, place) => {
      const outcome = readOutcome(ram, place);
      expect(outcome.rounds === rounds || outcome.log.length === 128).toBe(true);
    });
  },
);

test("integer tests contain only instructions that the set has, and leave the kept registers alone", () => {
  const names = new Set<string>();
  for (let index = 0; index < 20; index++) {
    const test = generate(catalogue, mixes[0], 1, index);
    const view = new DataView(test.code.buffer);
    for (const at of test.starts) {
      const decoded = decode(view.getUint32(at, true));
      expect(decoded.def.index).not.toBe(0);
      if (recordMeaning(decoded.def).writesX) expect(isFree(decoded.rd)).toBe(true);
      names.add(decoded.def.name);
    }
  }
  expect(names.size).toBeGreaterThan(100);
});

test("the paging mix makes no entry global where fences name an address space, whatever traps on the way", () => {
  const mix = mixes.find(({ name }) => name === "paging")!;
  // the first was found by comparing: the load of an entry faults, its store does not
  const tests = [36851, ...Array.from({ length: 60 }, (_, n) => n)]
    .map((index) => generate(catalogue, mix, 2611, index))
    .filter(({ environment }) => !(environment.tables as RandomTables).shape.global);
  expect(tests.length).toBeGreaterThan(20);
  const { ram } = run(tests);
  tests.forEach(({ environment }, place) => {
    const at = tableAddress(place) - ramBase;
    const before = new BigUint64Array(tableBytes / 8);
    environment.tables!.write(before, tableAddress(place), slotAddress(place));
    const global = (word: bigint) => (word & BigInt(pte.v | pte.g)) === BigInt(pte.v | pte.g);
    const after = new BigUint64Array(ram.buffer, at, tableBytes / 8);
    expect([...after].filter((word, n) => global(word) && !global(before[n]))).toEqual([]);
  });
});

test("the shrinker keeps what matters and drops the rest", async () => {
  const test = generate(catalogue, mixes[0], 1, 0);
  const wanted = [test.starts[17], test.starts[120]];
  const least = await shrink(test, async (tests) =>
    tests.map(({ code }) => wanted.every((at) => code[at] === test.code[at] && code[at + 3] === test.code[at + 3])),
  );
  expect(instructionsOf(least).map((n) => least.starts[n])).toEqual(wanted);
  expect(least.rounds).toBe(1);
});

test("differences name the register, the trap and the memory that differ", () => {
  const { ram } = run([testOf({ mode: 0, code: ["addi a0, zero, 5", "sd a0, 0(s0)", "ecall"] }, "one")]);
  const { ram: other } = run([testOf({ mode: 0, code: ["addi a0, zero, 6", "sd a0, 0(s0)", "ebreak"] }, "two")]);
  const found = differences(ram, other, 0).map(({ what }) => what);
  expect(found).toContain("trap 0");
  expect(found).toContain("x10 after round 0");
  expect(found.some((what) => what.startsWith("memory at"))).toBe(true);
});

test("a test that nothing disturbs loads its registers from its pool", () => {
  const registers = { a0: 0x1234_5678_9abc_def0n, fs0: 0x3ff0_0000_0000_0000n };
  const { ram } = run([testOf({ mode: 1, code: ["addi a1, a0, 0"], registers }, "registers")]);
  const [dump] = readOutcome(ram, 0).dumps;
  expect(dump[10]).toBe(registers.a0);
  expect(dump[9]).toBe(registers.a0);
  expect(dump[31 + 8]).toBe(registers.fs0);
});

test("each deviation has its clause and one name", () => {
  expect(new Set(deviations.map(({ id }) => id)).size).toBe(deviations.length);
  for (const { demonstration, id } of deviations)
    if (demonstration) expect(testOf(demonstration, id).code.length % 2).toBe(0);
});
