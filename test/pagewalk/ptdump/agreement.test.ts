import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createMachine } from "../../../src/machine/machine.ts";
import { type Mmu, modeOf } from "../../../src/mmu/index.ts";
import { PageTables, pgdOffset, tablesOnly, walkKernelPageTableRangeLockless } from "../../../src/pagewalk/index.ts";
import { collectRuns, type PtRun, ptdump } from "../../../src/pagewalk/ptdump/index.ts";

const firmware = new URL("../../../firmware/", import.meta.url);
/** What QEMU 10's `info mem` says of these programs when they have ended (`-no-shutdown`, `-cpu max`). */
const qemu = new URL("./qemu/", import.meta.url);
const programs = ["demos/demo", ...mmuTests()];

function mmuTests(): string[] {
  const names = readdirSync(new URL("tests/mmu", firmware)).filter((name) => name.endsWith(".elf"));
  return names.map((name) => `tests/mmu/${name.slice(0, -4)}`);
}

/** Runs a program to its end; its page tables then, or undefined: it has none in RAM. */
function tablesAtEnd(program: string): { tables: PageTables; mmu: Mmu; satp: bigint } | undefined {
  const machine = createMachine({ ramBytes: 128 << 20 });
  machine.loadElf(readFileSync(new URL(`${program}.elf`, firmware)));
  machine.run({ maxInstructions: 50_000_000, timeoutMs: 20_000 });
  const [hart] = machine.harts;
  const satp = hart.csrs.peek(0x180)!;
  const mode = modeOf(Number(satp >> 60n))!;
  const root = Number(satp & 0xfff_ffff_ffffn) * 4096;
  if (mode.levels === 0 || !machine.memory.isRam(root, 4096)) return undefined;
  return { tables: new PageTables({ memory: machine.memory, mode, root }), mmu: hart.mmu, satp };
}

/** First, last and a page inside of a run. */
const samples = ({ vpn, pages }: PtRun) => [...new Set([vpn, vpn + pages - 1, vpn + Math.floor(pages / 3)])];

/** The programs that leave page tables behind. */
const found = programs.flatMap((program) => {
  const state = tablesAtEnd(program);
  const expected = new URL(`${program.replace(/^.*\//, "")}.txt`, qemu);
  return state === undefined ? [] : [{ program, expected, ...state }];
});

describe("page tables at the end of a program", () => {
  const shown = found.filter(({ expected }) => existsSync(expected));
  test.each(shown)("$program: are shown in QEMU's layout as QEMU shows them", ({ tables, expected }) => {
    expect(ptdump(tables, "qemu")).toBe(readFileSync(expected, "utf8"));
  });

  test.each(found)("$program: have the pages that the MMU explains, and no others", ({ tables, mmu, satp }) => {
    const regime = {
      satp: { mode: Number(satp >> 60n), asid: 0, rootPpn: tables.root / 4096 },
      sum: true,
      mxr: false,
      adue: true,
      pbmte: true,
    };
    const { runs, complete } = collectRuns(tables);
    expect(complete).toBe(true);
    for (const run of runs) {
      for (const vpn of samples(run)) {
        // The privilege for which U says nothing against it; the access that the permissions allow.
        const priv = (run.flags & 16) !== 0 ? 0 : 1;
        const access = (run.flags & 2) !== 0 ? "load" : "fetch";
        const explained = mmu.explain(tables.addressOf(vpn), access, { ...regime, priv, dataPriv: priv });
        const isFound = explained.ptes.at(-1)?.kind === "leaf";
        expect([isFound, run.kind === "pages" ? explained.ptes.at(-1)!.level : 0], explained.rule).toEqual([
          run.kind === "pages",
          run.kind === "pages" ? run.level : 0,
        ]);
        if (run.kind === "pages" && explained.pa !== undefined) {
          expect(explained.pa >> 12n).toBe(BigInt(run.pfn + vpn - run.vpn));
        }
      }
    }
  });

  test.each(found)("$program: have as many leaves as a walk counts", ({ tables }) => {
    let pages = 0;
    const half = 1n << BigInt(tables.mode.vaBits - 1);
    const count = (entry: { kind: string; level: number }) => {
      if (entry.kind === "leaf") pages += 512 ** entry.level;
      return 0;
    };
    const pud = { pudEntry: count, pmdEntry: count, pteEntry: count };
    const wide = tables.mode.levels > 3 ? { p4dEntry: count } : {};
    const widest = tables.mode.levels > 4 ? { pgdEntry: count } : {};
    const ops = { ...pud, ...wide, ...widest };
    const init = tablesOnly(tables);
    for (const start of [0n, (1n << 64n) - half]) {
      expect(walkKernelPageTableRangeLockless(start, start + half, ops, pgdOffset(tables), null, init)).toBe(0);
    }
    const { runs } = collectRuns(tables);
    const mapped = runs.filter((run) => run.kind === "pages");
    expect(mapped.reduce((sum, run) => sum + run.pages, 0)).toBe(pages);
  });
});
