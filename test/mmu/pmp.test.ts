import { describe, expect, test } from "vitest";
import { type AccessCode, Pmp, pmpConfig } from "../../src/mmu/index.ts";
import { random } from "./fixture.ts";

const { r, w, x, tor, na4, napot, l } = pmpConfig;
const [load, store, fetch] = [0, 1, 2] as const;
const [user, supervisor, machine] = [0, 1, 3];

/** A PMP with entries [configuration, address register] from 0 on. */
function pmpOf(...entries: readonly (readonly [number, bigint])[]): Pmp {
  const pmp = new Pmp();
  entries.forEach(([, address], i) => {
    pmp.writeAddress(i, address);
  });
  for (let register = 0; register < 4; register += 2) {
    let value = 0n;
    for (let i = 0; i < 8; i++) value |= BigInt(entries[register * 4 + i]?.[0] ?? 0) << BigInt(8 * i);
    pmp.writeConfig(register, value);
  }
  return pmp;
}

/** The address register of a NAPOT region. */
const region = (base: number, size: number) => BigInt(base / 4) | BigInt(size / 8 - 1);

describe("registers", () => {
  test("a configuration register holds eight entries' bytes, without bits 6 and 5", () => {
    const pmp = new Pmp();
    pmp.writeConfig(0, 0x1f_1b_18_10_09_01_00_7fn);
    expect(pmp.readConfig(0)).toBe(0x1f_1b_18_10_09_01_00_1fn);
    expect(pmp.readConfig(2)).toBe(0n);
    pmp.writeConfig(2, 0x18n << 56n);
    expect(pmp.readConfig(2)).toBe(0x18n << 56n);
  });

  test("W without R is reserved and reads back as no permission, with the rest as written", () => {
    const pmp = new Pmp();
    pmp.writeConfig(0, BigInt(w | napot) | (BigInt(w | x | tor) << 8n));
    expect(pmp.readConfig(0)).toBe(BigInt(napot) | (BigInt(tor) << 8n));
  });

  test("an address register keeps 54 bits", () => {
    const pmp = new Pmp();
    pmp.writeAddress(3, (1n << 64n) - 1n);
    expect(pmp.readAddress(3)).toBe((1n << 54n) - 1n);
  });

  test("entries that do not exist read as zero and ignore writes", () => {
    const pmp = new Pmp(16);
    pmp.writeAddress(16, 5n);
    pmp.writeConfig(4, 0x1fn);
    expect([pmp.readAddress(16), pmp.readConfig(4)]).toEqual([0n, 0n]);
    const full = new Pmp(64);
    full.writeAddress(63, 5n);
    full.writeConfig(14, 0x1fn << 56n);
    expect([full.readAddress(63), full.readConfig(14)]).toEqual([5n, 0x1fn << 56n]);
    expect(() => new Pmp(65)).toThrow(RangeError);
  });

  test("a locked entry keeps its registers until reset, even when it is OFF", () => {
    for (const mode of [0, tor, na4, napot]) {
      const pmp = pmpOf([l | mode | r, 100n], [x, 200n]);
      pmp.writeConfig(0, 0n);
      pmp.writeAddress(0, 1n);
      pmp.writeAddress(1, 2n);
      expect(pmp.readConfig(0)).toBe(BigInt(l | mode | r));
      expect([pmp.readAddress(0), pmp.readAddress(1)]).toEqual([100n, 2n]);
      pmp.reset();
      pmp.writeConfig(0, 7n);
      expect(pmp.readConfig(0)).toBe(7n);
    }
  });

  test("a locked TOR entry locks the address below it, its bottom, too", () => {
    const pmp = pmpOf([0, 100n], [l | tor, 200n], [0, 300n], [l | napot, 400n], [0, 500n], [tor, 600n]);
    for (let i = 0; i < 6; i++) pmp.writeAddress(i, 7n);
    expect([0, 1, 2, 3, 4, 5].map((i) => pmp.readAddress(i))).toEqual([100n, 200n, 7n, 400n, 7n, 7n]);
  });

  test("writes that change something are told, others are not", () => {
    const pmp = new Pmp();
    let told = 0;
    pmp.onChange = () => told++;
    pmp.writeAddress(0, 5n);
    pmp.writeAddress(0, 5n);
    pmp.writeConfig(0, 7n);
    pmp.writeConfig(0, 7n);
    expect(told).toBe(2);
  });
});

describe("matching", () => {
  const matches = (pmp: Pmp, pa: number, size = 1) => pmp.check(pa, size, load, supervisor);

  test("with every entry OFF only M-mode may access memory, unless there are no entries at all", () => {
    const [off, none] = [new Pmp(16), new Pmp(0)];
    for (const access of [load, store, fetch] as const) {
      expect([user, supervisor, machine].map((priv) => off.check(0, 8, access, priv))).toEqual([false, false, true]);
      expect([user, supervisor, machine].map((priv) => none.check(0, 8, access, priv))).toEqual([true, true, true]);
    }
  });

  test("NA4 matches four bytes", () => {
    const pmp = pmpOf([na4 | r, 0x400n]);
    expect([0xfff, 0x1000, 0x1003, 0x1004].map((pa) => matches(pmp, pa))).toEqual([false, true, true, false]);
  });

  test("NAPOT matches from 8 bytes up to everything", () => {
    for (let size = 8; size <= 2 ** 40; size *= 2) {
      const pmp = pmpOf([napot | r, region(size * 5, size)]);
      expect([size * 5 - 1, size * 5, size * 6 - 1, size * 6].map((pa) => matches(pmp, pa))).toEqual([
        false,
        true,
        true,
        false,
      ]);
    }
    for (const all of [(1n << 54n) - 1n, (1n << 53n) - 1n]) {
      expect([0, 2 ** 52].map((pa) => matches(pmpOf([napot | r, all]), pa))).toEqual([true, true]);
    }
  });

  test("TOR matches from the entry below, or from 0, up to its own address", () => {
    const pmp = pmpOf([tor | r, 0x100n], [0, 0x200n], [tor | r, 0x300n]);
    expect([0, 0x3ff, 0x400, 0x7ff, 0x800, 0xbff, 0xc00].map((pa) => matches(pmp, pa))).toEqual([
      true,
      true,
      false,
      false,
      true,
      true,
      false,
    ]);
  });

  test("a TOR entry whose bottom is not below its top matches nothing", () => {
    for (const top of [0x200n, 0x100n]) expect(matches(pmpOf([0, 0x200n], [tor | r, top]), 0x500)).toBe(false);
  });

  test("the lowest entry that matches decides, whatever those above it allow", () => {
    const pmp = pmpOf([napot | r, region(0x1000, 0x1000)], [napot | r | w | x, region(0, 2 ** 40)]);
    expect([pmp.check(0x1000, 8, store, supervisor), pmp.check(0x2000, 8, store, supervisor)]).toEqual([false, true]);
  });

  test("an access that an entry matches in part fails, for M-mode and with every permission", () => {
    const pmp = pmpOf([na4 | r | w | x, 0x400n], [napot | r | w | x, region(0, 2 ** 40)]);
    for (const priv of [user, supervisor, machine]) {
      expect([0xffc, 0x1000].map((pa) => pmp.check(pa, 8, load, priv))).toEqual([false, false]);
      expect([0xff8, 0x1004].map((pa) => pmp.check(pa, 8, load, priv))).toEqual([true, true]);
      expect(pmp.check(0x1000, 4, load, priv)).toBe(true);
    }
    expect(pmp.explain(0xffc, 8, load, machine)).toMatchObject({ allowed: false, entry: 0, partial: true });
  });
});

describe("permissions", () => {
  test("R, W and X permit loads, stores and fetches of S and U", () => {
    for (const priv of [user, supervisor]) {
      for (const bits of [0, r, r | w, x, r | x, r | w | x]) {
        const pmp = pmpOf([napot | bits, region(0, 2 ** 40)]);
        const allowed = ([load, store, fetch] as const).map((access) => pmp.check(0, 8, access, priv));
        expect(allowed).toEqual([r, w, x].map((bit) => (bits & bit) !== 0));
      }
    }
  });

  test("M-mode is bound only by locked entries", () => {
    const unlocked = pmpOf([napot, region(0, 2 ** 40)]);
    const locked = pmpOf([napot | l | r, region(0, 2 ** 40)]);
    expect([load, store, fetch].map((a) => unlocked.check(0, 8, a as AccessCode, machine))).toEqual([true, true, true]);
    expect([load, store, fetch].map((a) => locked.check(0, 8, a as AccessCode, machine))).toEqual([true, false, false]);
    expect(locked.check(2 ** 41, 8, store, machine)).toBe(true);
  });
});

describe("whole pages", () => {
  test("a page that an entry covers in part is not uniform, even if all permissions are the same", () => {
    const pmp = pmpOf([na4 | r | w | x, 0x1ffcn / 4n], [napot | r | w | x, region(0, 2 ** 40)]);
    expect([0, 1, 2].map((ppn) => pmp.pageUniform(ppn, supervisor))).toEqual([7, -1, 7]);
    expect(pmp.pageUniform(1, machine)).toBe(-1);
  });

  test("a page without an entry is M-mode's", () => {
    const pmp = pmpOf([napot | r, region(0x1000, 0x1000)]);
    expect([supervisor, machine].map((priv) => pmp.pageUniform(5, priv))).toEqual([0, 7]);
    expect([supervisor, machine].map((priv) => pmp.pageUniform(1, priv))).toEqual([1, 7]);
  });

  test("what holds for a page holds for each access in it, for random entries", () => {
    const rnd = random(7);
    for (let round = 0; round < 100; round++) {
      const entries = Array.from({ length: 6 }, () => {
        const config = rnd.pick([0, tor, tor, na4, napot, napot]) | rnd.pick([0, r, r | w, x, r | w | x]);
        return [config | (rnd.chance(0.2) ? l : 0), BigInt(rnd.below(0x1400)) | rnd.pick([0n, 0xfn, 0x1ffn])] as const;
      });
      const pmp = pmpOf(...entries);
      for (const priv of [supervisor, machine]) {
        for (let ppn = 0; ppn < 5; ppn++) {
          const uniform = pmp.pageUniform(ppn, priv);
          if (uniform < 0) continue;
          for (let n = 0; n < 20; n++) {
            const access = rnd.below(3) as AccessCode;
            const pa = ppn * 4096 + rnd.below(512) * 8;
            expect(pmp.check(pa, 8, access, priv)).toBe((uniform & [r, w, x][access]) !== 0);
          }
        }
      }
    }
  });

  test("each byte gets what a naive search of the entries says, for random entries", () => {
    const rnd = random(11);
    for (let round = 0; round < 50; round++) {
      const entries = Array.from({ length: 8 }, () => {
        const config = rnd.pick([0, tor, na4, napot]) | rnd.pick([0, r, r | w, r | w | x]) | rnd.pick([0, l]);
        return [config, BigInt(rnd.below(64))] as const;
      });
      const pmp = pmpOf(...entries);
      for (let pa = 0; pa < 300; pa++) {
        const config = entries.find(([mode, address], i) => {
          const word = BigInt(pa >> 2);
          if ((mode & pmpConfig.a) === na4) return word === address;
          if ((mode & pmpConfig.a) === tor) return word < address && word >= (i === 0 ? 0n : entries[i - 1][1]);
          const ignored = (address ^ (address + 1n)) as bigint;
          return (mode & pmpConfig.a) === napot && (word | ignored) === (address | ignored);
        })?.[0];
        const expected = (priv: number) =>
          config === undefined ? priv === machine : (config & w) !== 0 || (priv === machine && (config & l) === 0);
        for (const priv of [user, machine]) expect(pmp.check(pa, 1, store, priv)).toBe(expected(priv));
      }
    }
  });
});
