import { expect, test } from "vitest";
import { isCanonical, modeOf, modes, sv39, sv48, sv57, vpnField } from "../../src/mmu/index.ts";
import { halves } from "./fixture.ts";

test("satp.MODE 0, 8, 9 and 10 are the modes there are, and all other values are reserved", () => {
  const named = Array.from({ length: 16 }, (_, value) => modeOf(value)?.name);
  expect(named.map((name, value) => [value, name]).filter(([, name]) => name !== undefined)).toEqual([
    [0, "Bare"],
    [8, "Sv39"],
    [9, "Sv48"],
    [10, "Sv57"],
  ]);
});

test("a mode translates 9 bits of the address a level, above the 12 bits of the offset", () => {
  for (const mode of modes.slice(1)) expect(mode.vaBits).toBe(12 + 9 * mode.levels);
  expect(modes.map((mode) => mode.index)).toEqual([0, 1, 2, 3]);
});

test("vpn fields come out of both halves of an address", () => {
  const va = (0x1ffn << 48n) | (0x0aan << 39n) | (0x155n << 30n) | (0x001n << 21n) | (0x100n << 12n) | 0xfffn;
  expect([4, 3, 2, 1, 0].map((level) => vpnField(...halves(va), level))).toEqual([0x1ff, 0xaa, 0x155, 1, 0x100]);
});

test("an address is canonical when its upper bits copy the highest translated one", () => {
  for (const mode of [sv39, sv48, sv57]) {
    const half = 1n << BigInt(mode.vaBits - 1);
    const canonical = (va: bigint) => isCanonical(mode, halves(BigInt.asUintN(64, va))[1]);
    expect([0n, half - 1n, -half, -1n].map(canonical)).toEqual([true, true, true, true]);
    expect([half, 2n * half, -half - 1n, 1n << 63n].map(canonical)).toEqual([false, false, false, false]);
  }
});
