import { expect, test } from "vitest";
import { matches } from "../../src/isa/encoding.ts";
import { compressedInstructions, instructions } from "../../src/isa/index.ts";

const wide = instructions.slice(1);

test("no two encodings overlap, but for special cases and what they specialise", () => {
  const overlaps: string[] = [];
  for (const a of wide) {
    for (const b of wide) {
      if (a.index >= b.index || ((a.match ^ b.match) & a.mask & b.mask) !== 0) continue;
      if (a.of !== b.name && b.of !== a.name) overlaps.push(`${a.name} and ${b.name}`);
    }
  }
  expect(overlaps).toEqual([]);
});

test("a special case has all the fixed bits of what it specialises, and more", () => {
  for (const def of wide.filter(({ of }) => of !== undefined)) {
    const general = wide.find(({ name }) => name === def.of)!;
    expect(def.match & general.mask, def.name).toBe(general.match | 0);
    expect((def.mask | general.mask) >>> 0, def.name).toBe(def.mask);
    expect(def.mask, def.name).not.toBe(general.mask);
  }
});

test("no halfword is two compressed instructions, but for special cases", () => {
  const overlaps: string[] = [];
  for (let bits = 0; bits < 0x1_0000; bits++) {
    if ((bits & 3) === 3) continue;
    const found = compressedInstructions.filter(
      (def) => (bits & def.mask) === def.match && matches(def.encoding, bits),
    );
    const general = found.filter(({ name }) => !found.some(({ of }) => of === name));
    if (general.length > 1) overlaps.push(`0x${bits.toString(16)}: ${general.map(({ name }) => name)}`);
  }
  expect(overlaps).toEqual([]);
});

test("every 32-bit encoding is one: its lowest bits are 11, and bits 4:2 are not 111", () => {
  for (const { name, mask, match } of wide) {
    expect(mask & 0x7f, name).toBe(0x7f);
    expect(match & 3, name).toBe(3);
    expect(match & 0x1c, name).not.toBe(0x1c);
  }
});

test("names are told apart: no two definitions share one", () => {
  const names = [...instructions, ...compressedInstructions].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
