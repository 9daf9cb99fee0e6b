import type { AccessWidth, Device } from "../memory/device.ts";

/** The host's idea of the time: nanoseconds since 1970 in UTC. It need not be the real time, but must not go back. */
export interface WallClock {
  now(): bigint;
}

/** Whom the RTC tells what, within the access or poll that caused it. */
export interface RtcEvents {
  /** The interrupt line has changed. */
  onInterrupt(level: boolean): void;
  /** When the alarm goes off has changed: ask {@link Rtc.deadline} again. */
  onDeadline?(): void;
}

/** Offsets (Android's "Goldfish virtual hardware", real-time clock). */
const register = {
  timeLow: 0x00,
  timeHigh: 0x04,
  alarmLow: 0x08,
  alarmHigh: 0x0c,
  irqEnabled: 0x10,
  clearAlarm: 0x14,
  alarmStatus: 0x18,
  clearInterrupt: 0x1c,
} as const;

/**
 * Goldfish's real-time clock: 64-bit nanoseconds in two halves. Reading the low half latches the high one; writing the
 * low half of the alarm sets it, with the high half that was written before.
 *
 * Registers are accessed in 4 aligned bytes; anything else is an access fault, as on QEMU.
 */
export class Rtc implements Device {
  readonly name = "rtc";
  readonly size = 0x24;
  readonly #clock: WallClock;
  readonly #events: RtcEvents;
  /** What the guest's time is ahead of the clock. */
  #offset = 0n;
  #latchedHigh = 0n;
  /** The alarm's two halves, and what they were when it was set; undefined when none is. */
  #alarm = 0n;
  #event: bigint | undefined;
  #pending = false;
  #enabled = false;
  #level = false;

  constructor(clock: WallClock, events: RtcEvents) {
    this.#clock = clock;
    this.#events = events;
  }

  /** At which time of the clock the alarm goes off, or undefined if none is set. */
  deadline(): bigint | undefined {
    return this.#event === undefined ? undefined : this.#event - this.#offset;
  }

  /** The level of the interrupt line. */
  get interrupt(): boolean {
    return this.#level;
  }

  /** Looks at the clock: must be called once the deadline has come. */
  poll(): void {
    if (this.#event === undefined || this.#event > this.#now()) return;
    this.#event = undefined;
    this.#pending = true;
    this.#update();
  }

  load(offset: number, width: AccessWidth): bigint | undefined {
    if (!this.#isRegisterAccess(offset, width)) return undefined;
    switch (offset) {
      case register.timeLow: {
        const now = this.#now();
        this.#latchedHigh = now >> 32n;
        return BigInt.asUintN(32, now);
      }
      case register.timeHigh:
        return this.#latchedHigh;
      case register.alarmLow:
        return BigInt.asUintN(32, this.#alarm);
      case register.alarmHigh:
        return this.#alarm >> 32n;
      case register.irqEnabled:
        return this.#enabled ? 1n : 0n;
      case register.alarmStatus:
        return this.#event === undefined ? 0n : 1n;
      default:
        return 0n;
    }
  }

  store(offset: number, width: AccessWidth, value: bigint): boolean {
    if (!this.#isRegisterAccess(offset, width)) return false;
    switch (offset) {
      case register.timeLow:
        this.#setTime(withLow(this.#now(), value));
        break;
      case register.timeHigh:
        this.#setTime(withHigh(this.#now(), value));
        break;
      case register.alarmLow:
        this.#alarm = withLow(this.#alarm, value);
        this.#setEvent(this.#alarm);
        break;
      case register.alarmHigh:
        this.#alarm = withHigh(this.#alarm, value);
        break;
      case register.irqEnabled:
        this.#enabled = (value & 1n) !== 0n;
        this.#update();
        break;
      case register.clearAlarm:
        this.#setEvent(undefined);
        break;
      case register.clearInterrupt:
        this.#pending = false;
        this.#update();
        break;
    }
    return true;
  }

  #isRegisterAccess(offset: number, width: AccessWidth): boolean {
    return width === 4 && offset % 4 === 0 && offset >= 0 && offset + 4 <= this.size;
  }

  #now(): bigint {
    return BigInt.asUintN(64, this.#clock.now() + this.#offset);
  }

  #setTime(time: bigint): void {
    this.#offset = time - this.#clock.now();
    if (this.#event !== undefined) this.#setEvent(this.#event);
  }

  /** An alarm that is due goes off at once. */
  #setEvent(event: bigint | undefined): void {
    this.#event = event;
    this.poll();
    this.#events.onDeadline?.();
  }

  #update(): void {
    const level = this.#pending && this.#enabled;
    if (level === this.#level) return;
    this.#level = level;
    this.#events.onInterrupt(level);
  }
}

function withLow(word: bigint, half: bigint): bigint {
  return ((word >> 32n) << 32n) | BigInt.asUintN(32, half);
}

function withHigh(word: bigint, half: bigint): bigint {
  return (BigInt.asUintN(32, half) << 32n) | BigInt.asUintN(32, word);
}
