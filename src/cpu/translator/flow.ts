/**
 * A control-flow graph made ready for structured code: WebAssembly has loops and blocks, no jumps. See Ramsey, "Beyond
 * Relooper: Recursive Translation of Unstructured Control Flow to Structured Control Flow" (2022).
 */
export interface Flow {
  /** The node above all: it goes to {@link dispatched}. Its number follows those of the graph's nodes. */
  readonly root: number;
  /** Nodes that the root goes to: the entry first, then those that are jumped to in ways that no structure has. */
  readonly dispatched: readonly number[];
  /** By node: its place in reverse postorder; -1 if it cannot be reached. */
  readonly position: Int32Array;
  /** By node: the nodes that it dominates immediately and that several edges forward lead to, in reverse postorder. */
  readonly merges: readonly (readonly number[])[];
  /** Whether an edge back leads to a node, so that it begins a loop. */
  isLoop(node: number): boolean;
  /** Whether several edges forward lead to a node, so that it follows a block that they leave. */
  isMerge(node: number): boolean;
  /** Whether every way to `b` leads through `a`. */
  dominates(a: number, b: number): boolean;
}

/**
 * @param successors by node
 * @param entry the first node
 * @param dispatched nodes that the root must be able to go to again, which may be the entry alone
 */
export function analyseFlow(successors: readonly (readonly number[])[], entry: number, dispatched: number[]): Flow {
  const targets = [...new Set([entry, ...dispatched])];
  for (;;) {
    const graph = new FlowGraph([...successors, targets]);
    const strays = graph.irreducible().filter((node) => !targets.includes(node));
    if (strays.length === 0) return graph.flow(targets, dispatched.length > 0 || targets.length > 1);
    targets.push(...strays);
  }
}

class FlowGraph {
  readonly #successors: readonly (readonly number[])[];
  readonly #root: number;
  readonly #order: number[] = [];
  readonly #position: Int32Array;
  readonly #predecessors: number[][];
  readonly #dominator: Int32Array;

  constructor(successors: readonly (readonly number[])[]) {
    this.#successors = successors;
    this.#root = successors.length - 1;
    this.#position = new Int32Array(successors.length).fill(-1);
    this.#predecessors = successors.map(() => []);
    this.#dominator = new Int32Array(successors.length).fill(-1);
    this.#sort();
    for (const node of this.#order) for (const to of successors[node]) this.#predecessors[to].push(node);
    this.#findDominators();
  }

  /** Reverse postorder, without recursion. */
  #sort(): void {
    const seen = new Uint8Array(this.#successors.length);
    const stack = [{ node: this.#root, next: 0 }];
    seen[this.#root] = 1;
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const list = this.#successors[top.node];
      if (top.next < list.length) {
        // from the last on, so that the first comes first in the result
        const to = list[list.length - 1 - top.next++];
        if (seen[to] === 0) {
          seen[to] = 1;
          stack.push({ node: to, next: 0 });
        }
      } else {
        this.#order.push(top.node);
        stack.pop();
      }
    }
    this.#order.reverse();
    this.#order.forEach((node, at) => {
      this.#position[node] = at;
    });
  }

  /** Cooper, Harvey, Kennedy: "A Simple, Fast Dominance Algorithm". */
  #findDominators(): void {
    const dominator = this.#dominator;
    dominator[this.#root] = this.#root;
    for (let changed = true; changed; ) {
      changed = false;
      for (const node of this.#order) {
        if (node === this.#root) continue;
        let found = -1;
        for (const from of this.#predecessors[node]) {
          if (dominator[from] < 0) continue;
          found = found < 0 ? from : this.#common(from, found);
        }
        if (dominator[node] !== found) {
          dominator[node] = found;
          changed = true;
        }
      }
    }
  }

  #common(a: number, b: number): number {
    while (a !== b) {
      while (this.#position[a] > this.#position[b]) a = this.#dominator[a];
      while (this.#position[b] > this.#position[a]) b = this.#dominator[b];
    }
    return a;
  }

  #dominates(a: number, b: number): boolean {
    let node = b;
    while (this.#position[node] > this.#position[a]) node = this.#dominator[node];
    return node === a;
  }

  /** Nodes that an edge back leads to without their dominating where it comes from. */
  irreducible(): number[] {
    const found = new Set<number>();
    for (const node of this.#order) {
      for (const to of this.#successors[node]) {
        if (node !== this.#root && this.#position[to] <= this.#position[node] && !this.#dominates(to, node)) {
          found.add(to);
        }
      }
    }
    return [...found];
  }

  /** `again`: control comes back to the root. */
  flow(dispatched: readonly number[], again: boolean): Flow {
    const root = this.#root;
    const position = this.#position;
    const isForward = (from: number, to: number) => position[from] < position[to];
    const isMerge = (node: number) => {
      const forward = this.#predecessors[node].filter((from) => isForward(from, node));
      return forward.length > 1 || (dispatched.length > 1 && forward.includes(root));
    };
    const isLoop = (node: number) =>
      node === root
        ? again
        : this.#predecessors[node].some((from) => !isForward(from, node) && this.#dominates(node, from));
    const merges: number[][] = this.#successors.map(() => []);
    for (const node of this.#order) if (node !== root && isMerge(node)) merges[this.#dominator[node]].push(node);
    return { root, dispatched, position, merges, isLoop, isMerge, dominates: (a, b) => this.#dominates(a, b) };
  }
}
