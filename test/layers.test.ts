import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";

/** The rooms of src/, each of which may import from itself and from those before it. */
const rooms = [
  "bits",
  "wasm",
  "float",
  "isa",
  "memory",
  "mmu",
  "cpu",
  "pagewalk",
  "kernel",
  "devices",
  "machine",
  "supervisor",
  "debug",
  "linux",
  "index.ts",
  "cli",
];

/** Rooms that know less than their place in the list would let them. */
const blind: Record<string, readonly string[]> = {
  pagewalk: ["cpu"],
  devices: ["mmu", "cpu", "pagewalk", "kernel", "isa"],
};

/** Rooms that may use Node; all others must run in a browser. */
const onNode = new Set(["cli"]);

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

const importPattern = /(?:import|export)\s[^;]*?from\s+"([^"]+)"|import\(\s*"([^"]+)"\s*\)|import\s+"([^"]+)"/g;

function specifiers(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? match[3]);
}

const roomOf = (path: string): string => relative("src", path).split("/")[0];

const edges: Import[] = sources("src").flatMap((file) =>
  specifiers(file)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => ({ file, from: roomOf(file), to: roomOf(join(file, "..", specifier)) })),
);

describe("layers", () => {
  test("every folder of src/ is a room of the list", () => {
    expect(readdirSync("src").filter((name) => !rooms.includes(name))).toEqual([]);
  });

  test("a room imports only from rooms above it", () => {
    const wrong = edges.filter(({ from, to }) => rooms.indexOf(to) > rooms.indexOf(from) || blind[from]?.includes(to));
    expect(wrong).toEqual([]);
  });

  test("only the command line uses Node's modules", () => {
    const users = sources("src")
      .filter((file) => specifiers(file).some((specifier) => specifier.startsWith("node:")))
      .map(roomOf);
    expect(users.filter((room) => !onNode.has(room))).toEqual([]);
  });
});
