import { mostPending } from "./signalState.ts";

/** RLIMIT_ numbers, `asm-generic/resource.h`. */
export const resource = {
  RLIMIT_CPU: 0,
  RLIMIT_FSIZE: 1,
  RLIMIT_DATA: 2,
  RLIMIT_STACK: 3,
  RLIMIT_CORE: 4,
  RLIMIT_RSS: 5,
  RLIMIT_NPROC: 6,
  RLIMIT_NOFILE: 7,
  RLIMIT_MEMLOCK: 8,
  RLIMIT_AS: 9,
  RLIMIT_LOCKS: 10,
  RLIMIT_SIGPENDING: 11,
  RLIMIT_MSGQUEUE: 12,
  RLIMIT_NICE: 13,
  RLIMIT_RTPRIO: 14,
  RLIMIT_RTTIME: 15,
} as const;

/** How many limits there are. */
export const resourceCount = 16;
/** RLIM_INFINITY as a signed number. */
export const unlimited = -1;

/** A soft and a hard limit; {@link unlimited} is none. */
export interface Limit {
  readonly soft: number;
  readonly hard: number;
}

const none: Limit = { soft: unlimited, hard: unlimited };
const both = (value: number): Limit => ({ soft: value, hard: value });

/** The resource limits of a process. */
export class Limits {
  readonly #limits: Limit[] = new Array<Limit>(resourceCount).fill(none);

  constructor() {
    this.set(resource.RLIMIT_STACK, { soft: 8 << 20, hard: unlimited });
    this.set(resource.RLIMIT_CORE, { soft: 0, hard: unlimited });
    this.set(resource.RLIMIT_NOFILE, both(1024));
    this.set(resource.RLIMIT_MEMLOCK, both(8 << 20));
    this.set(resource.RLIMIT_SIGPENDING, both(mostPending));
    this.set(resource.RLIMIT_MSGQUEUE, both(819_200));
    for (const which of [resource.RLIMIT_NICE, resource.RLIMIT_RTPRIO]) this.set(which, both(0));
  }

  get(which: number): Limit {
    return this.#limits[which];
  }

  set(which: number, limit: Limit): void {
    this.#limits[which] = limit;
  }

  /** Those of a new process. */
  copy(): Limits {
    const copy = new Limits();
    this.#limits.forEach((limit, which) => {
      copy.set(which, limit);
    });
    return copy;
  }
}
