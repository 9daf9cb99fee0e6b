import { hex64 } from "../../debug/hex.ts";
import { decoderOf, disassemble, type Isa } from "../../isa/index.ts";

/** What `x` shows: how many, how written, and how large each is. */
export interface DumpFormat {
  readonly count: number;
  readonly format: "x" | "d" | "u" | "o" | "c" | "s" | "i";
  readonly bytes: 1 | 2 | 4 | 8;
}

const sizes: Readonly<Record<string, DumpFormat["bytes"]>> = { b: 1, h: 2, w: 4, g: 8 };
const lineBytes = 16;
const mostUnits = 10_000;

/** Reads what stands behind the slash: `4xg`, `i`, `10i`. Throws a RangeError for what cannot be. */
export function parseDump(text: string): DumpFormat {
  const parts = /^(\d*)([xduocsi]?)([bhwg]?)([xduocsi]?)$/.exec(text);
  const count = Number(parts?.[1] || 1);
  if (parts === null || count < 1 || count > mostUnits) {
    throw new RangeError(`/${text} is no format: a number up to ${mostUnits}, x d u o c s or i, and b h w or g`);
  }
  const format = (parts[2] || parts[4] || "x") as DumpFormat["format"];
  const bytes = format === "c" || format === "s" ? 1 : (sizes[parts[3]] ?? 4);
  return { count, format, bytes };
}

/** Lines that show memory. `read` throws a RangeError where there is none. */
export function dump(
  at: bigint,
  { count, format, bytes }: DumpFormat,
  read: (address: bigint, bytes: number) => Uint8Array,
  isa: Isa,
): string[] {
  if (format === "i") return instructions(at, count, read, isa);
  if (format === "s") return [`${hex64(at)}: ${JSON.stringify(text(at, read))}`];
  const lines: string[] = [];
  const perLine = format === "c" ? lineBytes : lineBytes / bytes;
  for (let done = 0; done < count; done += perLine) {
    const units = Math.min(perLine, count - done);
    const address = at + BigInt(done * bytes);
    const piece = read(address, units * bytes);
    const shown = Array.from({ length: units }, (_, n) => unit(piece.subarray(n * bytes, (n + 1) * bytes), format));
    lines.push(`${hex64(address)}: ${shown.join(" ")}`);
  }
  return lines;
}

function unit(bytes: Uint8Array, format: DumpFormat["format"]): string {
  const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  switch (format) {
    case "d":
      return BigInt.asIntN(8 * bytes.length, value).toString();
    case "u":
      return value.toString();
    case "o":
      return `0${value.toString(8)}`;
    case "c":
      return value >= 0x20n && value < 0x7fn ? `'${String.fromCharCode(Number(value))}'` : `\\x${value.toString(16)}`;
    default:
      return `0x${value.toString(16).padStart(2 * bytes.length, "0")}`;
  }
}

function instructions(
  at: bigint,
  count: number,
  read: (address: bigint, bytes: number) => Uint8Array,
  isa: Isa,
): string[] {
  const decode = decoderOf(isa);
  const lines: string[] = [];
  for (let n = 0; n < count; n++) {
    const [a, b] = read(at, 2);
    const isLong = (a & 3) === 3;
    const [c, d] = isLong ? read(at + 2n, 2) : [0, 0];
    const decoded = decode(a | (b << 8) | (c << 16) | (d << 24));
    lines.push(`${hex64(at)}: ${disassemble(decoded, at)}`);
    at += BigInt(decoded.length);
  }
  return lines;
}

const mostText = 256;

/** Up to a zero. */
function text(at: bigint, read: (address: bigint, bytes: number) => Uint8Array): string {
  let found = "";
  for (let n = 0; n < mostText; n++) {
    const [byte] = read(at + BigInt(n), 1);
    if (byte === 0) break;
    found += String.fromCharCode(byte);
  }
  return found;
}
