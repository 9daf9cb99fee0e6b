import { csrName, csrNumber } from "./csrNames.ts";
import type { Notation } from "./field.ts";
import { fliConstants } from "./fli.ts";

/** Rounding modes by number (unprivileged specification, "Rounding mode encoding"); 5 and 6 are reserved. */
export const roundingModes: readonly string[] = ["rne", "rtz", "rdn", "rup", "rmm", "5", "6", "dyn"];

/** Suffixes of atomics by their aq and rl bits. */
const orderings: readonly string[] = ["", ".rl", ".aq", ".aqrl"];

/** `fli` writes the smallest normal number, which differs from format to format, as `min`. */
const constants: readonly string[] = fliConstants.map((value, index) =>
  index === 1 ? "min" : String(value).replace("Infinity", "inf").replace("NaN", "nan"),
);

/** The index of a constant, however its number is written. */
function constantIndex(text: string): number | undefined {
  const index = constants.indexOf(text) >= 0 ? constants.indexOf(text) : fliConstants.indexOf(Number(text || "none"));
  return index < 0 ? undefined : index;
}

/** The address `displacement` away from `pc`, or in words when pc is unknown. */
function targetText(displacement: number, pc: bigint | undefined): string {
  if (pc !== undefined) return `0x${BigInt.asUintN(64, pc + BigInt(displacement)).toString(16)}`;
  return `pc${displacement < 0 ? "-" : "+"}0x${Math.abs(displacement).toString(16)}`;
}

function targetValue(text: string, pc: bigint | undefined): number | undefined {
  const relative = /^(?:pc|\.) ?([-+].+)$/.exec(text);
  if (relative !== null) return integer(relative[1]!.replace(" ", ""));
  const address = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? BigInt(text) : undefined;
  if (address === undefined || pc === undefined) return undefined;
  return Number(BigInt.asIntN(64, address - pc));
}

/** A decimal, 0x or 0b number with an optional sign. */
function integer(text: string): number | undefined {
  const parts = /^([-+]?)(0x[0-9a-f]+|0b[01]+|\d+)$/i.exec(text);
  return parts === null ? undefined : (parts[1] === "-" ? -1 : 1) * Number(parts[2]);
}

/** The subset of `iorw` with the lowest bit for w; the empty set is 0. */
function fenceSetText(set: number): string {
  return [..."iorw"].filter((_, k) => set & (8 >> k)).join("") || "0";
}

const fenceSets: readonly string[] = Array.from({ length: 16 }, (_, set) => fenceSetText(set));

const choice = (texts: readonly string[], offered = texts) => ({
  write: (value: number): string => texts[value]!,
  read: (text: string): number | undefined => (texts.includes(text) ? texts.indexOf(text) : undefined),
  wants: `one of ${offered.join(" ")}`,
});

/** How the values of fields other than registers are written and read, and what to say when that fails. */
export const notations: Readonly<
  Record<
    Exclude<Notation, "register">,
    {
      readonly write: (value: number, pc?: bigint) => string;
      readonly read: (text: string, pc?: bigint) => number | undefined;
      readonly wants: string;
    }
  >
> = {
  integer: { write: String, read: integer, wants: "a number" },
  target: { write: targetText, read: targetValue, wants: "pc+N, pc-N, or an address when the instruction's is known" },
  upper: {
    write: (value) => `0x${((value >>> 12) & 0xf_ffff).toString(16)}`,
    read: (text) => {
      const value = integer(text);
      return value === undefined || value < -0x8_0000 || value > 0xf_ffff ? undefined : value << 12;
    },
    wants: "a number of 20 bits",
  },
  csr: {
    write: (value) => csrName(value) ?? `0x${value.toString(16)}`,
    read: (text) => csrNumber(text) ?? integer(text),
    wants: "the name or number of a CSR",
  },
  rounding: choice(
    roundingModes,
    roundingModes.filter((name) => Number.isNaN(Number(name))),
  ),
  ordering: choice(orderings),
  fenceSet: choice(fenceSets),
  constant: { ...choice(constants), read: constantIndex },
};
