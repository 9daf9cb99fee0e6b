export { CodeCache } from "./codeCache.ts";
export { Hart, type HartClock, type HartOptions, type Watcher } from "./hart.ts";
export { opPageStride } from "./interpreter/opFormat.ts";
export { handlersOf } from "./interpreter/prepared.ts";
export { hartBytes, hartLayout } from "./layout.ts";
export { translationRegime } from "./regime.ts";
export type { HartState, Privilege, TrapRecord } from "./state.ts";
