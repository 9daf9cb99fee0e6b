import type { Given } from "../syntax.ts";

/** What all tests of a run have in common; crosses to the workers as it is. */
export interface TestSettings {
  /** Options of the machine, as the command line has them: memory, isa, harts, tlb. */
  readonly machine: Given;
  /** Seconds, and instructions, after which a test has failed. */
  readonly timeout: number;
  readonly maxInstructions: number;
  /** A regular expression: a test passes when a line that it prints matches. */
  readonly passPattern: string | undefined;
  /** The folder of reference signatures. */
  readonly reference: string | undefined;
}

/** One test for a worker. */
export interface TestTask {
  readonly path: string;
  readonly settings: TestSettings;
}

/** What came of a test. */
export interface TestResult {
  readonly path: string;
  readonly passed: boolean;
  /** Milliseconds. */
  readonly ms: number;
  readonly instructions: number;
  /** Of a test that failed: the number of the check that failed, where the test says one. */
  readonly test?: number;
  /** Of a test that failed, in one line: why, where, and the last trap. */
  readonly problem?: string;
  /** Of a test that failed: the end of what it printed. */
  readonly output?: string;
}

/** Why a test has failed, with the check's number in front where there is one. */
export function reasonOf({ test, problem }: TestResult): string {
  return `${test === undefined ? "" : `test ${test}: `}${problem ?? ""}`;
}
