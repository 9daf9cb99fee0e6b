import type { Expression, FunctionBody, Label } from "../../wasm/index.ts";

/** Nested blocks, one an arm, around a branch table: arm k runs with everything after it still to leave. */
export function arms(body: FunctionBody, selector: Expression, emitters: readonly (() => void)[]): void {
  const labels: Label[] = [];
  const nest = (k: number): void => {
    if (k < 0) body.branchTable(selector, labels.slice(0, -1), labels[labels.length - 1]);
    else {
      body.block((end) => {
        labels[k] = end;
        nest(k - 1);
      });
      emitters[k]();
    }
  };
  nest(emitters.length - 1);
}
