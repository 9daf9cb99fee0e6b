import type { SystemOp } from "../../isa/meaning.ts";
import { type Expression, type FunctionBody, f64, i32, i64 } from "../../wasm/index.ts";
import { envcfgBits } from "../csr/bits.ts";
import { hartLayout } from "../layout.ts";
import type { HartWords } from "./hartWords.ts";
import { loadKinds, storeKinds } from "./memoryKinds.ts";
import type { InterpreterOptions } from "./options.ts";

/** Bytes of a cache block. */
const blockBytes = 64;
const zero = i32.const(0);

/** Instructions on memory that only the hart can carry out, in the body of a function (op address, …) → 0 go on. */
type Emit = (body: FunctionBody, words: HartWords, options: InterpreterOptions) => void;

/**
 * lr, sc and cbo.zero where the fast TLB knows the page and nobody watches it: what memoryInstructions.ts does then. They go on
 * behind, with nothing done, where it does not.
 */
export const memoryInstructions: ReadonlyMap<SystemOp, Emit> = new Map<SystemOp, Emit>([
  ["lr.w", (body, words, options) => loadReserved(body, words, options, 4)],
  ["lr.d", (body, words, options) => loadReserved(body, words, options, 8)],
  ["sc.w", (body, words, options) => storeConditional(body, words, options, 4)],
  ["sc.d", (body, words, options) => storeConditional(body, words, options, 8)],
  ["cbo.zero", zeroBlock],
]);

/** A source register of the op: its number times 8 is in that byte. */
const source = (body: FunctionBody, words: HartWords, byte: 2 | 3): Expression =>
  body.let(i64.load(i32.add(words.hart, i32.load8U(body.param(0), byte)), hartLayout.x));

/** Writes rd, whose byte is made so that x0's writes go to the sink, and ends the instruction. */
function finish(body: FunctionBody, words: HartWords, result: Expression): void {
  body.store("i64", i32.add(words.hart, i32.load8U(body.param(0), 1)), result, hartLayout.x + 8);
  body.return(zero);
}

/** Runs statements with the host address of `va` if an array of the fast TLB has its page and it is aligned. */
function withHost(
  body: FunctionBody,
  words: HartWords,
  { fastTlb }: InterpreterOptions,
  { array, va, size }: { readonly array: "read" | "write"; readonly va: Expression; readonly size: number },
  found: (host: Expression) => void,
): void {
  const index = i32.and(i32.wrap(i64.shrU(va, i64.const(8))), i32.const((fastTlb.dataEntries - 1) << 4));
  const entry = body.let(i32.add(words.i32("dataContext"), index));
  const pageAndAlignment = i64.and(va, i64.const(BigInt(~0xfff | (size - 1))));
  body.if(i64.eq(i64.load(entry, fastTlb[array]), pageAndAlignment), () => {
    found(body.let(i32.add(i32.wrap(va), i32.load(entry, fastTlb[array] + 8))));
  });
}

const physicalOf = (words: HartWords, host: Expression): Expression =>
  f64.add(f64.convertI32U(host), words.f64("physicalOffset"));

function loadReserved(body: FunctionBody, words: HartWords, options: InterpreterOptions, size: 4 | 8): void {
  const va = source(body, words, 2);
  withHost(body, words, options, { array: "read", va, size }, (host) => {
    words.setF64("reservation", physicalOf(words, host));
    finish(body, words, loadKinds[size === 4 ? "s32" : "i64"].load(host));
  });
}

function storeConditional(body: FunctionBody, words: HartWords, options: InterpreterOptions, size: 4 | 8): void {
  const va = source(body, words, 2);
  withHost(body, words, options, { array: "write", va, size }, (host) => {
    const reserved = body.let(f64.eq(words.f64("reservation"), physicalOf(words, host)));
    words.setF64("reservation", f64.const(0));
    const value = source(body, words, 3);
    body.if(reserved, () => body.store(storeKinds[size === 4 ? "i32" : "i64"].form, host, value));
    finish(body, words, i64.extendU(i32.eqz(reserved)));
  });
}

/** menvcfg opens it below M-mode, and senvcfg too to U-mode. */
function zeroBlock(body: FunctionBody, words: HartWords, options: InterpreterOptions): void {
  const opened = body.let(i32.const(-1));
  const cbze = i32.const(Number(envcfgBits.cbze));
  body.if(i32.ltU(words.low("priv"), i32.const(3)), () => body.set(opened, i32.and(words.low("menvcfg"), cbze)));
  body.if(i32.eqz(words.low("priv")), () => body.set(opened, i32.and(opened, words.low("senvcfg"))));
  const va = body.let(i64.and(source(body, words, 2), i64.const(-blockBytes)));
  body.if(opened, () => {
    withHost(body, words, options, { array: "write", va, size: 1 }, (host) => {
      for (let at = 0; at < blockBytes; at += 8) body.store("i64", host, i64.const(0), at);
      body.return(zero);
    });
  });
}
