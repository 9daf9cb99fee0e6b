import { assemble } from "../../src/isa/index.ts";

/** Assembly lines with labels; `@name` is a label as the target of a branch or a jump. */
export class Assembly {
  readonly #base: number;
  readonly #lines: { readonly text: string; readonly at: number }[] = [];
  readonly #labels = new Map<string, number>();
  #at: number;

  constructor(base: number) {
    this.#base = base;
    this.#at = base;
  }

  label(name: string): void {
    this.#labels.set(name, this.#at);
  }

  /** The address of a label that stands already. */
  address(name: string): number {
    return this.#labels.get(name)!;
  }

  /** Lines of 32-bit instructions. */
  add(text: string): void {
    for (const line of text.split("\n").map((line) => line.trim())) {
      if (line === "") continue;
      if (line.endsWith(":")) {
        this.label(line.slice(0, -1));
        continue;
      }
      this.#lines.push({ text: line, at: this.#at });
      this.#at += 4;
    }
  }

  /** rd := an address within 2 GiB of here. */
  address32(rd: string, address: number): void {
    const distance = address - this.#at;
    const upper = (distance + 0x800) >> 12;
    this.add(`auipc ${rd}, ${upper}\naddi ${rd}, ${rd}, ${distance - upper * 4096}`);
  }

  /** The code. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#at - this.#base);
    const view = new DataView(bytes.buffer);
    for (const { text, at } of this.#lines) {
      const line = text.replace(/@(\w+)/, (_, name: string) => {
        const target = this.#labels.get(name);
        if (target === undefined) throw new Error(`no label ${name}`);
        return `pc${target < at ? "-" : "+"}${Math.abs(target - at)}`;
      });
      view.setUint32(at - this.#base, assemble(line).bits, true);
    }
    return bytes;
  }
}
