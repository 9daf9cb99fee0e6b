import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** What one run of a process cost: all of it, from its start to its end. */
export interface Cost {
  /** Seconds by the clock, and of processors: user and system together. */
  readonly wall: number;
  readonly cpu: number;
  /** The most memory that was resident, in MiB; 0 where the process ended before it could be seen. */
  readonly peak: number;
  readonly exitCode: number;
  readonly output: string;
}

const pollMs = 5;
/** bash's `time` counts what the process and its children used, and says it on a line of its own. */
const timing = 'TIMEFORMAT="cost %R %U %S"; time "$@"';

/** Runs a command to its end. */
export async function measure(command: readonly string[]): Promise<Cost> {
  const child = spawn("bash", ["-c", timing, "bash", ...command], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (part: Buffer) => {
      output += part.toString();
    });
  }
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentPeak(child.pid));
  }, pollMs);
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? -1));
  });
  clearInterval(timer);
  const found = /^cost ([\d.]+) ([\d.]+) ([\d.]+)$/m.exec(output);
  if (found === null) throw new Error(`bash did not time ${command.join(" ")}: ${output.slice(0, 500)}`);
  const [wall, user, system] = found.slice(1).map(Number);
  return { wall, cpu: user + system, peak, exitCode, output: output.replace(found[0], "") };
}

/** The largest VmHWM of a shell's children, in MiB. */
function residentPeak(shell: number | undefined): number {
  try {
    const children = readFileSync(`/proc/${shell}/task/${shell}/children`, "utf8").trim().split(" ");
    const kibibytes = children.map((pid) => {
      return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
    });
    return Math.max(0, ...kibibytes) / 1024;
  } catch {
    return 0; // it has ended
  }
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The geometric mean. */
export function geomean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
