import { ElfError } from "../machine/elf/index.ts";

/** Exit codes of pagewalk itself; all others are the guest's. */
export const exitCode = {
  /** The guest was stopped by a limit, is stuck, or sleeps for ever. */
  limit: 124,
  /** pagewalk could not do what it was asked. */
  failure: 125,
  /** Ctrl-C, as shells number it. */
  interrupted: 130,
  /** Whoever read standard output has gone. */
  closedPipe: 141,
} as const;

/** Why pagewalk cannot do what it was asked: what it is about, where, and the reason with the way out. */
export class Failure extends Error {
  override readonly name = "Failure";

  constructor(about: string, place: string, reason: string) {
    super(`${about}: ${place}: ${reason}`);
  }
}

/** The reader of standard output is gone. There is nobody to tell. */
export class ClosedPipe extends Error {
  override readonly name = "ClosedPipe";
}

/** A mistake in an option or argument. */
export function usage(what: string, reason: string): Failure {
  return new Failure("command line", what, reason);
}

/** The system's errors in words, with what to do. */
const systemErrors: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file: check the path",
  EACCES: "permission denied: change its permissions, or run as its owner",
  EPERM: "the system does not permit it: change its permissions, or run as its owner",
  EISDIR: "it is a directory: name a file in it",
  ENOTDIR: "a part of the path is not a directory: check the path",
  ENAMETOOLONG: "the name is too long: check the path",
  ELOOP: "too many symbolic links: check where they lead",
  ENOSPC: "no space is left on the device: free some, or write elsewhere",
  EROFS: "the file system is read-only: write elsewhere",
  EMFILE: "too many files are open: close some",
  ENFILE: "too many files are open: close some",
  ENXIO: "nobody reads it: start its reader first",
  EIO: "the device failed: try another",
};

/** A failure of the operating system to do something with a file. */
export function systemFailure(file: string, place: string, error: unknown): Failure {
  const { code, message } = error as NodeJS.ErrnoException;
  return new Failure(file, place, systemErrors[code ?? ""] ?? oneLine(message));
}

/** The one line that says why pagewalk failed. */
export function failureLine(error: unknown): string {
  if (error instanceof Failure || error instanceof ElfError) return `pagewalk: ${oneLine(error.message)}`;
  const { name, message, stack } = error instanceof Error ? error : { name: "error", message: String(error) };
  const place = /([\w.-]+:\d+:\d+)\)?$/m.exec(stack ?? "")?.[1] ?? "somewhere";
  return `pagewalk: internal error: ${place}: ${name}: ${oneLine(message)}: please report it with the command`;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").trim();
}
