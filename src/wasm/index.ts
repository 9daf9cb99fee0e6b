export { FunctionBody, type Label, type StoreForm } from "./body.ts";
export { ByteWriter } from "./bytes.ts";
export {
  call,
  callIndirect,
  choose,
  constant32,
  constant64,
  type Expression,
  f32,
  f64,
  i32,
  i64,
  local,
  select,
  ValueType,
} from "./expression.ts";
export { ModuleBuilder, type Signature } from "./module.ts";
