import { createDecoder, disassemble, parseIsa } from "../../src/isa/index.ts";
import { Arena } from "./campaign.ts";
import { mixes } from "./mixes/index.ts";
import { findQemu } from "./qemu.ts";

const qemu = findQemu(process.cwd(), console.error)!;
const arena = new Arena(qemu);
const only = process.argv[2];
for (const mix of mixes.filter((m) => !only || m.name === only)) {
  let first = 0,
    insts = 0,
    ret = 0;
  const t0 = performance.now();
  let gen = 0;
  for (let b = 0; b < Number(process.argv[3] ?? 3); b++) {
    const g0 = performance.now();
    const tests = arena.make(mix, Number(process.argv[4] ?? 1), first, 400);
    gen += performance.now() - g0;
    first += 400;
    const r = await arena.run(tests);
    insts += tests.reduce((s, t) => s + t.starts.length, 0);
    ret += r.retired;
    if (r.trouble) console.log("TROUBLE", r.trouble);
    if (r.differing.length) {
      console.log(mix.name, "differs", r.differing.length, r.differing.slice(0, 5), "traps", r.traps);
      for (const p of r.differing.slice(0, 3)) console.log(await arena.explain(tests[p]));
    } else console.log(mix.name, "equal; traps", r.traps);
  }
  const s = (performance.now() - t0) / 1000;
  console.log(mix.name, { insts, ret, s, gen: gen / 1000, mips: ret / s / 1e6 });
}
arena.close();
void disassemble;
void createDecoder;
void parseIsa;
