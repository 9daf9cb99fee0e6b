import { errno, LinuxError } from "../errno.ts";
import type { Task } from "../task.ts";
import { WaitQueue } from "../waitQueue.ts";
import { encodePath } from "./fileName.ts";
import type { Inode } from "./inode.ts";
import { OpenFile, openFlag, pollBit } from "./openFile.ts";
import { type Watch, type WatchNews, watchEvent } from "./watch.ts";

/** Flags of a watch beside its events, `linux/inotify.h`. */
export const watchFlag = {
  IN_ONLYDIR: 0x0100_0000,
  IN_DONT_FOLLOW: 0x0200_0000,
  IN_EXCL_UNLINK: 0x0400_0000,
  IN_MASK_CREATE: 0x1000_0000,
  IN_MASK_ADD: 0x2000_0000,
  IN_ONESHOT: 0x8000_0000,
} as const;

const allEvents = 0xfff;
/** What a watch remembers of the mask that it was made with. */
const keptBits = allEvents | watchFlag.IN_EXCL_UNLINK | watchFlag.IN_ONESHOT;
const headBytes = 16;
const fionread = 0x541b;
/** Limits of `/proc/sys/fs/inotify`. Behind the last event of a full queue is one that says that there were more. */
export const watchMost = { max_queued_events: 16384, max_user_instances: 128, max_user_watches: 8192 } as const;

/** How many watches and instances all programs together may still have. */
export class WatchLimits {
  watches: number = watchMost.max_user_watches;
  instances: number = watchMost.max_user_instances;
}

interface QueuedEvent {
  readonly wd: number;
  readonly event: number;
  readonly cookie: number;
  /** With zeros behind it, as read has it. */
  readonly name: Uint8Array;
}

/** A watch of one file by one instance. */
class InodeWatch implements Watch {
  mask: number;
  readonly wd: number;
  readonly inode: Inode;
  readonly #file: InotifyFile;

  constructor(file: InotifyFile, wd: number, inode: Inode, mask: number) {
    this.#file = file;
    this.wd = wd;
    this.inode = inode;
    this.mask = mask;
  }

  tell(news: WatchNews): void {
    const { mask } = this;
    if ((news.event & mask & allEvents) === 0) return;
    if (news.isUnlinked && (mask & watchFlag.IN_EXCL_UNLINK) !== 0) return;
    this.#file.queue(this.wd, news);
    if ((mask & watchFlag.IN_ONESHOT) !== 0) this.end();
  }

  end(): void {
    this.#file.removeWatch(this.wd);
  }
}

/** `inotify_init1`: what happens to files that are watched can be read from it, in order. */
export class InotifyFile extends OpenFile {
  readonly path = "anon_inode:inotify";
  override readonly readers = new WaitQueue();
  readonly #limits: WatchLimits;
  readonly #watches = new Map<number, InodeWatch>();
  readonly #byInode = new Map<Inode, InodeWatch>();
  #events: QueuedEvent[] = [];
  #nextWd = 1;

  /** Throws EMFILE where there are too many. */
  constructor(flags: number, limits: WatchLimits) {
    super(openFlag.O_RDONLY | flags);
    if (limits.instances === 0) throw new LinuxError("EMFILE");
    limits.instances--;
    this.#limits = limits;
  }

  /** Watches a file, or changes what is watched of it. Its number. Throws EEXIST, ENOSPC. */
  watch(inode: Inode, mask: number): number {
    const known = this.#byInode.get(inode);
    if (known !== undefined) {
      if (mask & watchFlag.IN_MASK_CREATE) throw new LinuxError("EEXIST");
      known.mask = (mask & watchFlag.IN_MASK_ADD ? known.mask : 0) | (mask & keptBits);
      return known.wd;
    }
    if (this.#limits.watches === 0) throw new LinuxError("ENOSPC");
    this.#limits.watches--;
    const watch = new InodeWatch(this, this.#nextWd++, inode, mask & keptBits);
    this.#watches.set(watch.wd, watch);
    this.#byInode.set(inode, watch);
    inode.watches ??= new Set();
    inode.watches.add(watch);
    return watch.wd;
  }

  /** A watch is no more, which its readers are told. Throws EINVAL. */
  removeWatch(wd: number): void {
    const watch = this.#watches.get(wd);
    if (watch === undefined) throw new LinuxError("EINVAL");
    this.#forget(watch);
    this.queue(wd, { event: watchEvent.IN_IGNORED });
  }

  #forget({ wd, inode }: InodeWatch): void {
    const watch = this.#watches.get(wd)!;
    this.#watches.delete(wd);
    this.#byInode.delete(inode);
    this.#limits.watches++;
    inode.watches!.delete(watch);
    if (inode.watches!.size === 0) inode.watches = undefined;
  }

  /** Something has happened; the same twice in a row is told once. */
  queue(wd: number, { event, cookie = 0, name }: WatchNews): void {
    const next = { wd, event, cookie, name: paddedName(name) };
    const last = this.#events.at(-1);
    if (last !== undefined && event !== watchEvent.IN_IGNORED && isSame(last, next)) return;
    if (this.#events.length >= watchMost.max_queued_events) {
      if (last!.event === watchEvent.IN_Q_OVERFLOW) return;
      this.#events.push({ wd: -1, event: watchEvent.IN_Q_OVERFLOW, cookie: 0, name: paddedName(undefined) });
    } else this.#events.push(next);
    this.readers.wake();
  }

  /** As many events as there are and as there is room for. */
  override read(into: Uint8Array): number {
    if (this.#events.length === 0) return -errno.EAGAIN;
    const view = new DataView(into.buffer, into.byteOffset);
    let length = 0;
    let count = 0;
    for (const { wd, event, cookie, name } of this.#events) {
      if (length + headBytes + name.length > into.length) break;
      view.setInt32(length, wd, true);
      view.setUint32(length + 4, event, true);
      view.setUint32(length + 8, cookie, true);
      view.setUint32(length + 12, name.length, true);
      into.set(name, length + headBytes);
      length += headBytes + name.length;
      count++;
    }
    this.#events = this.#events.slice(count);
    return length > 0 ? length : -errno.EINVAL;
  }

  override poll(): number {
    return this.#events.length > 0 ? pollBit.POLLIN : 0;
  }

  override ioctl(task: Task, request: number, argument: number): number {
    if (request !== fionread) return -errno.ENOTTY;
    const bytes = this.#events.reduce((sum, { name }) => sum + headBytes + name.length, 0);
    task.memory.setU32(argument, bytes);
    return 0;
  }

  override get info(): string {
    return [...this.#watches.values()]
      .map(({ wd, inode, mask }) => {
        const { ino, dev } = inode.status();
        return `inotify wd:${wd} ino:${ino.toString(16)} sdev:${dev.toString(16)} mask:${(mask & allEvents).toString(16)} ignored_mask:0\n`;
      })
      .join("");
  }

  override release(): void {
    for (const watch of [...this.#watches.values()]) this.#forget(watch);
    this.#limits.instances++;
  }
}

/** A name, its zero, and as many more as make it a multiple of an event's head. */
function paddedName(name: string | undefined): Uint8Array {
  if (name === undefined) return new Uint8Array();
  const bytes = encodePath(name);
  const padded = new Uint8Array(Math.ceil((bytes.length + 1) / headBytes) * headBytes);
  padded.set(bytes);
  return padded;
}

function isSame(one: QueuedEvent, other: QueuedEvent): boolean {
  return (
    one.wd === other.wd &&
    one.event === other.event &&
    one.name.length === other.name.length &&
    one.name.every((byte, index) => byte === other.name[index])
  );
}
