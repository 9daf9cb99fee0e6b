import { describe, expect, test } from "vitest";
import { makePte, sv39, sv48, sv57 } from "../../src/mmu/index.ts";
import type { MmWalkOps } from "../../src/pagewalk/index.ts";
import { leaf, logged, oneGiB, page, translatingModes, twoMiB } from "./fixture.ts";
import { migration, user, world } from "./world.ts";

const all = ["pgd", "p4d", "pud", "pmd", "pte", "hole"] as const;

describe("order, spans and depths", () => {
  test.each(translatingModes)("$name calls from the root down, folded depths with the root's entry", (mode) => {
    const { walk, map } = world(mode);
    map(0x3000n, leaf(user, 0x80005));
    const { log, ops } = logged(["pgd", "p4d", "pud", "pmd", "pte"]);
    expect(walk(0x3000n, 0x5000n, ops)).toBe(0);
    expect(log).toEqual([
      "pgd 3000-5000",
      "p4d 3000-5000",
      "pud 3000-5000",
      "pmd 3000-5000",
      "pte 3000-4000",
      "pte 4000-5000",
    ]);
  });

  test.each(translatingModes)("$name hands folded depths one physical entry, at its real level", (mode) => {
    const { walk, map } = world(mode);
    map(0x3000n, leaf(user, 0x80005));
    const places: [string, number, number][] = [];
    const note = (entry: { type: string; level: number; pa: number }) => {
      places.push([entry.type, entry.level, entry.pa]);
      return 0;
    };
    walk(0x3000n, 0x4000n, { pgdEntry: note, p4dEntry: note, pudEntry: note, pmdEntry: note, pteEntry: note });
    const root = mode.levels - 1;
    expect(places.map(([type, level]) => [type, level])).toEqual([
      ["pgd", root],
      ["p4d", Math.min(3, root)],
      ["pud", 2],
      ["pmd", 1],
      ["pte", 0],
    ]);
    expect(places[0][2] === places[1][2]).toBe(root <= 3);
    expect(places[1][2] === places[2][2]).toBe(root === 2);
    expect(new Set(places.map(([, , pa]) => pa)).size).toBe(mode.levels);
  });

  test("an empty root entry is a hole of depth 0 in every mode, one an entry", () => {
    for (const mode of translatingModes) {
      const { look } = world(mode);
      const span = 1n << BigInt(mode.vaBits - 9);
      const { log, ops } = logged(all);
      expect(look(span - page, span + page, ops)).toBe(0);
      const hex = (value: bigint) => value.toString(16);
      expect(log).toEqual([
        `hole ${hex(span - page)}-${hex(span)} depth 0`,
        `hole ${hex(span)}-${hex(span + page)} depth 0`,
      ]);
    }
  });

  test("Sv39 knows holes of depth 0 and 3 only, Sv48 0, 2 and 3, Sv57 all", () => {
    const expected = new Map([
      [sv39, [0, 3]],
      [sv48, [0, 2, 3]],
      [sv57, [0, 1, 2, 3]],
    ]);
    for (const [mode, depths] of expected) {
      const { look, map } = world(mode);
      map(0n, leaf(user, 0x80005));
      const seen = new Set<number>();
      const half = 1n << BigInt(mode.vaBits - 1);
      look(0n, half, {
        pteEntry: () => 0,
        pteHole: (_addr, _next, depth) => {
          seen.add(depth);
          return 0;
        },
      });
      expect([...seen].sort()).toEqual(depths);
    }
  });

  test("an empty PTE is no hole, but pteEntry's", () => {
    const { walk, map } = world();
    map(0n, leaf(user, 0x80005));
    const { log, ops } = logged(["pte", "hole"]);
    walk(0n, 0x2000n, ops);
    expect(log).toEqual(["pte 0-1000", "pte 1000-2000"]);
  });

  test("holes are reported an entry each, clipped to the range, and without the callbacks of that entry", () => {
    const { walk, map } = world();
    map(twoMiB * 2n, leaf(user, 0x80005));
    const { log, ops } = logged(["pmd", "hole"]);
    walk(page, twoMiB * 3n, ops);
    expect(log).toEqual(["hole 1000-200000 depth 3 in vma", "hole 200000-400000 depth 3 in vma", "pmd 400000-600000"]);
  });

  test("the last page of each half of the address space is walked", () => {
    for (const mode of translatingModes) {
      const { look, map } = world(mode);
      const half = 1n << BigInt(mode.vaBits - 1);
      for (const va of [half - page, (1n << 64n) - page, (1n << 64n) - half]) {
        map(va, leaf("vrwad", 0x80005));
        const seen: bigint[] = [];
        look(va, va + page, {
          pteEntry: (pte, addr, next) => {
            seen.push(addr, next, pte.va);
            return 0;
          },
        });
        expect(seen).toEqual([va, va + page, va]);
      }
    }
  });

  test("nothing below is looked at when there is nothing to call there", () => {
    const { walk, map, physical } = world(sv57);
    const entry = map(0n, leaf(user, 0x80005));
    const { log, ops } = logged(["pgd", "p4d"]);
    walk(0n, page, ops);
    expect(log).toEqual(["pgd 0-1000", "p4d 0-1000"]);
    expect(physical.load(entry.pa, 8)).toBe(leaf(user, 0x80005));
  });

  test("a range over several tables is walked table by table", () => {
    const { walk, map } = world(sv48, oneGiB * 600n);
    map(oneGiB - page, leaf(user, 0x80005));
    map(oneGiB, leaf(user, 0x80006));
    map(oneGiB * 512n - page, leaf(user, 0x80005));
    map(oneGiB * 512n, leaf(user, 0x80006));
    const seen: bigint[] = [];
    const pteEntry: MmWalkOps["pteEntry"] = (pte, addr) => {
      if (!pte.isNone) seen.push(addr);
      return 0;
    };
    walk(oneGiB - 2n * page, oneGiB * 512n + 2n * page, { pteEntry });
    expect(seen).toEqual([oneGiB - page, oneGiB, oneGiB * 512n - page, oneGiB * 512n]);
  });
});

describe("leaves above PUD", () => {
  test("a 512 GiB leaf of Sv48 is shown to pgdEntry and p4dEntry, and not entered", () => {
    const { walk, map } = world(sv48);
    map(0n, leaf(user, 0), 3);
    const { log, ops } = logged(all);
    expect(walk(0n, page, ops)).toBe(0);
    expect(log).toEqual(["pgd 0-1000", "p4d 0-1000"]);
  });

  test("a 256 TiB leaf of Sv57 is shown to pgdEntry alone, a 512 GiB one to p4dEntry as well", () => {
    const wide = world(sv57);
    wide.map(0n, leaf(user, 0), 4);
    const first = logged(all);
    wide.walk(0n, page, first.ops);
    expect(first.log).toEqual(["pgd 0-1000"]);
    const narrow = world(sv57);
    narrow.map(0n, leaf(user, 0), 3);
    const second = logged(all);
    narrow.walk(0n, page, second.ops);
    expect(second.log).toEqual(["pgd 0-1000", "p4d 0-1000"]);
  });

  test("installPte leaves them alone", () => {
    const { walk, map } = world(sv48);
    const entry = map(0n, leaf(user, 0), 3);
    const { log, ops } = logged(["install", "pte"]);
    expect(walk(0n, page, ops)).toBe(0);
    expect(log).toEqual([]);
    expect(entry.get()).toBe(leaf(user, 0));
  });
});

describe("bad entries", () => {
  const bad: [string, bigint][] = [
    ["reserved bits", makePte({ v: 1, ppn: 0x80005, reserved: 1 })],
    ["a table outside RAM", makePte({ v: 1, ppn: 0x10 })],
    ["a table at a device", makePte({ v: 1, ppn: 0x10000 })],
    ["a table with A", makePte({ v: 1, a: 1, ppn: 0x80005 })],
    ["W without R", makePte({ v: 1, w: 1, ppn: 0 })],
    ["a misaligned superpage", leaf(user, 1)],
  ];
  test.each([...bad, ["non-present", migration(5)] as [string, bigint]])(
    "%s at PGD is cleared, and then a hole",
    (_name, value) => {
      for (const mode of translatingModes) {
        const { walk, map } = world(mode);
        const entry = map(0n, value, mode.levels - 1);
        const { log, ops } = logged(all);
        expect(walk(0n, page, ops)).toBe(0);
        expect(log).toEqual(["hole 0-1000 depth 0 in vma"]);
        expect(entry.isNone).toBe(true);
      }
    },
  );

  test.each([...bad, ["non-present", migration(5)] as [string, bigint]])(
    "%s at P4D is cleared, and then a hole",
    (_name, value) => {
      const { walk, map } = world(sv57);
      const entry = map(0n, value, 3);
      const { log, ops } = logged(["p4d", "pud", "pte", "hole"]);
      expect(walk(0n, page, ops)).toBe(0);
      expect(log).toEqual(["hole 0-1000 depth 1 in vma"]);
      expect(entry.isNone).toBe(true);
    },
  );

  test.each(bad)("%s below is shown to the callback, cleared on the way down, and then a hole", (_name, value) => {
    for (const [level, name, depth] of [
      [2, "pud", 2],
      [1, "pmd", 3],
    ] as const) {
      const { walk, map } = world(sv48);
      const entry = map(0n, value, level);
      const { log, ops } = logged([name, "pte", "hole"]);
      expect(walk(0n, page, ops)).toBe(0);
      expect(log).toEqual([`${name} 0-1000`, `hole 0-1000 depth ${depth} in vma`]);
      expect(entry.isNone).toBe(true);
    }
  });

  test.each(bad)("%s is a hole to a walk without VMAs, which never writes", (_name, value) => {
    for (const level of [1, 2, 3, 4]) {
      const { look, map, physical } = world(sv57);
      map(0n, value, level);
      const before = physical.bytes.slice();
      const { log, ops } = logged(["pte", "hole"]);
      expect(look(0n, page, ops)).toBe(0);
      expect(log).toEqual([`hole 0-1000 depth ${4 - level}`]);
      expect(Buffer.compare(physical.bytes, before)).toBe(0);
    }
  });

  test("with installPte a bad entry gives way to a table", () => {
    for (const level of [1, 2, 3, 4]) {
      const { walk, map } = world(sv57);
      const entry = map(0n, makePte({ v: 1, ppn: 0x10 }), level);
      const { log, ops } = logged(["install", "hole"]);
      expect(walk(0n, page, ops)).toBe(0);
      expect(log).toEqual(["install 0-1000"]);
      expect(entry.isTable).toBe(true);
    }
  });

  test("tables that loop end where the levels do", () => {
    const { mm, look, map } = world();
    map(0n, makePte({ v: 1, ppn: mm.tables.root / 4096 }), 2);
    let ptes = 0;
    expect(
      look(0n, twoMiB, {
        pteEntry: () => {
          ptes++;
          return 0;
        },
      }),
    ).toBe(0);
    expect(ptes).toBe(512);
  });
});
