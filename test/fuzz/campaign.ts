import { parseIsa } from "../../src/isa/index.ts";
import { Catalogue } from "./catalogue.ts";
import { differences, differingPlaces, lastPlace, logged, roundsEnded } from "./compare.ts";
import { testOf } from "./demonstration.ts";
import { type Deviation, knownBy } from "./deviations.ts";
import { generate, type Mix } from "./generator.ts";
import { Image } from "./image.ts";
import { type OurEngine, runOurs } from "./ours.ts";
import type { TestCase } from "./program.ts";
import { type Qemu, type QemuEnd, QemuRunner } from "./qemu.ts";
import { describeMismatch, namesIn } from "./report.ts";
import { shrink } from "./shrink.ts";

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
  /** Traps that the harness logged. */
  readonly traps: number;
  /** Rounds that ended. */
  readonly rounds: number;
}

/** Most instructions that a batch may execute on our machine. */
const instructionLimit = 60_000_000;
const qemuTimeoutMs = 60_000;

/** Instructions of the harness. */
interface Overhead {
  readonly batch: number;
  readonly test: number;
  readonly round: number;
  readonly trap: number;
}

/** Both machines, and the memory in which their results meet. */
export class Arena {
  readonly catalogue: Catalogue;
  readonly #runner: QemuRunner;
  readonly #image = new Image();
  readonly #ours: Uint8Array;
  readonly #theirs: Uint8Array;
  readonly #isa: string;
  readonly #engine: OurEngine;
  #overhead: Overhead | undefined;

  constructor(qemu: Qemu, engine: OurEngine = {}) {
    this.#isa = qemu.isa;
    this.#engine = engine;
    this.catalogue = new Catalogue(parseIsa(qemu.isa), qemu.without);
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
    const ours = runOurs(this.#image.bytes, length, this.#ours, this.#isa, instructionLimit, this.#engine);
    meanwhile();
    const end: QemuEnd = await qemu;
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
      traps: tests.reduce((sum, _, place) => sum + logged(this.#ours, place), 0),
      rounds: tests.reduce((sum, _, place) => sum + roundsEnded(this.#ours, place), 0),
    };
  }

  /**
   * Instructions that the tests of a batch executed: all that retired, less what the harness takes, and those that
   * trapped. About: what the harness executes differs a little from trap to trap.
   */
  executed({ tests, retired, traps, rounds }: BatchResult): number {
    this.#overhead ??= this.#measure();
    const { batch, test, round, trap } = this.#overhead;
    // A test whose log is full ends inside a round: the round began, and half of its cost was paid.
    const cut = tests.reduce((sum, { rounds }) => sum + rounds, 0) > rounds ? tests.length : 0;
    const own = retired - batch - tests.length * test - (rounds + cut / 2) * round;
    return Math.round(Math.max(0, own - traps * trap)) + traps;
  }

  /** What the harness executes for a batch, a test, a round and a trap, from runs of tests that do nothing else. */
  #measure(): Overhead {
    const empty = testOf({ mode: 3, code: [] }, "empty");
    const one = testOf({ mode: 3, code: ["ecall"] }, "trap");
    const retired = (tests: TestCase[]): number => {
      this.#image.fill(tests);
      return runOurs(this.#image.bytes, this.#image.length, this.#ours, this.#isa, instructionLimit, this.#engine)
        .retired;
    };
    const [alone, twoRounds, twoTests] = [[empty], [{ ...empty, rounds: 2 }], [empty, empty]].map(retired);
    const round = twoRounds - alone;
    const test = twoTests - alone - round;
    return { batch: alone - round - test, test, round, trap: retired([one]) - alone };
  }

  /** Which of some tests differ, each judged by itself: one that stops a machine does not spoil the others. */
  readonly differing = async (tests: readonly TestCase[]): Promise<boolean[]> => {
    const result = await this.run(tests);
    if (result.trouble === undefined) return tests.map((_, place) => result.differing.includes(place));
    if (tests.length === 1) return [true];
    const half = tests.length >> 1;
    return [...(await this.differing(tests.slice(0, half))), ...(await this.differing(tests.slice(half)))];
  };

  /** Makes a test smaller for as long as the machines disagree about it, and describes what is left. */
  async explain(test: TestCase): Promise<{ readonly text: string; readonly known: Deviation | undefined }> {
    const least = await shrink(test, this.differing);
    const result = await this.run([least]);
    const found = differences(result.ours, result.theirs, 0);
    if (result.trouble !== undefined) found.unshift({ what: "end", ours: "see QEMU", theirs: result.trouble });
    const { isa } = this.catalogue;
    return { text: describeMismatch(least, found, isa), known: knownBy(namesIn(least, isa)) };
  }

  close(): void {
    this.#runner.close();
  }
}
