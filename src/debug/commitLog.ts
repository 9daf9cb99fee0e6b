import { type Hart, hartLayout, type TrapRecord, type Watcher } from "../cpu/index.ts";
import { createDecoder, csrName, type Decoder } from "../isa/index.ts";
import { HartInspector } from "../machine/inspect.ts";
import { CodeReader, noCode } from "./codeReader.ts";
import { LineBuffer } from "./lineBuffer.ts";
import { type LogPlan, logPlan } from "./logPlan.ts";

/** So many instructions are remembered; then the memory starts over. */
const rememberedLimit = 1 << 16;
const mstatus = 0x300;
const fflags = 1;

/** Register parts are in the order of these keys, as in Spike: number, then integer, floating-point, CSR. */
const keyOf = { x: (n: number) => n * 16, f: (n: number) => n * 16 + 1, csr: (n: number) => n * 16 + 4 };

/** Exceptions as Spike names them. Those without a tval get no second line. */
const trapNames: readonly (string | undefined)[] = [
  "trap_instruction_address_misaligned",
  "trap_instruction_access_fault",
  "trap_illegal_instruction",
  "trap_breakpoint",
  "trap_load_address_misaligned",
  "trap_load_access_fault",
  "trap_store_address_misaligned",
  "trap_store_access_fault",
  "trap_user_ecall",
  "trap_supervisor_ecall",
  undefined,
  "trap_machine_ecall",
  "trap_instruction_page_fault",
  "trap_load_page_fault",
  undefined,
  "trap_store_page_fault",
];
const environmentCalls = [8, 9, 11];

/**
 * Writes what a machine does in the words of Spike's commit log (`spike -l --log-commits`, 1.1.1-dev), without its
 * lines of disassembly: a line for each instruction that retires, with the registers, memory and CSRs it changed, and
 * the lines of each trap.
 *
 *     core   0: 3 0x0000000080000000 (0x00000297) x5  0x0000000080000000
 *     core   0: 3 0x0000000080000004 (0x0062b023) mem 0x0000000080000000 0x0000000000000001
 *     core   0: exception trap_load_page_fault, epc 0x0000000080000008
 *     core   0:           tval 0x0000000040000000
 */
export class CommitLog {
  readonly #lines: LineBuffer;

  /** Attaches to all harts at once. `write` gets bytes that it must have used when it returns. */
  constructor(harts: readonly Hart[], write: (bytes: Uint8Array) => void) {
    this.#lines = new LineBuffer(write);
    const plans = new Map<number, LogPlan>();
    for (const hart of harts) {
      const logger = new HartLogger(hart, this.#lines, plans);
      const { onTrap } = hart;
      hart.watcher = logger;
      hart.onTrap = (trap) => {
        onTrap?.(trap);
        logger.trap(trap);
      };
    }
  }

  /** Hands on what has been gathered: at the end, or before somebody looks. */
  flush(): void {
    this.#lines.flush();
  }
}

/** One hart's share of the log. */
class HartLogger implements Watcher {
  readonly #hart: Hart;
  readonly #lines: LineBuffer;
  readonly #plans: Map<number, LogPlan>;
  readonly #decode: Decoder;
  readonly #code: CodeReader;
  readonly #inspector: HartInspector;
  readonly #core: Uint8Array;
  /** Registers and pc as halves: the low one of number n is `[2 * n]`. */
  readonly #x: Int32Array;
  readonly #f: Int32Array;
  readonly #pc: Int32Array;
  // What was so before the instruction at hand.
  #plan: LogPlan | undefined;
  #trapped = false;
  #pcLo = 0;
  #pcHi = 0;
  #priv = 3;
  #addressLo = 0;
  #addressHi = 0;
  #mstatus = 0n;
  #fflags = 0;
  /** Physical address of an atomic access, and whether it will store; a store-conditional without rd only. */
  #atomicPa = 0n;
  #stores = true;

  constructor(hart: Hart, lines: LineBuffer, plans: Map<number, LogPlan>) {
    const { buffer } = hart.physical.memory;
    const { base } = hart.state;
    this.#hart = hart;
    this.#lines = lines;
    this.#plans = plans;
    this.#decode = createDecoder(hart.isa);
    this.#code = new CodeReader(hart);
    this.#inspector = new HartInspector(hart);
    this.#core = new TextEncoder().encode(`core${String(hart.id).padStart(4)}:`);
    this.#x = new Int32Array(buffer, base + hartLayout.x, 64);
    this.#f = new Int32Array(buffer, base + hartLayout.f, 64);
    this.#pc = new Int32Array(buffer, base + hartLayout.pc, 2);
  }

  /** The lines of a trap. */
  trap({ cause, interrupt, pc, tval }: TrapRecord): void {
    const lines = this.#lines;
    this.#trapped = true;
    lines.bytes(this.#core);
    lines.text(` exception ${interrupt ? `interrupt #${cause}` : (trapNames[cause] ?? `trap #${cause}`)}, epc`);
    this.#hex(pc);
    lines.end();
    if (interrupt || environmentCalls.includes(cause)) return;
    lines.bytes(this.#core);
    lines.text("           tval");
    this.#hex(tval);
    lines.end();
  }

  before(): void {
    this.#pcLo = this.#pc[0];
    this.#pcHi = this.#pc[1];
    this.#trapped = false;
    const bits = this.#code.read(this.#pcLo, this.#pcHi);
    const plan = bits === noCode ? undefined : (this.#plans.get(bits) ?? this.#newPlan(bits));
    this.#plan = plan;
    if (plan === undefined) return;
    this.#priv = this.#hart.state.priv;
    if (plan.memory !== "none") this.#noteMemory(plan);
    if (plan.usesFloat) this.#noteFloat(plan);
  }

  after(): void {
    const plan = this.#plan;
    if (plan === undefined) return;
    const { state } = this.#hart;
    const raised = state.fflags;
    if (plan.raisesFlags) state.fflags = raised | this.#fflags;
    if (this.#trapped) return;
    const lines = this.#lines;
    lines.bytes(this.#core);
    lines.space();
    lines.text(this.#priv === 3 ? "3" : this.#priv === 1 ? "1" : "0");
    lines.hex(this.#pcLo, this.#pcHi);
    lines.bytes(plan.bits);
    if (plan.usesFloat || plan.csrs.length > 0 || plan.memory === "casPair") this.#manyRegisters(plan, raised);
    else if (plan.x !== 0) this.#register("x", plan.x);
    if (plan.memory !== "none") this.#memory(plan);
    lines.end();
  }

  #newPlan(bits: number): LogPlan {
    const plan = logPlan(this.#decode(bits));
    if (this.#plans.size >= rememberedLimit) this.#plans.clear();
    this.#plans.set(bits, plan);
    return plan;
  }

  /** Flags that were raised before would hide those that the instruction raises: they are put back after it. */
  #noteFloat(plan: LogPlan): void {
    const { state } = this.#hart;
    this.#mstatus = this.#inspector.csr(mstatus);
    this.#fflags = state.fflags;
    if (plan.raisesFlags) state.fflags = 0;
  }

  #noteMemory({ memory, base, offset, x, size, data }: LogPlan): void {
    const lo = (this.#x[2 * base] >>> 0) + (offset >>> 0);
    const carry = lo > 0xffff_ffff ? 1 : 0;
    this.#addressLo = lo | 0;
    this.#addressHi = (this.#x[2 * base + 1] + (offset < 0 ? -1 : 0) + carry) | 0;
    if (memory === "load" || memory === "store" || memory === "lr") return;
    if (memory === "zero") {
      this.#addressLo &= -size;
      return;
    }
    this.#atomicPa = this.#inspector.translate(this.#address(), "store") ?? 0n;
    if (memory === "cas") this.#stores = this.#load(0n, size) === this.#low(x, size);
    else if (memory === "casPair")
      this.#stores = this.#load(0n, 8) === this.#pair(x, 0) && this.#load(8n, 8) === this.#pair(x, 1);
    else if (memory === "sc") this.#stores = this.#reserved() === Number(this.#atomicPa);
    else this.#stores = true;
    if (memory === "casPair" && this.#stores) this.#swapped = [this.#pair(data, 0), this.#pair(data, 1)];
  }

  /** What an amocas.q stores: rs2 and the register after it may be overwritten by its own result. */
  #swapped: readonly [bigint, bigint] = [0n, 0n];

  #address(): bigint {
    return (BigInt(this.#addressHi >>> 0) << 32n) | BigInt(this.#addressLo >>> 0);
  }

  /** Bytes of RAM near the atomic access; 0 where it is not RAM. */
  #load(offset: bigint, size: number): bigint {
    const pa = Number(this.#atomicPa + offset);
    const { physical } = this.#hart;
    return physical.isRam(pa, size) ? (physical.load(pa, size as 4 | 8) ?? 0n) : 0n;
  }

  #low(register: number, size: number): bigint {
    return BigInt.asUintN(size * 8, this.#hart.state.x(register));
  }

  /** A register of a pair; the pair of x0 is zeros. */
  #pair(register: number, which: 0 | 1): bigint {
    return register === 0 ? 0n : this.#hart.state.x(register + which);
  }

  #reserved(): number {
    const { state, physical } = this.#hart;
    return physical.view.getFloat64(state.base + hartLayout.reservation, true);
  }

  #register(kind: "x" | "f", number: number): void {
    const lines = this.#lines;
    const words = kind === "x" ? this.#x : this.#f;
    lines.text(number < 10 ? ` ${kind}${number} ` : ` ${kind}${number}`);
    lines.hex(words[2 * number], words[2 * number + 1]);
  }

  /** Registers and CSRs of an instruction that may change several. */
  #manyRegisters(plan: LogPlan, raised: number): void {
    const { csrs } = plan;
    const keys = csrs.map(keyOf.csr);
    if (plan.x !== 0) keys.push(keyOf.x(plan.x));
    if (plan.x !== 0 && plan.memory === "casPair") keys.push(keyOf.x(plan.x + 1));
    if (plan.f >= 0) keys.push(keyOf.f(plan.f));
    if (plan.usesFloat) {
      if (plan.raisesFlags && raised !== 0) keys.push(keyOf.csr(fflags));
      if (this.#inspector.csr(mstatus) !== this.#mstatus) keys.push(keyOf.csr(mstatus));
    }
    for (const key of keys.sort((a, b) => a - b)) {
      const number = key >> 4;
      if ((key & 15) === 0) this.#register("x", number);
      else if ((key & 15) === 1) this.#register("f", number);
      else {
        this.#lines.text(` c${number}_${csrName(number) ?? "unknown"}`);
        this.#hex(this.#inspector.csr(number));
      }
    }
  }

  #memory({ memory, size, data, storesFloat, x }: LogPlan): void {
    if (memory === "zero") {
      for (let byte = 0; byte < size; byte++) this.#store(1, 0, 0, byte);
      return;
    }
    if (memory !== "store" && memory !== "sc") {
      this.#lines.text(" mem");
      this.#lines.hex(this.#addressLo, this.#addressHi);
    }
    if (memory === "store") {
      const words = storesFloat ? this.#f : this.#x;
      this.#store(size, words[2 * data], words[2 * data + 1]);
    } else if (memory === "amo" || memory === "cas") {
      if (this.#stores) this.#storeValue(size, this.#load(0n, size));
    } else if (memory === "sc") {
      const stored = x === 0 ? this.#stores : this.#x[2 * x] === 0;
      if (stored) this.#storeValue(size, this.#load(0n, size));
    } else if (memory === "casPair" && this.#stores) {
      this.#storeValue(8, this.#swapped[1]);
      this.#lines.text(this.#swapped[0].toString(16).padStart(16, "0"));
    }
  }

  #storeValue(size: number, value: bigint): void {
    this.#store(size, Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
  }

  #store(size: number, lo: number, hi: number, offset = 0): void {
    this.#lines.text(" mem");
    this.#lines.hex(this.#addressLo + offset, this.#addressHi);
    this.#lines.hex(lo, hi, size);
  }

  #hex(value: bigint): void {
    this.#lines.hex(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
  }
}
