import type { PhysicalMemory } from "../memory/physical.ts";

/** Where the two words are: physical addresses, from the symbols of the program. */
export interface HtifAddresses {
  readonly tohost: number;
  /** Without it the guest can speak but is never answered. */
  readonly fromhost?: number;
}

/** Whom the interface tells what, within the store or poll that caused it. */
export interface HtifEvents {
  /** The guest prints a byte. */
  onOutput(byte: number): void;
  /** The guest is done. The machine stops at its next chance; the code has up to 47 bits. */
  onExit(code: number): void;
  /** The guest asked for what nobody here does: one line that says what. */
  onUnsupported?(line: string): void;
}

/** tohost and fromhost: device in bits 63..56, command in bits 55..48, payload below. */
const device = { system: 0, console: 1 } as const;
const consoleCommand = { read: 0, write: 1 } as const;
const systemCall = { write: 64n, exit: 93n } as const;
const errno = { badFile: 9n, fault: 14n, noSystem: 38n } as const;

/** A system call's number and arguments: eight 64-bit words. */
const callBytes = 64;

/** Answers that wait for the guest to empty fromhost. One that never does must not cost memory. */
const mostAnswers = 1024;

/** After so many lines of warning a guest is known well enough. */
const mostWarnings = 16;

/**
 * The host-target interface of riscv-tests, Spike and the proxy kernel: two 64-bit words in RAM. The guest asks by
 * writing tohost, which the host clears; the host answers in fromhost when that is 0, which the guest clears.
 *
 * It is no device on the bus. Whoever runs the machine calls {@link onStore} after writes to {@link pages}, and
 * {@link poll} now and then, at a fixed number of instructions if runs are to repeat. A store of the whole word is
 * answered at once. After a store of a part of it the rest is waited for, at most until the second poll: 32-bit code
 * writes one half after the other, or only one. (Spike polls every few thousand instructions and hopes.)
 */
export class Htif {
  /** Pages of RAM to be watched, as indices of {@link PhysicalMemory.pageState}. */
  readonly pages: readonly number[];
  readonly #memory: PhysicalMemory;
  readonly #tohost: number;
  readonly #fromhost: number | undefined;
  readonly #events: HtifEvents;
  /** Bytes of tohost that were written one part after the other, a bit each, and whether a poll has seen that. */
  #parts = 0;
  #polled = false;
  /** This is writing itself. */
  #busy = false;
  #answers: bigint[] = [];
  /** Characters that the guest asked for, and those that it has not taken. */
  #reads = 0;
  #input: Uint8Array[] = [];
  #taken = 0;
  #warnings = 0;

  /** Throws a RangeError if a word is not in RAM. */
  constructor(memory: PhysicalMemory, addresses: HtifAddresses, events: HtifEvents) {
    const { tohost, fromhost } = addresses;
    const pages = new Set<number>();
    for (const [name, pa] of Object.entries({ tohost, fromhost })) {
      if (pa === undefined) continue;
      if (!memory.isRam(pa, 8)) throw new RangeError(`${name} at 0x${pa.toString(16)} is not in RAM`);
      for (const byte of [pa, pa + 7]) pages.add(Math.floor((byte - memory.ramBase) / 4096));
    }
    this.pages = [...pages];
    this.#memory = memory;
    this.#tohost = tohost;
    this.#fromhost = fromhost;
    this.#events = events;
  }

  /** Input for the guest. It waits, however much, until the guest asks. */
  receive(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#input.push(bytes.slice());
    this.#answer();
  }

  /** Something was written to RAM: `size` bytes from `pa` on. */
  onStore(pa: number, size: number): void {
    if (this.#busy) return;
    const first = Math.max(0, pa - this.#tohost);
    const end = Math.min(8, pa + size - this.#tohost);
    if (first < end) {
      if (this.#parts === 0) this.#polled = false;
      this.#parts |= (1 << end) - (1 << first);
      const value = this.#memory.load(this.#tohost, 8) as bigint;
      if (value === 0n) this.#parts = 0;
      else if (this.#parts === 0xff) this.#handle(value);
    }
    this.#answer();
  }

  /** Looks at both words, whoever wrote them. */
  poll(): void {
    const value = this.#memory.load(this.#tohost, 8) as bigint;
    if (value !== 0n) {
      if (this.#parts === 0 || this.#polled) this.#handle(value);
      else this.#polled = true;
    }
    this.#answer();
  }

  #handle(value: bigint): void {
    this.#parts = 0;
    this.#polled = false;
    this.#write(this.#tohost, 0n);
    const target = Number(value >> 56n);
    const command = Number((value >> 48n) & 0xffn);
    const payload = BigInt.asUintN(48, value);
    if (target === device.system && command === 0) {
      if (payload & 1n) this.#events.onExit(Number(payload >> 1n));
      else this.#call(Number(payload));
    } else if (target === device.console && command === consoleCommand.write) {
      this.#events.onOutput(Number(payload & 0xffn));
    } else if (target === device.console && command === consoleCommand.read) {
      if (this.#reads < mostAnswers) this.#reads++;
    } else {
      this.#warn(`tohost = 0x${value.toString(16)}: device ${target} has no command ${command} here`);
    }
  }

  /** A system call: number and arguments are read from RAM, the result replaces the number. */
  #call(block: number): void {
    if (this.#memory.isRam(block, callBytes)) {
      const word = (index: number) => this.#memory.load(block + 8 * index, 8) as bigint;
      const number = word(0);
      if (number === systemCall.exit) {
        this.#events.onExit(Number(BigInt.asUintN(32, word(1))));
        return;
      }
      if (number !== systemCall.write) this.#warn(`system call ${number} is not there: ENOSYS`);
      const result = number === systemCall.write ? this.#print(word(1), word(2), word(3)) : -errno.noSystem;
      this.#write(block, BigInt.asUintN(64, result));
    } else {
      this.#warn(`system call at 0x${block.toString(16)}, which is not in RAM`);
    }
    if (this.#answers.length < mostAnswers) this.#answers.push(1n);
  }

  /** write(fd, buffer, length): standard output and standard error are one. */
  #print(fd: bigint, buffer: bigint, length: bigint): bigint {
    if (fd !== 1n && fd !== 2n) return -errno.badFile;
    if (length === 0n) return 0n;
    const end = buffer + length;
    const ramBase = BigInt(this.#memory.ramBase);
    if (buffer < ramBase || end > ramBase + BigInt(this.#memory.ramBytes)) return -errno.fault;
    const host = this.#memory.hostOf(Number(buffer));
    for (const byte of this.#memory.bytes.subarray(host, host + Number(length))) this.#events.onOutput(byte);
    return length;
  }

  /** Puts the next answer into fromhost, if there is one and the guest has taken the last. */
  #answer(): void {
    if (this.#fromhost === undefined || this.#memory.load(this.#fromhost, 8) !== 0n) return;
    const answer = this.#answers.shift() ?? this.#takeCharacter();
    if (answer !== undefined) this.#write(this.#fromhost, answer);
  }

  /** The answer to a console read, if one is asked for and there is input. */
  #takeCharacter(): bigint | undefined {
    const first = this.#input[0];
    if (this.#reads === 0 || first === undefined) return undefined;
    this.#reads--;
    const character = BigInt(first[this.#taken++]);
    if (this.#taken === first.length) {
      this.#input.shift();
      this.#taken = 0;
    }
    return (BigInt(device.console) << 56n) | 0x100n | character;
  }

  #write(pa: number, value: bigint): void {
    this.#busy = true;
    this.#memory.store(pa, 8, value);
    this.#busy = false;
  }

  #warn(problem: string): void {
    if (this.#warnings++ >= mostWarnings) return;
    this.#events.onUnsupported?.(`HTIF: ${problem}`);
  }
}
