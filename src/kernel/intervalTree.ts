/** A range of whole numbers, both ends inside. */
export interface Interval {
  readonly first: number;
  readonly last: number;
}

interface Node<T extends Interval> {
  readonly value: T;
  /** Heap order over these keeps the tree balanced, whatever order things come in. */
  readonly priority: number;
  left: Node<T> | null;
  right: Node<T> | null;
  /** The greatest `last` in this subtree. */
  max: number;
}

/** Intervals, several at a place allowed, that are found by overlap in O(log n + found): a treap with maxima. */
export class IntervalTree<T extends Interval> {
  #root: Node<T> | null = null;
  #random = 0x9e3779b9;

  insert(value: T): void {
    this.#random = (Math.imul(this.#random, 1664525) + 1013904223) | 0;
    const node = { value, priority: this.#random, left: null, right: null, max: value.last };
    this.#root = insertNode(this.#root, node);
  }

  /** Whether it was there. */
  remove(value: T): boolean {
    const found = contains(this.#root, value);
    if (found) this.#root = removeNode(this.#root, value);
    return found;
  }

  /** What overlaps first … last, in order of their first number. */
  *overlapping(first: number, last: number): Generator<T> {
    yield* search(this.#root, first, last);
  }
}

function* search<T extends Interval>(node: Node<T> | null, first: number, last: number): Generator<T> {
  if (node === null || node.max < first) return;
  yield* search(node.left, first, last);
  if (node.value.first > last) return;
  if (node.value.last >= first) yield node.value;
  yield* search(node.right, first, last);
}

function update<T extends Interval>(node: Node<T>): Node<T> {
  node.max = Math.max(node.value.last, node.left?.max ?? -Infinity, node.right?.max ?? -Infinity);
  return node;
}

function insertNode<T extends Interval>(tree: Node<T> | null, node: Node<T>): Node<T> {
  if (tree === null) return node;
  if (node.priority > tree.priority) {
    [node.left, node.right] = split(tree, node.value.first);
    return update(node);
  }
  if (node.value.first < tree.value.first) tree.left = insertNode(tree.left, node);
  else tree.right = insertNode(tree.right, node);
  return update(tree);
}

/** Those that begin below a number, and those that do not. */
function split<T extends Interval>(tree: Node<T> | null, first: number): [Node<T> | null, Node<T> | null] {
  if (tree === null) return [null, null];
  if (tree.value.first <= first) {
    const [left, right] = split(tree.right, first);
    tree.right = left;
    return [update(tree), right];
  }
  const [left, right] = split(tree.left, first);
  tree.left = right;
  return [left, update(tree)];
}

function merge<T extends Interval>(left: Node<T> | null, right: Node<T> | null): Node<T> | null {
  if (left === null) return right;
  if (right === null) return left;
  if (left.priority > right.priority) {
    left.right = merge(left.right, right);
    return update(left);
  }
  right.left = merge(left, right.left);
  return update(right);
}

/** Values that begin alike may lie on either side. */
function contains<T extends Interval>(tree: Node<T> | null, value: T): boolean {
  if (tree === null || tree.max < value.last) return false;
  if (tree.value === value) return true;
  return (
    (value.first <= tree.value.first && contains(tree.left, value)) ||
    (value.first >= tree.value.first && contains(tree.right, value))
  );
}

function removeNode<T extends Interval>(tree: Node<T> | null, value: T): Node<T> | null {
  if (tree === null) return null;
  if (tree.value === value) return merge(tree.left, tree.right);
  if (value.first <= tree.value.first) tree.left = removeNode(tree.left, value);
  if (value.first >= tree.value.first) tree.right = removeNode(tree.right, value);
  return update(tree);
}
