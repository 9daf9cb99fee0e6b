import type { PageTables } from "../index.ts";
import type { PtRun } from "./runs.ts";
import { hexOfEnd, hexOfVpn } from "./scan.ts";
import { formatFlags } from "./text.ts";

/** Page tables as JSON: mode, root, and a range for each run; addresses as hexadecimal strings, sizes in bytes. */
export function formatJson(tables: PageTables, runs: readonly PtRun[], complete = true): string {
  const ranges = runs.map((run) => {
    const range = {
      kind: run.kind,
      from: `0x${hexOfVpn(tables, run.vpn)}`,
      to: `0x${hexOfEnd(tables, run.vpn + run.pages)}`,
    };
    if (run.kind !== "pages") return range;
    return {
      ...range,
      pa: `0x${(BigInt(run.pfn) << 12n).toString(16)}`,
      pageSize: run.napot ? 65536 : 4096 * 512 ** run.level,
      flags: formatFlags(run.flags),
      rsw: run.flags >> 8,
      pbmt: run.pbmt,
    };
  });
  return `${JSON.stringify({ mode: tables.mode.name, root: `0x${tables.root.toString(16)}`, complete, ranges }, null, 1)}\n`;
}
