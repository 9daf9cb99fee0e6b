import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Drive, openDrive } from "../../../src/cli/blockFile.ts";
import { MemoryStore, VirtioBlock } from "../../../src/devices/virtio/index.ts";
import { Guest } from "../linux/guest.ts";

/** The folder of scripts/debian.sh. */
export const debianFolder = process.env.PAGEWALK_DEBIAN ?? "/var/cache/pagewalk/debian";

const loginPrompt = "pagewalk login: ";

/** A started Debian system on virtual time: its disk is never written to, what it writes stays in memory. */
export class Debian {
  readonly guest: Guest;
  readonly #root: Drive;

  /** `second` is the content of its second disk, /dev/vdb: whole sectors. */
  constructor({ harts = 2, second }: { readonly harts?: number; readonly second?: Uint8Array } = {}) {
    this.#root = openDrive(join(debianFolder, "root.ext4"), "overlay");
    const stores = [this.#root.store, ...(second === undefined ? [] : [new MemoryStore(second)])];
    this.guest = new Guest({
      initrd: { name: "initrd.cpio", bytes: readFileSync(join(debianFolder, "initrd.cpio")) },
      virtio: stores.map((store) => new VirtioBlock(store)),
      ramBytes: 1 << 30,
      harts,
      seed: new Uint8Array(32).fill(7),
    });
  }

  /** Waits for the login prompt and logs in as root. False: it does not come to that. */
  logIn(): boolean {
    if (!this.guest.runUntil(loginPrompt, 15e9)) return false;
    this.guest.type("root");
    return this.guest.runUntil("~# ", 2e9);
  }

  /** Types a command; answers its exit status (-1: it did not come to an end), and what the terminal showed. */
  command(line: string, maxInstructions = 20e9): { readonly status: number; readonly output: string } {
    // the terminal shows what is typed: the word must not stand there
    this.guest.type(`${line}; echo "STATUS $?" "EN""DED"`);
    this.guest.runUntil("ENDED", maxInstructions);
    const { output } = this.guest;
    return { status: Number(/STATUS (\d+) ENDED/.exec(output)?.[1] ?? -1), output };
  }

  close(): void {
    this.#root.close();
  }
}
