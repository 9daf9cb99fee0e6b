/** RLIMIT_ numbers, `asm-generic/resource.h`. */
export const resource = {
  cpu: 0,
  fileSize: 1,
  data: 2,
  stack: 3,
  core: 4,
  residentSet: 5,
  processes: 6,
  files: 7,
  lockedMemory: 8,
  addressSpace: 9,
  locks: 10,
  pendingSignals: 11,
  messageQueue: 12,
  nice: 13,
  realTimePriority: 14,
  realTimeTime: 15,
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
    this.set(resource.stack, { soft: 8 << 20, hard: unlimited });
    this.set(resource.core, { soft: 0, hard: unlimited });
    this.set(resource.files, both(1024));
    this.set(resource.lockedMemory, both(8 << 20));
    this.set(resource.messageQueue, both(819_200));
    for (const which of [resource.nice, resource.realTimePriority]) this.set(which, both(0));
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
