import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { initramfs } from "../../../scripts/initramfs.mjs";
import { machineTree } from "../../../src/machine/deviceTree.ts";
import { flatten } from "../../../src/machine/flattenedTree.ts";
import {
  type EntryPtr,
  PageTables,
  pgdOffset,
  tablesOnly,
  walkKernelPageTableRangeLockless,
} from "../../../src/pagewalk/index.ts";
import { ptdump } from "../../../src/pagewalk/ptdump/index.ts";
import { Guest, guests } from "./guest.ts";

/** What QEMU 7.2's default processor has, too: the kernel chooses its code by it. */
const isa = "rv64gc_zba_zbb_zbc_zbs_sstc";
const firmware = "opensbi.bin";
const marker = "STOP HERE";
const init = `
echo "SWAPPER $(sed -n 's/ . swapper_pg_dir$//p' /proc/kallsyms)"
echo ${marker}
while :; do :; done
`;
const ramBase = 0x8000_0000;
/** Where this kernel maps its image, and where that lies: its link address, and 2 MiB above RAM's start. */
const image = { va: 0xffff_ffff_8000_0000n, pa: 0x8020_0000n };
/** PAGE_OFFSET (Linux, Documentation/arch/riscv/vm-layout.rst). */
const modes = [
  { name: "Sv39", append: "no4lvl", directMap: 0xffff_ffd6_0000_0000n },
  { name: "Sv48", append: "no5lvl", directMap: 0xffff_af80_0000_0000n },
  { name: "Sv57", append: "", directMap: 0xff60_0000_0000_0000n },
] as const;
/** Threads of the kernel that may be there or not: 4 pages of stack each. */
const fewStacks = 4 * 16;

let folder = "";
const at = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pagewalk-tables-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Pages of 4 KiB by address: where they lead, and their attributes. */
type Pages = Map<bigint, string>;

/** The kernel's pages, from `info mem` of QEMU's or ours. */
function kernelPages(infoMem: string): Pages {
  const pages: Pages = new Map();
  for (const [, va, pa, size, flags] of infoMem.matchAll(/^([0-9a-f]{16}) ([0-9a-f]{16}) ([0-9a-f]{16}) (\S{7})/gm)) {
    const [from, to, bytes] = [va, pa, size].map((digits) => BigInt(`0x${digits}`));
    for (let offset = 0n; from >= 1n << 63n && offset < bytes; offset += 4096n) {
      pages.set(from + offset, `${(to + offset).toString(16)} ${flags}`);
    }
  }
  return pages;
}

/** The kernel's pages as the walk API finds them, without VMAs. */
function walked(tables: PageTables): Pages {
  const pages: Pages = new Map();
  const leaf = (entry: EntryPtr) => {
    if (entry.kind !== "leaf") return 0;
    const flags = [..."rwxugad"].map((name) => (entry.field(name as "r") === 0n ? "-" : name)).join("");
    for (let page = 0n; page < 512n ** BigInt(entry.level); page++) {
      pages.set(entry.va + page * 4096n, `${((entry.field("ppn") + page) * 4096n).toString(16)} ${flags}`);
    }
    return 0;
  };
  const ops = { pgdEntry: leaf, pudEntry: leaf, pmdEntry: leaf, pteEntry: leaf };
  const half = 1n << BigInt(tables.mode.vaBits - 1);
  const start = (1n << 64n) - half;
  const init = tablesOnly(tables);
  expect(walkKernelPageTableRangeLockless(start, start + half, ops, pgdOffset(tables), null, init)).toBe(0);
  return pages;
}

/** Linux at the words of its init: its kernel's pages in several ways, and the machine's device tree. */
function stopped(append: string) {
  const guest = new Guest({ bios: firmware, init, append: `quiet ${append}`, isa });
  expect(guest.runUntil(marker)).toBe(true);
  const { machine, output } = guest;
  const swapper = BigInt(`0x${/SWAPPER ([0-9a-f]{16})/.exec(output)?.[1]}`);
  const { mode, root } = machine.inspect().translation;
  const tables = (from: bigint) => new PageTables({ memory: machine.memory, mode, root: Number(from) });
  const initMm = ptdump(tables(swapper - image.va + image.pa), "qemu");
  return {
    mode: mode.name,
    dumped: kernelPages(ptdump(tables(root), "qemu")),
    walked: walked(tables(root)),
    initMm,
    tree: flatten(machineTree(machine)),
  };
}

/** Each boot takes its time: one for all tests. */
const boots = new Map<string, ReturnType<typeof stopped>>();
function booted(append: string): ReturnType<typeof stopped> {
  const boot = boots.get(append) ?? stopped(append);
  boots.set(append, boot);
  return boot;
}

/** The same boot on QEMU, with our device tree, up to the same words; what its monitor says of the page tables then. */
async function onQemu(tree: Uint8Array, append: string): Promise<string> {
  const serial = at("serial");
  rmSync(serial, { force: true });
  writeFileSync(at("dtb"), tree);
  writeFileSync(at("initramfs"), initramfs({ guests, init }));
  const files = ["-bios", join(guests, firmware), "-kernel", join(guests, "linux/Image"), "-initrd", at("initramfs")];
  const board = ["-machine", "virt", "-m", "512M", "-dtb", at("dtb"), "-append", `console=ttyS0 quiet ${append}`];
  const talk = ["-display", "none", "-serial", `file:${serial}`, "-monitor", "stdio"];
  const qemu = spawn("qemu-system-riscv64", [...board, ...files, ...talk], { stdio: ["pipe", "pipe", "inherit"] });
  let answer = "";
  qemu.stdout.on("data", (piece: Buffer) => {
    answer += piece.toString("latin1");
  });
  const closed = new Promise((resolve) => qemu.on("close", resolve));
  const isThere = () => existsSync(serial) && readFileSync(serial, "latin1").includes(marker);
  while (qemu.exitCode === null && !isThere()) await setTimeout(100);
  qemu.stdin.end("stop\ninfo mem\nquit\n");
  await closed;
  return answer;
}

/** The part of some pages that lies in a range. */
const within = (pages: Pages, start: bigint, bytes: bigint) =>
  new Map([...pages].filter(([va]) => va >= start && va < start + bytes));
/** What is mapped here and there differently, or only in one place. */
const differing = (a: Pages, b: Pages) =>
  [...new Set([...a.keys(), ...b.keys()])].filter((va) => a.get(va) !== b.get(va)).map((va) => [a.get(va), b.get(va)]);

/** Everything but image and direct map: what the kernel has mapped in passing. */
function elsewhere(pages: Pages, directMap: bigint) {
  const rest = [...pages].filter(([va]) => va < image.va && !(va >= directMap && va < directMap + (512n << 20n)));
  const isDevice = ([, leadsTo]: [bigint, string]) => Number.parseInt(leadsTo, 16) < ramBase;
  const count = (flags: string) => rest.filter((page) => !isDevice(page) && page[1].endsWith(flags)).length;
  return {
    devices: rest.filter(isDevice),
    readOnly: count("r---gad"),
    writable: count("rw--gad"),
    all: rest.length,
  };
}

describe("page tables of a live Linux", () => {
  test.each(modes)("$name: the walk API, ptdump and the kernel's own root see the same kernel", ({ name, append }) => {
    const { mode, dumped, walked, initMm } = booted(append);
    expect(mode).toBe(name);
    expect(dumped.size).toBeGreaterThan(130_000);
    expect(differing(walked, dumped)).toEqual([]);
    // init_mm's tables: each process has the entries of its kernel half
    expect(differing(kernelPages(initMm), dumped)).toEqual([]);
    expect(initMm).not.toMatch(/^0000/m);
  });

  const hasQemu = spawnSync("qemu-system-riscv64", ["--version"]).status === 0;
  if (!hasQemu) console.log("there is no qemu-system-riscv64 here: page tables were NOT compared with QEMU's");

  test.each(hasQemu ? modes : [])(
    "$name: are those that QEMU shows at the same words of the same boot",
    async (mode) => {
      const { dumped: ours, tree } = booted(mode.append);
      const qemus = kernelPages(await onQemu(tree, mode.append));
      // the kernel's image: to the page
      const inImage = [ours, qemus].map((pages) => within(pages, image.va, 1n << 31n));
      expect(inImage[0].size).toBeGreaterThan(6_000);
      expect(differing(inImage[0], inImage[1])).toEqual([]);
      // the direct map: to the page, but for one that is made read-only once it is filled and lies where there was room
      const inMap = [ours, qemus].map((pages) => within(pages, mode.directMap, 512n << 20n));
      expect(inMap[0].size).toBeGreaterThan(120_000);
      const moved = differing(inMap[0], inMap[1]);
      expect(moved.length).toBeLessThanOrEqual(2);
      for (const pair of moved) {
        const [here, there] = pair.map((page) => page?.split(" "));
        expect(here?.[0]).toBe(there?.[0]);
        expect([here?.[1], there?.[1]].sort()).toEqual(["r---gad", "rw--gad"]);
      }
      // elsewhere frames and places depend on time, and how many threads there are; devices, and what is read-only, do not
      const [here, there] = [ours, qemus].map((pages) => elsewhere(pages, mode.directMap));
      expect(here.devices).toEqual(there.devices);
      expect(here.readOnly).toBe(there.readOnly);
      expect(Math.abs(here.writable - there.writable)).toBeLessThanOrEqual(fewStacks);
      for (const { all, devices, readOnly, writable } of [here, there]) {
        expect(devices.length + readOnly + writable).toBe(all);
      }
    },
  );
});
