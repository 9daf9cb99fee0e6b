import { describe, expect, test } from "vitest";
import { sv39, sv48, Tlb } from "../../src/mmu/index.ts";
import { classOf, pageClasses } from "../../src/mmu/tlb.ts";
import { halves, random } from "./fixture.ts";

/** Puts a page in as a walk would. */
function insert(
  tlb: Tlb,
  va: bigint,
  more: Partial<{ mode: number; size: number; asid: number; global: boolean; ppn: number; flags: number }> = {},
) {
  const { mode = 1, size = 0, asid = 1, global = false, ppn = 0, flags = 0xcf } = more;
  return tlb.insert(mode, size, asid, global, ...halves(va), ppn, flags, 0, 0);
}

const vas = (tlb: Tlb) => tlb.list().map(({ va }) => va);

test("geometries are what hardware could have, others are refused by name", () => {
  expect(() => new Tlb({ sets: 3, ways: 1 })).toThrow("3 sets");
  expect(() => new Tlb({ sets: 4, ways: 0 })).toThrow("0 ways");
  expect(new Tlb({ sets: 1, ways: 64 }).geometry).toEqual({ sets: 1, ways: 64 });
  expect(new Tlb().geometry).toEqual({ sets: 4096, ways: 8 });
});

test("an entry is found for each address of its page, in its mode and address space only", () => {
  const tlb = new Tlb({ sets: 4, ways: 2 });
  const slot = insert(tlb, 0x1000n);
  expect(tlb.find(1, 1, ...halves(0x1fffn))).toBe(slot);
  for (const [mode, asid, va] of [
    [2, 1, 0x1000n],
    [1, 2, 0x1000n],
    [1, 1, 0x2000n],
    [1, 1, 0n],
  ] as const) {
    expect(tlb.find(mode, asid, ...halves(va))).toBe(-1);
  }
});

test("a global entry is found from every address space", () => {
  const tlb = new Tlb({ sets: 4, ways: 2 });
  const slot = insert(tlb, 0x1000n, { global: true, asid: 5 });
  for (const asid of [0, 5, 65535]) expect(tlb.find(1, asid, ...halves(0x1000n))).toBe(slot);
});

test("where several entries match, the oldest answers, whatever their sizes and whether they are global", () => {
  for (const [first, second] of [
    [
      { size: 2, asid: 1 },
      { size: 0, asid: 9, global: true },
    ],
    [
      { size: 0, asid: 9, global: true },
      { size: 2, asid: 1 },
    ],
    [
      { size: 0, asid: 1 },
      { size: 1, asid: 1 },
    ],
    [
      { size: 1, asid: 1 },
      { size: 0, asid: 1 },
    ],
  ]) {
    const tlb = new Tlb({ sets: 4, ways: 4 });
    const slots = [insert(tlb, 0x200000n, first), insert(tlb, 0x200000n, second)];
    expect(tlb.find(1, 1, 0x200000, 0)).toBe(slots[0]);
    tlb.drop(slots[0]);
    expect(tlb.find(1, 1, 0x200000, 0)).toBe(slots[1]);
  }
});

test("pages of every size map each of their addresses to its own physical page", () => {
  for (let size = 0; size < pageClasses.length; size++) {
    const tlb = new Tlb({ sets: 8, ways: 2 });
    const pages = pageClasses[size];
    const va = BigInt.asUintN(64, -5n * BigInt(pages) * 4096n);
    const slot = insert(tlb, va, { mode: 3, size, ppn: pages * 3 });
    for (const offset of [0, 1, pages >> 1, pages - 1]) {
      if (offset >= pages || offset < 0) continue;
      const at = halves(va + BigInt(offset) * 4096n);
      expect([tlb.find(3, 1, ...at), tlb.ppnAt(slot, ...at)]).toEqual([slot, pages * 3 + offset]);
    }
    expect(tlb.find(3, 1, ...halves(va - 4096n))).toBe(-1);
    expect(tlb.find(3, 1, ...halves(va + BigInt(pages) * 4096n))).toBe(-1);
  }
});

test("leaves of level 0 are 4 KiB, or 64 KiB with N; of others 512 times as much a level", () => {
  expect(
    [classOf(0, false), classOf(0, true), classOf(1, false), classOf(4, false)].map((c) => pageClasses[c]),
  ).toEqual([1, 16, 512, 512 ** 4]);
});

test("a full set evicts in turn, whatever was hit meanwhile", () => {
  const tlb = new Tlb({ sets: 2, ways: 3 });
  const page = (n: number) => BigInt(n) * 0x2000n;
  for (let n = 0; n < 3; n++) insert(tlb, page(n));
  insert(tlb, 0x1000n);
  for (let n = 3; n < 8; n++) {
    tlb.find(1, 1, ...halves(page(n - 3)));
    insert(tlb, page(n));
    expect(tlb.find(1, 1, ...halves(page(n - 3)))).toBe(-1);
    expect(vas(tlb).length).toBe(4);
  }
  expect(tlb.counters.evictions).toBe(5);
});

test("an empty way is used before anything is evicted", () => {
  const tlb = new Tlb({ sets: 1, ways: 4 });
  for (let n = 0; n < 4; n++) insert(tlb, BigInt(n) * 4096n);
  tlb.dropVa(0x2000, 0);
  insert(tlb, 0x9000n);
  expect([vas(tlb), tlb.counters.evictions]).toEqual([[0n, 0x1000n, 0x9000n, 0x3000n], 0]);
});

test("whoever listens hears of an entry before it is evicted or dropped", () => {
  const tlb = new Tlb({ sets: 1, ways: 1 });
  const heard: unknown[] = [];
  tlb.onDrop = (slot) => heard.push([tlb.vpnOf(slot), tlb.pagesOf(slot), tlb.asidOf(slot)]);
  insert(tlb, 0x3000n, { asid: 4 });
  insert(tlb, 0x40_0000n, { size: 2, global: true });
  tlb.dropVa(0x40_1000, 0);
  expect(heard).toEqual([
    [3, 1, 4],
    [0x400, 512, -1],
  ]);
});

describe("flushing", () => {
  const filled = () => {
    const tlb = new Tlb({ sets: 8, ways: 8 });
    insert(tlb, 0x20_0000n, { asid: 1 });
    insert(tlb, 0x20_0000n, { asid: 2 });
    insert(tlb, 0x20_0000n, { asid: 3, size: 1 });
    insert(tlb, 0x20_0000n, { asid: 4, size: 2 });
    insert(tlb, 0n, { asid: 5, size: 3, mode: 2 });
    insert(tlb, 0x20_0000n, { asid: 6, global: true });
    insert(tlb, 0x21_0000n, { asid: 1 });
    return tlb;
  };
  const asids = (tlb: Tlb) =>
    tlb
      .list()
      .map(({ asid }) => asid)
      .sort();

  test("everything", () => {
    const tlb = filled();
    tlb.dropAll();
    expect(tlb.list()).toEqual([]);
    expect(tlb.find(1, 6, 0x200000, 0)).toBe(-1);
    insert(tlb, 0x1000n);
    expect(vas(tlb)).toEqual([0x1000n]);
  });

  test("one address space, without what is global", () => {
    const tlb = filled();
    tlb.dropAsid(1);
    expect(asids(tlb)).toEqual([2, 3, 4, 5, 6]);
    tlb.dropAsid(6);
    expect(asids(tlb)).toEqual([2, 3, 4, 5, 6]);
  });

  test("one address in all address spaces and modes: leaves of every size that cover it, global or not", () => {
    const tlb = filled();
    tlb.dropVa(0x20_0fff, 0);
    expect(tlb.list()).toMatchObject([{ asid: 1, va: 0x21_0000n }]);
    const other = filled();
    other.dropVa(0x21_0000, 0);
    expect(asids(other)).toEqual([1, 2, 3, 6]);
  });

  test("one address in one address space, without what is global", () => {
    for (const [asid, left] of [
      [1, [1, 2, 3, 4, 5, 6]],
      [4, [1, 1, 2, 3, 5, 6]],
      [5, [1, 1, 2, 3, 4, 6]],
      [6, [1, 1, 2, 3, 4, 5, 6]],
      [9, [1, 1, 2, 3, 4, 5, 6]],
    ] as const) {
      const tlb = filled();
      tlb.dropVa(0x20_0000, 0, asid);
      expect(asids(tlb)).toEqual(left);
    }
  });
});

test("its contents are listed with all that people ask: where, how large, whose, what for", () => {
  const tlb = new Tlb({ sets: 4, ways: 2 });
  tlb.insert(sv48.index, 2, 77, false, ...halves(0xffff_8000_0020_0000n), 0x200, 0x4b, 2, 2);
  tlb.insert(sv39.index, 0, 3, true, ...halves(0x3f_ffff_f000n), 5, 0xd7, 0, 1);
  expect(tlb.list()).toEqual([
    {
      mode: "Sv48",
      va: 0xffff_8000_0020_0000n,
      pa: 0x20_0000n,
      pageSize: 0x20_0000,
      asid: 77,
      global: false,
      perms: "R-X-A-",
      pbmt: 2,
      filledBy: "fetch",
      set: 1,
      way: 0,
    },
    {
      mode: "Sv39",
      va: 0x3f_ffff_f000n,
      pa: 0x5000n,
      pageSize: 4096,
      asid: 3,
      global: true,
      perms: "RW-UAD",
      pbmt: 0,
      filledBy: "store",
      set: 3,
      way: 0,
    },
  ]);
});

test("random insertions and flushes leave what a list of lists would hold", () => {
  const r = random(3);
  const geometry = { sets: 4, ways: 3 };
  const tlb = new Tlb(geometry);
  type Entry = { vpn: number; size: number; asid: number; global: boolean };
  const sets = Array.from({ length: geometry.sets }, () => ({
    ways: Array<Entry | undefined>(geometry.ways).fill(undefined),
    next: 0,
  }));
  const dropWhere = (gone: (e: Entry) => boolean) => {
    for (const set of sets) set.ways = set.ways.map((e) => (e !== undefined && gone(e) ? undefined : e));
  };
  const covers = (e: Entry, vpn: number) => Math.floor(vpn / pageClasses[e.size]) * pageClasses[e.size] === e.vpn;
  for (let n = 0; n < 5000; n++) {
    const size = r.pick([0, 0, 1, 2]);
    const [vpn, asid] = [r.below(1200), r.below(3)];
    const va = BigInt(vpn) * 4096n;
    if (r.chance(0.9)) {
      if (tlb.find(1, asid, ...halves(va)) >= 0) continue;
      const global = r.chance(0.2);
      insert(tlb, va, { size, asid, global });
      const tag = Math.floor(vpn / pageClasses[size]);
      const set = sets[tag % geometry.sets];
      let way = set.ways.indexOf(undefined);
      if (way < 0) {
        way = set.next;
        set.next = (set.next + 1) % geometry.ways;
      }
      set.ways[way] = { vpn: tag * pageClasses[size], size, asid, global };
    } else {
      const kind = r.below(20);
      if (kind === 0) {
        tlb.dropAll();
        dropWhere(() => true);
      } else if (kind < 5) {
        tlb.dropAsid(asid);
        dropWhere((e) => e.asid === asid && !e.global);
      } else if (kind < 12) {
        tlb.dropVa(...halves(va));
        dropWhere((e) => covers(e, vpn));
      } else {
        tlb.dropVa(...halves(va), asid);
        dropWhere((e) => covers(e, vpn) && e.asid === asid && !e.global);
      }
    }
    if (n % 50 !== 0) continue;
    const expected = sets.flatMap(({ ways }) => ways.filter((e) => e !== undefined));
    const found = tlb.list().map((e) => ({
      vpn: Number(e.va >> 12n),
      size: pageClasses.indexOf(e.pageSize / 4096),
      asid: e.asid,
      global: e.global,
    }));
    expect(found).toEqual(expected);
  }
  expect(tlb.counters.evictions).toBeGreaterThan(100);
});
