import { readFileSync } from "node:fs";
import { join } from "node:path";
import { initramfs } from "../../../scripts/initramfs.mjs";
import type { VirtioDevice } from "../../../src/devices/index.ts";
import { loadBoot } from "../../../src/machine/boot.ts";
import type { BootFile } from "../../../src/machine/bootError.ts";
import { createMachine, type Machine, type RunEnd } from "../../../src/machine/machine.ts";

/** The folder of scripts/guests.sh. */
export const guests = process.env.PAGEWALK_GUESTS ?? "/var/cache/pagewalk/guests";

/** One of the fetched files. */
export const guestFile = (name: string): BootFile => ({ name, bytes: readFileSync(join(guests, name)) });

const firmware = "firmware/sbi/sbi.elf";

/** What a guest is started with. */
export interface GuestOptions {
  readonly kernel?: string;
  readonly bios?: string;
  /** A shell script that is the system's init from where /proc, /sys and /dev are there. */
  readonly init?: string;
  /** Instead of an initial RAM disk made with `init`. */
  readonly initrd?: BootFile;
  readonly append?: string;
  readonly harts?: number;
  readonly isa?: string;
  readonly virtio?: readonly VirtioDevice[];
  readonly ramBytes?: number;
  /** Random bytes for the kernel, without which it may have none for minutes of its time. */
  readonly seed?: Uint8Array;
}

/** A machine with a guest, what it prints, and a keyboard. */
export class Guest {
  readonly machine: Machine;
  output = "";

  constructor(options: GuestOptions) {
    const { kernel = "linux/Image", bios, init, initrd, append = "", seed } = options;
    const { harts = 1, isa = "max", virtio, ramBytes = 512 << 20 } = options;
    this.machine = createMachine({
      ...{ ramBytes, harts, isa, virtio },
      onOutput: (bytes) => {
        for (const byte of bytes) this.output += String.fromCharCode(byte);
      },
    });
    const isDefault = bios === undefined;
    loadBoot(this.machine, {
      firmware: isDefault ? { name: firmware, bytes: readFileSync(firmware) } : guestFile(bios),
      reservesFirmware: isDefault,
      kernel: kernel === "" ? undefined : guestFile(kernel),
      ...(init !== undefined && { initrd: { name: "initramfs", bytes: initramfs({ guests, init }) } }),
      ...(initrd !== undefined && { initrd }),
      ...(seed !== undefined && { seed }),
      append: `console=ttyS0 ${append}`.trim(),
    });
  }

  /** Runs to the guest's own end, or until it should long have come. */
  run(maxInstructions = 3e9): RunEnd {
    return this.machine.run({ maxInstructions });
  }

  /** Runs until the guest has printed something. False: it does not come to that. */
  runUntil(text: string, maxInstructions = 3e9): boolean {
    const last = this.machine.instructions + maxInstructions;
    while (!this.output.includes(text) && this.machine.instructions < last) {
      const { reason } = this.machine.run({ maxInstructions: 2_000_000 });
      if (reason !== "instructions" && reason !== "asleep") return this.output.includes(text);
    }
    return this.output.includes(text);
  }

  /** Types a line, and forgets what was printed before. */
  type(line: string): void {
    this.output = "";
    this.machine.uart.receive(new TextEncoder().encode(`${line}\n`));
  }
}
