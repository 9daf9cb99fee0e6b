/** What a person asks of pagewalk itself, after Ctrl-A. */
export type Request = "end" | "monitor" | "break" | "help";

const ctrlA = 1;
const requests: Readonly<Record<string, Request>> = { x: "end", c: "monitor", b: "break", h: "help", "?": "help" };

/** What the keys after Ctrl-A do. */
export const escapeHelp = [
  "Ctrl-A X   end",
  "Ctrl-A C   the monitor, and back",
  "Ctrl-A B   send a break (Linux: magic SysRq)",
  "Ctrl-A A   send Ctrl-A",
  "Ctrl-A H   this help",
];

/** Splits what is typed into input for the guest and requests: Ctrl-A and a letter, as with QEMU's -nographic. */
export class EscapeReader {
  #escaped = false;

  *read(bytes: Uint8Array): Generator<Uint8Array | Request> {
    let plain: number[] = [];
    for (const byte of bytes) {
      if (!this.#escaped) {
        if (byte === ctrlA) this.#escaped = true;
        else plain.push(byte);
        continue;
      }
      this.#escaped = false;
      const key = String.fromCharCode(byte).toLowerCase();
      if (byte === ctrlA || key === "a") plain.push(ctrlA);
      else if (Object.hasOwn(requests, key)) {
        if (plain.length > 0) yield Uint8Array.from(plain);
        plain = [];
        yield requests[key];
      }
    }
    if (plain.length > 0) yield Uint8Array.from(plain);
  }
}
