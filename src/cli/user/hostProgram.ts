import { type ProgramFile, programFile } from "../../supervisor/index.ts";
import { readProgram } from "../program.ts";

/** A program of the host's, read as a whole. Throws a {@link Failure}. */
export function openHostProgram(path: string): ProgramFile {
  return programFile(path, readProgram(path));
}
