import { describe, expect, test } from "vitest";
import { FastTlb, fastEntry, fastKind, fastLayout, fastLayoutOf } from "../../src/mmu/index.ts";
import { halves, testLayout } from "./fixture.ts";

const { read, write, fetch } = fastKind;
const anyAsid = -2;

function fastBench(layout = testLayout) {
  const memory = new WebAssembly.Memory({ initial: Math.ceil((layout.totalBytes + 64) / 65536) });
  const fast = new FastTlb(memory, 64, layout);
  const view = new DataView(memory.buffer);
  const fill = (context: number, kind: 0 | 1 | 2, va: bigint, addend = 0) =>
    fast.fill(context, kind, ...halves(va), addend);
  const filled = () => [...fast.entries()].map(({ kind, va }) => [kind, va] as const);
  return { fast, view, fill, filled };
}

/** Whether generated code would hit: the same arithmetic as its probe. */
function probe(view: DataView, context: number, kind: 0 | 1 | 2, va: bigint): number | undefined {
  const [start, entries] = [
    [testLayout.read, testLayout.dataEntries],
    [testLayout.write, testLayout.dataEntries],
    [testLayout.fetch, testLayout.fetchEntries],
  ][kind];
  const at = context + start + (Number(va >> 12n) & (entries - 1)) * fastEntry.bytes;
  const isHit = view.getBigUint64(at + fastEntry.tag, true) === (va & ~0xfffn);
  return isHit ? view.getInt32(at + fastEntry.addend, true) : undefined;
}

test("the arrays of a context follow each other, and contexts too", () => {
  const { dataEntries, fetchEntries, contexts } = fastLayout;
  expect(fastLayout).toMatchObject({ read: 0, write: dataEntries * 16, fetch: dataEntries * 32 });
  expect(fastLayout.contextBytes).toBe(dataEntries * 32 + fetchEntries * 16 + 16);
  expect(fastLayout.totalBytes).toBe(fastLayout.contextBytes * contexts);
});

test("sizes that a probe cannot index are refused", () => {
  for (const entries of [0, 3, 131072]) {
    expect(() => fastLayoutOf({ dataEntries: entries, fetchEntries: 4, contexts: 2 })).toThrow(`${entries} entries`);
  }
  expect(() => fastLayoutOf({ dataEntries: 4, fetchEntries: 4, contexts: 1 })).toThrow("contexts");
  const memory = new WebAssembly.Memory({ initial: 1 });
  expect(() => new FastTlb(memory, 0, fastLayout)).toThrow("outside the memory");
});

test("a new context is empty: no address hits, not even the highest", () => {
  const { fast, view } = fastBench();
  const context = fast.select(1, 1);
  for (const va of [0n, 0x1000n, 0xffff_ffff_ffff_f000n]) {
    for (const kind of [read, write, fetch]) expect(probe(view, context, kind, va)).toBeUndefined();
  }
});

test("the host's probe finds what generated code finds", () => {
  const { fast, fill } = fastBench();
  const context = fast.select(1, 1);
  fill(context, write, 0xffff_ffc0_8000_1234n, 0x7000);
  const found = (kind: 0 | 1, va: bigint) => fast.probe(context, kind, ...halves(va));
  expect(found(write, 0xffff_ffc0_8000_1fc0n)).toBe(0x8000_8fc0);
  expect(found(read, 0xffff_ffc0_8000_1fc0n)).toBe(-1);
  expect(found(write, 0xffff_ffc0_8000_2000n)).toBe(-1);
  expect(found(write, 0x8000_1000n)).toBe(-1);
});

test("a filled entry hits for every byte of its page, in its array and its context only", () => {
  const { fast, view, fill } = fastBench();
  const [a, b] = [fast.select(1, 1), fast.select(2, 1)];
  fill(a, read, 0xffff_ffc0_8000_1234n, 0x7000);
  for (const offset of [0n, 0xfffn]) expect(probe(view, a, read, 0xffff_ffc0_8000_1000n + offset)).toBe(0x7000);
  expect(probe(view, a, write, 0xffff_ffc0_8000_1000n)).toBeUndefined();
  expect(probe(view, b, read, 0xffff_ffc0_8000_1000n)).toBeUndefined();
  expect(probe(view, a, read, 0x8000_1000n)).toBeUndefined();
});

test("pages that share an entry replace each other", () => {
  const { fast, view, fill, filled } = fastBench();
  const context = fast.select(1, 1);
  for (let i = 0; i < 5; i++) fill(context, write, BigInt(i * testLayout.dataEntries) * 4096n, i);
  expect(probe(view, context, write, 0n)).toBeUndefined();
  expect(filled()).toEqual([[write, BigInt(4 * testLayout.dataEntries) * 4096n]]);
});

test("a key keeps its context while there are enough, and the least recently selected goes, emptied", () => {
  const { fast, fill, filled } = fastBench();
  const addresses = [1, 2, 3, 4].map((key) => fast.select(key, key));
  expect(new Set(addresses).size).toBe(4);
  addresses.forEach((context, i) => {
    fill(context, read, BigInt(i) * 4096n);
  });
  expect(fast.select(1, 1)).toBe(addresses[0]);
  expect(fast.select(5, 5)).toBe(addresses[1]);
  expect(filled()).toEqual([
    [read, 0n],
    [read, 0x2000n],
    [read, 0x3000n],
  ]);
  expect(fast.select(2, 2)).toBe(addresses[2]);
});

describe("dropping", () => {
  test("a page goes from all three arrays, of one address space or of all, but not from physical contexts", () => {
    const { fast, fill, filled } = fastBench();
    const contexts = [fast.select(1, 7), fast.select(2, 8), fast.select(3, -1)];
    const fillAll = () => {
      for (const context of contexts) for (const kind of [read, write, fetch]) fill(context, kind, 0x5000n);
    };
    fillAll();
    fast.dropPage(0x4000, 0, 7);
    expect(filled().length).toBe(9);
    fast.dropPage(0x5fff, 0, 7);
    expect(filled().length).toBe(6);
    fillAll();
    fast.dropPage(0x5000, 0, anyAsid);
    expect(filled().length).toBe(3);
  });

  test("a range takes its pages and no others, at every size and in both halves of the address", () => {
    const sizes = [1, 16, 2 ** 9, 2 ** 18, 2 ** 27, 2 ** 36];
    for (const pages of sizes) {
      const { fast, fill, filled } = fastBench();
      const context = fast.select(1, 1);
      const size = BigInt(pages) * 4096n;
      const from = BigInt.asUintN(64, -3n * size);
      const outside = [from - 4096n, from + size, BigInt.asUintN(64, from ^ (1n << 63n))];
      const inside = [from, from + size - 4096n];
      // Different arrays, so that none replaces another.
      fill(context, read, inside[0]);
      fill(context, write, inside[1]);
      fill(context, fetch, outside[0]);
      fast.dropRange(...halves(from), pages, 1);
      expect(filled()).toEqual([[fetch, outside[0]]]);
      fill(context, read, outside[1]);
      fill(context, write, outside[2]);
      fast.dropRange(...halves(from), pages, 1);
      expect(filled().length).toBe(3);
    }
  });

  test("an address space goes without the others and without physical addresses", () => {
    const { fast, fill, filled } = fastBench();
    [-1, 0, 1, 0].forEach((asid, key) => {
      fill(fast.select(key, asid), read, BigInt(key) * 4096n);
    });
    fast.dropAsid(0);
    expect(filled().map(([, va]) => va)).toEqual([0n, 0x2000n]);
    fast.dropAsid(anyAsid);
    expect(filled().map(([, va]) => va)).toEqual([0n]);
    fast.dropAll();
    expect(filled()).toEqual([]);
  });

  test("the write entries for a host page go, whichever address leads there; its read entries may stay", () => {
    const { fast, fill, filled } = fastBench();
    const hostPage = 0x9000_0000;
    const addendFor = (va: bigint) => hostPage - Number(BigInt.asUintN(32, va));
    const vas = [0x1000n, 0xffff_ffff_8000_2000n, 0x3f_ffff_f000n];
    vas.forEach((va, i) => {
      const context = fast.select(i, i - 1);
      fill(context, write, va, addendFor(va));
      fill(context, read, va, addendFor(va));
      fill(context, write, va + 0x1000n, addendFor(va + 0x1000n) + 4096);
    });
    fast.dropWrites(hostPage);
    expect(filled().filter(([kind]) => kind === write).length).toBe(3);
    expect(filled().filter(([kind]) => kind === read).length).toBe(3);
    fast.dropReadsAndWrites(hostPage);
    expect(filled().filter(([kind]) => kind === read).length).toBe(0);
    fast.dropReadsAndWrites(hostPage + 4096);
    expect(filled()).toEqual([]);
  });

  test("fetch entries go by what they lead to, or all of them", () => {
    const { fast, fill, filled } = fastBench();
    const context = fast.select(1, 1);
    fill(context, fetch, 0x1000n, 0xc000_0000);
    fill(context, fetch, 0x2000n, 0x4000);
    fill(context, read, 0x2000n, 0x4000);
    fast.dropFetches(0xc000_0000);
    expect(filled()).toEqual([
      [read, 0x2000n],
      [fetch, 0x2000n],
    ]);
    fast.dropFetches();
    expect(filled()).toEqual([[read, 0x2000n]]);
  });

  test("entries can be filled, dropped and filled again any number of times", () => {
    const { fast, fill, filled } = fastBench();
    const context = fast.select(1, 1);
    for (let round = 0; round < 1000; round++) {
      for (let i = 0; i < 70; i++) fill(context, read, BigInt(round + i) * 4096n);
      fast.dropPage(round * 4096 + 4096, 0, 1);
      fast.dropRange(0, 0, 16, 1);
      if (round % 10 === 0) fast.dropWrites(round * 4096);
    }
    fill(context, read, 0x4000n);
    expect(filled().length).toBeLessThanOrEqual(testLayout.dataEntries);
    fast.dropAll();
    expect(filled()).toEqual([]);
  });
});
