const encoder = new TextEncoder();

/** A growing byte buffer with WebAssembly's variable-length integers. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** The bytes written so far (a view, valid until the next write). */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const bigger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    bigger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bigger;
  }

  u8(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Unsigned LEB128 of a 32-bit value. */
  u32(value: number): void {
    value >>>= 0;
    while (value > 127) {
      this.u8((value & 127) | 128);
      value >>>= 7;
    }
    this.u8(value);
  }

  /** Signed LEB128 of a 32-bit value. */
  s32(value: number): void {
    value |= 0;
    for (;;) {
      const low = value & 127;
      value >>= 7;
      if ((value === 0 && (low & 64) === 0) || (value === -1 && (low & 64) !== 0)) {
        this.u8(low);
        return;
      }
      this.u8(low | 128);
    }
  }

  /** Signed LEB128 of an integer that a number holds exactly. */
  s53(value: number): void {
    for (;;) {
      const rest = Math.floor(value / 128);
      const low = value - rest * 128;
      value = rest;
      if ((value === 0 && (low & 64) === 0) || (value === -1 && (low & 64) !== 0)) {
        this.u8(low);
        return;
      }
      this.u8(low | 128);
    }
  }

  /** Signed LEB128 of a 64-bit value. */
  s64(value: bigint): void {
    value = BigInt.asIntN(64, value);
    if (value >= -0x8000_0000n && value < 0x8000_0000n) {
      this.s32(Number(value));
      return;
    }
    for (;;) {
      const low = Number(value & 127n);
      value >>= 7n;
      if ((value === 0n && (low & 64) === 0) || (value === -1n && (low & 64) !== 0)) {
        this.u8(low);
        return;
      }
      this.u8(low | 128);
    }
  }

  /** The 4 or 8 little-endian bytes of a float. */
  f32(value: number): void {
    this.raw(new Uint8Array(new Float32Array([value]).buffer));
  }

  f64(value: number): void {
    this.raw(new Uint8Array(new Float64Array([value]).buffer));
  }

  /** A length-prefixed UTF-8 name. */
  name(text: string): void {
    const bytes = encoder.encode(text);
    this.u32(bytes.length);
    this.raw(bytes);
  }
}
