import { errno } from "../errno.ts";
import type { IntervalTimer } from "../process/timers.ts";
import { WaitQueue } from "../waitQueue.ts";
import { OpenFile, openFlag, pollBit } from "./openFile.ts";

/** `timerfd_create`: a timer that is waited for by reading. */
export class TimerFile extends OpenFile {
  readonly path = "anon_inode:[timerfd]";
  override readonly readers = new WaitQueue();
  /** CLOCK_ number that it goes by. */
  readonly clock: number;
  readonly timer: IntervalTimer;
  #times = 0;

  /** `make` makes the timer, of what is to be called when it fires. */
  constructor(clock: number, flags: number, make: (onFire: (times: number) => void) => IntervalTimer) {
    super(openFlag.O_RDWR | flags);
    this.clock = clock;
    this.timer = make((times) => {
      this.#times += times;
      this.readers.wake();
    });
  }

  /** It is set anew: what it has counted is forgotten. */
  reset(): void {
    this.#times = 0;
  }

  /** How often it has fired since it was read last. */
  override get hearsOfNothing(): boolean {
    return true;
  }

  override read(into: Uint8Array): number {
    if (into.length < 8) return -errno.EINVAL;
    if (this.#times === 0) return -errno.EAGAIN;
    new DataView(into.buffer, into.byteOffset).setBigUint64(0, BigInt(this.#times), true);
    this.#times = 0;
    return 8;
  }

  override poll(): number {
    return this.#times > 0 ? pollBit.POLLIN : 0;
  }

  override release(): void {
    this.timer.stop();
  }
}
