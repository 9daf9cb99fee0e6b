import { decoderOf, disassemble, parseIsa } from "../isa/index.ts";
import { type CommitLine, CommitLog, normalized, parseCommit } from "./commitLog.ts";
import { Failure } from "./failure.ts";
import { parseCount } from "./options.ts";
import type { Given } from "./syntax.ts";
import type { Host } from "./terminal.ts";

const usualContext = 5;
const mostContext = 1000;
/** Lines that are shown of each log from the difference on. */
const shownAfter = 3;
/** Spike starts in a boot ROM, other machines at the program. */
const bootRom = { from: 0x1000n, to: 0x2000n } as const;

/**
 * `pagewalk diff-trace`: compares two commit logs and shows where they begin to differ. The exit code is 0 if they do
 * not, 1 if they do. Logs are read piece by piece, however long they are.
 */
export async function diffTrace(a: string, b: string, given: Given, host: Host): Promise<number> {
  const { terminal } = host;
  const context = given.context;
  const before = typeof context === "string" ? parseCount("--context", context, mostContext) : usualContext;
  const logs = [new CommitLog(a), new CommitLog(b)] as const;
  try {
    const same = skipCommon(logs, before);
    if (same.difference === undefined) {
      terminal.print(`the logs are the same: ${same.count} instructions`);
      return 0;
    }
    for (const line of describe(logs, same, [a, b])) terminal.print(line);
    return 1;
  } finally {
    for (const log of logs) log.close();
  }
}

/** How far two logs are the same. */
interface Common {
  readonly count: number;
  /** The last commits before the difference. */
  readonly before: readonly CommitLine[];
  /** The first two that differ; undefined is the end of a log. Undefined altogether: both ended. */
  readonly difference: readonly [CommitLine | undefined, CommitLine | undefined] | undefined;
}

function skipCommon([a, b]: readonly [CommitLog, CommitLog], context: number): Common {
  let count = 0;
  const ring: CommitLine[] = [];
  let [left, right] = skipBootRom(a, b);
  for (; left !== undefined && right !== undefined; left = a.next(), right = b.next()) {
    if (left.raw !== right.raw && normalized(left.raw) !== normalized(right.raw))
      return { count, before: ring, difference: [left, right] };
    ring.push(left);
    if (ring.length > context) ring.shift();
    count++;
  }
  return { count, before: ring, difference: left === right ? undefined : [left, right] };
}

/** The first commit of each log; where only one starts in the boot ROM, what it does there is left out. */
function skipBootRom(a: CommitLog, b: CommitLog): [CommitLine | undefined, CommitLine | undefined] {
  let [left, right] = [a.next(), b.next()];
  for (const [log, commit] of [
    [a, left],
    [b, right],
  ] as const) {
    if (commit === undefined) throw new Failure(log.path, "commit log", "no instruction is in it: is it a commit log?");
  }
  const inRom = (commit: CommitLine | undefined) => {
    const pc = commit && parseCommit(commit)?.pc;
    return pc !== undefined && pc >= bootRom.from && pc < bootRom.to;
  };
  if (!inRom(right)) while (inRom(left)) left = a.next();
  else if (!inRom(left)) while (inRom(right)) right = b.next();
  return [left, right];
}

function describe(
  logs: readonly [CommitLog, CommitLog],
  { count, before, difference }: Common,
  names: readonly [string, string],
): string[] {
  const lines = [`the logs differ after ${count} instructions that are the same:`];
  for (const commit of before) lines.push(`  ${assembly(commit)}`);
  logs.forEach((log, side) => {
    const first = difference?.[side];
    const place = first === undefined ? "ends here" : `line ${first.line}`;
    lines.push(`${names[side]}, ${place}:`);
    let commit = first;
    for (let n = 0; n < shownAfter && commit !== undefined; n++, commit = log.next()) {
      lines.push(`${n === 0 ? ">" : " "} ${assembly(commit)}`);
    }
  });
  return lines;
}

const decode = decoderOf(parseIsa("max"));
const assemblyWidth = 32;

/** `core 0 M 0x80000000  addi a0, a0, 1   x10 0x…`. */
function assembly(line: CommitLine): string {
  const commit = parseCommit(line);
  if (commit === undefined) return line.raw;
  const { hart, priv, pc, bits, effects } = commit;
  const text = disassemble(decode(bits), pc).padEnd(assemblyWidth);
  return `core ${hart} ${"US?M"[priv] ?? "?"} 0x${pc.toString(16).padStart(16, "0")}  ${text} ${effects}`.trimEnd();
}
