import type { VmEvents } from "../../kernel/index.ts";

/** What tasks have used: `struct rusage`, as far as it is counted here. */
export class Usage {
  /** In user code: nanoseconds of processor time. There is no time in the kernel. */
  cycles = 0;
  /** Page faults that found what they wanted in memory, and those that had to read it. */
  minorFaults = 0;
  majorFaults = 0;
  /** The most small pages that an address space has had in memory. */
  peakResident = 0;
  /** Bytes that `read`, `write` and their likes have moved, and how often they were called. */
  readBytes = 0;
  writtenBytes = 0;
  readCalls = 0;
  writeCalls = 0;
  /** How often it has waited, and how often others were let go first. */
  waits = 0;
  preemptions = 0;

  /** Something else was used as well. */
  add(other: Usage): void {
    this.cycles += other.cycles;
    this.minorFaults += other.minorFaults;
    this.majorFaults += other.majorFaults;
    this.readBytes += other.readBytes;
    this.writtenBytes += other.writtenBytes;
    this.readCalls += other.readCalls;
    this.writeCalls += other.writeCalls;
    this.waits += other.waits;
    this.preemptions += other.preemptions;
    this.sawResident(other.peakResident);
  }

  /** A call has read so many bytes, or (0 or less) none. */
  hasRead(count: number): void {
    this.readCalls++;
    if (count > 0) this.readBytes += count;
  }

  hasWritten(count: number): void {
    this.writeCalls++;
    if (count > 0) this.writtenBytes += count;
  }

  sawResident(pages: number): void {
    if (pages > this.peakResident) this.peakResident = pages;
  }
}

/** Whose page faults there were: those since the last time are whose turn it was. */
export class FaultTally {
  readonly #events: VmEvents;
  #all = 0;
  #major = 0;

  constructor(events: VmEvents) {
    this.#events = events;
  }

  creditTo(used: Usage): void {
    const { pgfault, pgmajfault } = this.#events;
    if (pgfault === this.#all) return;
    const major = pgmajfault - this.#major;
    used.majorFaults += major;
    used.minorFaults += pgfault - this.#all - major;
    this.#all = pgfault;
    this.#major = pgmajfault;
  }
}
