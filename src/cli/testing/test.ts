import { opendirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { descriptorWriter } from "../descriptor.ts";
import { exitCode, systemFailure, usage } from "../failure.ts";
import { limitOptions, machineOptions, parseCount } from "../options.ts";
import type { Given } from "../syntax.ts";
import type { Host } from "../terminal.ts";
import { collectTests, type Selection } from "./collect.ts";
import { runPool } from "./pool.ts";
import { printable, quoted } from "./printable.ts";
import { Progress } from "./progress.ts";
import { checkReport, json, junit, tapLine, writeReport } from "./reports.ts";
import { reasonOf, type TestResult, type TestSettings } from "./task.ts";

/** Seconds that a test may take when `--timeout` does not say it. */
const usualTimeout = 30;
const mostJobs = 256;
const machineNames = ["memory", "isa", "harts", "tlb"] as const;
const reportNames = ["junit", "json"] as const;

/** `pagewalk test`: the exit code is 0 if all tests have passed, 1 if any has failed, 130 after Ctrl-C. */
export async function test(files: readonly string[], given: Given, host: Host): Promise<number> {
  const settings = readSettings(given);
  const jobs = count(given, "jobs", mostJobs) ?? availableParallelism();
  const paths = await collectTests(readSelection(files, given));
  for (const name of reportNames) checkReport(`--${name}`, text(given, name));
  const run = new TestRun(paths, given, host);
  await runPool({ paths, settings, jobs, ...run.hooks });
  return run.conclude();
}

function readSettings(given: Given): TestSettings {
  machineOptions(given); // says what is wrong, before a worker does
  const limits = limitOptions(given);
  const passPattern = text(given, "pass-pattern");
  if (passPattern !== undefined) regExp("--pass-pattern", passPattern);
  const reference = text(given, "reference");
  if (reference !== undefined) checkFolder(reference);
  return {
    machine: Object.fromEntries(machineNames.map((name) => [name, given[name]])),
    timeout: Number.isFinite(limits.seconds) ? limits.seconds : usualTimeout,
    maxInstructions: limits.maxInstructions,
    passPattern,
    reference,
  };
}

/** Throws a Failure for a folder of references that is none: each test would fail. */
function checkFolder(folder: string): void {
  try {
    opendirSync(folder).closeSync();
  } catch (error) {
    throw systemFailure(folder, "looking for references", error);
  }
}

function readSelection(files: readonly string[], given: Given): Selection {
  const filter = text(given, "filter");
  return {
    given: files,
    filter: filter === undefined ? undefined : regExp("--filter", filter),
    shard: parseShard(text(given, "shard")),
  };
}

/** `2/5`: the second of five parts. */
export function parseShard(value: string | undefined): { index: number; of: number } | undefined {
  if (value === undefined) return undefined;
  const [index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(value.trim())?.slice(1).map(Number) ?? [0, 0];
  if (index >= 1 && index <= of) return { index, of };
  throw usage(`--shard ${value}`, "this is no part of the tests: write 1/4, the first of four");
}

function regExp(option: string, source: string): RegExp {
  try {
    return new RegExp(source);
  } catch (error) {
    throw usage(`${option} ${source}`, `this is no regular expression: ${(error as Error).message}`);
  }
}

function text(given: Given, name: string): string | undefined {
  const value = given[name];
  return typeof value === "string" ? value : undefined;
}

function count(given: Given, name: string, most: number): number | undefined {
  const value = text(given, name);
  return value === undefined ? undefined : parseCount(`--${name}`, value, most);
}

/** What is known of a run that goes on, and what is said of it. */
class TestRun {
  readonly #paths: readonly string[];
  readonly #results: (TestResult | undefined)[];
  readonly #given: Given;
  readonly #host: Host;
  readonly #begun = performance.now();
  readonly #progress: Progress;
  #passed = 0;
  #failed = 0;

  constructor(paths: readonly string[], given: Given, host: Host) {
    this.#paths = paths;
    this.#results = new Array(paths.length).fill(undefined);
    this.#given = given;
    this.#host = host;
    const isTerminal = process.stderr.isTTY === true && process.env.CI === undefined && given.tap !== true;
    this.#progress = new Progress(descriptorWriter(2), isTerminal, this.#begun);
    if (given.tap === true) host.terminal.print(`TAP version 13\n1..${paths.length}`);
  }

  readonly hooks = {
    onResult: (result: TestResult, index: number): boolean => {
      this.#results[index] = result;
      if (result.passed) this.#passed++;
      else this.#failed++;
      if (this.#given.tap === true) this.#host.terminal.print(tapLine(result, this.#passed + this.#failed));
      else if (!result.passed) this.#tellFailure(result);
      const standing = { total: this.#paths.length, passed: this.#passed, failed: this.#failed };
      this.#progress.update(standing, performance.now());
      return result.passed || this.#given["fail-fast"] !== true;
    },
    interrupted: () => this.#host.interrupted(),
  };

  #tellFailure(result: TestResult): void {
    this.#progress.clear();
    const { terminal } = this.#host;
    const said = lastLine(result.output);
    const why = `${reasonOf(result)}${said === "" ? "" : `; it says: ${said}`}`;
    terminal.print(printable(`FAIL ${result.path}: ${why}`));
    terminal.print(`  repeat: ${repeatCommand(result.path, this.#given)}`);
    terminal.flush();
  }

  /** Writes the reports and the last line. */
  conclude(): number {
    this.#progress.clear();
    const { terminal } = this.#host;
    const seconds = (performance.now() - this.#begun) / 1000;
    const summary = { paths: this.#paths, results: this.#results, seconds };
    const files = { junit: text(this.#given, "junit"), json: text(this.#given, "json") };
    if (files.junit !== undefined) writeReport(files.junit, junit(summary));
    if (files.json !== undefined) writeReport(files.json, json(summary));
    const notRun = this.#paths.length - this.#passed - this.#failed;
    const rest = notRun === 0 ? "" : `, ${notRun} not run`;
    const line = `${this.#passed} passed, ${this.#failed} failed${rest} in ${seconds.toFixed(1)} s`;
    if (this.#given.tap === true) terminal.print(`# ${line}`);
    else terminal.print(line);
    if (this.#host.interrupted()) return exitCode.interrupted;
    return this.#failed === 0 ? 0 : 1;
  }
}

const longestSaid = 200;

function lastLine(output: string | undefined): string {
  const line = (output ?? "").trimEnd().split("\n").pop() ?? "";
  return printable(line.slice(-longestSaid));
}

/** The options of `test` that `run` has too. */
const sameOptions = [...machineNames, "max-instructions", "timeout"];

/** A command that runs the test alone, with everything that it prints. */
export function repeatCommand(path: string, given: Given): string {
  const options = sameOptions.flatMap((name) => {
    const value = text(given, name);
    return value === undefined ? [] : [`--${name}`, quoted(value)];
  });
  if (given.timeout === undefined) options.push("--timeout", String(usualTimeout));
  if (given.reference !== undefined) options.push("--signature", "-");
  return ["pagewalk", "run", ...options, quoted(path)].join(" ");
}
