import type { Isa } from "../../isa/index.ts";
import { interpreterBytes, interpreterKey } from "./generate.ts";
import { HandlerTable } from "./handlerTable.ts";
import type { InterpreterOptions } from "./options.ts";

/** Machines of so many sorts are remembered; then the memory starts over. */
const remembered = 8;

const modules = new Map<string, WebAssembly.Module>();
const tables = new Map<string, HandlerTable>();

/**
 * The compiled interpreter for a hart. Harts that differ in nothing that the interpreter knows share one, so that
 * making the second machine of a sort costs little.
 */
export function interpreterModule(options: InterpreterOptions, isa: Isa): WebAssembly.Module {
  return recall(modules, interpreterKey(options, isa), () => new WebAssembly.Module(interpreterBytes(options, isa)));
}

/** The handlers of an instruction set. They are the same, and never change, for all machines that have it. */
export function handlersOf(isa: Isa): HandlerTable {
  return recall(tables, String(isa), () => new HandlerTable(isa));
}

function recall<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size >= remembered) known.clear();
  const made = make();
  known.set(key, made);
  return made;
}
