import type { AccessWidth, Device } from "../memory/device.ts";

/** What a guest asks of the finisher: an end with an exit code (0 is a pass, at most 0xffff), or a reset. */
export type Finish = { readonly kind: "exit"; readonly code: number } | { readonly kind: "reset" };

/** The low half of what is written: what to do. The high half is the exit code of a failure. */
const command = { fail: 0x3333, pass: 0x5555, reset: 0x7777 } as const;

/**
 * SiFive's test finisher, through which QEMU's `virt` board is switched off: one register at offset 0.
 *
 * Access in 2 or 4 bytes, aligned; anything else is an access fault, as on QEMU. Everything reads as 0. A failure
 * with code 0 ends with 1, so that it does not pass for success.
 */
export class Finisher implements Device {
  readonly name = "finisher";
  readonly size = 0x1000;
  readonly #onFinish: (finish: Finish) => void;

  /** `onFinish` is called within the store; the machine stops at its next chance. */
  constructor(onFinish: (finish: Finish) => void) {
    this.#onFinish = onFinish;
  }

  load(offset: number, width: AccessWidth): bigint | undefined {
    return this.#isAccess(offset, width) ? 0n : undefined;
  }

  store(offset: number, width: AccessWidth, value: bigint): boolean {
    if (!this.#isAccess(offset, width)) return false;
    if (offset !== 0) return true;
    const word = Number(BigInt.asUintN(width * 8, value));
    const code = word >>> 16;
    switch (word & 0xffff) {
      case command.pass:
        this.#onFinish({ kind: "exit", code: 0 });
        break;
      case command.fail:
        this.#onFinish({ kind: "exit", code: code === 0 ? 1 : code });
        break;
      case command.reset:
        this.#onFinish({ kind: "reset" });
        break;
    }
    return true;
  }

  #isAccess(offset: number, width: AccessWidth): boolean {
    return (width === 2 || width === 4) && offset % width === 0 && offset >= 0 && offset + width <= this.size;
  }
}
