import { assemble } from "../../src/isa/index.ts";
import { harness } from "./harness.ts";
import {
  type DescriptorWord,
  dataBytes,
  descriptorAt,
  descriptorBytes,
  descriptorsAt,
  mostTests,
  poolBytes,
  poolsAt,
  ramBase,
  resultBytes,
  resultsAt,
  slotBytes,
  slotLayout,
  slotsAt,
  tableBytes,
  tablesAt,
} from "./layout.ts";
import type { PmpEntry, TestCase } from "./program.ts";

const harnessBytes = harness();
const ecall = assemble("ecall").bits;
const sret = assemble("sret").bits;

/** PMP: naturally aligned power of two, and the permissions. */
export const pmpNapot = 0x18;
export const pmpTor = 0x08;
export const pmpRx = 5;
export const pmpRwx = 7;

/** A PMP entry over a naturally aligned power of two of bytes. */
export function napot(base: number, bytes: number, permissions: number): PmpEntry {
  return { config: pmpNapot | permissions, address: BigInt(base / 4) + BigInt(bytes / 8 - 1) };
}

export const slotAddress = (place: number) => slotsAt + place * slotBytes;
export const tableAddress = (place: number) => tablesAt + place * tableBytes;

/** Code may be read and executed, data read and written; page tables are the walk's business. */
function usualPmp(slot: number, tables: number): PmpEntry[] {
  return [napot(slot, 0x4000, pmpRx), napot(slot + 0x4000, 0x4000, 3), napot(tables, tableBytes, 3)];
}

/** The bytes of RAM that a batch begins with. */
export class Image {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #used = 0;
  #tablesUsed = false;

  constructor() {
    this.bytes = new Uint8Array(tablesAt + mostTests * tableBytes - ramBase);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** How many bytes from the start are not zero or may be written. */
  get length(): number {
    return (this.#tablesUsed ? tableAddress(this.#used) : slotAddress(this.#used)) - ramBase;
  }

  /** Fills it with a batch of tests. */
  fill(tests: readonly TestCase[]): void {
    if (tests.length > mostTests) throw new RangeError(`a batch has at most ${mostTests} tests, not ${tests.length}`);
    this.bytes.fill(0, 0, this.length);
    this.bytes.set(harnessBytes, 0);
    this.#used = tests.length;
    this.#tablesUsed = false;
    tests.forEach((test, place) => {
      this.#place(test, place);
    });
  }

  #place(test: TestCase, place: number): void {
    const slot = slotAddress(place);
    const at = slot - ramBase;
    this.bytes.set(test.code, at + slotLayout.code);
    this.#view.setUint32(at + slotLayout.code + test.code.length, ecall, true);
    this.#view.setUint32(at + slotLayout.supervisor, ecall, true);
    this.#view.setUint32(at + slotLayout.supervisor + 4, sret, true);
    this.bytes.set(new Uint8Array(test.data.buffer, 0, dataBytes), at + slotLayout.data);
    this.bytes.set(new Uint8Array(test.pool.buffer, 0, poolBytes), poolsAt + place * poolBytes - ramBase);
    const { tables } = test.environment;
    if (tables !== undefined) {
      this.#tablesUsed = true;
      const physical = tableAddress(place);
      tables.write(new BigUint64Array(this.bytes.buffer, physical - ramBase, tableBytes / 8), physical, slot);
    }
    this.#describe(test, place);
  }

  #describe(test: TestCase, place: number): void {
    const { environment } = test;
    const { tables } = environment;
    const slot = slotAddress(place);
    const at = descriptorsAt + place * descriptorBytes - ramBase;
    const put = (word: DescriptorWord, value: bigint | number) =>
      this.#view.setBigUint64(at + descriptorAt[word], BigInt.asUintN(64, BigInt(value)), true);
    const code = tables?.code ?? BigInt(slot + slotLayout.code);
    const data = tables?.data ?? BigInt(slot + slotLayout.data);
    put("entry", code);
    put("end", code + BigInt(test.code.length));
    put("codeVa", code);
    put("codeDelta", BigInt(slot) - code);
    put("supervisorVa", tables?.supervisor ?? BigInt(slot + slotLayout.supervisor));
    put("rounds", test.rounds);
    put("pool", poolsAt + place * poolBytes);
    put("result", resultsAt + place * resultBytes);
    put("mstatus", environment.mstatus | (environment.mode << 11));
    const root = BigInt(tableAddress(place) / 4096);
    put("satp", tables === undefined ? 0 : (BigInt(tables.satpMode) << 60n) | (BigInt(tables.asid) << 44n) | root);
    this.#protect((environment.pmp ?? usualPmp)(slot, tableAddress(place)), put);
    for (const name of ["medeleg", "menvcfg", "senvcfg", "mcounteren", "scounteren"] as const) {
      put(name, environment[name]);
    }
    put("sscratch", 0x5c7a_7c11);
    environment.fcsr.forEach((value, round) => {
      this.bytes[at + descriptorAt.fcsr + round] = value;
    });
    put("sp", data + BigInt(test.pointers[0]));
    put("s0", data + BigInt(test.pointers[1]));
    put("s1", tables?.third(slot, test.pointers[2]) ?? data + BigInt(test.pointers[2]));
  }

  #protect(entries: readonly PmpEntry[], put: (word: DescriptorWord, value: bigint) => void): void {
    let config = 0n;
    entries.forEach((entry, n) => {
      config |= BigInt(entry.config) << BigInt(8 * n);
      put(`pmpaddr${n}` as DescriptorWord, entry.address);
    });
    put("pmpcfg0", config);
  }
}
