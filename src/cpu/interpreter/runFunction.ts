import type { FunctionBody, Label } from "../../wasm/body.ts";
import { call, callIndirect, type Expression, i32, i64, ValueType } from "../../wasm/index.ts";
import { hartLayout } from "../layout.ts";
import { coldShift, recordLayout, regionResult, translatorLayout } from "../translator/layout.ts";
import { arms } from "./arms.ts";
import type { EngineFunctions } from "./functions.ts";
import type { HotHandler } from "./handlerTable.ts";
import { type HandlerContext, InterpreterMeaning } from "./interpreterMeaning.ts";
import { EngineOp, noPage, opPageBytes, opShift } from "./opFormat.ts";
import type { InterpreterOptions } from "./options.ts";

const { i32: I32, i64: I64 } = ValueType;
const zero = i32.const(0);

/**
 * Emits `run`. Loops within each other: look at pc anew; look up the page of ops that control arrives at; and count
 * that arrival; execute the next op.
 */
export class RunFunction {
  readonly #body: FunctionBody;
  readonly #options: InterpreterOptions;
  readonly #functions: EngineFunctions;
  /** The numbers of the cold function, and of the type of a region's. */
  readonly #numbers: { readonly cold: number; readonly region: number };
  readonly #fuel: Expression;
  readonly #ip: Expression;
  readonly #opPage: Expression;
  readonly #entry: Expression;
  readonly #fetchContext: Expression;
  readonly #dataContext: Expression;
  readonly #va: Expression;
  /** A count of arrivals, or the fuel that a region left. */
  readonly #count: Expression;
  /** Whether the next arrival is none: a region could not execute the instruction there. */
  readonly #quiet: Expression;
  /** pc = bias + (ip >>> 2), inside a page of ops. */
  readonly #bias: Expression;
  #redirect!: Label;
  #arrive!: Label;
  #jump!: Label;
  #next!: Label;

  constructor(
    body: FunctionBody,
    options: InterpreterOptions,
    functions: EngineFunctions,
    numbers: { cold: number; region: number },
  ) {
    this.#body = body;
    this.#options = options;
    this.#functions = functions;
    this.#numbers = numbers;
    this.#fuel = body.param(0);
    this.#ip = body.local(I32);
    this.#opPage = body.local(I32);
    this.#entry = body.local(I32);
    this.#fetchContext = body.local(I32);
    this.#dataContext = body.local(I32);
    this.#va = body.local(I64);
    this.#bias = body.local(I64);
    this.#count = body.local(I32);
    this.#quiet = body.local(I32);
  }

  #at(offset: number): number {
    return this.#options.hart + offset;
  }

  #pc(): Expression {
    return i64.add(this.#bias, i64.extendU(i32.shrU(this.#ip, i32.const(opShift))));
  }

  /** pc after a branch: a branch back from a region's record may have taken ip below 0, which is no distance. */
  #target(by: Expression): Expression {
    const from = i64.extendU(i32.shrU(i32.sub(this.#ip, by), i32.const(opShift)));
    return i64.add(i64.add(this.#bias, from), i64.shrS(i64.extendS(by), i64.const(opShift)));
  }

  #sync(): void {
    this.#body.store("i64", zero, this.#pc(), this.#at(hartLayout.pc));
    this.#body.store("i32", zero, this.#fuel, this.#at(hartLayout.fuel));
  }

  emit(): void {
    const body = this.#body;
    body.loop((redirect) => {
      this.#redirect = redirect;
      body.if(i32.load(zero, this.#at(hartLayout.stop)), () => body.return(this.#fuel));
      this.#loadContexts();
      body.set(this.#va, i64.load(zero, this.#at(hartLayout.pc)));
      body.loop((jump) => {
        this.#jump = jump;
        this.#lookUp();
        body.loop((arrive) => {
          this.#arrive = arrive;
          this.#countArrival();
          body.loop((next) => {
            this.#next = next;
            this.#begin();
            arms(body, i32.load8U(this.#ip), this.#emitters());
          });
        });
      });
    });
    body.unreachable();
  }

  #loadContexts(): void {
    this.#body.set(this.#fetchContext, i32.load(zero, this.#at(hartLayout.fetchContext)));
    this.#body.set(this.#dataContext, i32.load(zero, this.#at(hartLayout.dataContext)));
  }

  /** Finds the op for `va`: a probe of the fetch TLB, else the slow path. */
  #lookUp(): void {
    const body = this.#body;
    this.#probe(
      () => {},
      () => {
        body.store("i64", zero, this.#va, this.#at(hartLayout.pc));
        body.if(i32.eqz(this.#fuel), () => body.return(zero));
        body.store("i32", zero, i32.sub(this.#fuel, i32.const(1)), this.#at(hartLayout.fuel));
        this.#callFetch(this.#functions.fetchSlow);
      },
    );
    this.#setBias();
  }

  /** Where arrivals at ip are counted. */
  #counter(): Expression {
    return i32.and(i32.shrU(this.#ip, i32.const(1)), i32.const((translatorLayout.counterCount - 1) << 2));
  }

  /** Counts a jump forward up to where it is not rare any more: what it leads to does not become hot by it. */
  #countForward(): void {
    const body = this.#body;
    const hash = this.#counter();
    const count = i32.load(hash, translatorLayout.counters);
    body.set(this.#count, count);
    body.if(i32.ltS(this.#count, i32.const(this.#options.hotAfter >> coldShift)), () => {
      body.store("i32", hash, i32.add(this.#count, i32.const(1)), translatorLayout.counters);
    });
  }

  /** Looks `va` up in the fetch TLB. If it is there, ip is its op and `found` is executed; otherwise `missing`. */
  #probe(found: () => void, missing?: () => void): void {
    const body = this.#body;
    const { fetch, fetchEntries } = this.#options.fastTlb;
    const index = i32.and(i32.wrap(i64.shrU(this.#va, i64.const(8))), i32.const((fetchEntries - 1) << 4));
    body.set(this.#entry, i32.add(this.#fetchContext, index));
    body.if(
      i64.eq(i64.load(this.#entry, fetch), i64.and(this.#va, i64.const(~0xfff))),
      () => {
        body.set(this.#opPage, i32.load(this.#entry, fetch + 8));
        const offset = i32.shl(i32.and(i32.wrap(this.#va), i32.const(0xfff)), i32.const(opShift));
        body.set(this.#ip, i32.add(this.#opPage, offset));
        found();
      },
      missing,
    );
  }

  /** Counts that control came to ip by a jump; a count that reaches its limit is told to the translator. */
  #countArrival(): void {
    const { hotAfter } = this.#options;
    if (hotAfter === 0) return;
    const body = this.#body;
    const count = this.#count;
    const hash = this.#counter();
    const toAdd = i32.eqz(this.#quiet);
    body.set(count, i32.add(i32.load(hash, translatorLayout.counters), toAdd));
    body.store("i32", hash, count, translatorLayout.counters);
    body.if(i32.eq(count, i32.const(hotAfter)), () => {
      this.#sync();
      body.call(this.#functions.hot, this.#ip);
    });
    body.set(this.#quiet, zero);
  }

  /** Remembers where an indirect jump went, for the translator. */
  #noteTarget(): void {
    if (this.#options.hotAfter === 0) return;
    const body = this.#body;
    const { ring, ringPosition, ringEntries } = translatorLayout;
    const at = this.#count;
    body.set(at, i32.load(zero, ringPosition));
    body.store("i32", at, this.#ip, ring);
    body.store("i64", at, this.#va, ring + 8);
    const next = i32.and(i32.add(at, i32.const(16)), i32.const(ringEntries * 16 - 1));
    body.store("i32", zero, next, ringPosition);
  }

  /**
   * A translated region: calls it, and the next one if control comes to that at once; if one cannot begin, executes the
   * instruction that its entry has replaced.
   */
  #regionHandler(): void {
    const body = this.#body;
    if (this.#options.hotAfter === 0) {
      body.unreachable();
      return;
    }
    const fuel = this.#fuel;
    body.set(fuel, i32.add(fuel, i32.const(1)));
    body.set(this.#va, this.#pc());
    body.store("i64", zero, this.#va, this.#at(hartLayout.pc));
    const number = i32.load(this.#ip, 4);
    body.loop((again) => {
      body.set(this.#count, callIndirect(I32, this.#numbers.region, number, i32.const(this.#options.hart), fuel));
      const left = i32.and(this.#count, i32.const(2 ** regionResult.changed - 1));
      body.if(i32.ne(left, fuel), () => {
        const translated = this.#at(hartLayout.translated);
        const executed = i64.extendU(i32.sub(fuel, left));
        body.store("i64", zero, i64.add(i64.load(zero, translated), executed), translated);
        body.set(fuel, left);
        body.set(this.#quiet, i32.shrU(this.#count, i32.const(regionResult.early)));
        body.if(i32.and(this.#count, i32.const(2 ** regionResult.changed)), () => {
          body.branchIf(i32.load(zero, this.#at(hartLayout.stop)), this.#redirect);
          this.#loadContexts();
        });
        body.set(this.#va, i64.load(zero, this.#at(hartLayout.pc)));
        body.branchIf(this.#quiet, this.#jump);
        this.#probe(() => body.branchIf(i32.eq(i32.load8U(this.#ip), i32.const(EngineOp.region)), again));
        body.branch(this.#jump);
      });
    });
    const { op, bytes } = recordLayout;
    const record = i32.add(i32.mul(number, i32.const(bytes)), i32.const(translatorLayout.records + op));
    body.set(this.#ip, record);
    body.set(this.#opPage, i32.const(noPage));
    this.#setBias();
    body.branch(this.#next);
  }

  #setBias(): void {
    const op = i64.extendU(i32.shrU(this.#ip, i32.const(opShift)));
    this.#body.set(this.#bias, i64.sub(this.#va, op));
  }

  /** A slow path that answers with an op and its page, or with a trap: which costs one like an instruction. */
  #callFetch(fn: number): void {
    const body = this.#body;
    body.if(call(I32, fn), () => {
      body.set(this.#fuel, i32.sub(this.#fuel, i32.const(1)));
      body.branch(this.#redirect);
    });
    body.set(this.#ip, i32.load(zero, this.#at(hartLayout.fetchOp)));
    body.set(this.#opPage, i32.load(zero, this.#at(hartLayout.fetchPage)));
  }

  #emitters(): (() => void)[] {
    const emitters: (() => void)[] = [];
    const body = this.#body;
    const notCounted = () => body.set(this.#fuel, i32.add(this.#fuel, i32.const(1)));
    emitters[EngineOp.undecoded] = () => {
      notCounted();
      this.#sync();
      body.call(this.#functions.decodeSlow, this.#ip);
      body.branch(this.#next);
    };
    emitters[EngineOp.sentinel] = () => {
      notCounted();
      body.set(this.#va, this.#pc());
      body.branch(this.#jump);
    };
    emitters[EngineOp.straddle] = () => {
      this.#sync();
      notCounted();
      body.set(this.#va, this.#pc());
      this.#callFetch(this.#functions.straddleSlow);
      this.#setBias();
      body.branch(this.#next);
    };
    emitters[EngineOp.region] = () => this.#regionHandler();
    emitters[EngineOp.cold4] = () => this.#coldHandler(4);
    emitters[EngineOp.cold2] = () => this.#coldHandler(2);
    const context = this.#context();
    for (const handler of this.#options.handlers.hot) emitters.push(() => this.#hotHandler(context, [handler]));
    for (const pair of this.#options.handlers.pairs) emitters.push(() => this.#hotHandler(context, pair));
    return emitters;
  }

  /** One instruction, or several that follow each other: each finds its operands in its own op. */
  #hotHandler(context: HandlerContext, sequence: readonly HotHandler[]): void {
    sequence.forEach(({ def, length }, n) => {
      this.#body.scope(() => {
        if (n > 0) this.#begin();
        const meaning = new InterpreterMeaning(context, length, false);
        if (this.#options.handlers.usesFloat(def)) meaning.requireFloat();
        def.meaning(meaning, meaning.operands());
        meaning.finish();
        if (meaning.ended) return;
        if (n === sequence.length - 1) this.#goOn(length);
        else this.#body.set(this.#ip, i32.add(this.#ip, i32.const(length << opShift)));
      });
    });
  }

  /** Takes the fuel for an instruction, or returns before it when there is none. */
  #begin(): void {
    const body = this.#body;
    body.if(i32.eqz(this.#fuel), () => {
      body.store("i64", zero, this.#pc(), this.#at(hartLayout.pc));
      body.return(zero);
    });
    body.set(this.#fuel, i32.sub(this.#fuel, i32.const(1)));
  }

  #goOn(length: number): void {
    if (length > 0) this.#body.set(this.#ip, i32.add(this.#ip, i32.const(length << opShift)));
    this.#body.branch(this.#next);
  }

  #coldHandler(length: number): void {
    this.#sync();
    this.#body.branchIf(call(I32, this.#numbers.cold, this.#ip), this.#redirect);
    this.#goOn(length);
  }

  #context(): HandlerContext {
    const body = this.#body;
    const { hart, fastTlb, countAccesses, alignedTargets } = this.#options;
    return {
      body,
      functions: this.#functions,
      hart,
      fastTlb,
      countAccesses,
      alignedTargets,
      ip: this.#ip,
      entry: this.#entry,
      va: this.#va,
      dataContext: () => this.#dataContext,
      pc: () => this.#pc(),
      sync: () => this.#sync(),
      redirect: () => body.branch(this.#redirect),
      jump: () => {
        this.#noteTarget();
        body.branch(this.#jump);
      },
      branchBy: (offset) => {
        const by = this.#options.hotAfter > 0 ? body.let(offset) : offset;
        body.set(this.#ip, i32.add(this.#ip, by));
        const inPage = i32.ltU(i32.sub(this.#ip, this.#opPage), i32.const(opPageBytes));
        if (this.#options.hotAfter > 0) {
          // a jump back is what makes a loop
          body.if(i32.ltS(by, zero), () => body.branchIf(inPage, this.#arrive));
          body.if(inPage, () => {
            this.#countForward();
            body.branch(this.#next);
          });
        } else body.branchIf(inPage, this.#next);
        body.set(this.#va, this.#options.hotAfter > 0 ? this.#target(by) : this.#pc());
        body.branch(this.#jump);
      },
    };
  }
}
