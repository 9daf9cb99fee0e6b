/** What an access wants. Load-reserved is a load; store-conditional and the AMOs are stores. */
export type Access = "load" | "store" | "fetch";

/** An {@link Access} as hot paths pass it: 0 load, 1 store, 2 fetch. */
export type AccessCode = 0 | 1 | 2;

/** The codes by name, and the names by code. */
export const accessCode = { load: 0, store: 1, fetch: 2 } as const;
export const accessNames: readonly Access[] = ["load", "store", "fetch"];

/** Exception causes (privileged spec, mcause) by {@link AccessCode}. */
export const accessFaultCause: readonly number[] = [5, 7, 1];
export const pageFaultCause: readonly number[] = [13, 15, 12];

/** Privilege levels as the spec encodes them. */
export const privilege = { u: 0, s: 1, m: 3 } as const;
