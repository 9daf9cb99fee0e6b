import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { BootFile } from "../../machine/bootError.ts";
import { Failure, systemFailure } from "../failure.ts";

/** What no file that is loaded into RAM can exceed. */
const mostBytes = 2 ** 31 - 1;

/** Reads a file that goes into the guest's memory. Throws a {@link Failure} that says why it cannot. */
export function readBootFile(name: string): BootFile {
  const place = "reading it";
  let file: number;
  try {
    // without O_NONBLOCK a named pipe would wait for its writer
    file = openSync(name, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
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

const pieceBytes = 1 << 20;

/** Throws a {@link Failure} if a file that is compressed with gzip cannot be undone: it is cut off or damaged. */
export async function checkGzip({ name, bytes }: BootFile): Promise<void> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return;
  const pieces = function* () {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  };
  try {
    for await (const _ of Readable.from(pieces()).pipe(createGunzip()));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what = code === "Z_BUF_ERROR" ? "it is cut off" : `it is damaged (${message})`;
    throw new Failure(name, "reading it", `gzip cannot undo it: ${what}`);
  }
}
