/** CAP_ numbers, `linux/capability.h`: those that anything here depends on. */
export const capability = { CAP_SETPCAP: 8, CAP_IPC_LOCK: 14 } as const;

export const lastCapability = 40;

/** A set of capabilities: bit n is capability n. */
export type CapabilitySet = bigint;

export const allCapabilities: CapabilitySet = (1n << BigInt(lastCapability + 1)) - 1n;

/** What a thread may do as a part of root: all of it, until it gives something up. */
export interface Capabilities {
  readonly effective: CapabilitySet;
  readonly permitted: CapabilitySet;
  readonly inheritable: CapabilitySet;
}

/** Root's. Exec gives them back, as it does in Linux. */
export const rootCapabilities: Capabilities = {
  effective: allCapabilities,
  permitted: allCapabilities,
  inheritable: 0n,
};

/** Whether a thread with these may do what needs a capability. */
export function isCapable({ effective }: Capabilities, which: number): boolean {
  return ((effective >> BigInt(which)) & 1n) !== 0n;
}

/** Whether a thread with these capabilities may make others its own (`cap_capset`). */
export function mayBecome(old: Capabilities, next: Capabilities): boolean {
  const inheritable = isCapable(old, capability.CAP_SETPCAP) ? allCapabilities : old.inheritable | old.permitted;
  return (
    isSubset(next.inheritable, inheritable) &&
    isSubset(next.permitted, old.permitted) &&
    isSubset(next.effective, next.permitted)
  );
}

function isSubset(set: CapabilitySet, of: CapabilitySet): boolean {
  return (set & ~of) === 0n;
}
