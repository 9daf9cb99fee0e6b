import { FileMapping } from "../../kernel/index.ts";
import { errno, LinuxError } from "../errno.ts";
import type { Random } from "../random.ts";
import type { Task } from "../task.ts";
import type { Dentry } from "./dentry.ts";
import { OpenFile, openFlag } from "./openFile.ts";

/** A device number as stat has it. */
export function deviceNumber(major: number, minor: number): number {
  return major * 256 + minor;
}

/** Devices by name in /dev, and their numbers. Nothing here leads to a device of the host's. */
export const devices = {
  null: deviceNumber(1, 3),
  zero: deviceNumber(1, 5),
  full: deviceNumber(1, 7),
  random: deviceNumber(1, 8),
  urandom: deviceNumber(1, 9),
  tty: deviceNumber(5, 0),
  console: deviceNumber(5, 1),
  ptmx: deviceNumber(5, 2),
} as const;

/** Opens the device of a number. Throws ENXIO where there is none. */
export function deviceFile(task: Task, number: number, flags: number, dentry: Dentry): OpenFile {
  switch (number) {
    case devices.null:
      return new NullFile(flags, dentry);
    case devices.zero:
    case devices.full:
      return new ZeroFile(flags, dentry, number === devices.full);
    case devices.random:
    case devices.urandom:
      return new RandomFile(flags, dentry, task.system.random);
    default:
      return task.system.files.terminals.open(task, number, flags, dentry);
  }
}

/** What the simple devices have in common: a position that means nothing. */
abstract class DeviceFile extends OpenFile {
  override readonly dentry: Dentry;

  constructor(flags: number, dentry: Dentry) {
    super(flags & ~openFlag.O_NOCTTY);
    this.dentry = dentry;
  }

  get path(): string {
    return this.dentry.path;
  }

  override get isSeekable(): boolean {
    return true;
  }

  override seek(): number {
    return 0;
  }

  override write(bytes: Uint8Array): number {
    return bytes.length;
  }
}

class NullFile extends DeviceFile {
  override read(): number {
    return 0;
  }
}

class ZeroFile extends DeviceFile {
  readonly #isFull: boolean;

  constructor(flags: number, dentry: Dentry, isFull: boolean) {
    super(flags, dentry);
    this.#isFull = isFull;
  }

  override read(into: Uint8Array): number {
    into.fill(0);
    return into.length;
  }

  override write(bytes: Uint8Array): number {
    return this.#isFull ? -errno.ENOSPC : bytes.length;
  }

  /** Each mapping is memory of its own, all zero. */
  override mapping(): FileMapping | number {
    return this.#isFull ? -errno.ENODEV : new FileMapping("/dev/zero");
  }
}

class RandomFile extends DeviceFile {
  readonly #random: Random;

  constructor(flags: number, dentry: Dentry, random: Random) {
    super(flags, dentry);
    this.#random = random;
  }

  override read(into: Uint8Array): number {
    into.set(this.#random.bytes(into.length));
    return into.length;
  }
}

/** There is no such device. */
export function noDevice(): never {
  throw new LinuxError("ENXIO");
}
