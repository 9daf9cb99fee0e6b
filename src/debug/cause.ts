/** Exceptions by cause (privileged spec, mcause), in its words. */
const exceptions: readonly (string | undefined)[] = [
  "instruction address misaligned",
  "instruction access fault",
  "illegal instruction",
  "breakpoint",
  "load address misaligned",
  "load access fault",
  "store address misaligned",
  "store access fault",
  "environment call from U-mode",
  "environment call from S-mode",
  undefined,
  "environment call from M-mode",
  "instruction page fault",
  "load page fault",
  undefined,
  "store page fault",
];

const interrupts: Readonly<Record<number, string>> = {
  1: "supervisor software interrupt",
  3: "machine software interrupt",
  5: "supervisor timer interrupt",
  7: "machine timer interrupt",
  9: "supervisor external interrupt",
  11: "machine external interrupt",
  13: "counter overflow interrupt",
};

/** What a trap's cause is called. */
export function causeName(cause: number, isInterrupt = false): string {
  return (isInterrupt ? interrupts[cause] : exceptions[cause]) ?? `${isInterrupt ? "interrupt" : "exception"} ${cause}`;
}

/** A privilege's letter: 0 U, 1 S, 3 M. */
export function privilegeName(priv: number): string {
  return "US?M"[priv] ?? "?";
}
