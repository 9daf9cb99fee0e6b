import { writeSync } from "node:fs";
import { ClosedPipe } from "./failure.ts";
import type { Write } from "./terminal.ts";

const pause = new Int32Array(new SharedArrayBuffer(4));
const pauseMs = 1;

/**
 * Writes to a file descriptor, all bytes, however often it says that it is not ready (a pipe that its owner has made
 * non-blocking). Throws a {@link ClosedPipe} when nobody reads any more.
 */
export function descriptorWriter(descriptor: number): Write {
  return (bytes) => {
    for (let done = 0; done < bytes.length; ) {
      try {
        done += writeSync(descriptor, bytes, done);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "EPIPE") throw new ClosedPipe();
        if (code !== "EAGAIN") throw error;
        Atomics.wait(pause, 0, 0, pauseMs);
      }
    }
  };
}
