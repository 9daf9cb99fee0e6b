import type { PageTables } from "../index.ts";
import { formatHtml } from "./html.ts";
import { formatInfoMem } from "./infoMem.ts";
import { formatJson } from "./json.ts";
import { collectRuns } from "./runs.ts";
import { formatRanges } from "./text.ts";
import { formatTree } from "./tree.ts";

/** How {@link ptdump} writes: the tables themselves, ranges of equal permission, data, a picture, QEMU's layout. */
export const ptdumpFormats = ["tree", "ranges", "json", "html", "qemu"] as const;
export type PtdumpFormat = (typeof ptdumpFormats)[number];

/** Page tables of any guest as text. They are only looked at: nothing is written. */
export function ptdump(tables: PageTables, format: PtdumpFormat): string {
  if (format === "qemu") return formatInfoMem(tables);
  if (format === "tree") return formatTree(tables);
  const { runs, complete } = collectRuns(tables);
  if (format === "json") return formatJson(tables, runs, complete);
  if (format === "html") return formatHtml(tables, runs, formatTree(tables));
  return formatRanges(tables, runs) + (complete ? "" : "… and more tables than can be shown\n");
}

export { collectRuns, mergeByPermission, type PtRun } from "./runs.ts";
export { mostTables, scanTables, type TableVisitor } from "./scan.ts";
export { describeRun, formatFlags, formatPages } from "./text.ts";
