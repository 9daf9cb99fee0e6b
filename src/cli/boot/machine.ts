import { webcrypto } from "node:crypto";
import {
  type EntropySource,
  SeededEntropy,
  VirtioBlock,
  VirtioConsole,
  type VirtioDevice,
  VirtioEntropy,
} from "../../devices/virtio/index.ts";
import { type BootFiles, loadBoot } from "../../machine/boot.ts";
import { BootError } from "../../machine/bootError.ts";
import { createMachine, type Machine } from "../../machine/machine.ts";
import { type Drive, openDrive } from "../blockFile.ts";
import { Failure, usage } from "../failure.ts";
import { defaultFirmware } from "../firmware.ts";
import type { BootArguments } from "./arguments.ts";
import { type OpenBackend, openBackend } from "./chardev.ts";
import type { SlotArgument } from "./devices.ts";
import { checkGzip, readBootFile } from "./files.ts";

/** A machine that was started, and where input for its console goes. */
export interface Started {
  readonly machine: Machine;
  readonly tree: Uint8Array;
  receive(bytes: Uint8Array): void;
}

/** Whom a machine tells what. */
export interface StartEvents {
  onOutput(bytes: Uint8Array): void;
  onWarning(line: string): void;
}

/** Everything that machines are started from, read once: a reset finds the files as they were, and the disks as they are. */
export class BootSource {
  /** What messages call it: the kernel, or else the firmware. */
  readonly name: string;
  readonly #args: BootArguments;
  readonly #files: BootFiles;
  readonly #drives = new Map<SlotArgument, Drive>();
  readonly #clock: "virtual" | "host";
  /** Where output goes: of the UART, and of a console. */
  readonly #serial: OpenBackend;
  readonly #console: OpenBackend;
  #onOutput: StartEvents["onOutput"] = () => {};

  /** Throws a {@link Failure} that says which file cannot be used and why. */
  constructor(args: BootArguments, clock: "virtual" | "host") {
    const { kernel, bios, initrd, dtb, append } = args;
    if (kernel === undefined && (bios === "default" || bios === "none") && args.dumpdtb === undefined) {
      throw usage("--kernel", "nothing is to be started: name a Linux Image, an ELF or a flat binary, or a --bios");
    }
    const read = (path: string | undefined) => (path === undefined ? undefined : readBootFile(path));
    const firmware = bios === "default" ? defaultFirmware : bios;
    this.#args = args;
    this.#clock = clock;
    this.name = kernel ?? bios;
    this.#files = {
      firmware: bios === "none" ? undefined : readBootFile(firmware),
      reservesFirmware: bios === "default",
      kernel: read(kernel),
      initrd: read(initrd),
      tree: read(dtb),
      append,
    };
    for (const slot of args.slots) {
      if (slot?.device === "blk") this.#drives.set(slot, openDrive(slot.path, slot.mode));
    }
    const terminal = (bytes: Uint8Array) => this.#onOutput(bytes);
    this.#serial = openBackend(args.serial, terminal);
    this.#console = openBackend(consoleOf(args)?.backend ?? "null", terminal);
  }

  /** Throws a {@link Failure} for what is found to be damaged only when all of it is read. */
  async check(): Promise<void> {
    if (this.#files.initrd !== undefined) await checkGzip(this.#files.initrd);
  }

  /** Makes a machine and loads it; one that came before is used up. */
  start(events: StartEvents, before?: Machine): Started {
    const { machine: options, legacyVirtio, slots, serial } = this.#args;
    this.#onOutput = events.onOutput;
    let console: VirtioConsole | undefined;
    const virtio = slots.map((slot) => {
      const device = slot === undefined ? undefined : this.#device(slot);
      if (device instanceof VirtioConsole) console = device;
      return device;
    });
    try {
      const machine = createMachine({
        ...options,
        ...{ virtio, legacyVirtio, clock: this.#clock },
        onOutput: this.#serial.put,
        replaces: before,
        startTime: before?.wallTime,
      });
      machine.onWarning = events.onWarning;
      const seed = new Uint8Array(32);
      this.#entropy().fill(seed);
      const { tree, warnings } = loadBoot(machine, { ...this.#files, seed });
      for (const warning of warnings) events.onWarning(warning);
      // what is typed goes to the console that the terminal shows, the virtio one if it shows both
      const showsConsole = console !== undefined && consoleOf(this.#args)?.backend === "stdio";
      const receiver = showsConsole ? console : serial === "stdio" ? machine.uart : undefined;
      return { machine, tree, receive: (bytes) => receiver?.receive(bytes) };
    } catch (error) {
      if (error instanceof BootError) throw new Failure(error.file, error.place, error.reason);
      if (!(error instanceof RangeError)) throw error;
      const reason = `the system does not give that much memory (${error.message}): run it with a smaller -m`;
      throw new Failure(this.name, "making the machine", reason);
    }
  }

  #device(slot: SlotArgument): VirtioDevice {
    switch (slot.device) {
      case "blk":
        return new VirtioBlock((this.#drives.get(slot) as Drive).store, { id: slot.serial });
      case "rng":
        return new VirtioEntropy(this.#entropy());
      case "console":
        return new VirtioConsole({ onOutput: this.#console.put });
    }
  }

  #entropy(): EntropySource {
    return this.#clock === "host" ? hostEntropy : new SeededEntropy(fixedSeed);
  }

  /** Lets go of the disk images and other files. */
  close(): void {
    this.#serial.close();
    this.#console.close();
    for (const drive of this.#drives.values()) drive.close();
  }
}

function consoleOf({ slots }: BootArguments) {
  return slots.find((slot) => slot?.device === "console");
}

/** Runs on virtual time repeat exactly, random numbers included. */
const fixedSeed = 5n;
const mostRandomBytes = 65536;

const hostEntropy: EntropySource = {
  fill(into) {
    for (let at = 0; at < into.length; at += mostRandomBytes) {
      // the guest's memory may be shared, which the host's generator does not fill
      const bytes = webcrypto.getRandomValues(new Uint8Array(Math.min(mostRandomBytes, into.length - at)));
      into.set(bytes, at);
    }
  },
};
