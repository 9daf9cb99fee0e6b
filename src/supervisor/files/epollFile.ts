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
/** `EP_MAX_NESTS`: a set in a set in a set … */
const mostNested = 4;

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
  /** Sets that it is in. */
  readonly #parents = new Set<EpollFile>();
  /** Woken when the set changes. */
  override readonly readers = new WaitQueue();

  constructor() {
    super(openFlag.O_RDWR);
  }

  /** EPOLL_CTL_ADD. Throws EEXIST, EPERM for what is always ready, ELOOP for a set within itself. */
  add(fd: number, file: OpenFile, events: number, data: bigint): void {
    if (this.#find(fd, file) !== undefined) throw new LinuxError("EEXIST");
    if (file.queues.length === 0) throw new LinuxError("EPERM");
    if (file instanceof EpollFile) this.#mustNest(file);
    const watches = this.#watches.get(file) ?? new Map<number, Watch>();
    this.#watches.set(file, watches);
    if (file instanceof EpollFile) file.#parents.add(this);
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
    if (watches.size === 0) this.#drop(file);
  }

  #find(fd: number, file: OpenFile): Watch | undefined {
    return this.#watches.get(file)?.get(fd);
  }

  /** Throws ELOOP where a set is in the other already, or the two make a longer chain than there may be. */
  #mustNest(file: EpollFile): void {
    const isLoop = file === this || file.#isAbove(this, new Set());
    if (isLoop || this.#above(new Map()) + 1 + file.#below(new Map()) > mostNested) throw new LinuxError("ELOOP");
  }

  #isAbove(other: EpollFile, seen: Set<EpollFile>): boolean {
    for (const file of this.#sets()) {
      if (file === other) return true;
      if (seen.has(file)) continue;
      seen.add(file);
      if (file.#isAbove(other, seen)) return true;
    }
    return false;
  }

  /** The longest chain of sets that this one is in, and of those in this one. */
  #above(known: Map<EpollFile, number>): number {
    return longest(this, known, this.#parents, (set) => set.#above(known));
  }

  #below(known: Map<EpollFile, number>): number {
    return longest(this, known, this.#sets(), (set) => set.#below(known));
  }

  *#sets(): Generator<EpollFile> {
    for (const file of this.#watches.keys()) if (file instanceof EpollFile) yield file;
  }

  /** A file is in this set no more. */
  #drop(file: OpenFile): void {
    this.#watches.delete(file);
    if (file instanceof EpollFile) file.#parents.delete(this);
  }

  *#all(): Generator<Watch> {
    for (const [file, watches] of this.#watches) {
      // closed: nothing refers to it any more, and it is in no set
      if (file.references === 0) this.#drop(file);
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
    return once(polled, this, () => {
      for (const watch of this.#all()) if (readiness(watch) !== 0) return pollBit.POLLIN;
      return 0;
    });
  }

  override get queues(): readonly WaitQueue[] {
    return once(waitedFor, this, () => {
      const queues = new Set<WaitQueue>([this.readers]);
      for (const { file } of this.#all()) for (const queue of file.queues) queues.add(queue);
      return [...queues];
    });
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
    for (const file of this.#watches.keys()) this.#drop(file);
  }
}

function longest(
  set: EpollFile,
  known: Map<EpollFile, number>,
  next: Iterable<EpollFile>,
  length: (set: EpollFile) => number,
): number {
  const there = known.get(set);
  if (there !== undefined) return there;
  let most = 0;
  for (const other of next) most = Math.max(most, 1 + length(other));
  known.set(set, most);
  return most;
}

/** What sets have said since the question was asked that led to them: one that is in many others is asked once. */
interface Answers<T> {
  readonly known: Map<EpollFile, T>;
  isAsking: boolean;
}

const polled: Answers<number> = { known: new Map(), isAsking: false };
const waitedFor: Answers<readonly WaitQueue[]> = { known: new Map(), isAsking: false };

function once<T>(answers: Answers<T>, set: EpollFile, ask: () => T): T {
  const known = answers.known.get(set);
  if (known !== undefined) return known;
  const isOutermost = !answers.isAsking;
  answers.isAsking = true;
  try {
    const answer = ask();
    answers.known.set(set, answer);
    return answer;
  } finally {
    if (isOutermost) {
      answers.isAsking = false;
      answers.known.clear();
    }
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
