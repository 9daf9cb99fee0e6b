import { type Isa, parseIsa } from "../isa/index.ts";
import type { Engine, MachineOptions } from "../machine/machine.ts";
import type { Access, TlbGeometry } from "../mmu/index.ts";
import { usage } from "./failure.ts";
import type { Given } from "./syntax.ts";

const gibibyte = 2 ** 30;
const units: Readonly<Record<string, number>> = { "": 2 ** 20, K: 2 ** 10, M: 2 ** 20, G: gibibyte };
const pageBytes = 4096;
const mostBytes = 3 * gibibyte;
const mostHarts = 64;

/** An amount of memory in bytes: `128M`, `3G`, `64K`; a plain number is MiB. */
export function parseSize(option: string, text: string): number {
  const parts = /^(\d+(?:\.\d+)?)([KMG]?)(?:i?B)?$/i.exec(text.trim());
  if (parts === null) throw usage(`${option} ${text}`, "this is no amount of memory: write 128M or 3G");
  return Number(parts[1]) * units[parts[2].toUpperCase()];
}

/** `interpreter`, `translator`, `auto`. */
export function parseEngine(text: string): Engine {
  if (text === "interpreter" || text === "translator" || text === "auto") return text;
  throw usage(`--engine ${text}`, "there is no such engine: write interpreter, translator or auto");
}

/** `128M`, `3G`, `64K`; a plain number is MiB. Whole pages, up to 3 GiB. */
export function parseMemory(text: string): number {
  const bytes = parseSize("-m", text);
  if (bytes > mostBytes) throw usage(`-m ${text}`, "the board has room for 3G at most: write 3G or less");
  if (bytes < pageBytes || bytes % pageBytes !== 0) {
    throw usage(`-m ${text}`, "memory is whole pages of 4K, at least one: write 64K or 128M");
  }
  return bytes;
}

/** `64x4`: sets, a power of two, times ways. */
export function parseTlb(text: string): TlbGeometry {
  const parts = /^(\d{1,9})x(\d{1,9})$/i.exec(text.trim());
  if (parts === null) throw usage(`--tlb ${text}`, "this is no geometry: write sets x ways, as in 64x4");
  const [sets, ways] = [Number(parts[1]), Number(parts[2])];
  if (sets < 1 || sets > 65536 || (sets & (sets - 1)) !== 0) {
    throw usage(`--tlb ${text}`, `${sets} sets are not possible: a power of two up to 65536, as in 64x4`);
  }
  if (ways < 1 || ways > 1024) throw usage(`--tlb ${text}`, `${ways} ways are not possible: 1 to 1024, as in 64x4`);
  return { sets, ways };
}

/** `rv64gc`, `rv64imac_zba`, `max`. */
export function parseIsaOption(text: string): Isa {
  try {
    return parseIsa(text);
  } catch (error) {
    throw usage(`--isa ${text}`, (error as Error).message.replace(/^isa ".*?": /s, ""));
  }
}

/** A whole number from 1 on: `1000000`, `1_000_000`, `1e6`, `10M`. */
export function parseCount(option: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const plain = text.trim().replaceAll("_", "");
  const parts = /^(\d+(?:\.\d+)?(?:e\d{1,2})?)([kMG]?)$/.exec(plain);
  const value = parts === null ? Number.NaN : Number(parts[1]) * { "": 1, k: 1e3, M: 1e6, G: 1e9 }[parts[2]]!;
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? "from 1 on, as in 1000000 or 10M" : `from 1 to ${most}`;
  throw usage(`${option} ${text}`, `this is no number that can be used: write a whole number ${range}`);
}

/** Seconds, more than 0: `10`, `0.5`. */
export function parseSeconds(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (seconds > 0 && seconds < 1e9) return seconds;
  throw usage(`--timeout ${text}`, "this is no time in seconds: write 10 or 0.5");
}

/** `load`, `store`, `fetch`. */
export function parseAccess(text: string): Access {
  if (text === "load" || text === "store" || text === "fetch") return text;
  throw usage(`--access ${text}`, "there is no such access: write load, store or fetch");
}

/** `U`, `S`, `M`. */
export function parsePrivilege(text: string): 0 | 1 | 3 {
  const found = ({ u: 0, s: 1, m: 3 } as const)[text.toLowerCase()];
  if (found !== undefined) return found;
  throw usage(`--priv ${text}`, "there is no such privilege: write U, S or M");
}

/** A hart's number. */
export function parseHart(text: string): number {
  if (/^\d{1,2}$/.test(text) && Number(text) < mostHarts) return Number(text);
  throw usage(`--hart ${text}`, `there is no such hart: write a number from 0 to ${mostHarts - 1}`);
}

/** What the options say of the machine. */
export function machineOptions(given: Given): MachineOptions {
  return {
    ...read(given, "memory", "ramBytes", parseMemory),
    ...read(given, "isa", "isa", parseIsaOption),
    ...read(given, "harts", "harts", (text) => parseCount("--harts", text, mostHarts)),
    ...read(given, "tlb", "tlb", parseTlb),
    ...read(given, "engine", "engine", parseEngine),
    ...read(given, "code-cache", "codeCacheBytes", (text) => parseSize("--code-cache", text)),
  };
}

/** `{ key: value }` of an option that was given, else nothing. */
function read<K extends string, V>(
  given: Given,
  option: string,
  key: K,
  parse: (text: string) => V,
): { [P in K]: V } | undefined {
  const text = given[option];
  return typeof text === "string" ? ({ [key]: parse(text) } as { [P in K]: V }) : undefined;
}

/** When a run ends without the guest's word. */
export interface Limits {
  readonly maxInstructions: number;
  readonly seconds: number;
}

/** What the options say of limits; Infinity where they say nothing. */
export function limitOptions(given: Given): Limits {
  return {
    maxInstructions: Number.POSITIVE_INFINITY,
    seconds: Number.POSITIVE_INFINITY,
    ...read(given, "max-instructions", "maxInstructions", (text) => parseCount("--max-instructions", text)),
    ...read(given, "timeout", "seconds", parseSeconds),
  };
}
