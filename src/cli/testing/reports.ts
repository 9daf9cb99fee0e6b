import { closeSync, openSync, writeSync } from "node:fs";
import { systemFailure, usage } from "../failure.ts";
import { isProgram } from "./collect.ts";
import { printable } from "./printable.ts";
import { reasonOf, type TestResult } from "./task.ts";

/** A whole run, for a report. A result is missing where a test was not run. */
export interface Summary {
  readonly paths: readonly string[];
  readonly results: readonly (TestResult | undefined)[];
  readonly seconds: number;
}

/**
 * Throws a Failure for a report that cannot be written: better now than after all tests. `option` is what asks for it.
 * The file is made where there is none. A program is refused: it may stand there for want of the file's name.
 */
export function checkReport(option: string, file: string | undefined): void {
  if (file === undefined) return;
  if (file === "-") throw usage(`${option} -`, "standard output has the results already: name a file");
  if (isProgram(file)) throw usage(`${option} ${file}`, "it is a program, which the report would overwrite");
  try {
    closeSync(openSync(file, "a"));
  } catch (error) {
    throw systemFailure(file, "opening the report", error);
  }
}

/** Writes a report, piece by piece: a run can have many tests. Throws a Failure that names the file. */
export function writeReport(file: string, pieces: Iterable<string>): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "w");
    for (const piece of pieces) writeSync(descriptor, piece);
  } catch (error) {
    throw systemFailure(file, "writing the report", error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

const seconds = (ms: number) => (ms / 1000).toFixed(3);

/** JUnit's XML, as GitHub, GitLab and Jenkins read it: one suite, a case for each test. */
export function* junit({ paths, results, seconds: total }: Summary): Generator<string> {
  const failed = results.filter((result) => result?.passed === false).length;
  const skipped = paths.length - results.filter((result) => result !== undefined).length;
  const counts = `tests="${paths.length}" failures="${failed}" errors="0" skipped="${skipped}" time="${total.toFixed(3)}"`;
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts}>\n<testsuite name="pagewalk" ${counts}>\n`;
  for (const [index, path] of paths.entries()) {
    const result = results[index];
    const [folder, name] = splitPath(path);
    const time = result === undefined ? "0" : seconds(result.ms);
    const open = `<testcase classname="${attribute(folder)}" name="${attribute(name)}" file="${attribute(path)}" time="${time}"`;
    if (result === undefined) yield `${open}><skipped/></testcase>\n`;
    else if (result.passed) yield `${open}/>\n`;
    else {
      const output = result.output ? `<system-out>${xml(result.output)}</system-out>` : "";
      yield `${open}><failure message="${attribute(reasonOf(result))}"/>${output}</testcase>\n`;
    }
  }
  yield "</testsuite>\n</testsuites>\n";
}

function splitPath(path: string): [folder: string, name: string] {
  const slash = path.lastIndexOf("/");
  return [path.slice(0, Math.max(slash, 0)).replaceAll("/", ".") || "pagewalk", path.slice(slash + 1)];
}

/** Text for XML 1.0, in which most control characters cannot be written at all. */
function xml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go
  const printable = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd");
  const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return printable.replace(/[&<>"]/g, (character) => names[character]);
}

/** Text for an attribute, in which readers take the end of a line for a space. */
function attribute(text: string): string {
  return xml(text).replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The same as data: one object with counts and a list of tests. */
export function* json({ paths, results, seconds: total }: Summary): Generator<string> {
  const passed = results.filter((result) => result?.passed === true).length;
  const failed = results.filter((result) => result?.passed === false).length;
  const counts = { total: paths.length, passed, failed, notRun: paths.length - passed - failed, seconds: total };
  yield `${JSON.stringify(counts).slice(0, -1)},"tests":[`;
  for (const [index, path] of paths.entries()) {
    const result = results[index];
    const entry = result === undefined ? { path, status: "not run" } : toEntry(result);
    yield `${index === 0 ? "" : ","}\n${JSON.stringify(entry)}`;
  }
  yield "\n]}\n";
}

function toEntry({ path, passed, ms, instructions, test, problem, output }: TestResult): object {
  const known = { path, status: passed ? "passed" : "failed", ms: Math.round(ms * 1000) / 1000, instructions };
  return { ...known, ...(test !== undefined && { test }), ...(problem && { problem }), ...(output && { output }) };
}

/** A line of the Test Anything Protocol. Tests are numbered as they end. */
export function tapLine(result: TestResult, number: number): string {
  const name = printable(result.path.replace(/[\\#]/g, "\\$&"));
  if (result.passed) return `ok ${number} - ${name}`;
  return `not ok ${number} - ${name}\n  ---\n  message: ${JSON.stringify(reasonOf(result))}\n  ...`;
}
