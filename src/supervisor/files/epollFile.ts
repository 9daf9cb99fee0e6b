import { LinuxError } from "../errno.ts";
import { WaitQueue } from "../waitQueue.ts";
import { OpenFile, openFlag, pollBit } from "./openFile.ts";

/** Flags of an epoll entry beside `pollBit`'s. */
export const epollFlag = {
  EPOLLEXCLUSIVE: 2 ** 28,
  EPOLLWAKEUP: 2 ** 29,
  EPOLLONESHOT: 2 ** 30,
  EPOLLET: 2 ** 31,
} as const;

const always = pollBit.POLLERR | pollBit.POLLHUP;
const deepest = 5;

/** A file that is watched. */
interface Watch {
  readonly fd: number;
  readonly file: OpenFile;
  /** What is asked for; 0 events where a one-shot entry has been told. */
  events: number;
  data: bigint;
  /** How often its queues had been woken when it was told last: edge-triggered entries are told again after another. */
  seen: number;
}

/** What epoll_wait tells. */
export interface EpollEvent {
  readonly events: number;
  readonly data: bigint;
}

/** `epoll_create1`: files that are watched together. */
export class EpollFile extends OpenFile {
  readonly path = "anon_inode:[eventpoll]";
  readonly #watches = new Map<OpenFile, Map<number, Watch>>();
  /** Woken when the set changes. */
  override readonly readers = new WaitQueue();

  constructor() {
    super(openFlag.O_RDWR);
  }

  /** EPOLL_CTL_ADD. Throws EEXIST, EPERM for what is always ready, ELOOP for a set within itself. */
  add(fd: number, file: OpenFile, events: number, data: bigint): void {
    if (this.#find(fd, file) !== undefined) throw new LinuxError("EEXIST");
    if (file.queues.length === 0) throw new LinuxError("EPERM");
    if (file instanceof EpollFile && (file === this || file.contains(this, deepest))) throw new LinuxError("ELOOP");
    const watches = this.#watches.get(file) ?? new Map<number, Watch>();
    this.#watches.set(file, watches);
    watches.set(fd, { fd, file, events, data, seen: -1 });
    this.readers.wake();
  }

  /** EPOLL_CTL_MOD. Throws ENOENT. */
  modify(fd: number, file: OpenFile, events: number, data: bigint): void {
    const watch = this.#find(fd, file);
    if (watch === undefined) throw new LinuxError("ENOENT");
    Object.assign(watch, { events, data, seen: -1 });
    this.readers.wake();
  }

  /** EPOLL_CTL_DEL. Throws ENOENT. */
  remove(fd: number, file: OpenFile): void {
    const watches = this.#watches.get(file);
    if (watches === undefined || !watches.delete(fd)) throw new LinuxError("ENOENT");
    if (watches.size === 0) this.#watches.delete(file);
  }

  #find(fd: number, file: OpenFile): Watch | undefined {
    return this.#watches.get(file)?.get(fd);
  }

  contains(other: EpollFile, depth: number): boolean {
    if (depth === 0) return true;
    for (const file of this.#watches.keys()) {
      if (file === other || (file instanceof EpollFile && file.contains(other, depth - 1))) return true;
    }
    return false;
  }

  *#all(): Generator<Watch> {
    for (const [file, watches] of this.#watches) {
      // closed: nothing refers to it any more, and it is in no set
      if (file.references === 0) this.#watches.delete(file);
      else yield* watches.values();
    }
  }

  /** What is ready, at most so much; those that are told go to the end, so that each has its turn. */
  take(most: number): EpollEvent[] {
    const told: EpollEvent[] = [];
    for (const watch of [...this.#all()]) {
      if (told.length === most) break;
      const events = readiness(watch);
      if (events === 0) continue;
      told.push({ events, data: watch.data });
      watch.seen = generation(watch.file);
      if (watch.events & epollFlag.EPOLLONESHOT) watch.events = 0;
      this.#last(watch);
    }
    return told;
  }

  #last({ file, fd }: Watch): void {
    const watches = this.#watches.get(file)!;
    const watch = watches.get(fd)!;
    watches.delete(fd);
    watches.set(fd, watch);
    this.#watches.delete(file);
    this.#watches.set(file, watches);
  }

  override poll(): number {
    for (const watch of this.#all()) if (readiness(watch) !== 0) return pollBit.POLLIN;
    return 0;
  }

  override get queues(): readonly WaitQueue[] {
    const queues = new Set<WaitQueue>([this.readers]);
    for (const { file } of this.#all()) for (const queue of file.queues) queues.add(queue);
    return [...queues];
  }

  override get info(): string {
    return [...this.#all()]
      .map(
        ({ fd, events, data }) =>
          `tfd: ${String(fd).padStart(8)} events: ${(events >>> 0).toString(16).padStart(8)} data: ${data.toString(16).padStart(16)}\n`,
      )
      .join("");
  }

  override release(): void {
    this.#watches.clear();
  }
}

function generation(file: OpenFile): number {
  let sum = 0;
  for (const queue of file.queues) sum += queue.wakes;
  return sum;
}

function readiness(watch: Watch): number {
  if (watch.events === 0) return 0;
  const events = watch.file.poll() & ((watch.events & 0xffff) | always);
  if (events === 0) return 0;
  if ((watch.events & epollFlag.EPOLLET) !== 0 && watch.seen === generation(watch.file)) return 0;
  return events;
}
