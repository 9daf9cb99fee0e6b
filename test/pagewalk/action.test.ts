import { describe, expect, test } from "vitest";
import { makePte, sv48, sv57 } from "../../src/mmu/index.ts";
import { ACTION_AGAIN, ACTION_CONTINUE, makeSoftEntry, type PmdPtr } from "../../src/pagewalk/index.ts";
import { leaf, logged, oneGiB, page, twoMiB } from "./fixture.ts";
import { migration, user, world } from "./world.ts";

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
