import { LinuxError } from "../errno.ts";
import type { Task } from "../task.ts";

/** Bytes of a string that are printed, as strace does. */
const shownBytes = 32;
const escapes: Readonly<Record<number, string>> = { 9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 92: "\\\\" };

/** Bytes as a string of C, shortened. */
export function quote(bytes: Uint8Array, length = bytes.length): string {
  let text = "";
  const shown = bytes.subarray(0, shownBytes);
  for (const [index, byte] of shown.entries()) {
    text += escapes[byte] ?? (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : octal(byte, shown[index + 1]));
  }
  return `"${text}"${length > shownBytes ? "..." : ""}`;
}

/** As few digits as tell it apart from a digit that follows. */
function octal(byte: number, next: number | undefined): string {
  const isDigit = next !== undefined && next >= 0x30 && next <= 0x39;
  return `\\${byte.toString(8).padStart(isDigit ? 3 : 1, "0")}`;
}

/** A pointer. */
export function pointer(value: number): string {
  return value === 0 ? "NULL" : `0x${unsigned(value)}`;
}

/** 64 bits in hexadecimal digits. */
export function unsigned(value: number): string {
  return BigInt.asUintN(64, BigInt(value)).toString(16);
}

/** Bits by their names, those without one in hexadecimal digits. `zero` is what none of them is called. */
export function bitNames(value: number, names: Readonly<Record<string, number>>, zero = "0"): string {
  let left = value;
  const parts: string[] = [];
  for (const [name, bits] of Object.entries(names)) {
    if (bits === 0 || !contains(left, bits)) continue;
    parts.push(name);
    left -= bits;
  }
  if (left !== 0) parts.push(`0x${left.toString(16)}`);
  return parts.length === 0 ? zero : parts.join("|");
}

function contains(value: number, bits: number): boolean {
  return (BigInt(value) & BigInt(bits)) === BigInt(bits);
}

/** The name of a number, or the number. */
export function nameOf(value: number, names: Readonly<Record<string, number>>): string {
  return Object.keys(names).find((name) => names[name] === value) ?? `${value}`;
}

/** What `read` makes of a program's memory, or the pointer where that cannot be read. */
export function ofMemory(task: Task, address: number, read: (address: number) => string): string {
  if (address === 0) return "NULL";
  try {
    return task.state === "dead" ? pointer(address) : read(address);
  } catch (error) {
    if (error instanceof LinuxError) return pointer(address);
    throw error;
  }
}
