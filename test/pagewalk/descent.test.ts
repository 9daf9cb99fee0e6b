import { describe, expect, test } from "vitest";
import { makePte, sv39, sv48, sv57 } from "../../src/mmu/index.ts";
import {
  ACTION_AGAIN,
  ACTION_CONTINUE,
  errno,
  type MmWalkOps,
  makeSoftEntry,
  type PmdPtr,
  pgdOffset,
  swapType,
  walkKernelPageTableRangeLockless,
  walkPageRange,
} from "../../src/pagewalk/index.ts";
import { kernel, leaf, logged, oneGiB, page, translatingModes, twoMiB } from "./fixture.ts";

const all = ["pgd", "p4d", "pud", "pmd", "pte", "hole"] as const;
const user = "vrwuad";
const migration = (pfn: number) => makeSoftEntry({ type: swapType.migrationRead, offset: pfn });

/** A kernel whose first VMA begins at 0, with its mmap lock held for read. */
function world(mode = sv39, bytes = 4n * oneGiB) {
  const made = kernel({ mode });
  const vma = made.add(0n, Number(bytes / page));
  made.mm.mmapLock.lockRead();
  const walk = (start: bigint, end: bigint, ops: MmWalkOps) => walkPageRange(made.mm, start, end, ops);
  const look = (start: bigint, end: bigint, ops: MmWalkOps) =>
    walkKernelPageTableRangeLockless(start, end, ops, null, null, made.mm);
  return { ...made, vma, walk, look };
}

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

describe("PUD and PMD", () => {
  test("a callback's ACTION_CONTINUE passes over what is below, huge leaves unsplit", () => {
    const { walk, map } = world();
    const entry = map(0n, leaf(user, 0x80200), 1);
    map(twoMiB, leaf(user, 0x80005));
    const { log, ops } = logged(["pte"], {
      pmdEntry: (_pmd, _addr, _next, walk) => {
        walk.action = ACTION_CONTINUE;
        return 0;
      },
    });
    expect(walk(0n, twoMiB * 2n, ops)).toBe(0);
    expect(log).toEqual([]);
    expect(entry.isLeaf).toBe(true);
    const pud = logged(["pmd", "pte"], {
      pudEntry: (_pud, _addr, _next, walk) => {
        walk.action = ACTION_CONTINUE;
        return 0;
      },
    });
    expect(walk(0n, oneGiB, pud.ops)).toBe(0);
    expect(pud.log).toEqual([]);
  });

  test("the action is ACTION_SUBTREE anew for each entry", () => {
    const { walk, map } = world();
    map(0n, leaf(user, 0x80005));
    map(twoMiB, leaf(user, 0x80005));
    const actions: number[] = [];
    walk(0n, twoMiB * 2n, {
      pmdEntry: (_pmd, addr, _next, walk) => {
        actions.push(walk.action);
        if (addr === 0n) walk.action = ACTION_CONTINUE;
        return 0;
      },
      pteEntry: () => 0,
    });
    expect(actions).toEqual([0, 0]);
  });

  test("ACTION_AGAIN after a callback freed, filled or split the entry looks at it anew", () => {
    for (const change of ["free", "fill", "split"] as const) {
      const { walk, map, mm } = world();
      const entry = map(0n, leaf(user, 0x80200), 1);
      const spare = mm.allocateTable()!;
      let calls = 0;
      const { log, ops } = logged(["pte", "hole"], {
        pmdEntry: (pmd: PmdPtr, _addr, _next, walk) => {
          if (++calls === 1) {
            if (change === "free") pmd.clear();
            else if (change === "fill") pmd.set(makePte({ v: 1, ppn: spare / 4096 }));
            else pmd.set(leaf(user, 0x80400));
            walk.action = ACTION_AGAIN;
          }
          return 0;
        },
      });
      expect(walk(0n, page, ops)).toBe(0);
      expect(calls, change).toBe(change === "free" ? 1 : 2);
      expect(log, change).toEqual(change === "free" ? ["hole 0-1000 depth 3 in vma"] : ["pte 0-1000"]);
      if (change === "split") expect(mm.entryFor(0n)!.get()).toBe(leaf(user, 0x80400));
      expect(entry.isNone).toBe(change === "free");
    }
  });

  test("ACTION_AGAIN works at PUD as well", () => {
    const { walk, map } = world(sv48);
    map(0n, leaf(user, 0x80005));
    let calls = 0;
    const { log, ops } = logged(["pmd", "hole"], {
      pudEntry: (pud, _addr, _next, walk) => {
        if (++calls === 1) {
          pud.clear();
          walk.action = ACTION_AGAIN;
        }
        return 0;
      },
    });
    expect(walk(0n, page, ops)).toBe(0);
    expect([calls, log]).toEqual([1, ["hole 0-1000 depth 2 in vma"]]);
  });

  test("a callback that frees its entry, without asking for it again, makes a hole of it", () => {
    const { walk, map } = world(sv48);
    map(0n, leaf(user, 0x80005));
    const pmd = logged(["pte", "hole"], {
      pmdEntry: (pmd) => {
        pmd.clear();
        return 0;
      },
    });
    expect(walk(0n, page, pmd.ops)).toBe(0);
    expect(pmd.log).toEqual(["hole 0-1000 depth 3 in vma"]);
    const pud = logged(["pmd", "hole"], {
      pudEntry: (pud) => {
        pud.clear();
        return 0;
      },
    });
    expect(walk(0n, page, pud.ops)).toBe(0);
    expect(pud.log).toEqual(["hole 0-1000 depth 2 in vma"]);
  });

  test("a callback at PGD or P4D may free its entry, too, and walk.action means nothing there", () => {
    for (const [name, depth] of [
      ["pgdEntry", 0],
      ["p4dEntry", 1],
    ] as const) {
      const { walk, map } = world(sv57);
      map(0n, leaf(user, 0x80005));
      let calls = 0;
      const { log, ops } = logged(["pud", "pte", "hole"], {
        [name]: (entry: PmdPtr, _addr: bigint, _next: bigint, walk: { action: number }) => {
          if (++calls === 1) entry.clear();
          walk.action = ACTION_AGAIN;
          return 0;
        },
      });
      expect(walk(0n, page, ops)).toBe(0);
      expect([calls, log], `${depth}`).toEqual([1, []]);
    }
    const { walk, map } = world(sv57);
    map(0n, leaf(user, 0x80005));
    const { log, ops } = logged(["pte"], {
      pgdEntry: (_entry, _addr, _next, walk) => {
        walk.action = ACTION_CONTINUE;
        return 0;
      },
    });
    walk(0n, page, ops);
    expect(log).toEqual(["pte 0-1000"]);
  });

  test("huge leaves and non-present entries reach the callback", () => {
    for (const value of [leaf(user, 0), migration(512)]) {
      const { walk, map } = world(sv48);
      map(0n, value, 2);
      map(oneGiB, value, 1);
      const seen: bigint[] = [];
      const note = (entry: { get(): bigint }, _a: bigint, _n: bigint, walk: { action: number }) => {
        seen.push(entry.get());
        if (entry.get() === value) walk.action = ACTION_CONTINUE;
        return 0;
      };
      walk(0n, oneGiB + page, { pudEntry: note, pmdEntry: note });
      expect(seen.filter((each) => each === value)).toHaveLength(2);
    }
  });

  test("a non-present PMD or PUD that is no migration entry is left, with a VMA and without", () => {
    const swap = makeSoftEntry({ type: 1, offset: 9 });
    for (const level of [1, 2]) {
      const { walk, look, map } = world(sv48);
      const entry = map(0n, swap, level);
      const { log, ops } = logged(["pte", "hole"]);
      expect(walk(0n, page, ops)).toBe(0);
      expect(look(0n, page, ops)).toBe(0);
      expect(log).toEqual([]);
      expect(entry.get()).toBe(swap);
    }
  });
});

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

describe("changes under the walk", () => {
  test("a PUD that is no table any more when its PMDs are to be walked is done again", () => {
    const { walk, map, mm } = world(sv48);
    const entry = map(0n, leaf(user, 0), 2);
    // Another hart frees the table as soon as the PUD was split.
    const allocate = mm.allocateTable.bind(mm);
    const lock = mm.pageTableLock.bind(mm);
    mm.pageTableLock = (table) => {
      const made = lock(table);
      if (entry.pa - (entry.pa % 4096) !== table) return made;
      return Object.assign(Object.create(made), {
        lock: () => made.lock(),
        unlock: () => {
          made.unlock();
          entry.clear();
        },
      });
    };
    const { log, ops } = logged(["pud", "pmd", "pte", "hole"]);
    expect(walk(0n, page, ops)).toBe(0);
    expect(log).toEqual(["pud 0-1000", "hole 0-1000 depth 2 in vma"]);
    mm.allocateTable = allocate;
  });

  test("a PTE table that has gone when its lock is held is not touched, and its PMD done again", () => {
    const { walk, map, mm } = world();
    const pte = map(0n, leaf(user, 0x80005));
    const pmd = mm.entryFor(0n, 1)!;
    const real = mm.pageTableLock.bind(mm);
    mm.pageTableLock = (table) => {
      const made = real(table);
      return Object.assign(Object.create(made), {
        lock: () => {
          made.lock();
          pmd.clear();
        },
        unlock: () => made.unlock(),
      });
    };
    const { log, ops } = logged(["pmd", "pte", "hole"]);
    expect(walk(0n, page, ops)).toBe(0);
    expect(log).toEqual(["pmd 0-1000", "hole 0-1000 depth 3 in vma"]);
    expect(real(pte.pa - (pte.pa % 4096)).isLocked).toBe(false);
  });

  test("pteEntry may ask for its PMD again", () => {
    const { walk, map } = world();
    map(0n, leaf(user, 0x80005));
    let asked = false;
    const { log, ops } = logged(["pmd"], {
      pteEntry: (_pte, _addr, _next, walk) => {
        if (!asked) walk.action = ACTION_AGAIN;
        asked = true;
        return 0;
      },
    });
    expect(walk(0n, page, ops)).toBe(0);
    expect(log).toEqual(["pmd 0-1000", "pmd 0-1000"]);
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
