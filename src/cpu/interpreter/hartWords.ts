import { type Expression, type FunctionBody, f64, i32, i64 } from "../../wasm/index.ts";
import { csrOffset, type SlotName } from "../csr/slots.ts";
import { hartLayout } from "../layout.ts";

/** The names of the words of {@link hartLayout}. */
type LayoutName = keyof typeof hartLayout;

/** Reads and writes the words of a hart's block, whose address is an expression, in a function that is being emitted. */
export class HartWords {
  readonly #body: FunctionBody;
  /** Address of the block. */
  readonly hart: Expression;

  constructor(body: FunctionBody, hart: Expression) {
    this.#body = body;
    this.hart = hart;
  }

  /** A 32-bit word of the layout. */
  i32(name: LayoutName): Expression {
    return i32.load(this.hart, hartLayout[name]);
  }

  setI32(name: LayoutName, value: Expression): void {
    this.#body.store("i32", this.hart, value, hartLayout[name]);
  }

  /** A 64-bit word of the layout. */
  i64(name: LayoutName): Expression {
    return i64.load(this.hart, hartLayout[name]);
  }

  setI64(name: LayoutName, value: Expression): void {
    this.#body.store("i64", this.hart, value, hartLayout[name]);
  }

  /** A 64-bit float of the layout. */
  f64(name: LayoutName): Expression {
    return f64.load(this.hart, hartLayout[name]);
  }

  setF64(name: LayoutName, value: Expression): void {
    this.#body.store("f64", this.hart, value, hartLayout[name]);
  }

  /** A CSR's word. */
  csr(name: SlotName): Expression {
    return i64.load(this.hart, csrOffset(name));
  }

  setCsr(name: SlotName, value: Expression): void {
    this.#body.store("i64", this.hart, value, csrOffset(name));
  }

  /** The low half of a CSR's word. */
  low(name: SlotName): Expression {
    return i32.load(this.hart, csrOffset(name));
  }

  setLow(name: SlotName, value: Expression): void {
    this.#body.store("i32", this.hart, value, csrOffset(name));
  }
}
