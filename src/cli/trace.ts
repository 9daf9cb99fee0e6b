import { closeSync, openSync } from "node:fs";
import { CommitLog } from "../debug/commitLog.ts";
import type { Machine } from "../machine/machine.ts";
import { descriptorWriter } from "./descriptor.ts";
import { ClosedPipe, systemFailure } from "./failure.ts";
import { refuseSameFile } from "./program.ts";
import type { Terminal, Write } from "./terminal.ts";

/** A commit log on its way to a file. */
export interface Trace {
  /** Writes what has been gathered. */
  flush(): void;
  /** Writes the rest and closes the file. */
  close(): void;
}

/** Logs what a machine does from now on to a file; `-` is standard output. */
export function startTrace(machine: Machine, program: string, file: string, terminal: Terminal): Trace {
  if (file === "-") {
    const log = new CommitLog(machine.harts, (bytes) => terminal.put(bytes));
    return { flush: () => log.flush(), close: () => log.flush() };
  }
  refuseSameFile(program, file, "trace");
  let descriptor: number;
  try {
    descriptor = openSync(file, "w");
  } catch (error) {
    throw systemFailure(file, "opening the trace", error);
  }
  const log = new CommitLog(machine.harts, checkedWriter(file, descriptor));
  return {
    flush: () => {},
    close: () => {
      try {
        log.flush();
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

function checkedWriter(file: string, descriptor: number): Write {
  const write = descriptorWriter(descriptor);
  return (bytes) => {
    try {
      write(bytes);
    } catch (error) {
      throw error instanceof ClosedPipe ? error : systemFailure(file, "writing the trace", error);
    }
  };
}
