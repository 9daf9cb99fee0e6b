import { readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import type { Machine } from "../../machine/machine.ts";
import { systemFailure } from "../failure.ts";
import { signatureText } from "../signature.ts";

/** How a reference file's name goes on after the test's name, without and with the test's own ending. */
const endings = [".signature", ".reference_output", ".sig", ".ref", ".signature.output"];

/** One to sixteen bytes in hexadecimal. */
const isLine = /^(?:[0-9a-f]{2}){1,16}$/i;
const longestShown = 40;
const anyBytes = 4;

/**
 * What is wrong with the signature that a test has left behind, in words, or undefined where it is as the reference
 * says. References are `DIR/<test>.signature` (or .reference_output, .sig, .ref), of any number of bytes a line.
 */
export function compareSignature(machine: Machine, path: string, folder: string): string | undefined {
  const reference = readReference(path, folder);
  if (reference === undefined) return `there is no reference for it in ${folder} (${referenceNames(path).join(", ")})`;
  const wanted = reference.text.split(/\s+/).filter((line) => line !== "");
  const strange = wanted.find((line) => !isLine.test(line));
  if (strange !== undefined) return `${reference.file} is no signature: it has "${strange.slice(0, longestShown)}"`;
  // The reference's own lines say how many bytes they have; where it is empty, any number will do.
  const bytes = wanted[0] === undefined ? anyBytes : wanted[0].length / 2;
  const got = signatureText(machine, path, bytes).split("\n").slice(0, -1);
  const line = got.findIndex((text, index) => text !== wanted[index]?.toLowerCase());
  if (line >= 0) {
    const symbol = machine.program?.signature?.begin ?? 0n;
    const at = symbol + BigInt(line * bytes);
    const expected = wanted[line] ?? "nothing";
    return `signature line ${line + 1} (at 0x${at.toString(16)}) is ${got[line]}, ${reference.file} has ${expected}`;
  }
  if (got.length === wanted.length) return undefined;
  return `the signature has ${got.length} lines, ${reference.file} has ${wanted.length}`;
}

function referenceNames(path: string): string[] {
  const base = basename(path);
  const stem = base.slice(0, base.length - extname(base).length) || base;
  return [...new Set([stem, base])].flatMap((name) => endings.map((ending) => name + ending));
}

function readReference(path: string, folder: string): { text: string; file: string } | undefined {
  for (const name of referenceNames(path)) {
    const file = join(folder, name);
    try {
      return { text: readFileSync(file, "utf8"), file };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw systemFailure(file, "reading the reference", error);
    }
  }
  return undefined;
}
