/**
 * The extensions that exist here, in canonical order, each with those that it implies. Extensions without
 * instructions of their own are here because other rooms ask for them.
 */
const implications: Readonly<Record<string, string>> = {
  i: "",
  m: "",
  a: "",
  f: "zicsr",
  d: "f",
  c: "zca",
  b: "zba zbb zbs",
  zicbom: "",
  zicbop: "",
  zicboz: "",
  zicntr: "zicsr",
  zicond: "",
  zicsr: "",
  zifencei: "",
  zihintntl: "",
  zihintpause: "",
  zihpm: "zicsr",
  zimop: "",
  zacas: "a",
  zawrs: "a",
  zfa: "f",
  zfh: "zfhmin",
  zfhmin: "f",
  zca: "",
  zcb: "zca",
  zcd: "zca d",
  zcmop: "zca",
  zba: "",
  zbb: "",
  zbc: "",
  zbkb: "",
  zbkc: "",
  zbkx: "",
  zbs: "",
  smcntrpmf: "zicntr",
  smstateen: "zicsr",
  sscofpmf: "zihpm",
  sstc: "zicsr",
  svade: "",
  svadu: "",
  svinval: "",
  svnapot: "",
  svpbmt: "",
};

/** Extensions that are present as soon as all of the others are. */
const compositions: readonly (readonly [string, string])[] = [
  ["zcd", "c d"],
  ["b", "zba zbb zbs"],
];

/** What `g` stands for. */
const general = ["i", "m", "a", "f", "d", "zicsr", "zifencei"];

/** Every extension that {@link parseIsa} knows, in canonical order. */
export const extensions: readonly string[] = Object.keys(implications);

/** An instruction set: RV64 with a set of extensions. */
export interface Isa {
  has(extension: string): boolean;
  /** Whether it has all extensions of one of the alternatives in a text like `zbb | zbkb` or `zfa d`. */
  meets(needs: string): boolean;
  /** What it has, in canonical order, implied extensions included. */
  readonly extensions: readonly string[];
  /** The canonical string, `rv64imafdc_zicsr_zifencei`, which {@link parseIsa} reads back as the same set. */
  toString(): string;
}

class ExtensionSet implements Isa {
  readonly extensions: readonly string[];
  readonly #present: ReadonlySet<string>;
  /** Answers of {@link meets}: instructions ask the same few questions again and again. */
  readonly #met = new Map<string, boolean>();

  constructor(named: Iterable<string>) {
    const present = new Set<string>();
    const add = (name: string): void => {
      if (present.has(name)) return;
      present.add(name);
      words(implications[name]!).forEach(add);
    };
    add("i");
    for (const name of named) add(name);
    for (const [whole, parts] of compositions) if (words(parts).every((part) => present.has(part))) add(whole);
    this.#present = present;
    this.extensions = extensions.filter((name) => present.has(name));
  }

  has(extension: string): boolean {
    return this.#present.has(extension);
  }

  meets(needs: string): boolean {
    let met = this.#met.get(needs);
    if (met === undefined) {
      met = needs.split(" | ").some((all) => words(all).every((name) => this.has(name)));
      this.#met.set(needs, met);
    }
    return met;
  }

  toString(): string {
    const letters = this.extensions.filter((name) => name.length === 1).join("");
    return [`rv64${letters}`, ...this.extensions.filter((name) => name.length > 1)].join("_");
  }
}

const words = (text: string): string[] => text.split(" ").filter((word) => word !== "");

/**
 * Reads an ISA string: `rv64gc`, `rv64imac_zba_zbb`, `rv64i2p1_m2p0` (versions are ignored), in any case; `max` is
 * everything that exists here, also when no text is given.
 *
 * @throws Error that names the part which is unknown, repeated or not RV64, and lists what is known.
 */
export function parseIsa(text = "max"): Isa {
  const lower = text.trim().toLowerCase();
  if (lower === "max") return new ExtensionSet(extensions);
  const fail = (reason: string): never => {
    throw new Error(`isa "${text}": ${reason}; known: rv64 with i or g, ${extensions.slice(1).join(" ")}, or max`);
  };
  if (!lower.startsWith("rv64")) fail(`"${lower.slice(0, 4)}" is not rv64`);
  const [letters, ...parts] = lower.slice(4).split("_") as [string, ...string[]];
  const named = [...splitLetters(letters), ...parts.map(withoutVersion)];
  if (named[0] !== "i" && named[0] !== "g") fail(`"${named[0] ?? ""}" is no base; it begins with i or g`);
  named.forEach((name, position) => {
    if (name !== "g" && !Object.hasOwn(implications, name)) fail(`"${name}" is unknown`);
    if (named.indexOf(name) !== position) fail(`"${name}" is there twice`);
  });
  return new ExtensionSet(named.flatMap((name) => (name === "g" ? general : [name])));
}

const withoutVersion = (part: string): string => part.replace(/(?<=[a-z])\d+p\d+$/, "");

/** `imafdc` letter by letter; from a letter z, s or x on, the rest is one multi-letter name (`rv64gczba`). */
function splitLetters(letters: string): string[] {
  return (letters.match(/[zsx].*|.(\d+p\d+)?/g) ?? []).map(withoutVersion);
}
