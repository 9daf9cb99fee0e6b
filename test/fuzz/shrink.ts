import { poolShift } from "./layout.ts";
import type { TestCase } from "./program.ts";

const nop = 0x0000_0013;
const narrowNop = 0x0001;

/** Which of some tests still end differently on the two machines. */
export type StillDiffers = (tests: readonly TestCase[]) => Promise<boolean[]>;

/** A test with only some of its instructions: the others become nops of their length, so that nothing moves. */
export function withOnly(test: TestCase, kept: ReadonlySet<number>): TestCase {
  const code = test.code.slice();
  const view = new DataView(code.buffer);
  test.starts.forEach((at, n) => {
    if (kept.has(n)) return;
    if ((view.getUint16(at, true) & 3) === 3) view.setUint32(at, nop, true);
    else view.setUint16(at, narrowNop, true);
  });
  return { ...test, code };
}

/** The indices of the instructions that are not nops. */
export function instructionsOf(test: TestCase): number[] {
  const view = new DataView(test.code.buffer, test.code.byteOffset);
  const isNop = (at: number) => {
    const low = view.getUint16(at, true);
    return low === narrowNop || ((low & 3) === 3 && view.getUint32(at, true) === nop);
  };
  return [...test.starts.keys()].filter((n) => !isNop(test.starts[n]));
}

/** The same test with one round, which begins with the values of round `first`. */
function oneRound(test: TestCase, first: number): TestCase {
  const pool = test.pool.slice();
  for (const half of [0, 128]) {
    for (let n = 0; n < 128; n++) pool[half + n] = test.pool[half + Math.min(127, n + first * poolShift * 2)];
  }
  const fcsr = test.environment.fcsr.map((_, n) => test.environment.fcsr[Math.min(3, n + first)]);
  return { ...test, rounds: 1, pool, environment: { ...test.environment, fcsr } };
}

/** The instructions that can be dropped, alone or as the units that they make. */
function piecesOf(test: TestCase): number[][] {
  const units = new Map<number, number[]>();
  const pieces: number[][] = [];
  for (const n of instructionsOf(test)) {
    const unit = test.units[n];
    const known = units.get(unit);
    if (known !== undefined) known.push(n);
    else {
      const piece = [n];
      pieces.push(piece);
      if (unit !== 0) units.set(unit, piece);
    }
  }
  return pieces;
}

/** Most tests that one question to {@link StillDiffers} may have. */
const mostCandidates = 200;

/**
 * Drops rounds and instructions for as long as the machines still disagree; returns a test from which none of the
 * remaining instructions can be dropped alone.
 */
export async function shrink(test: TestCase, differs: StillDiffers): Promise<TestCase> {
  const rounds = [0, 1, 2, 3].map((first) => oneRound(test, first));
  const round = (await differs(rounds)).indexOf(true);
  const start = round < 0 ? test : rounds[round];
  const pieces = piecesOf(start);
  const only = (kept: readonly number[]) => withOnly(start, new Set(kept.flatMap((piece) => pieces[piece])));
  const kept = await smallest([...pieces.keys()], (sets) => differs(sets.map(only)));
  return only(kept);
}

/** Delta debugging: cuts the set into chunks and asks about all sets without one of them at once. */
async function smallest(all: number[], differ: (sets: number[][]) => Promise<boolean[]>): Promise<number[]> {
  let kept = all;
  let chunks = 2;
  while (kept.length > 0) {
    const size = Math.ceil(kept.length / chunks);
    const parts = Array.from({ length: Math.ceil(kept.length / size) }, (_, n) => kept.slice(n * size, (n + 1) * size));
    const needless: number[][] = [];
    for (let first = 0; first < parts.length; first += mostCandidates) {
      const some = parts.slice(first, first + mostCandidates);
      const answers = await differ(some.map((part) => without(kept, part)));
      needless.push(...some.filter((_, n) => answers[n]));
    }
    const fewer = await dropMany(kept, needless, differ);
    if (fewer.length < kept.length) kept = fewer;
    else if (size === 1) break;
    chunks = Math.min(kept.length, chunks * 2);
  }
  return kept;
}

const without = (set: readonly number[], part: readonly number[]): number[] => {
  const dropped = new Set(part);
  return set.filter((n) => !dropped.has(n));
};

/** Drops as many as possible of parts each of which can be dropped alone: all, else the first half, else one. */
async function dropMany(
  kept: number[],
  parts: readonly number[][],
  differ: (sets: number[][]) => Promise<boolean[]>,
): Promise<number[]> {
  if (parts.length === 0) return kept;
  const counts = [...new Set([parts.length, parts.length >> 1, parts.length >> 2, 1])].filter((count) => count > 0);
  const sets = counts.map((count) => without(kept, parts.slice(0, count).flat()));
  const answers = await differ(sets);
  const first = answers.indexOf(true);
  return first < 0 ? kept : sets[first];
}
