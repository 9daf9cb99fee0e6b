import { closeSync, constants, openSync, readdirSync, readSync, realpathSync, type Stats, statSync } from "node:fs";
import { isAbsolute, join, normalize } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { Failure, systemFailure, usage } from "../failure.ts";

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
/** Does not wait for a writer if it is a pipe. */
const readNow = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const elf = { type: { executable: 2, shared: 3 }, riscv: 243 } as const;

/**
 * The tests to run, sorted, each once. A file that is named is a test, whatever is in it; of folders (with all below
 * them) and patterns, those files are that are executables for 64-bit RISC-V, or cannot be read. Throws a Failure for a
 * name that leads nowhere, a folder that cannot be read, and where there are no tests at all. A shard may be empty: there
 * can be more shards than tests.
 */
export async function collectTests({ given, filter, shard }: Selection): Promise<string[]> {
  const found = new Set<string>();
  for (const name of given) for (const path of await expand(name)) found.add(path);
  if (found.size === 0) throw usage(given.join(" "), "no tests are there: name ELF programs, or folders of them");
  const all = [...found].sort().filter((path) => filter?.test(path) ?? true);
  if (all.length === 0) throw usage(`--filter ${filter?.source}`, `none of the ${found.size} tests has such a path`);
  return shard === undefined ? all : all.filter((_, index) => index % shard.of === shard.index - 1);
}

async function expand(name: string): Promise<string[]> {
  let status: Stats | undefined;
  try {
    status = statSync(name);
  } catch (error) {
    if (!isDynamicPattern(name)) throw systemFailure(name, "looking for tests", error);
  }
  if (status !== undefined && !status.isDirectory()) return [normalize(name)];
  if (status !== undefined) return filesBelow(name).filter(isTest);
  const paths = await glob(name, { dot: true, expandDirectories: false, absolute: isAbsolute(name) });
  if (paths.length === 0) throw usage(`"${name}"`, "no file matches this pattern: check it");
  return paths.map(normalize).filter(isTest);
}

/**
 * The files in a folder, at any depth. Links are followed, but into no folder twice; what is neither file nor folder, and
 * a link that leads nowhere, is left out.
 */
function filesBelow(folder: string, visited = new Set<string>()): string[] {
  try {
    const real = realpathSync(folder);
    if (visited.has(real)) return [];
    visited.add(real);
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      const kind = entry.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : entry;
      if (kind?.isDirectory()) return filesBelow(path, visited);
      return kind?.isFile() ? [path] : [];
    });
  } catch (error) {
    throw error instanceof Failure ? error : systemFailure(folder, "looking for tests", error);
  }
}

/** Whether a file is an executable for 64-bit RISC-V, or cannot be read: then it must not be passed over in silence. */
function isTest(path: string): boolean {
  return isProgram(path) ?? true;
}

/** Whether a file is an executable for 64-bit RISC-V; undefined where it cannot be read. */
export function isProgram(path: string): boolean | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, readNow);
    const head = Buffer.alloc(headBytes);
    if (readSync(file, head, 0, headBytes, 0) < headBytes) return false;
    const type = head.readUInt16LE(16);
    const isRiscv64 = head.readUInt32BE(0) === 0x7f454c46 && head[4] === 2 && head.readUInt16LE(18) === elf.riscv;
    return isRiscv64 && (type === elf.type.executable || type === elf.type.shared);
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
