/**
 * Why a translation ended as it did: each rule of the privileged spec that can end one, with its step in
 * "Virtual Address Translation Process" and a sentence for people.
 */
export const rules = {
  translated: { step: "8", says: "the translation is successful" },
  bare: { step: "-", says: "no translation: the address is physical" },
  nonCanonical: { step: "-", says: "the bits above the translated ones are not copies of the highest of them" },
  tooWide: { step: "-", says: "a physical address has 56 bits, and higher bits are set" },
  pteNotRam: { step: "2", says: "the entry's address is not RAM" },
  ptePmp: { step: "2", says: "PMP forbids reading the entry" },
  invalid: { step: "3", says: "V=0: the entry is not valid" },
  reservedWrite: { step: "3", says: "W=1 with R=0 is reserved" },
  reservedBits: { step: "3", says: "one of the reserved bits 60:54 is set" },
  reservedPbmt: { step: "3", says: "PBMT is reserved: Svpbmt is off, or the value is 3" },
  reservedNapot: { step: "3", says: "N is set without Svnapot, or not with a level-0 PPN that ends in 1000" },
  reservedPointer: { step: "3", says: "a pointer to a table has D, A, U, PBMT or N set, which is reserved" },
  noLeaf: { step: "4", says: "a pointer to a table at level 0: there is no lower level" },
  supervisorPage: { step: "5", says: "U=0: the page is not for U-mode" },
  userPage: { step: "5", says: "U=1: S-mode needs SUM=1 for a page of U-mode" },
  userCode: { step: "5", says: "U=1: S-mode never executes a page of U-mode" },
  notReadable: { step: "5", says: "the page is not readable (R=0, and not X=1 with MXR=1)" },
  notWritable: { step: "5", says: "the page is not writable (W=0)" },
  notExecutable: { step: "5", says: "the page is not executable (X=0)" },
  misaligned: { step: "6", says: "a misaligned superpage: low bits of the PPN are not 0" },
  accessedClear: { step: "7", says: "A=0, and the hart does not set it (Svade)" },
  dirtyClear: { step: "7", says: "a store with D=0, and the hart does not set it (Svade)" },
  updatePmp: { step: "7", says: "A or D must be set, and PMP forbids writing the entry" },
  pmp: { step: "-", says: "PMP forbids the access to the physical address" },
  vacant: { step: "-", says: "neither RAM nor a device is at the physical address" },
} as const;

/** A key of {@link rules}. */
export type Rule = keyof typeof rules;
