import { expect, test } from "vitest";
import { formatPteFlags, makePte, pteField, pteFields, withPteField } from "../../src/mmu/index.ts";
import { pbmtOf, ppnOf, pteD, pteN, ptePbmt, pteReserved, pteV } from "../../src/mmu/pte.ts";
import { halves } from "./fixture.ts";

test("the fields of a PTE cover its 64 bits, each once", () => {
  const covered = Object.values(pteFields).reduce(
    (sum, { at, bits }) => sum + (((1n << BigInt(bits)) - 1n) << BigInt(at)),
    0n,
  );
  expect(covered).toBe((1n << 64n) - 1n);
});

test("halves and bigints read the same fields", () => {
  const pte = makePte({ ppn: 0xabc_def0_1234n, pbmt: 2, n: 1, reserved: 0x55, d: 1, v: 1, rsw: 3 });
  const [lo, hi] = halves(pte);
  expect(ppnOf(lo, hi)).toBe(Number(pteField(pte, "ppn")));
  expect(pbmtOf(hi)).toBe(2);
  expect([lo & pteV, lo & pteD, hi & pteN].every((bits) => bits !== 0)).toBe(true);
  expect((hi & ptePbmt) >>> 29).toBe(Number(pteField(pte, "pbmt")));
  expect((hi & pteReserved) >>> 22).toBe(Number(pteField(pte, "reserved")));
});

test("a field that is replaced leaves the others alone, and cannot overflow into them", () => {
  const all = (1n << 64n) - 1n;
  expect(withPteField(all, "ppn", 0n)).toBe(all & ~(((1n << 44n) - 1n) << 10n));
  expect(withPteField(0n, "rsw", 7n)).toBe(3n << 8n);
});

test("flags are written as in DAGUXWRV", () => {
  expect(formatPteFlags(0xffn)).toBe("DAGUXWRV");
  expect(formatPteFlags(makePte({ v: 1, x: 1, a: 1 }))).toBe("-A--X--V");
});
