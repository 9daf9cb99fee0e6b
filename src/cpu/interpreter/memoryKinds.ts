import type { AmoWidth, LoadKind, StoreKind } from "../../isa/meaning.ts";
import { type Expression, i64, type StoreForm } from "../../wasm/index.ts";

/** A load kind: its number for slow paths, its size in bytes and its WebAssembly instruction. */
export interface LoadForm {
  readonly number: number;
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
  readonly load: (address: Expression, offset?: number) => Expression;
}

/** Loads by kind; `loadForms[n].number === n`. */
export const loadKinds: Record<LoadKind, LoadForm> = {
  s8: { number: 0, size: 1, signed: true, load: i64.load8S },
  s16: { number: 1, size: 2, signed: true, load: i64.load16S },
  s32: { number: 2, size: 4, signed: true, load: i64.load32S },
  i64: { number: 3, size: 8, signed: true, load: i64.load },
  u8: { number: 4, size: 1, signed: false, load: i64.load8U },
  u16: { number: 5, size: 2, signed: false, load: i64.load16U },
  u32: { number: 6, size: 4, signed: false, load: i64.load32U },
};
export const loadForms: readonly LoadForm[] = Object.values(loadKinds);

/** Stores by kind: size in bytes and the WebAssembly store of a 64-bit value. */
export const storeKinds: Record<StoreKind, { size: 1 | 2 | 4 | 8; form: StoreForm }> = {
  i8: { size: 1, form: "i64_8" },
  i16: { size: 2, form: "i64_16" },
  i32: { size: 4, form: "i64_32" },
  i64: { size: 8, form: "i64" },
};

/** Atomics by width: how the old value is loaded and the new one stored. */
export const amoKinds: Record<AmoWidth, { load: LoadKind; store: StoreKind }> = {
  i32: { load: "s32", store: "i32" },
  i64: { load: "i64", store: "i64" },
};
