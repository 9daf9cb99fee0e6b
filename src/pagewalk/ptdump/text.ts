import { pteFields } from "../../mmu/pte.ts";
import { depthOfLevel, type PageTables } from "../index.ts";
import { mergeByPermission, type PtRun } from "./runs.ts";
import { hexOfEnd, hexOfVpn } from "./scan.ts";

const letters = ["r", "w", "x", "u", "g", "a", "d"] as const;
const depthNames: Readonly<Record<number, string>> = { 0: "PGD", 1: "P4D", 2: "PUD", 3: "PMD" };
const memoryTypes = ["", " NC", " IO", " PBMT 3"];

/** The flags of an entry as `rwxugad`, `-` for each that is clear. */
export function formatFlags(flags: number): string {
  return letters.map((letter) => ((flags >> pteFields[letter].at) & 1 ? letter : "-")).join("");
}

/** 4 KiB pages as `4 KiB`, `2 MiB`, `1.5 GiB`. */
export function formatPages(pages: number): string {
  const units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
  let amount = pages * 4;
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${Number.isInteger(amount) ? amount : amount.toFixed(2)} ${units[unit]}`;
}

/** The size of the pages of a run. */
export function pageSizeOf(run: PtRun): string {
  return run.napot ? "64 KiB" : formatPages(512 ** run.level);
}

/** What a run is, after its addresses. */
export function describeRun(tables: PageTables, run: PtRun): string {
  if (run.kind === "hole") return "hole";
  if (run.kind !== "pages") {
    const where = run.level === 0 ? "PTE" : depthNames[depthOfLevel(tables.mode, run.level)];
    return `${run.kind === "bad" ? "bad" : "not present"} (${where})`;
  }
  const rsw = run.flags >> pteFields.rsw.at;
  const at = run.pfn < 0 ? "scattered" : `pa 0x${(BigInt(run.pfn) << 12n).toString(16)}`;
  return `${formatFlags(run.flags)} ${pageSizeOf(run)} pages${memoryTypes[run.pbmt]}${rsw ? ` rsw ${rsw}` : ""}, ${at}`;
}

/** Page tables as ranges of equal permission, holes among them, a line each. */
export function formatRanges(tables: PageTables, runs: readonly PtRun[]): string {
  const lines = mergeByPermission(tables, runs).map((run) => {
    const from = hexOfVpn(tables, run.vpn);
    const to = hexOfEnd(tables, run.vpn + run.pages);
    return `0x${from}-0x${to} ${formatPages(run.pages).padStart(10)}  ${describeRun(tables, run)}`;
  });
  return `${[headOf(tables), ...lines].join("\n")}\n`;
}

/** Which tables these are. */
export function headOf(tables: PageTables): string {
  return `${tables.mode.name}, root table at 0x${tables.root.toString(16)}`;
}
