import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeMappings } from "./mappings.ts";

/** What V8 writes for NODE_V8_COVERAGE, as far as it is of use here. */
interface Dump {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly Range[] }[];
  }[];
}

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

/** Lines of source files that were executed, by the files' paths from here. */
export type Lines = Map<string, Set<number>>;

/**
 * The lines of `src` that were executed by processes that ran bundles of `dist/cli` built with maps, and left dumps in a
 * folder. A line counts when any part of it was executed.
 */
export function executedLines(folder: string): Lines {
  const executed = new Map<string, Uint8Array>();
  for (const name of readdirSync(folder)) {
    const dump = JSON.parse(readFileSync(join(folder, name), "utf8")) as Dump;
    for (const { url, functions } of dump.result) {
      if (!url.startsWith("file:") || !url.includes("/dist/cli/")) continue;
      const file = fileURLToPath(url);
      if (!existsSync(`${file}.map`)) continue;
      const known = executed.get(file) ?? new Uint8Array(readFileSync(file, "utf8").length);
      executed.set(file, known);
      addRanges(
        known,
        functions.flatMap(({ ranges }) => ranges),
      );
    }
  }
  const lines: Lines = new Map();
  for (const [file, characters] of executed) addLines(lines, file, characters);
  return lines;
}

/** Marks the characters that a process executed: of ranges that contain a character, the narrowest says it. */
function addRanges(known: Uint8Array, ranges: readonly Range[]): void {
  const widest = (a: Range, b: Range) => a.startOffset - b.startOffset || b.endOffset - a.endOffset;
  const now = new Uint8Array(known.length);
  for (const { startOffset, endOffset, count } of ranges.toSorted(widest)) {
    now.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  }
  for (let at = 0; at < now.length; at++) known[at] |= now[at];
}

/** Maps the executed characters of a bundle to lines of the sources. */
function addLines(lines: Lines, file: string, characters: Uint8Array): void {
  const map = JSON.parse(readFileSync(`${file}.map`, "utf8")) as { sources: string[]; mappings: string };
  const sources = map.sources.map((source) => relative(".", resolve(dirname(file), source)));
  const starts = [0];
  const code = readFileSync(file, "utf8");
  for (let at = code.indexOf("\n"); at >= 0; at = code.indexOf("\n", at + 1)) starts.push(at + 1);
  for (const { line, column, source, sourceLine } of decodeMappings(map.mappings)) {
    const path = sources[source];
    if (!path.startsWith("src/") || characters[starts[line] + column] === 0) continue;
    const known = lines.get(path) ?? new Set<number>();
    lines.set(path, known.add(sourceLine + 1));
  }
}
