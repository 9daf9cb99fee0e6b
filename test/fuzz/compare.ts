import { slotAddress, tableAddress } from "./image.ts";
import {
  contextAt,
  contextLayout,
  descriptorBytes,
  descriptorsAt,
  dumpBytes,
  dumpWords,
  logEntryBytes,
  ramBase,
  resultBytes,
  resultLayout,
  resultsAt,
  slotBytes,
  tableBytes,
} from "./layout.ts";

/** What one machine made of a test. */
export interface Outcome {
  /** Rounds that ended. */
  readonly rounds: number;
  readonly dumps: readonly (readonly bigint[])[];
  readonly log: readonly LogEntry[];
}

/** A trap as the harness logged it. */
export interface LogEntry {
  /** Taken by the supervisor: then `status` is sstatus, else mstatus. */
  readonly supervisor: boolean;
  readonly cause: number;
  readonly epc: bigint;
  readonly tval: bigint;
  readonly status: bigint;
}

/** Something that differs. */
export interface Difference {
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
}

const hex = (value: bigint | number, digits = 16) => `0x${value.toString(16).padStart(digits, "0")}`;

/** Reads what a test left in RAM. */
export function readOutcome(ram: Uint8Array, place: number): Outcome {
  const at = resultsAt + place * resultBytes - ramBase;
  const view = new DataView(ram.buffer, ram.byteOffset + at, resultBytes);
  const word = (offset: number) => view.getBigUint64(offset, true);
  const logEnd = Number(word(0)) - (resultsAt + place * resultBytes) - resultLayout.log;
  const rounds = Number(word(8));
  const dumps = Array.from({ length: Math.min(rounds, 4) }, (_, round) =>
    dumpWords.map((_, n) => word(resultLayout.dumps + round * dumpBytes + 8 * n)),
  );
  const entries = logEnd > 0 ? Math.min(logEnd / logEntryBytes, (resultBytes - resultLayout.log) / logEntryBytes) : 0;
  const log = Array.from({ length: entries }, (_, n) => {
    const entry = resultLayout.log + n * logEntryBytes;
    const cause = word(entry);
    const [epc, tval, status] = [word(entry + 8), word(entry + 16), word(entry + 24)];
    return { supervisor: (cause & (1n << 32n)) !== 0n, cause: Number(cause & 0xffn), epc, tval, status };
  });
  return { rounds, dumps, log };
}

/** How many rounds of a test ended. */
export function roundsEnded(ram: Uint8Array, place: number): number {
  return ram[resultsAt - ramBase + place * resultBytes + 8];
}

/** How many traps of a test were logged. */
export function logged(ram: Uint8Array, place: number): number {
  const result = resultsAt + place * resultBytes;
  const end = new DataView(ram.buffer, ram.byteOffset + result - ramBase, 8).getBigUint64(0, true);
  return end === 0n ? 0 : (Number(end) - result - resultLayout.log) / logEntryBytes;
}

/** The test that was running when a machine stopped. */
export function lastPlace(ram: Uint8Array): number {
  const view = new DataView(ram.buffer, ram.byteOffset);
  const descriptor = Number(view.getBigUint64(contextAt - ramBase + contextLayout.descriptor, true));
  return descriptor === 0 ? 0 : (descriptor - descriptorsAt) / descriptorBytes;
}

const same = (a: Uint8Array, b: Uint8Array, from: number, length: number) =>
  Buffer.compare(a.subarray(from, from + length), b.subarray(from, from + length)) === 0;

/** The places of the tests after which the two RAMs differ. */
export function differingPlaces(ours: Uint8Array, theirs: Uint8Array, length: number, tests: number): number[] {
  if (same(ours, theirs, 0, length)) return [];
  const places: number[] = [];
  for (let place = 0; place < tests; place++) {
    const equal =
      same(ours, theirs, resultsAt - ramBase + place * resultBytes, resultBytes) &&
      same(ours, theirs, slotAddress(place) - ramBase, slotBytes) &&
      same(ours, theirs, tableAddress(place) - ramBase, tableAddress(place) - ramBase < length ? tableBytes : 0);
    if (!equal) places.push(place);
  }
  return places;
}

function showEntry(entry: LogEntry | undefined): string {
  if (entry === undefined) return "no trap";
  const { supervisor, cause, epc, tval, status } = entry;
  return `${supervisor ? "S" : "M"} cause ${cause} epc ${hex(epc)} tval ${hex(tval)} status ${hex(status)}`;
}

/** What differs after a test: traps first, then registers round by round, then memory. At most `most` lines. */
export function differences(ours: Uint8Array, theirs: Uint8Array, place: number, most = 12): Difference[] {
  const found: Difference[] = [];
  const [a, b] = [readOutcome(ours, place), readOutcome(theirs, place)];
  for (let n = 0; n < Math.max(a.log.length, b.log.length); n++) {
    const [x, y] = [showEntry(a.log[n]), showEntry(b.log[n])];
    if (x !== y) found.push({ what: `trap ${n}`, ours: x, theirs: y });
  }
  if (a.rounds !== b.rounds) found.push({ what: "rounds ended", ours: `${a.rounds}`, theirs: `${b.rounds}` });
  for (let round = 0; round < Math.min(a.rounds, b.rounds, 4); round++) {
    dumpWords.forEach((name, n) => {
      const [x, y] = [a.dumps[round][n], b.dumps[round][n]];
      if (x !== y) found.push({ what: `${name} after round ${round}`, ours: hex(x), theirs: hex(y) });
    });
  }
  memoryDifferences(ours, theirs, slotAddress(place), slotBytes, found);
  if (tableAddress(place) - ramBase + tableBytes <= Math.min(ours.length, theirs.length)) {
    memoryDifferences(ours, theirs, tableAddress(place), tableBytes, found);
  }
  return found.slice(0, most);
}

function memoryDifferences(a: Uint8Array, b: Uint8Array, base: number, bytes: number, found: Difference[]): void {
  const [x, y] = [a, b].map((ram) => new DataView(ram.buffer, ram.byteOffset + base - ramBase, bytes));
  for (let at = 0; at < bytes; at += 8) {
    const [left, right] = [x.getBigUint64(at, true), y.getBigUint64(at, true)];
    if (left !== right) found.push({ what: `memory at ${hex(base + at, 8)}`, ours: hex(left), theirs: hex(right) });
  }
}
