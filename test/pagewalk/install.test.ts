import { describe, expect, test } from "vitest";
import { sv39, sv48, sv57 } from "../../src/mmu/index.ts";
import { errno, type MmWalkOps, pgdOffset, walkKernelPageTableRangeLockless } from "../../src/pagewalk/index.ts";
import { kernel, leaf, logged, page, translatingModes, twoMiB } from "./fixture.ts";
import { migration, user, world } from "./world.ts";

describe("installPte", () => {
  test("allocates every table that is missing, and installs what it is given", () => {
    for (const mode of translatingModes) {
      const { walk, mm } = world(mode);
      const value = leaf(user, 0x80005);
      const seen: string[] = [];
      const ops: MmWalkOps = {
        installPte: (addr, next, out) => {
          seen.push(`${addr}-${next} ${out.value}`);
          out.value = value;
          return 0;
        },
        pteHole: () => {
          seen.push("hole");
          return 0;
        },
      };
      expect(walk(twoMiB - page, twoMiB + page, ops)).toBe(0);
      expect(seen).toEqual(["2093056-2097152 0", "2097152-2101248 0"]);
      expect(mm.entryFor(twoMiB - page)!.get()).toBe(value);
      expect(mm.entryFor(twoMiB)!.get()).toBe(value);
    }
  });

  test("pteEntry is called only for existing PTEs, which are skipped without it", () => {
    const { walk, map, mm } = world();
    map(page, leaf(user, 0x80005));
    map(2n * page, migration(7));
    const both = logged(["pte", "install"]);
    expect(walk(0n, 4n * page, both.ops)).toBe(0);
    expect(both.log).toEqual(["install 0-1000", "pte 1000-2000", "pte 2000-3000", "install 3000-4000"]);
    const alone = logged(["install"]);
    expect(walk(0n, 4n * page, alone.ops)).toBe(0);
    expect(alone.log).toEqual(["install 0-1000", "install 3000-4000"]);
    expect(mm.entryFor(page)!.get()).toBe(leaf(user, 0x80005));
  });

  test("the callbacks of fresh tables are called", () => {
    const { walk } = world(sv57);
    const { log, ops } = logged(["pgd", "p4d", "pud", "pmd", "install"]);
    walk(0n, page, ops);
    expect(log).toEqual(["pgd 0-1000", "p4d 0-1000", "pud 0-1000", "pmd 0-1000", "install 0-1000"]);
  });

  test("a present huge leaf is left alone when only installing, and split if pteEntry wants its PTEs", () => {
    for (const level of [1, 2]) {
      const { walk, map } = world(sv48);
      const entry = map(0n, leaf(user, level === 1 ? 0x80200 : 0x80000), level);
      const alone = logged(["install"]);
      expect(walk(0n, 2n * page, alone.ops)).toBe(0);
      expect(alone.log).toEqual([]);
      expect(entry.isLeaf).toBe(true);
      const both = logged(["install", "pte"]);
      expect(walk(0n, 2n * page, both.ops)).toBe(0);
      expect(both.log).toEqual(["pte 0-1000", "pte 1000-2000"]);
    }
  });

  test("a result that is not 0 stops the walk, and that page's entry is not set", () => {
    const { walk, mm } = world();
    const ops: MmWalkOps = {
      installPte: (addr, _next, out) => {
        out.value = leaf(user, 0x80005);
        return addr === page ? -errno.EEXIST : 0;
      },
    };
    expect(walk(0n, 4n * page, ops)).toBe(-errno.EEXIST);
    expect(mm.entryFor(0n)!.isNone).toBe(false);
    expect(mm.entryFor(page)!.isNone).toBe(true);
  });

  test("the walk ends with -ENOMEM when a table cannot be had, at any depth", () => {
    for (let tables = 0; tables < 4; tables++) {
      const { walk, memory } = world(sv57);
      memory.tableLimit = tables;
      const { log, ops } = logged(["install", "hole"]);
      expect(walk(0n, page, ops)).toBe(-errno.ENOMEM);
      expect(log).toEqual([]);
    }
  });

  test("does not fire outside VMAs", () => {
    const { walk } = world(sv39, twoMiB);
    const { log, ops } = logged(["install", "hole"]);
    walk(twoMiB, twoMiB * 2n, ops);
    expect(log).toEqual(["hole 200000-400000 depth -1"]);
  });
});

describe("kernel walks", () => {
  test("walk the table they are given, with noVma, no VMA and that pgd", () => {
    const { mm, map } = world();
    const other = kernel();
    other.map(0x7000n, leaf(user, 0x80009));
    map(0n, leaf(user, 0x80005));
    const pgd = pgdOffset(other.mm.tables);
    const seen: unknown[] = [];
    const pteEntry: MmWalkOps["pteEntry"] = (pte, _addr, _next, walk) => {
      seen.push(pte.get(), walk.pgd, walk.vma, walk.noVma, walk.mm);
      return 0;
    };
    expect(walkKernelPageTableRangeLockless(0x7000n, 0x8000n, { pteEntry }, pgd, null, mm)).toBe(0);
    expect(seen[0]).toBe(leaf(user, 0x80009));
    expect([seen[1] === pgd, seen[2], seen[3], seen[4] === mm]).toEqual([true, null, true, true]);
  });

  test("without one walk the kernel's own root, and walk.pgd is null", () => {
    const { look, map } = world();
    map(0n, leaf(user, 0x80005));
    let pgd: unknown = 1;
    look(0n, page, {
      pteEntry: (_pte, _addr, _next, walk) => {
        pgd = walk.pgd;
        return 0;
      },
    });
    expect(pgd).toBeNull();
  });

  test("call no testWalk, preVma, postVma or hugetlbEntry", () => {
    const { look, map } = world();
    map(0n, leaf(user, 0x80005));
    const { log, ops } = logged(["test", "pre", "post", "hugetlb", "pte"]);
    look(0n, page, ops);
    expect(log).toEqual(["pte 0-1000"]);
  });
});
