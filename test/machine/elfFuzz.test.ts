import { describe, expect, test } from "vitest";
import { ElfError, loadElf, parseElf } from "../../src/machine/elf/index.ts";
import { PhysicalMemory } from "../../src/memory/physical.ts";
import { buildElf, patch } from "./elfBuilder.ts";

const base = 0x80000000n;
const good = buildElf({
  segments: [
    { vaddr: base, data: new Uint8Array(40).fill(0x13), flags: 5 },
    { vaddr: base + 0x1000n, data: new Uint8Array(24).fill(7), memSize: 0x800n, flags: 6 },
  ],
  symbols: [
    { name: "_start", value: base, size: 16n, type: 2 },
    { name: "tohost", value: base + 0x1000n, type: 1, size: 8n },
    { name: "label", value: base + 20n, binding: 0 },
  ],
});
const memory = new PhysicalMemory(new WebAssembly.Memory({ initial: 1 }), {
  base: 0x80000000,
  bytes: 0x10000,
  hostBase: 0,
});

/** Values where arithmetic on sizes and offsets goes wrong. */
const edges = [
  ...[0n, 1n, 2n, 7n, 8n, 0x37n, 0x38n, 0x40n, 0xffn, 0x100n, 0xfeffn, 0xff00n, 0xfffen, 0xffffn, 0x10000n],
  ...[0x7fffffffn, 0x80000000n, 0xffffffffn, 0x100000000n, 1n << 53n, (1n << 53n) + 1n],
  ...[(1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 0x1000n, (1n << 64n) - 8n, (1n << 64n) - 2n, (1n << 64n) - 1n],
  ...[BigInt(good.bytes.length - 1), BigInt(good.bytes.length), base, base + 0xffffn, base - 1n],
];

/** Loads and uses a file the way a run does. Either it works or an ElfError says why in one line. */
function attempt(bytes: Uint8Array): "loaded" | "refused" {
  try {
    const elf = parseElf(bytes, "fuzz");
    for (const warning of elf.warnings) expect(warning).toMatch(/^[^\n]{1,400}$/);
    for (const address of [0n, base, base + 30n, (1n << 64n) - 1n])
      expect(elf.symbols.format(address)).toMatch(/^0x[^\n]+$/);
    const loaded = loadElf(elf, memory);
    if (loaded.tohost !== undefined) expect(memory.isRam(Number(loaded.tohost), 8)).toBe(true);
    return "loaded";
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
    expect(error.message).toMatch(/^fuzz: [^\n]{1,400}$/);
    return "refused";
  }
}

/** A generator of the same numbers in each run (xorshift32). */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

describe("whatever the file says, it is loaded or refused in one line", () => {
  test("the file itself is loaded", () => {
    expect(attempt(good.bytes)).toBe("loaded");
  });

  test("with each field of each header and symbol set to each value at an edge", () => {
    const seen = { loaded: 0, refused: 0 };
    for (const field of good.fields) {
      for (const value of edges) seen[attempt(patch(good.bytes, field, value))]++;
    }
    expect(seen.loaded).toBeGreaterThan(1000);
    expect(seen.refused).toBeGreaterThan(500);
  });

  test("with two fields of the headers set to values at edges", () => {
    const random = randomNumbers(7);
    const pick = <T>(from: readonly T[]) => from[random(from.length)];
    const headers = good.fields.filter(({ name }) => /^(e_|program|section [345])/.test(name));
    for (let i = 0; i < 5000; i++) {
      attempt(patch(patch(good.bytes, pick(headers), pick(edges)), pick(headers), pick(edges)));
    }
  });

  // PAGEWALK_FUZZ=1000000 for the long run
  const rounds = Number(process.env.PAGEWALK_FUZZ ?? 20_000);
  test(`with random bytes changed, ${rounds} times`, { timeout: 3_600_000 }, () => {
    const random = randomNumbers(42);
    const bytes = good.bytes.slice();
    for (let i = 0; i < rounds; i++) {
      bytes.set(good.bytes);
      for (let changes = 1 + random(8); changes > 0; changes--) {
        const { offset, width } = good.fields[random(good.fields.length)];
        const at = random(4) === 0 ? random(bytes.length) : offset + random(width);
        bytes[at] = random(3) === 0 ? 0xff : random(256);
      }
      attempt(random(8) === 0 ? bytes.subarray(0, random(bytes.length + 1)) : bytes);
    }
  });

  test("with the most headers that are accepted, in little time and memory", () => {
    const [programs, sections] = [4096, 65536];
    const sectionsAt = 64 + programs * 56;
    const bytes = new Uint8Array(sectionsAt + sections * 64);
    bytes.set(good.bytes.subarray(0, 64));
    const view = new DataView(bytes.buffer);
    view.setUint16(56, programs, true); // e_phnum
    view.setBigUint64(40, BigInt(sectionsAt), true); // e_shoff
    view.setUint16(60, 0, true); // e_shnum
    view.setBigUint64(sectionsAt + 32, BigInt(sections), true); // sh_size of section 0
    for (let i = 0; i < programs; i++) {
      view.setUint32(64 + i * 56, 1, true); // p_type
      view.setBigUint64(64 + i * 56 + 24, base + BigInt(i), true); // p_paddr
      view.setBigUint64(64 + i * 56 + 40, 1n, true); // p_memsz
    }
    const heap = process.memoryUsage().heapUsed;
    expect(attempt(bytes)).toBe("loaded");
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(256 << 20);
  });
});
