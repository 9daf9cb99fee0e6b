import { describe, expect, test } from "vitest";
import { assemble } from "../../src/isa/index.ts";
import { KernelMemory, Mm } from "../../src/kernel/index.ts";
import { createMachine } from "../../src/machine/machine.ts";
import { type Mode, makePte } from "../../src/mmu/index.ts";
import { type MmWalkOps, makeSoftEntry, splitEntry, swapType, walkPageRange } from "../../src/pagewalk/index.ts";
import { leaf, page, readWrite, translatingModes, twoMiB } from "./fixture.ts";

const ram = 0x8000_0000;
const codeVa = 0x10000n;
const dataVa = 0x40_0000n;
const handler = ram + 0x100;
const [t0, t1, t3, t4, s1] = [5, 6, 28, 29, 9];
const csr = { satp: 0x180, mtvec: 0x305, menvcfg: 0x30a, pmpcfg0: 0x3a0, pmpaddr0: 0x3b0 } as const;
const adue = 1n << 61n;

/**
 * Two harts in U-mode, each in a loop that loads from t0 into t1 and stores t3 to t4 where that is not 0. A fault ends
 * up in an M-mode handler that counts in s1 and tries again.
 */
function guests(mode: Mode) {
  const machine = createMachine({ ramBytes: 16 << 20, harts: 2 });
  const memory = new KernelMemory({
    memory: machine.memory,
    harts: machine.harts.map((hart) => hart.mmu),
    firstPfn: ram / 4096 + 16,
    frames: 2048,
  });
  const put = (at: number, lines: string[]) => {
    for (const line of lines) {
      const { bits, length } = assemble(line);
      machine.memory.store(at, length as 4, BigInt(bits));
      at += length;
    }
  };
  put(handler, ["addi s1, s1, 1", "mret"]);
  const code = memory.allocateFolio()!;
  put(code.pfn * 4096, ["ld t1, 0(t0)", "beq t4, zero, pc+8", "sd t3, 0(t4)", "jal zero, pc-12"]);
  const mm = new Mm({ name: "guest", memory, mode, asid: 5 });
  mm.addVma({ start: dataVa, end: dataVa + 2n * twoMiB, flags: readWrite });
  mm.entryFor(codeVa)!.set(leaf("vrxuad", code.pfn));
  for (const { csrs, state } of machine.harts) {
    csrs.poke(csr.pmpaddr0, (1n << 54n) - 1n);
    csrs.poke(csr.pmpcfg0, 0x1fn);
    csrs.poke(csr.mtvec, BigInt(handler));
    csrs.poke(csr.menvcfg, adue);
    csrs.poke(csr.satp, mm.satp);
    state.pc = codeVa;
    state.priv = 0;
    state.effects.contextChanged();
    state.setX(t0, dataVa);
  }
  const pages = [1n, 2n, 3n].map((value) => {
    const { pfn } = memory.allocateFolio()!;
    machine.memory.store(pfn * 4096, 8, value);
    return pfn;
  });
  /** Lets both harts run, and says what each has in a register. */
  const run = (register = t1) => {
    machine.run({ maxInstructions: 20_000 });
    return machine.harts.map((hart) => hart.state.x(register));
  };
  const faults = () => {
    const counts = machine.harts.map((hart) => hart.state.x(s1));
    for (const hart of machine.harts) hart.state.setX(s1, 0n);
    return counts.map((count) => count > 0n);
  };
  const walk = (ops: MmWalkOps, end = dataVa + page) => mm.mmapLock.writing(() => walkPageRange(mm, dataVa, end, ops));
  const storeTo = (va: bigint, value: bigint) => {
    for (const hart of machine.harts) {
      hart.state.setX(t4, va);
      hart.state.setX(t3, value);
    }
  };
  return { machine, memory, mm, pages, run, faults, walk, storeTo };
}

describe.each(translatingModes)("guests in $name see at their next access, on every hart,", (mode) => {
  test("an entry that was installed where they faulted", () => {
    const { pages, run, faults, walk } = guests(mode);
    run();
    expect(faults()).toEqual([true, true]);
    const installPte: MmWalkOps["installPte"] = (_addr, _next, out) => {
      out.value = leaf("vrwuad", pages[0]);
      return 0;
    };
    expect(walk({ installPte })).toBe(0);
    expect(run()).toEqual([1n, 1n]);
    faults();
    run();
    expect(faults()).toEqual([false, false]);
  });

  test("another page under an entry, and its absence", () => {
    const { mm, pages, run, faults, walk } = guests(mode);
    mm.entryFor(dataVa)!.set(leaf("vrwuad", pages[0]));
    expect(run()).toEqual([1n, 1n]);
    walk({
      pteEntry: (pte) => {
        pte.set(leaf("vrwuad", pages[1]));
        return 0;
      },
    });
    expect(run()).toEqual([2n, 2n]);
    expect(faults()).toEqual([false, false]);
    walk({
      pteEntry: (pte) => {
        pte.clear();
        return 0;
      },
    });
    run();
    expect(faults()).toEqual([true, true]);
  });

  test("permissions that are taken away, and given back", () => {
    const { machine, mm, pages, run, faults, walk, storeTo } = guests(mode);
    mm.entryFor(dataVa)!.set(leaf("vrwuad", pages[0]));
    storeTo(dataVa, 9n);
    expect(run()).toEqual([9n, 9n]);
    const protect = (w: number) =>
      walk({
        pteEntry: (pte) => {
          pte.setFields({ w });
          return 0;
        },
      });
    protect(0);
    storeTo(dataVa, 10n);
    run();
    expect(faults()).toEqual([true, true]);
    expect(machine.memory.load(pages[0] * 4096, 8)).toBe(9n);
    protect(1);
    expect(run()).toEqual([10n, 10n]);
    faults();
    run();
    expect(faults()).toEqual([false, false]);
  });

  test("no difference when a huge leaf is split, and one when a part of it changes then", () => {
    const { machine, memory, mm, pages, run, faults, walk } = guests(mode);
    const huge = memory.allocateFolio(9)!;
    machine.memory.store(huge.pfn * 4096, 8, 7n);
    mm.entryFor(dataVa, 1)!.set(leaf("vrwuad", huge.pfn));
    expect(run()).toEqual([7n, 7n]);
    walk({ pteEntry: () => 0 });
    expect(mm.entryFor(dataVa, 1)!.isTable).toBe(true);
    expect(run()).toEqual([7n, 7n]);
    walk({
      pteEntry: (pte) => {
        pte.set(leaf("vrwuad", pages[2]));
        return 0;
      },
    });
    expect(run()).toEqual([3n, 3n]);
    expect(faults()).toEqual([false, false]);
  });

  test("a table that is taken away with all that it maps", () => {
    const { mm, pages, run, faults, walk } = guests(mode);
    mm.entryFor(dataVa)!.set(leaf("vrwuad", pages[0]));
    run();
    walk({
      pmdEntry: (pmd, _addr, _next, walk) => {
        pmd.clear();
        walk.action = 1;
        return 0;
      },
    });
    run();
    expect(faults()).toEqual([true, true]);
  });

  test("a page that migrates: a fault while it moves, then its new place", () => {
    const { mm, pages, run, faults, walk } = guests(mode);
    mm.entryFor(dataVa)!.set(leaf("vrwuad", pages[0]));
    run();
    const set = (value: bigint) =>
      walk({
        pteEntry: (pte) => {
          pte.set(value);
          return 0;
        },
      });
    set(makeSoftEntry({ type: swapType.migrationWrite, offset: pages[0] }));
    run();
    expect(faults()).toEqual([true, true]);
    set(leaf("vrwuad", pages[1]));
    expect(run()).toEqual([2n, 2n]);
  });

  test("that A and D were cleared: they set them again", () => {
    const { mm, pages, run, walk, storeTo, faults } = guests(mode);
    const entry = mm.entryFor(dataVa)!;
    entry.set(leaf("vrwuad", pages[0]));
    storeTo(dataVa, 5n);
    run();
    walk({
      pteEntry: (pte) => {
        pte.setFields({ a: 0, d: 0 });
        return 0;
      },
    });
    expect([entry.a, entry.d]).toEqual([false, false]);
    run();
    expect([entry.a, entry.d]).toEqual([true, true]);
    expect(faults()).toEqual([false, false]);
  });

  test("one page of a 64 KiB leaf that changes alone", () => {
    const { machine, memory, mm, run, faults, pages } = guests(mode);
    const folio = memory.allocateFolio(4)!;
    for (let i = 0; i < 16; i++) {
      machine.memory.store((folio.pfn + i) * 4096, 8, BigInt(100 + i));
      mm.entryFor(dataVa + BigInt(i) * page)!.set(leaf("vrwua", folio.pfn + 8, { n: 1 }));
    }
    expect(run()).toEqual([100n, 100n]);
    mm.entryFor(dataVa + 3n * page)!.set(leaf("vrwuad", pages[1]));
    for (const hart of machine.harts) hart.state.setX(t0, dataVa + 4n * page);
    expect(run()).toEqual([104n, 104n]);
    for (const hart of machine.harts) hart.state.setX(t0, dataVa + 3n * page);
    expect(run()).toEqual([2n, 2n]);
    expect(mm.entryFor(dataVa)!.get()).toBe(leaf("vrwua", folio.pfn));
    expect(faults()).toEqual([false, false]);
  });

  test("changes of global pages, whatever the ASID that they were cached under", () => {
    const { machine, mm, pages, run, faults } = guests(mode);
    const entry = mm.entryFor(dataVa)!;
    entry.set(leaf("vrwuadg", pages[0]));
    expect(run()).toEqual([1n, 1n]);
    // The same tables under another ASID: what is global stays.
    machine.harts[1].csrs.poke(csr.satp, (mm.satp & ~(0xffffn << 44n)) | (77n << 44n));
    expect(run()).toEqual([1n, 1n]);
    entry.set(leaf("vrwuadg", pages[1]));
    expect(run()).toEqual([2n, 2n]);
    expect(faults()).toEqual([false, false]);
  });

  test("changes under a global table", () => {
    const { machine, mm, pages, run } = guests(mode);
    const entry = mm.entryFor(dataVa)!;
    entry.set(leaf("vrwuad", pages[0]));
    mm.entryFor(dataVa, 1)!.setFields({ g: 1 });
    expect(run()).toEqual([1n, 1n]);
    expect(machine.harts[0].mmu.tlb.list().some((each) => each.global && each.va === dataVa)).toBe(true);
    entry.set(leaf("vrwuad", pages[1]));
    expect(run()).toEqual([2n, 2n]);
  });
});

describe("a guest's own stale entry", () => {
  const [mode] = translatingModes;
  /** Changes an entry as a guest would: by a store, with no fence. */
  const store = (world: ReturnType<typeof guests>, va: bigint, value: bigint, level = 0) =>
    world.machine.memory.store(world.mm.entryFor(va, level)!.pa, 8, value);

  test("stays stale, whatever changes elsewhere", () => {
    const world = guests(mode);
    const { mm, pages, run, faults } = world;
    mm.entryFor(dataVa)!.set(leaf("vrwuad", pages[0]));
    expect(run()).toEqual([1n, 1n]);
    store(world, dataVa, leaf("vrwuad", pages[1]));
    mm.entryFor(dataVa + page)!.set(leaf("vrwuad", pages[2]));
    mm.entryFor(dataVa + page)!.clear();
    mm.entryFor(dataVa + twoMiB)!.set(leaf("vrwuad", pages[2]));
    mm.entryFor(dataVa + twoMiB, 1)!.clear();
    world.walk({ pteEntry: () => 0, pteHole: () => 0 }, dataVa + 2n * twoMiB);
    expect(run()).toEqual([1n, 1n]);
    expect(faults()).toEqual([false, false]);
  });

  test("stays stale when the entry that memory holds now is not valid and something is installed", () => {
    const world = guests(mode);
    const { mm, pages, run } = world;
    mm.entryFor(dataVa)!.set(leaf("vrwuad", pages[0]));
    run();
    store(world, dataVa, 0n);
    mm.entryFor(dataVa)!.set(leaf("vrwuad", pages[1]));
    expect(run()).toEqual([1n, 1n]);
  });

  test("of another address space stays, when this one's page changes", () => {
    const world = guests(mode);
    const { machine, memory, mm, pages, run } = world;
    mm.entryFor(dataVa)!.set(leaf("vrwuad", pages[0]));
    run();
    const other = new Mm({ name: "other", memory, mode, asid: 6 });
    other.entryFor(dataVa)!.set(leaf("vrwuad", pages[2]));
    other.entryFor(dataVa)!.clear();
    const held = machine.harts[0].mmu.tlb.list().filter((each) => each.va === dataVa);
    expect(held.map((each) => each.asid)).toEqual([5]);
  });

  test("an entry that is written as it was drops nothing, and fences are counted for guests alone", () => {
    const { machine, mm, pages, run } = guests(mode);
    const entry = mm.entryFor(dataVa)!;
    entry.set(leaf("vrwuad", pages[0]));
    run();
    const before = machine.harts[0].mmu.tlb.list().length;
    entry.set(entry.get());
    expect(machine.harts[0].mmu.tlb.list()).toHaveLength(before);
    entry.set(leaf("vrwuad", pages[1]));
    expect(machine.harts[0].mmu.tlb.list()).toHaveLength(before - 1);
    expect(machine.harts[0].mmu.tlb.counters.fences).toEqual({ all: 0, asid: 0, va: 0, "va+asid": 0 });
  });

  test("an mm without an ASID, a kernel's, changes every address space", () => {
    const { machine, memory, mm, pages, run } = guests(mode);
    mm.entryFor(dataVa)!.set(leaf("vrwuad", pages[0]));
    run();
    const init = new Mm({ name: "init", memory, mode });
    // A kernel's tables are shared: here, the one with the data.
    const root = mm.entryFor(dataVa, mode.levels - 1)!;
    init.entryFor(dataVa, mode.levels - 1)!.set(root.get());
    init.entryFor(dataVa)!.set(leaf("vrwuad", pages[1]));
    expect(run()).toEqual([2n, 2n]);
    expect(machine.harts).toHaveLength(2);
  });
});

test("a migration entry of a huge page, split, faults at every page", () => {
  const { mm, memory } = guests(translatingModes[0]);
  const folio = memory.allocateFolio(9)!;
  const pmd = mm.entryFor(dataVa, 1)!;
  pmd.set(makeSoftEntry({ type: swapType.migrationRead, offset: folio.pfn }));
  expect(splitEntry(mm, pmd)).toBe(0);
  expect(mm.entryFor(dataVa + 511n * page)!.get()).toBe(
    makeSoftEntry({ type: swapType.migrationRead, offset: folio.pfn + 511 }),
  );
  expect(splitEntry(mm, pmd)).toBe(-22);
  expect(makePte({ v: 1 })).toBe(1n);
});
