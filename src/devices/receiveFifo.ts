/** A break among received characters: a character 0 with this mark. */
const breakMark = 0x100;

/** A UART's receiver: the FIFO that the guest sees, and behind it what has arrived and found no room yet. */
export class ReceiveFifo {
  /** 16 with FIFOs, 1 without. */
  capacity: 1 | 16 = 1;
  readonly #fifo: number[] = [];
  #queue: (Uint8Array | typeof breakMark)[] = [];
  /** How much of the first of the queue is taken. */
  #taken = 0;
  #queued = 0;

  /** Characters that the guest can take now. */
  get count(): number {
    return this.#fifo.length;
  }

  /** Characters in the FIFO and behind it. */
  get waiting(): number {
    return this.#fifo.length + this.#queued;
  }

  /** Whether the character to be taken next is a break that has not been noticed. */
  get breakIsNext(): boolean {
    return this.#fifo.length > 0 && this.#fifo[0] >= breakMark;
  }

  get hasBreak(): boolean {
    return this.#fifo.some((entry) => entry >= breakMark);
  }

  enqueue(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#queue.push(bytes.slice());
    this.#queued += bytes.length;
  }

  enqueueBreak(): void {
    this.#queue.push(breakMark);
    this.#queued++;
  }

  /** Moves what waits into the FIFO as far as there is room. */
  fill(): void {
    while (this.#queued > 0 && this.#fifo.length < this.capacity) {
      const first = this.#queue[0];
      const single = first === breakMark;
      this.#fifo.push(single ? breakMark : first[this.#taken]);
      this.#queued--;
      if (single || ++this.#taken === first.length) {
        this.#queue.shift();
        this.#taken = 0;
      }
    }
  }

  /** The next character, 0 if there is none. */
  take(): number {
    return (this.#fifo.shift() ?? 0) & 0xff;
  }

  /** A character that comes back by loopback, whether there is room or not; false if one was lost. */
  loop(byte: number): boolean {
    const room = this.#fifo.length < this.capacity;
    // a full FIFO keeps what it has, a single buffer is overwritten
    if (room) this.#fifo.push(byte);
    else if (this.capacity === 1) this.#fifo[0] = byte;
    return room;
  }

  /** The guest has read the status that shows the break; the character stays. */
  forgetBreak(): void {
    if (this.breakIsNext) this.#fifo[0] &= 0xff;
  }

  /** Empties the FIFO; what is behind it stays. */
  clear(): void {
    this.#fifo.length = 0;
  }
}
