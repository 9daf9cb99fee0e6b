import { expect, test } from "vitest";
import { extensions, parseIsa } from "../../src/isa/index.ts";

test.each([
  ["rv64i", "rv64i"],
  ["rv64gc", "rv64imafdc_zicsr_zifencei_zca_zcd"],
  ["RV64IMAC_Zba_Zbb", "rv64imac_zca_zba_zbb"],
  ["rv64imac_zbb_zba", "rv64imac_zca_zba_zbb"],
  ["rv64id", "rv64ifd_zicsr"],
  ["rv64gcb", "rv64imafdcb_zicsr_zifencei_zca_zcd_zba_zbb_zbs"],
  ["rv64i_zba_zbb_zbs", "rv64ib_zba_zbb_zbs"],
  ["rv64i_zfh", "rv64if_zicsr_zfh_zfhmin"],
  ["rv64i_zcb", "rv64i_zca_zcb"],
  ["rv64i2p1_m2p0_zicsr2p0", "rv64im_zicsr"],
  ["rv64gczba", "rv64imafdc_zicsr_zifencei_zca_zcd_zba"],
  ["rv64gc_svinval_sstc", "rv64imafdc_zicsr_zifencei_zca_zcd_sstc_svinval"],
])("%s is %s", (text, canonical) => {
  const isa = parseIsa(text);
  expect(`${isa}`).toBe(canonical);
  expect(parseIsa(canonical).extensions).toEqual(isa.extensions);
});

test("without a text, and as max, it is everything", () => {
  expect(parseIsa().extensions).toEqual(extensions);
  expect(parseIsa("max").extensions).toEqual(extensions);
  expect(parseIsa(`${parseIsa()}`).extensions).toEqual(extensions);
});

test("each extension may be named alone", () => {
  for (const name of extensions.slice(1)) expect(parseIsa(`rv64i_${name}`).has(name), name).toBe(true);
});

test("needs are alternatives of extensions that are all there", () => {
  const isa = parseIsa("rv64i_zbkb_zfa");
  expect(isa.meets("zbb | zbkb")).toBe(true);
  expect(isa.meets("zbb")).toBe(false);
  expect(isa.meets("zfa f")).toBe(true);
  expect(isa.meets("zfa d")).toBe(false);
});

test.each([
  ["rv32i", '"rv32" is not rv64'],
  ["", '"" is not rv64'],
  ["x86", '"x86" is not rv64'],
  ["rv64", '"" is no base'],
  ["rv64mi", '"m" is no base'],
  ["rv64e", '"e" is no base'],
  ["rv64gcv", '"v" is unknown'],
  ["rv64ie", '"e" is unknown'],
  ["rv64gc_zfoo", '"zfoo" is unknown'],
  ["rv64gc_", '"" is unknown'],
  ["rv64gc_zba_zba", '"zba" is there twice'],
  ["rv64gcc", '"c" is there twice'],
  ["rv64gc_constructor", '"constructor" is unknown'],
])("%o is refused: %s", (text, reason) => {
  expect(() => parseIsa(text)).toThrow(reason);
  expect(() => parseIsa(text)).toThrow(/known: rv64 with i or g, m a f d c b .*zba.*svpbmt, or max/);
});
