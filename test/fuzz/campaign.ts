import { parseIsa } from "../../src/isa/index.ts";
import { Catalogue } from "./catalogue.ts";
import { differingPlaces, lastPlace } from "./compare.ts";
import { generate, type Mix } from "./generator.ts";
import { Image } from "./image.ts";
import { runOurs } from "./ours.ts";
import type { TestCase } from "./program.ts";
import { type Qemu, type QemuEnd, QemuRunner } from "./qemu.ts";

/** A batch that both machines have run. */
export interface BatchResult {
  readonly tests: readonly TestCase[];
  /** Places of the tests that ended differently. */
  readonly differing: readonly number[];
  /** Both RAMs afterwards. They are overwritten by the next batch. */
  readonly ours: Uint8Array;
  readonly theirs: Uint8Array;
  /** A machine that did not end by itself. */
  readonly trouble: string | undefined;
  readonly retired: number;
  readonly traps: number;
}

/** Most instructions that a batch may execute on our machine. */
const instructionLimit = 60_000_000;
const qemuTimeoutMs = 60_000;

/** Both machines, and the memory in which their results meet. */
export class Arena {
  readonly catalogue: Catalogue;
  readonly #runner: QemuRunner;
  readonly #image = new Image();
  readonly #ours: Uint8Array;
  readonly #theirs: Uint8Array;
  readonly #isa: string;

  constructor(qemu: Qemu) {
    this.#isa = qemu.isa;
    this.catalogue = new Catalogue(parseIsa(qemu.isa));
    this.#runner = new QemuRunner(qemu);
    this.#ours = new Uint8Array(this.#image.bytes.length);
    this.#theirs = new Uint8Array(this.#image.bytes.length);
  }

  /** Makes tests `first` … of a mix. */
  make(mix: Mix, seed: number, first: number, count: number): TestCase[] {
    return Array.from({ length: count }, (_, n) => generate(this.catalogue, mix, seed, first + n));
  }

  /** Runs tests on both machines at once. `meanwhile` runs while QEMU still does. */
  async run(tests: readonly TestCase[], meanwhile: () => void = () => {}): Promise<BatchResult> {
    this.#image.fill(tests);
    const { length } = this.#image;
    const qemu = this.#runner.run(this.#image.bytes, length, qemuTimeoutMs);
    const t0 = performance.now();
    const ours = runOurs(this.#image.bytes, length, this.#ours, this.#isa, instructionLimit);
    const t1 = performance.now();
    meanwhile();
    const end: QemuEnd = await qemu;
    console.log('ours', t1 - t0, 'qemu', performance.now() - t0);
    this.#runner.read(this.#theirs, length);
    const differing = differingPlaces(this.#ours, this.#theirs, length, tests.length);
    let trouble: string | undefined;
    if (ours.end !== "exit 0") trouble = `our machine ended with ${ours.end} in test ${lastPlace(this.#ours)}`;
    if (end !== "finished") trouble = `${trouble ?? ""} QEMU ${end} in test ${lastPlace(this.#theirs)}`;
    return {
      tests,
      differing,
      ours: this.#ours,
      theirs: this.#theirs,
      trouble,
      retired: ours.retired,
      traps: ours.traps,
    };
  }

  close(): void {
    this.#runner.close();
  }
}
