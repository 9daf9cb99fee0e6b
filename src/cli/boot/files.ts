import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import type { BootFile } from "../../machine/bootError.ts";
import { Failure, systemFailure } from "../failure.ts";

/** What no file that is loaded into RAM can exceed. */
const mostBytes = 2 ** 31 - 1;

/** Reads a file that goes into the guest's memory. Throws a {@link Failure} that says why it cannot. */
export function readBootFile(name: string): BootFile {
  const place = "reading it";
  let file: number;
  try {
    file = openSync(name, "r");
  } catch (error) {
    throw systemFailure(name, place, error);
  }
  try {
    const status = fstatSync(file);
    if (status.isDirectory()) throw new Failure(name, place, "it is a directory: name a file in it");
    if (!status.isFile()) throw new Failure(name, place, "it is not a regular file: copy it into one");
    if (status.size === 0) throw new Failure(name, place, "it is empty");
    if (status.size > mostBytes) throw new Failure(name, place, `its ${status.size} bytes fit into no guest's memory`);
    return { name, bytes: readFileSync(file) };
  } catch (error) {
    throw error instanceof Failure ? error : systemFailure(name, place, error);
  } finally {
    closeSync(file);
  }
}
