import { resolve } from "node:path";
import type { FileOptions, ProgramFile } from "../../supervisor/index.ts";
import { Failure, usage } from "../failure.ts";
import { parseCount } from "../options.ts";
import type { Given } from "../syntax.ts";
import { openHostProgram } from "./hostProgram.ts";
import { HostFolder } from "./hostTree.ts";

const mostFiles = 1 << 20;

/** The files that `run --user` gives its programs: `--root`, `--writable`, `--max-files`. Throws a {@link Failure}. */
export function hostFiles(given: Given): Pick<FileOptions, "hostTree" | "maxFiles"> {
  const { root, writable, "max-files": files } = given;
  const maxFiles = typeof files === "string" ? { maxFiles: parseCount("--max-files", files, mostFiles) } : {};
  if (typeof root !== "string") {
    if (writable === true) throw usage("--writable", "there is nothing to write to: name a folder with --root DIR");
    return maxFiles;
  }
  try {
    return { ...maxFiles, hostTree: new HostFolder(root, writable !== true) };
  } catch (error) {
    throw new Failure(root, "opening it as the programs' root", (error as Error).message);
  }
}

/** The program to start: a path in `--root`, or without that a file of the host's. Throws a {@link Failure}. */
export function programOfHost(given: Given, program: string): ProgramFile | string {
  if (typeof given.root === "string") return program.startsWith("/") ? program : `/${program}`;
  const file = openHostProgram(program);
  return Object.assign(file, { path: resolve(program) });
}
