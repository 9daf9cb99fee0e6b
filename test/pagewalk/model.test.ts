import fc from "fast-check";
import { expect, test } from "vitest";
import { KernelMemory, Mm } from "../../src/kernel/index.ts";
import { PhysicalMemory } from "../../src/memory/physical.ts";
import { type Mode, makePte } from "../../src/mmu/index.ts";
import {
  type EntryPtr,
  type MmWalk,
  type MmWalkOps,
  makeSoftEntry,
  swapType,
  vmFlag,
  walkKernelPageTableRangeLockless,
  walkPageRange,
} from "../../src/pagewalk/index.ts";
import { ramBase, readWrite, translatingModes } from "./fixture.ts";
import {
  badValue,
  type CallbackName,
  type Deed,
  installed,
  leafValue,
  type ModelCase,
  type ModelVma,
  none,
  pagesOf,
  runModel,
  type Slot,
  type Table,
} from "./model.ts";

const cases = Number(process.env.PAGEWALK_CASES ?? 400);
const hostBase = 65536;
const bytes = 8 << 20;
const physical = new PhysicalMemory(new WebAssembly.Memory({ initial: (hostBase + bytes) / 65536 }), {
  base: ramBase,
  bytes,
  hostBase,
});

/** Places where things happen: page numbers from which a case picks with a small offset. */
function anchors(mode: Mode, noVma: boolean): number[] {
  const half = 2 ** (mode.vaBits - 13);
  const low = [0, 512, 2 ** 18, 2 ** 18 - 512, 2 ** 19, half - 1024];
  if (mode.levels > 3) low.push(2 ** 27, 2 ** 27 - 512);
  if (mode.levels > 4) low.push(2 ** 36, 2 ** 36 - 512);
  return noVma ? [...low, half, 2 * half - 1024] : low;
}

const offsets = [0, 1, 2, 255, 510, 511, 512, 513, 1022, 1023];
const lengths = [1, 2, 3, 511, 512, 513, 1024, 1500];
const names: readonly CallbackName[] = [
  "pgdEntry",
  "p4dEntry",
  "pudEntry",
  "pmdEntry",
  "pteEntry",
  "pteHole",
  "hugetlbEntry",
  "testWalk",
  "preVma",
  "postVma",
  "installPte",
];

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ result: fc.constantFrom(1, 7, -5) }) },
  { weight: 4, arbitrary: fc.record({ action: fc.constantFrom<0 | 1 | 2>(1, 2) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      change: fc.constantFrom<NonNullable<Deed["change"]>>("clear", "leaf", "table", "bad"),
      action: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
    }),
  },
);

/** `near`: at the same anchor as the range. */
const place = fc.record({ near: fc.boolean(), anchor: fc.nat(9), offset: fc.constantFrom(...offsets) });
const plan = fc.record({
  mode: fc.constantFrom(...translatingModes),
  noVma: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  entries: fc.array(fc.record({ at: place, level: fc.nat(4), kind: fc.nat(6) }), { maxLength: 10 }),
  vmas: fc.array(fc.record({ at: place, pages: fc.constantFrom(...lengths), kind: fc.nat(7) }), { maxLength: 5 }),
  callbacks: fc.subarray([...names]),
  installs: fc.nat(3),
  deeds: fc.array(fc.tuple(fc.nat(12), deed), { maxLength: 4 }),
  start: place,
  pages: fc.constantFrom(...lengths),
  tables: fc.oneof({ weight: 6, arbitrary: fc.constant(500) }, { weight: 1, arbitrary: fc.nat(4) }),
});
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

function caseOf(p: Plan): ModelCase {
  const { mode, noVma } = p;
  const from = anchors(mode, noVma);
  const half = 2 ** (mode.vaBits - 13);
  const vpnOf = (at: Plan["start"]) => from[(at.near ? p.start.anchor : at.anchor) % from.length] + at.offset;
  const root: Table = new Map();
  for (const { at, level, kind } of p.entries) insert(root, mode, vpnOf(at), Math.min(level, mode.levels - 1), kind);
  const vmas: ModelVma[] = [];
  for (const { at, pages, kind } of p.vmas) {
    let first = vpnOf(at);
    let last = Math.min(half, first + pages);
    const isHuge = kind === 1;
    if (isHuge) {
      first -= first % 512;
      last = first + 1024;
    }
    if (first >= half || last > half || vmas.some((vma) => first < vma.last && vma.first < last)) continue;
    vmas.push({ first, last, kind: isHuge ? "hugetlb" : kind === 0 ? "pfnmap" : "normal" });
  }
  const first = vpnOf(p.start);
  const callbacks = new Set(p.callbacks);
  if (p.installs !== 0 || noVma) callbacks.delete("installPte");
  const top = first >= half ? 2 * half : half;
  const end = Math.min(first + p.pages, top);
  return {
    mode,
    root,
    vmas,
    callbacks,
    deeds: new Map(p.deeds),
    first: Math.min(first, end - 1),
    end,
    noVma,
    tableLimit: p.tables,
  };
}

function insert(root: Table, mode: Mode, vpn: number, level: number, kind: number): void {
  let table = root;
  for (let at = mode.levels - 1; at > level; at--) {
    const index = Math.floor(vpn / pagesOf(at)) % 512;
    let slot = table.get(index);
    if (slot === undefined) {
      slot = { kind: "table", value: 0n, table: new Map() };
      table.set(index, slot);
    }
    if (slot.table === undefined) return;
    table = slot.table;
  }
  const index = Math.floor(vpn / pagesOf(level)) % 512;
  if (!table.has(index)) table.set(index, slotOf(level, kind));
}

function slotOf(level: number, kind: number): Slot {
  if (kind === 1) return { kind: "nonPresent", value: makeSoftEntry({ type: 3, offset: 77 }) };
  if (kind === 2) return { kind: "migration", value: makeSoftEntry({ type: swapType.migrationRead, offset: 0x80000 }) };
  if (kind === 3) return { kind: "bad", value: badValue };
  if (kind === 4 && level > 0) return { kind: "table", value: 0n, table: new Map() };
  return { kind: "leaf", value: leafValue(level) };
}

/** Writes the model's tables into guest memory. */
function write(mm: Mm, pa: number, table: Table): void {
  for (const [index, slot] of table) {
    let { value } = slot;
    if (slot.table !== undefined) {
      const below = mm.allocateTable()!;
      write(mm, below, slot.table);
      value = makePte({ v: 1, ppn: below / 4096 });
    }
    physical.store(pa + index * 8, 8, value);
  }
}

/** The first place where guest memory is not what the model says, or "". */
function difference(mm: Mm, pa: number, level: number, table: Table): string {
  for (let index = 0; index < 512; index++) {
    const value = physical.load(pa + index * 8, 8)!;
    const slot = table.get(index) ?? none;
    if (slot.table === undefined) {
      if (value !== slot.value)
        return `level ${level} index ${index}: 0x${value.toString(16)}, not ${slot.kind} 0x${slot.value.toString(16)}`;
      continue;
    }
    const lo = Number(BigInt.asIntN(32, value));
    const below = mm.tables.tableOf(lo, Number(BigInt.asIntN(32, value >> 32n)), level);
    if (below < 0) return `level ${level} index ${index}: 0x${value.toString(16)} is no table`;
    const inside = difference(mm, below, level - 1, slot.table);
    if (inside !== "") return `${index}, ${inside}`;
  }
  return "";
}

/** Ops that log as the model does, and do what its deeds say. */
function realOps(c: ModelCase, mm: Mm): { log: string[]; ops: MmWalkOps } {
  const log: string[] = [];
  let calls = 0;
  const note = (
    name: CallbackName,
    addr: bigint,
    next: bigint,
    walk: MmWalk,
    entry?: EntryPtr,
    depth?: number,
  ): number => {
    const [from, to] = [mm.tables.vpnOf(addr), mm.tables.vpnOf(next - 4096n) + 1];
    log.push(`${name} ${from}-${to}${depth === undefined ? "" : ` depth ${depth}`}`);
    const { change, action, result = 0 } = c.deeds.get(calls++) ?? {};
    if (entry !== undefined && entry.level > 0 && change !== undefined) apply(mm, entry, change);
    if (action !== undefined) walk.action = action;
    return result;
  };
  const entry = (name: CallbackName) => (pointer: EntryPtr, addr: bigint, next: bigint, walk: MmWalk) =>
    note(name, addr, next, walk, name === "pteEntry" ? undefined : pointer);
  const range = (name: CallbackName) => (addr: bigint, next: bigint, walk: MmWalk) => note(name, addr, next, walk);
  const every: Required<Omit<MmWalkOps, "walkLock">> = {
    pgdEntry: entry("pgdEntry"),
    p4dEntry: entry("p4dEntry"),
    pudEntry: entry("pudEntry"),
    pmdEntry: entry("pmdEntry"),
    pteEntry: entry("pteEntry"),
    pteHole: (addr, next, depth, walk) => note("pteHole", addr, next, walk, undefined, depth),
    hugetlbEntry: (_pte, _hmask, addr, next, walk) => note("hugetlbEntry", addr, next, walk),
    testWalk: range("testWalk"),
    preVma: range("preVma"),
    postVma: (walk) => {
      const { vmStart, vmEnd } = walk.vma!;
      const first = Math.max(c.first, mm.tables.vpnOf(vmStart));
      const end = Math.min(c.end, mm.tables.vpnOf(vmEnd - 4096n) + 1);
      const from = mm.tables.addressOf(first);
      note("postVma", from, from + BigInt(end - first) * 4096n, walk);
    },
    installPte: (addr, next, out, walk) => {
      out.value = installed(mm.tables.vpnOf(addr));
      return note("installPte", addr, next, walk);
    },
  };
  return {
    log,
    ops: Object.fromEntries(Object.entries(every).filter(([name]) => c.callbacks.has(name as CallbackName))),
  };
}

function apply(mm: Mm, entry: EntryPtr, change: NonNullable<Deed["change"]>): void {
  if (change === "clear") entry.clear();
  else if (change === "bad") entry.set(badValue);
  else if (change === "leaf") entry.set(leafValue(entry.level));
  else {
    const table = mm.allocateTable();
    if (table !== undefined) entry.set(makePte({ v: 1, ppn: table / 4096 }));
  }
}

function runReal(c: ModelCase): { log: string[]; result: number; mm: Mm } {
  const memory = new KernelMemory({ memory: physical });
  const mm = new Mm({ name: "mm", memory, mode: c.mode, asid: 1 });
  for (const { first, last, kind } of c.vmas) {
    mm.addVma({
      start: BigInt(first) * 4096n,
      end: BigInt(last) * 4096n,
      flags: kind === "pfnmap" ? readWrite | vmFlag.VM_PFNMAP : readWrite,
      ...(kind === "hugetlb" && { hugePageSize: 2n << 20n }),
    });
  }
  write(mm, mm.tables.root, c.root);
  memory.tableLimit = c.tableLimit;
  const { log, ops } = realOps(c, mm);
  const start = mm.tables.addressOf(c.first);
  const end = start + BigInt(c.end - c.first) * 4096n;
  mm.mmapLock.lockRead();
  const result = c.noVma
    ? walkKernelPageTableRangeLockless(start, end, ops, null, null, mm)
    : walkPageRange(mm, start, end, ops);
  return { log, result, mm };
}

test("a walk calls, returns and leaves behind what the naive walk does, page by page", () => {
  fc.assert(
    fc.property(plan, (p) => {
      const real = caseOf(p);
      const got = runReal(real);
      const model = caseOf(p);
      const expected = runModel(model);
      expect(got.log).toEqual(expected.log);
      expect(got.result).toBe(expected.result);
      expect(difference(got.mm, got.mm.tables.root, model.mode.levels - 1, model.root)).toBe("");
    }),
    { numRuns: cases, ...(process.env.PAGEWALK_SEED && { seed: Number(process.env.PAGEWALK_SEED) }) },
  );
}, 7_200_000);
