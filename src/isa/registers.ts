/** ABI names of the integer registers, by number. */
export const xNames: readonly string[] =
  "zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6".split(" ");

/** ABI names of the floating-point registers, by number. */
export const fNames: readonly string[] =
  "ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 ft8 ft9 ft10 ft11".split(
    " ",
  );

/**
 * The number of an integer register (`kind` "x") or floating-point register ("f") by ABI or plain name (`a0`,
 * `x10`, `fp`), or undefined when there is no such register.
 */
export function registerNumber(kind: "x" | "f", name: string): number | undefined {
  if (kind === "x" && name === "fp") return 8;
  const byAbi = (kind === "x" ? xNames : fNames).indexOf(name);
  if (byAbi >= 0) return byAbi;
  const plain = /^([xf])(\d|[12]\d|3[01])$/.exec(name);
  return plain !== null && plain[1] === kind ? Number(plain[2]) : undefined;
}
