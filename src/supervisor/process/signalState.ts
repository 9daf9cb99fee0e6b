import type { SignalInfo } from "./signalInfo.ts";
import { bitOf, defaultAction, lastSignal, type SignalSet, synchronous } from "./signalNumber.ts";

const firstRealTime = 32;

/** RLIMIT_SIGPENDING. */
export const mostPending = 4096;

/** How many signals may be pending altogether: a program cannot fill the host's memory with them. */
export class SignalBudget {
  #count = 0;

  /** Whether there is room for one more, as RLIMIT_SIGPENDING of who gets it allows. */
  take(limit = mostPending): boolean {
    if (this.#count >= Math.min(limit, mostPending)) return false;
    this.#count++;
    return true;
  }

  give(count: number): void {
    this.#count -= count;
  }

  get count(): number {
    return this.#count;
  }
}

/** Signals that were sent to a thread or to a process and are not delivered yet. */
export class PendingSignals {
  readonly budget: SignalBudget;
  #queue: SignalInfo[] = [];
  /** Which signals there are. */
  set: SignalSet = 0n;

  constructor(budget = new SignalBudget()) {
    this.budget = budget;
  }

  /** False: there is no room for it, or would be more than a limit. Queues a signal; one below the real-time signals only once, one of a timer too, which then counts what it overran. */
  add(info: SignalInfo, limit?: number): boolean {
    const bit = bitOf(info.signal);
    const { timer, overrun = 0 } = info;
    const earlier = timer === undefined ? -1 : this.#queue.findIndex((other) => other.timer === timer);
    if (earlier >= 0) {
      this.#queue[earlier] = { ...info, overrun: (this.#queue[earlier].overrun ?? 0) + 1 + overrun };
      return true;
    }
    if (info.signal < firstRealTime && this.set & bit) return true;
    if (!this.budget.take(limit)) {
      // what nobody but its sender knows is not sent without it
      if (info.signal >= firstRealTime && info.code < 0 && limit !== undefined) return false;
      // one of each there is always room for
      if (this.set & bit) return false;
      this.budget.give(-1);
    }
    this.#queue.push(info);
    this.set |= bit;
    return true;
  }

  /** Takes the next one out of a set: faults first, then by number, then in order of sending. */
  take(wanted: SignalSet): SignalInfo | undefined {
    const there = this.set & wanted;
    if (there === 0n) return undefined;
    const first = there & synchronous ? there & synchronous : there;
    const number = lowest(first);
    const at = this.#queue.findIndex((info) => info.signal === number);
    const [info] = this.#queue.splice(at, 1);
    this.budget.give(1);
    if (!this.#queue.some((other) => other.signal === number)) this.set &= ~bitOf(number);
    info.onTaken?.(info.overrun ?? 0);
    return info;
  }

  /** Forgets those of a set. */
  discard(unwanted: SignalSet): void {
    if ((this.set & unwanted) === 0n) return;
    const left = this.#queue.filter((info) => (bitOf(info.signal) & unwanted) === 0n);
    this.budget.give(this.#queue.length - left.length);
    this.#queue = left;
    this.set &= ~unwanted;
  }
}

function lowest(set: SignalSet): number {
  let number = 1;
  while ((set & bitOf(number)) === 0n) number++;
  return number;
}

/** SA_ flags of an action. */
export const actionFlag = {
  SA_NOCLDSTOP: 1,
  SA_NOCLDWAIT: 2,
  SA_SIGINFO: 4,
  SA_ONSTACK: 0x0800_0000,
  SA_RESTART: 0x1000_0000,
  SA_NODEFER: 0x4000_0000,
  SA_RESETHAND: 0x8000_0000,
} as const;

/** What a process wants done at a signal: `struct sigaction`. */
export interface SignalAction {
  /** Address of the handler, {@link defaultHandler} or {@link ignoreHandler}. */
  readonly handler: number;
  readonly flags: number;
  readonly mask: SignalSet;
}

/** SIG_DFL and SIG_IGN. */
export const defaultHandler = 0;
export const ignoreHandler = 1;

const byDefault: SignalAction = { handler: defaultHandler, flags: 0, mask: 0n };

/** The actions of a process (Linux's `sighand_struct`), shared between processes with CLONE_SIGHAND. */
export class SignalActions {
  readonly #actions: SignalAction[] = new Array<SignalAction>(lastSignal + 1).fill(byDefault);

  get(number: number): SignalAction {
    return this.#actions[number];
  }

  set(number: number, action: SignalAction): void {
    this.#actions[number] = action;
  }

  /** The default action again; what else was asked for stays. */
  reset(number: number): void {
    this.#actions[number] = { ...this.#actions[number], handler: defaultHandler };
  }

  /** Whether a signal has no effect at all. */
  ignores(number: number): boolean {
    const { handler } = this.#actions[number];
    return handler === ignoreHandler || (handler === defaultHandler && defaultAction(number) === "ignore");
  }

  /** Those of a new process. */
  copy(): SignalActions {
    const copy = new SignalActions();
    this.#actions.forEach((action, number) => {
      copy.set(number, action);
    });
    return copy;
  }

  /** Exec: there is no code of handlers any more; what is ignored stays so. */
  afterExec(): SignalActions {
    const next = new SignalActions();
    this.#actions.forEach((action, number) => {
      if (action.handler === ignoreHandler) next.set(number, { handler: ignoreHandler, flags: 0, mask: 0n });
    });
    return next;
  }
}

/** SS_ flags of an alternate stack. */
export const stackFlag = { SS_ONSTACK: 1, SS_DISABLE: 2, SS_AUTODISARM: 0x8000_0000 } as const;

/** `stack_t`: where handlers with SA_ONSTACK run. */
export interface AlternateStack {
  readonly base: number;
  readonly size: number;
  readonly flags: number;
}

/** No alternate stack. */
export const noAlternateStack: AlternateStack = { base: 0, size: 0, flags: stackFlag.SS_DISABLE };

/** A thread's own part of signals. */
export class TaskSignals {
  readonly pending: PendingSignals;
  blocked: SignalSet = 0n;
  /** What was blocked before a call that changed it for its own time (ppoll, sigsuspend); undefined: in no such call. */
  saved: SignalSet | undefined;
  /** What rt_sigtimedwait waits for, though it is blocked. */
  awaited: SignalSet = 0n;
  stack: AlternateStack = noAlternateStack;

  constructor(budget: SignalBudget) {
    this.pending = new PendingSignals(budget);
  }
}
