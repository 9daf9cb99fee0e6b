import { expect, test } from "vitest";
import { fieldBits, fieldValue, matches, parseEncoding } from "../../src/isa/encoding.ts";

test("literal bits make the mask and the match", () => {
  const { length, mask, match } = parseEncoding("0100000 rs2 rs1 000 rd 0110011");
  expect({ length, mask, match }).toEqual({ length: 4, mask: 0xfe00707f, match: 0x40000033 });
});

test("an encoding that ends in other bits than 11 has 16 bits", () => {
  expect(parseEncoding("100 0 11 rd' 00 rs2' 01")).toMatchObject({ length: 2, mask: 0xfc63, match: 0x8c01 });
});

test("a scattered immediate is gathered and sign-extended", () => {
  const [offset] = parseEncoding("offset[12|10:5] rs2 rs1 000 offset[4:1|11] 1100011").fields;
  expect(fieldValue(offset!, 0xfe000ee3)).toBe(-4);
  expect(fieldBits(offset!, -4)).toBe(0xfe000e80);
});

test("a field refuses values that are too large, misaligned or the wrong register", () => {
  const [offset] = parseEncoding("offset[12|10:5] rs2 rs1 000 offset[4:1|11] 1100011").fields;
  expect(fieldBits(offset!, 4094)).toBe(0x7e000f80);
  expect(fieldBits(offset!, 4096)).toBeUndefined();
  expect(fieldBits(offset!, 3)).toBeUndefined();
  const [rd] = parseEncoding("100 1 11 rd' 11 000 01").fields;
  expect(fieldBits(rd!, 15)).toBe(7 << 7);
  expect(fieldBits(rd!, 7)).toBeUndefined();
  expect(fieldBits(rd!, 16)).toBeUndefined();
});

test("excluded values are another instruction's or reserved", () => {
  const encoding = parseEncoding("011 upper[17] rd upper[16:12] 01 where rd!=2 upper!=0");
  expect(matches(encoding, 0x6585)).toBe(true);
  expect(matches(encoding, 0x6105)).toBe(false);
  expect(matches(encoding, 0x6581)).toBe(false);
});

test("a static rounding mode of 5 or 6 is reserved in every encoding that has one", () => {
  const encoding = parseEncoding("00000 00 rs2 rs1 rm rd 1010011");
  const accepted = [0, 1, 2, 3, 4, 5, 6, 7].filter((rm) => matches(encoding, 0x53 | (rm << 12)));
  expect(accepted).toEqual([0, 1, 2, 3, 4, 7]);
});

test("a notation with missing bits or an unknown field is an error", () => {
  expect(() => parseEncoding("000 rd 0110011")).toThrow("17 bits short of 32");
  expect(() => parseEncoding("imm[11:0] rs9 000 rd 0010011")).toThrow("no field rs9");
});
