import { LinuxError } from "../errno.ts";
import { blocked, type Task } from "../task.ts";
import { recvmsg, sendmsg } from "./socket.ts";
import { syscall } from "./syscall.ts";

/** Bytes of `struct mmsghdr`: a message's head and how many bytes were moved; and as many of them as there may be. */
const headBytes = 64;
const movedAt = 56;
const mostMessages = 1024;
const messageFlag = { MSG_DONTWAIT: 0x40, MSG_WAITFORONE: 0x1_0000 } as const;

/** How far a call has come that waits: messages that are done, and what the one at hand wants to find again. */
interface Progress {
  readonly done: number;
  readonly data: unknown;
}

/** Moves messages one after the other. How many; an error only where there was none. */
function moveEach(task: Task, heads: number, count: number, move: (head: number, index: number) => number): number {
  const call = task.call!;
  const before = call.data as Progress | undefined;
  call.data = before?.data;
  const most = Math.min(count, mostMessages);
  for (let done = before?.done ?? 0; done < most; done++) {
    const moved = answerOf(() => move(heads + done * headBytes, done));
    if (moved === blocked) {
      call.data = { done, data: call.data } satisfies Progress;
      return blocked;
    }
    if (moved < 0) return done > 0 ? done : moved;
    task.memory.setU32(heads + done * headBytes + movedAt, moved);
    call.data = undefined;
  }
  return most;
}

function answerOf(move: () => number): number {
  try {
    return move();
  } catch (error) {
    if (error instanceof LinuxError) return -error.number;
    throw error;
  }
}

function sendmmsg(task: Task, fd: number, heads: number, count: number, flags: number): number {
  return moveEach(task, heads, count, (head) => sendmsg(task, fd, head, flags));
}

/** The time up to which it may take is not kept: a program that gives one is told what has come by the first wait. */
function recvmmsg(task: Task, fd: number, heads: number, count: number, flags: number, timeout: number): number {
  const { MSG_DONTWAIT, MSG_WAITFORONE } = messageFlag;
  const waitsForOne = (flags & MSG_WAITFORONE) !== 0 || timeout !== 0;
  const own = flags & ~MSG_WAITFORONE;
  return moveEach(task, heads, count, (head, index) =>
    recvmsg(task, fd, head, waitsForOne && index > 0 ? own | MSG_DONTWAIT : own),
  );
}

/** Several messages by one call. */
export const manyMessageCalls = [
  syscall(243, "recvmmsg(fd fd, address messages, uint count, messageFlags flags, address timeout)", recvmmsg),
  syscall(269, "sendmmsg(fd fd, address messages, uint count, messageFlags flags)", sendmmsg),
];
