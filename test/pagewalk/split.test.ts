import { describe, expect, test } from "vitest";
import { errno } from "../../src/pagewalk/index.ts";
import { leaf, logged, page, twoMiB } from "./fixture.ts";
import { migration, user, world } from "./world.ts";

describe("splitting", () => {
  test("a huge PMD becomes 512 PTEs: same permissions, A, D, G, PBMT and software bits, frame by frame", () => {
    const { walk, map, mm } = world();
    const huge = leaf("vrxuagd", 0x80200, { rsw: 2, pbmt: 1 });
    map(twoMiB, huge, 1);
    const { log, ops } = logged(["pte"]);
    expect(walk(twoMiB + 5n * page, twoMiB + 7n * page, ops)).toBe(0);
    expect(log).toEqual(["pte 205000-206000", "pte 206000-207000"]);
    for (const i of [0, 5, 511]) {
      expect(mm.entryFor(twoMiB + BigInt(i) * page)!.get()).toBe(leaf("vrxuagd", 0x80200 + i, { rsw: 2, pbmt: 1 }));
    }
  });

  test("a huge PUD becomes 512 PMDs, and those PTEs only where the range is", () => {
    const { walk, map, mm } = world();
    map(0n, leaf(user, 0x40000), 2);
    const { log, ops } = logged(["pud", "pmd", "pte"]);
    expect(walk(page, 2n * page, ops)).toBe(0);
    expect(log).toEqual(["pud 1000-2000", "pmd 1000-2000", "pte 1000-2000"]);
    expect(mm.entryFor(page)!.get()).toBe(leaf(user, 0x40001));
    expect(mm.entryFor(twoMiB, 1)!.get()).toBe(leaf(user, 0x40200));
  });

  test("happens only if something is called below", () => {
    const { walk, map } = world();
    const entry = map(0n, leaf(user, 0x80200), 1);
    const { ops } = logged(["pmd", "pud", "hole"]);
    expect(walk(0n, twoMiB, ops)).toBe(0);
    expect(entry.isLeaf).toBe(true);
  });

  test("does not happen without a VMA: the leaf is left", () => {
    const { look, map } = world();
    const entry = map(0n, leaf(user, 0x80200), 1);
    const { log, ops } = logged(["pmd", "pte", "hole"]);
    expect(look(0n, twoMiB, ops)).toBe(0);
    expect(log).toEqual(["pmd 0-200000"]);
    expect(entry.isLeaf).toBe(true);
  });

  test("a PMD migration entry becomes 512 PTE migration entries", () => {
    const { walk, map, mm } = world();
    map(0n, migration(0x80200), 1);
    const { log, ops } = logged(["pte"]);
    expect(walk(page, 2n * page, ops)).toBe(0);
    expect(log).toEqual(["pte 1000-2000"]);
    expect(mm.entryFor(page)!.get()).toBe(migration(0x80201));
  });

  test("ends the walk with -ENOMEM when there is no page for the table, the leaf unharmed", () => {
    const { walk, map, memory } = world();
    const entry = map(0n, leaf(user, 0x80200), 1);
    memory.tableLimit = 0;
    expect(walk(0n, page, { pteEntry: () => 0 })).toBe(-errno.ENOMEM);
    expect(entry.get()).toBe(leaf(user, 0x80200));
  });
});

describe("page-table locks", () => {
  test("with a VMA the table's lock is held around its PTEs, and no other", () => {
    const { walk, map, mm } = world();
    const tables = [0n, twoMiB].map((va) => {
      const { pa } = map(va, leaf(user, 0x80005));
      return pa - (pa % 4096);
    });
    const held: boolean[][] = [];
    const note = () => {
      held.push(tables.map((table) => mm.pageTableLock(table).isLocked));
      return 0;
    };
    walk(twoMiB - page, twoMiB + page, { pmdEntry: note, pteEntry: note });
    expect(held).toEqual([
      [false, false],
      [true, false],
      [false, false],
      [false, true],
    ]);
    note();
    expect(held[4]).toEqual([false, false]);
  });

  test("without a VMA PTEs are not locked", () => {
    const { look, map, mm } = world();
    const { pa } = map(0n, leaf(user, 0x80005));
    let isLocked = true;
    look(0n, page, {
      pteEntry: () => {
        isLocked = mm.pageTableLock(pa - (pa % 4096)).isLocked;
        return 0;
      },
    });
    expect(isLocked).toBe(false);
  });
});
