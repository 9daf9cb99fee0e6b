import type { PageTables } from "../index.ts";
import { mergeByPermission, type PtRun } from "./runs.ts";
import { hexOfEnd, hexOfVpn } from "./scan.ts";
import { describeRun, formatFlags, formatPages, headOf, pageSizeOf } from "./text.ts";

const style = `
body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#222;background:#fff}
h1{font-size:1.3rem}code,td,pre{font-family:ui-monospace,monospace;font-size:12px}
.map{display:flex;height:3rem;border:1px solid #999;margin:1rem 0;overflow:hidden}.map i{display:block;min-width:2px}
table{border-collapse:collapse;width:100%}td,th{padding:.15rem .6rem;text-align:left;border-bottom:1px solid #ddd}
.n{text-align:right}.hole{color:#888}.bad{color:#b00}span.k{display:inline-block;width:1em;height:1em;vertical-align:-.15em}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}td,th{border-color:#333}}`;

/** The colour of a run's permissions: code, writable data, data, both, and what is none of these. */
function colourOf(run: PtRun): string {
  if (run.kind === "hole") return "transparent";
  if (run.kind !== "pages") return "#c33";
  const perms = formatFlags(run.flags).slice(0, 3);
  const light = (run.flags & 16) !== 0 ? 60 : 42;
  const hue = perms.endsWith("x") ? (perms[1] === "w" ? 0 : 210) : perms[1] === "w" ? 35 : 130;
  return `hsl(${hue} 65% ${light}%)`;
}

/** Page tables as a page of HTML that needs nothing else: a map of what is mapped, and a row for each range. */
export function formatHtml(tables: PageTables, runs: readonly PtRun[], tree: string): string {
  const merged = mergeByPermission(tables, runs);
  // Sizes differ by a factor of 2^36: the map shows their logarithms.
  const strips = merged.map((run) => {
    const weight = run.kind === "hole" ? 0.5 : 1 + Math.log2(run.pages + 1);
    const title = `0x${hexOfVpn(tables, run.vpn)}: ${formatPages(run.pages)}, ${describeRun(tables, run)}`;
    return `<i style="flex:${weight.toFixed(1)};background:${colourOf(run)}" title="${escapeHtml(title)}"></i>`;
  });
  const rows = merged.map((run) => {
    const cells = [
      `<span class="k" style="background:${colourOf(run)}"></span>`,
      `0x${hexOfVpn(tables, run.vpn)}`,
      `0x${hexOfEnd(tables, run.vpn + run.pages)}`,
      formatPages(run.pages),
      run.kind === "pages" ? pageSizeOf(run) : "",
      escapeHtml(describeRun(tables, run)),
    ];
    return `<tr class="${run.kind === "pages" ? "" : run.kind}">${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  const head = escapeHtml(headOf(tables));
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${head}</title>
<style>${style}</style>
<h1>${head}</h1>
<p>Blue is code, orange writable, green only readable, red writable code; lighter is for U-mode. Widths are logarithms.</p>
<div class="map">${strips.join("")}</div>
<table><tr><th></th><th>from</th><th>to</th><th>size</th><th>pages</th><th>entries</th></tr>
${rows.join("\n")}
</table>
<details><summary>The tables</summary><pre>${escapeHtml(tree)}</pre></details>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
