import { expect, test } from "vitest";
import { fliValues } from "./fliValues.ts";
import { changes, hartWith, result } from "./toyHart.ts";

const view = new DataView(new ArrayBuffer(8));
/** Raw bits of a number in a register; s boxes. */
function d(value: number): bigint {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}
function s(value: number): bigint {
  view.setFloat32(0, value);
  return 0xffff_ffff_0000_0000n | BigInt(view.getUint32(0));
}
const h = (bits: bigint): bigint => 0xffff_ffff_ffff_0000n | bits;
const nan = { d: 0x7ff8_0000_0000_0000n, s: 0xffff_ffff_7fc0_0000n, h: 0xffff_ffff_ffff_7e00n } as const;
const box = { d: 0n, s: 0xffff_ffff_0000_0000n, h: 0xffff_ffff_ffff_0000n } as const;

test("arithmetic goes by format, and narrow results are boxed", () => {
  expect(result("fadd.d fa0, fa1, fa2", d(1.5), d(2.25))).toBe(d(3.75));
  expect(result("fsub.s fa0, fa1, fa2", s(1.5), s(2.25))).toBe(s(-0.75));
  expect(result("fmul.h fa0, fa1, fa2", h(0x3e00n), h(0x4000n))).toBe(h(0x4200n));
  expect(result("fdiv.d fa0, fa1, fa2", d(1), d(3))).toBe(d(1 / 3));
  expect(result("fsqrt.s fa0, fa1", s(2))).toBe(s(Math.fround(Math.sqrt(2))));
});

test("the rounding mode is the instruction's, or frm", () => {
  const third = d(1 / 3);
  expect(result("fdiv.d fa0, fa1, fa2, rup", d(1), d(3))).toBe(third + 1n);
  const hart = hartWith({ fa1: d(1), fa2: d(3) });
  hart.frm = 3;
  hart.run("fdiv.d fa0, fa1, fa2");
  expect(hart.fs[10]).toBe(third + 1n);
  expect(hart.fflags).toBe(1);
});

test("the four fused operations differ in the signs of product and addend", () => {
  const [a, b, c] = [d(3), d(5), d(7)];
  expect(result("fmadd.d fa0, fa1, fa2, fa3", a, b, c)).toBe(d(22));
  expect(result("fmsub.d fa0, fa1, fa2, fa3", a, b, c)).toBe(d(8));
  expect(result("fnmsub.d fa0, fa1, fa2, fa3", a, b, c)).toBe(d(-8));
  expect(result("fnmadd.d fa0, fa1, fa2, fa3", a, b, c)).toBe(d(-22));
  expect(result("fnmadd.s fa0, fa1, fa2, fa3", s(3), s(5), s(7))).toBe(s(-22));
  expect(result("fmsub.h fa0, fa1, fa2, fa3", h(0x4200n), h(0x4500n), h(0x4700n))).toBe(h(0x4800n));
});

test("an exact zero of a fused operation has the sign of the rounding mode, not of a negation afterwards", () => {
  expect(result("fnmadd.d fa0, fa1, fa2, fa3", d(1), d(1), d(-1))).toBe(0n);
  expect(result("fnmsub.d fa0, fa1, fa2, fa3", d(1), d(1), d(1))).toBe(0n);
  expect(result("fnmadd.d fa0, fa1, fa2, fa3, rdn", d(1), d(1), d(-1))).toBe(1n << 63n);
});

test("what is not boxed counts as a canonical NaN", () => {
  expect(result("fadd.s fa0, fa1, fa2", d(1), s(1))).toBe(nan.s);
  expect(result("fsgnj.s fa0, fa1, fa1", 0x0000_0000_3f80_0000n)).toBe(nan.s);
  expect(result("fmul.h fa0, fa1, fa2", s(1), h(0x3c00n))).toBe(nan.h);
  expect(result("fclass.s a0, fa1", 0xffff_fffe_3f80_0000n)).toBe(0x200n);
  expect(result("fcvt.d.s fa0, fa1", d(1))).toBe(nan.d);
});

test("moves and stores take the raw low bits, boxed or not", () => {
  expect(result("fmv.x.w a0, fa1", 0x1234_5678_8765_4321n)).toBe(0xffff_ffff_8765_4321n);
  expect(result("fmv.x.h a0, fa1", 0x1234_5678_8765_8321n)).toBe(0xffff_ffff_ffff_8321n);
  expect(result("fmv.x.d a0, fa1", 0x1234_5678_8765_4321n)).toBe(0x1234_5678_8765_4321n);
  expect(result("fmv.w.x fa0, a1", 0x1234_5678_8765_4321n)).toBe(0xffff_ffff_8765_4321n);
  expect(result("fmv.h.x fa0, a1", 0x1234_5678_8765_4321n)).toBe(0xffff_ffff_ffff_4321n);
  const hart = hartWith({ fa0: 0x1122_3344_5566_7788n, a1: 32n });
  for (const line of ["fsh fa0, 0(a1)", "fsw fa0, 8(a1)", "fsd fa0, 16(a1)"]) hart.run(line);
  const stored = [32, 40, 48].map((at) => hart.memory.getBigUint64(at, true));
  expect(stored).toEqual([0x7788n, 0x5566_7788n, 0x1122_3344_5566_7788n]);
  for (const [line, value] of [
    ["flh fa2, 16(a1)", 0xffff_ffff_ffff_7788n],
    ["flw fa2, 16(a1)", 0xffff_ffff_5566_7788n],
    ["fld fa2, 16(a1)", 0x1122_3344_5566_7788n],
    ["c.fld fa2, 16(a1)", 0x1122_3344_5566_7788n],
  ] as const) {
    hart.run(line);
    expect(hart.fs[12], line).toBe(value);
  }
});

test("sign injection joins magnitude and sign", () => {
  expect(result("fsgnj.d fa0, fa1, fa2", d(1), d(-2))).toBe(d(-1));
  expect(result("fsgnjn.d fa0, fa1, fa2", d(1), d(-2))).toBe(d(1));
  expect(result("fsgnjx.d fa0, fa1, fa2", d(-1), d(-2))).toBe(d(1));
  expect(result("fsgnjn.s fa0, fa1, fa1", s(1))).toBe(s(-1));
  expect(result("fsgnjx.h fa0, fa1, fa2", h(0x3c00n), h(0xc000n))).toBe(h(0xbc00n));
  expect(result("fsgnj.d fa0, fa1, fa2", 0x7ff0_0000_0000_0001n, d(-2))).toBe(0xfff0_0000_0000_0001n);
});

test("comparisons write integer registers, quiet ones raise nothing for quiet NaNs", () => {
  expect(changes("flt.d a0, fa1, fa2", { fa1: d(1), fa2: d(2) })).toEqual({ a0: 1n });
  expect(changes("fle.s a0, fa1, fa2", { fa1: s(2), fa2: s(2) })).toEqual({ a0: 1n });
  expect(result("feq.h a0, fa1, fa2", h(0n), h(0x8000n))).toBe(1n);
  const flags = (line: string) => {
    const hart = hartWith({ fa1: nan.d, fa2: d(1), a0: 9n });
    hart.run(line);
    return [hart.xs[10], hart.fflags];
  };
  expect(["feq.d", "flt.d", "fltq.d", "fleq.d"].map((name) => flags(`${name} a0, fa1, fa2`))).toEqual([
    [0n, 0],
    [0n, 16],
    [0n, 0],
    [0n, 0],
  ]);
});

test("minimum and maximum pass over one NaN; fminm and fmaxm do not", () => {
  expect(result("fmin.d fa0, fa1, fa2", nan.d, d(1))).toBe(d(1));
  expect(result("fminm.d fa0, fa1, fa2", nan.d, d(1))).toBe(nan.d);
  expect(result("fmax.s fa0, fa1, fa2", s(-0), s(0))).toBe(s(0));
  expect(result("fmaxm.s fa0, fa1, fa2", s(1), s(2))).toBe(s(2));
});

test("conversions go from and to every format", () => {
  expect(result("fcvt.w.d a0, fa1, rtz", d(-1.9))).toBe(0xffff_ffff_ffff_ffffn);
  expect(result("fcvt.wu.d a0, fa1, rtz", d(4294967295))).toBe(0xffff_ffff_ffff_ffffn);
  expect(result("fcvt.l.s a0, fa1, rtz", s(-5))).toBe(0xffff_ffff_ffff_fffbn);
  expect(result("fcvt.lu.h a0, fa1, rtz", h(0x4500n))).toBe(5n);
  expect(result("fcvt.d.w fa0, a1", 0xffff_ffffn)).toBe(d(-1));
  expect(result("fcvt.d.wu fa0, a1", 0xffff_ffff_ffff_ffffn)).toBe(d(4294967295));
  expect(result("fcvt.s.l fa0, a1", 1n << 40n)).toBe(s(2 ** 40));
  expect(result("fcvt.h.lu fa0, a1", 3n)).toBe(h(0x4200n));
  expect(result("fcvt.s.d fa0, fa1", d(0.1))).toBe(s(Math.fround(0.1)));
  expect(result("fcvt.d.h fa0, fa1", h(0x3555n))).toBe(d(0x555 * 2 ** -12 + 0.0));
  expect(result("fcvt.h.s fa0, fa1", s(65504))).toBe(h(0x7bffn));
  expect(result("fcvtmod.w.d a0, fa1, rtz", d(2 ** 32 + 5))).toBe(5n);
});

test("fround rounds to an integer, froundnx says when it was none", () => {
  const hart = hartWith({ fa1: d(2.5) });
  hart.run("fround.d fa0, fa1, rup");
  expect([hart.fs[10], hart.fflags]).toEqual([d(3), 0]);
  hart.run("froundnx.d fa0, fa1, rtz");
  expect([hart.fs[10], hart.fflags]).toEqual([d(2), 1]);
});

test.each(["h", "s", "d"] as const)("fli.%s loads each of its 32 constants", (format) => {
  const names =
    "-1 min 2e-16 2e-15 2e-8 2e-7 0.0625 0.125 0.25 0.3125 0.375 0.4375 0.5 0.625 0.75 0.875 1 1.25 1.5 1.75 2 2.5 3 4 8 16 128 256 32768 65536 inf nan";
  const values = fliValues(format);
  names.split(" ").forEach((name, index) => {
    const text = name.startsWith("2e-") ? String(2 ** -Number(name.slice(3))) : name;
    expect(result(`fli.${format} fa0, ${text}`), name).toBe(values[index]! | box[format]);
  });
});

test("floating-point instructions are stopped before they do anything when floating point is off", () => {
  const hart = hartWith({ a1: 1000n });
  hart.floatOff = true;
  for (const line of ["flw fa0, 0(a1)", "fsd fa0, 0(a1)", "fmv.x.w a0, fa0", "fcvt.d.w fa0, a1", "c.fld fa0, 0(a1)"]) {
    expect(() => hart.run(line), line).toThrow("floating point is off");
  }
  expect(() => hart.run("add a0, a1, a2")).not.toThrow();
});

test("fli's constants: half precision has infinity for 2^16 and two subnormal numbers", () => {
  const single = fliValues("s");
  expect(single).toHaveLength(32);
  expect(single.slice(0, 5)).toEqual([0xbf800000n, 0x00800000n, 0x37800000n, 0x38000000n, 0x3b800000n]);
  expect(single.slice(28)).toEqual([0x47000000n, 0x47800000n, 0x7f800000n, 0x7fc00000n]);
  const half = fliValues("h");
  expect(half.slice(0, 5)).toEqual([0xbc00n, 0x0400n, 0x0100n, 0x0200n, 0x1c00n]);
  expect(half.slice(28)).toEqual([0x7800n, 0x7c00n, 0x7c00n, 0x7e00n]);
  expect(fliValues("d")[1]).toBe(0x0010_0000_0000_0000n);
});
