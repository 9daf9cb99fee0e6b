import { call, type Expression, type FunctionBody, i32, i64, type ModuleBuilder, ValueType } from "../../wasm/index.ts";
import { hartLayout } from "../layout.ts";
import { loadForms, storeKinds } from "./memoryKinds.ts";
import type { InterpreterOptions } from "./options.ts";

const { i32: I32 } = ValueType;
const zero = i32.const(0);

/** The last offset in a page at which an access of any size ends in the same page. */
const lastOffset = 4096 - 8;

/**
 * Adds functions for what the inline probes refuse: `loadSlow` and `storeSlow` of `SlowPaths`, with the same parameters and
 * results, which carry out misaligned accesses inside one page by themselves and leave the rest to the imports of these
 * numbers. A fast entry is all the permission that is needed; that the address is misaligned is why its probe failed.
 */
export function addMisaligned(
  module: ModuleBuilder,
  options: InterpreterOptions,
  imports: { readonly loadSlow: number; readonly storeSlow: number },
): { loadSlow: number; storeSlow: number } {
  const { hart, fastTlb } = options;
  const signature = { params: [I32, I32, I32], results: [I32] };
  const load = module.addFunction(signature);
  inPage(load.body, options, fastTlb.read, (host) => {
    for (const { number, load: read } of loadForms) {
      load.body.if(i32.eq(load.body.param(2), i32.const(number)), () => {
        load.body.store("i64", zero, read(host), hart + hartLayout.value);
        load.body.return(zero);
      });
    }
  });
  load.body.push(call(I32, imports.loadSlow, ...parameters(load.body)));
  const store = module.addFunction(signature);
  inPage(store.body, options, fastTlb.write, (host) => {
    const value = i64.load(zero, hart + hartLayout.value);
    // as after a slow store: 2 where the hart is to stop
    const outcome = i32.shl(i32.ne(i32.load(zero, hart + hartLayout.stop), zero), i32.const(1));
    for (const { size, form } of Object.values(storeKinds)) {
      store.body.if(i32.eq(store.body.param(2), i32.const(size)), () => {
        store.body.store(form, host, value);
        store.body.return(outcome);
      });
    }
  });
  store.body.push(call(I32, imports.storeSlow, ...parameters(store.body)));
  return { loadSlow: load.index, storeSlow: store.index };
}

const parameters = (body: FunctionBody): Expression[] => [body.param(0), body.param(1), body.param(2)];

/** Runs statements where the access stays in a page that an array of the fast TLB has; they get its host address. */
function inPage(
  body: FunctionBody,
  options: InterpreterOptions,
  array: number,
  found: (host: Expression) => void,
): void {
  const { hart, fastTlb } = options;
  const lo = body.param(0);
  const hi = body.param(1);
  // 16 bytes an entry: the page number, which begins at bit 12, goes to bit 4
  const index = i32.and(i32.shrU(lo, i32.const(8)), i32.const((fastTlb.dataEntries - 1) << 4));
  const entry = body.let(i32.add(i32.load(zero, hart + hartLayout.dataContext), index));
  const page = i64.or(i64.shl(i64.extendU(hi), i64.const(32)), i64.extendU(i32.and(lo, i32.const(~0xfff))));
  const isInPage = i32.leU(i32.and(lo, i32.const(0xfff)), i32.const(lastOffset));
  body.if(i32.and(i64.eq(i64.load(entry, array), page), isInPage), () => {
    found(body.let(i32.add(lo, i32.load(entry, array + 8))));
  });
}
