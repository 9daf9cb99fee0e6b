import type { Exit, Process, ProcessChange } from "./process.ts";

/** Options of wait4 and waitid, `linux/wait.h`. */
export const waitFlag = {
  WNOHANG: 1,
  WUNTRACED: 2,
  WSTOPPED: 2,
  WEXITED: 4,
  WCONTINUED: 8,
  WNOWAIT: 0x0100_0000,
  WNOTHREAD: 0x2000_0000,
  WALL: 0x4000_0000,
  WCLONE: 0x8000_0000,
} as const;

/** What a child is waited for with. */
export interface WaitedChild {
  readonly process: Process;
  readonly event: Exit | ProcessChange;
}

/** Which children a call is about: by wait4's number: one, a process group (below -1), any (-1), the caller's group (0). */
export function isWaitedFor(caller: Process, child: Process, pid: number, options: number): boolean {
  const isClone = child.exitSignal !== 17;
  const wantsClone = (options & waitFlag.WCLONE) !== 0;
  if ((options & waitFlag.WALL) === 0 && isClone !== wantsClone) return false;
  if (pid > 0) return child.pid === pid;
  if (pid === -1) return true;
  return child.pgid === (pid === 0 ? caller.pgid : -pid);
}

/** The first child that has something to tell; `none`: there is no such child at all; undefined: nothing yet. */
export function findChild(caller: Process, pid: number, options: number): WaitedChild | "none" | undefined {
  let isThere = false;
  for (const process of caller.children) {
    if (!isWaitedFor(caller, process, pid, options)) continue;
    isThere = true;
    const { exit, change } = process;
    if (exit !== undefined) {
      if (options & waitFlag.WEXITED) return { process, event: exit };
    } else if (change !== undefined) {
      const wanted = change.kind === "stopped" ? waitFlag.WSTOPPED : waitFlag.WCONTINUED;
      if (options & wanted) return { process, event: change };
    }
  }
  return isThere ? undefined : "none";
}

/** The status word of wait4. No core is ever dumped. */
export function statusOf(event: Exit | ProcessChange): number {
  switch (event.kind) {
    case "exited":
      return event.code << 8;
    case "killed":
      return event.signal;
    case "stopped":
      return (event.signal << 8) | 0x7f;
    case "continued":
      return 0xffff;
  }
}
