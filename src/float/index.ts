export {
  addFastFloat,
  addSlowFloat,
  type FastFloatPlaces,
  floatNumber,
  type InlineFloat,
  inlineFloat,
} from "./fast.ts";
export { hasFusedMadd } from "./fused.ts";
export { type FloatFormat, type FloatOp, floatFormats, floatOps, type IntFormat } from "./operation.ts";
export { flag, roundingMode } from "./rounding.ts";
export { SoftFloat } from "./softfloat.ts";
