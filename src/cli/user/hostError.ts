import { type ErrnoName, errno, LinuxError } from "../../supervisor/index.ts";

/** What the host's own limits mean to a program: the system has no more of it. */
const renamed: Readonly<Record<string, ErrnoName>> = { EMFILE: "ENFILE", EDQUOT: "ENOSPC", ESTALE: "ENOENT" };

/** Does something with the host's files; its errors become those of Linux. */
export function asLinux<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (error instanceof LinuxError || code === undefined) throw error;
    if (renamed[code] !== undefined) throw new LinuxError(renamed[code]);
    throw new LinuxError(Object.hasOwn(errno, code) ? (code as ErrnoName) : "EIO");
  }
}
