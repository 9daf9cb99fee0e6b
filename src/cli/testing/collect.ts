import { closeSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { systemFailure, usage } from "../failure.ts";

/** What of all tests is run. */
export interface Selection {
  /** Files, folders and patterns, as they were given. */
  readonly given: readonly string[];
  /** Only paths that match. */
  readonly filter: RegExp | undefined;
  /** The i-th of n parts, from 1 on. */
  readonly shard: { readonly index: number; readonly of: number } | undefined;
}

const headBytes = 20;
const elf = { type: { executable: 2, shared: 3 }, riscv: 243 } as const;

/**
 * The tests to run, sorted, each once. A file that is named is a test, whatever is in it; of folders (with all below
 * them) and patterns, those files are that are executables for 64-bit RISC-V. Throws a Failure for a name that leads
 * nowhere.
 */
export async function collectTests({ given, filter, shard }: Selection): Promise<string[]> {
  const found = new Set<string>();
  for (const name of given) for (const path of await expand(name)) found.add(path);
  const all = [...found].sort().filter((path) => filter?.test(path) ?? true);
  return shard === undefined ? all : all.filter((_, index) => index % shard.of === shard.index - 1);
}

async function expand(name: string): Promise<string[]> {
  let status: Stats | undefined;
  try {
    status = statSync(name);
  } catch (error) {
    if (!isDynamicPattern(name)) throw systemFailure(name, "looking for tests", error);
  }
  if (status !== undefined && !status.isDirectory()) return [name];
  const paths =
    status === undefined
      ? await glob(name, { dot: true, expandDirectories: false, absolute: isAbsolute(name) })
      : (await glob("**", { cwd: name, dot: true, expandDirectories: false })).map((path) => join(name, path));
  if (paths.length === 0 && status === undefined) throw usage(`"${name}"`, "no file matches this pattern: check it");
  return paths.filter(isProgram);
}

/** Whether a file is an executable for 64-bit RISC-V. */
function isProgram(path: string): boolean {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const head = Buffer.alloc(headBytes);
    if (readSync(file, head, 0, headBytes, 0) < headBytes) return false;
    const type = head.readUInt16LE(16);
    const isRiscv64 = head.readUInt32BE(0) === 0x7f454c46 && head[4] === 2 && head.readUInt16LE(18) === elf.riscv;
    return isRiscv64 && (type === elf.type.executable || type === elf.type.shared);
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
