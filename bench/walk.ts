// node scripts/typescript.mjs bench/walk.ts
// Measures the walk API on 4 GiB of 4 KiB mappings in Sv39, and ptdump's QEMU layout against QEMU's own `info mem`.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assemble } from "../src/isa/index.ts";
import { KernelMemory, Mm } from "../src/kernel/index.ts";
import { PhysicalMemory } from "../src/memory/physical.ts";
import { makePte, sv39 } from "../src/mmu/index.ts";
import { type MmWalkOps, vmFlag, walkPageRange } from "../src/pagewalk/index.ts";
import { ptdump } from "../src/pagewalk/ptdump/index.ts";

const ramBase = 0x8000_0000;
const ramBytes = 32 << 20;
const start = 1n << 30n;
const end = start + (4n << 30n);
const pages = Number((end - start) / 4096n);
const runs = 25;
const fewPages = 16384;

const hostBase = 1 << 20;
const wasm = new WebAssembly.Memory({ initial: (hostBase + ramBytes) / 65536 });
const memory = new PhysicalMemory(wasm, { base: ramBase, bytes: ramBytes, hostBase });
const kernel = new KernelMemory({ memory, firstPfn: ramBase / 4096 + 16 });
const mm = new Mm({ name: "bench", memory: kernel, mode: sv39, asid: 1 });
mm.addVma({ start, end, flags: vmFlag.VM_READ | vmFlag.VM_WRITE });
for (let page = 0; page < pages; page += 512) {
  const { pa } = mm.entryFor(start + BigInt(page) * 4096n)!;
  for (let i = 0; i < 512; i++) {
    memory.store(pa + i * 8, 8, makePte({ v: 1, r: 1, w: 1, u: 1, a: 1, d: 1, ppn: ramBase / 4096 + page + i }));
  }
}
mm.mmapLock.lockRead();

/** Milliseconds of the fastest of some runs. */
function fastest(what: () => void): number {
  let ms = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const from = performance.now();
    what();
    ms = Math.min(ms, performance.now() - from);
  }
  return ms;
}

/** Bytes of heap that a walk of some pages takes: so few that no garbage is collected meanwhile. */
function heapOf(ops: MmWalkOps): number {
  let bytes = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const heap = process.memoryUsage().heapUsed;
    walkPageRange(mm, start, start + BigInt(fewPages) * 4096n, ops);
    const grown = process.memoryUsage().heapUsed - heap;
    if (grown >= 0) bytes = Math.min(bytes, grown);
  }
  return bytes;
}

function report(name: string, ops: MmWalkOps): void {
  const ms = fastest(() => {
    if (walkPageRange(mm, start, end, ops) !== 0) throw new Error(`${name} failed`);
  });
  const rate = (pages / ms / 1000).toFixed(1);
  const heap = (heapOf(ops) / fewPages).toFixed(1);
  console.log(`${name.padEnd(34)} ${rate.padStart(9)} M pages/s  ${heap.padStart(5)} bytes of heap a page`);
}

let leaves = 0;
let sum = 0n;
report("pteEntry that does nothing", { pteEntry: () => 0 });
report("pteEntry that counts leaves", {
  pteEntry: (pte) => {
    if (pte.isLeaf) leaves++;
    return 0;
  },
});
report("pteEntry that uses its address", {
  pteEntry: (_pte, addr) => {
    sum = addr;
    return 0;
  },
});
report("pteEntry among many others", { pteEntry: () => 0 });
report("pmdEntry that does nothing", { pmdEntry: () => 0 });
if (leaves === 0 || sum === 0n) throw new Error("nothing was walked");

let text = "";
const ours = fastest(() => {
  text = ptdump(mm.tables, "qemu");
});
console.log(`${"ptdump in QEMU's layout".padEnd(34)} ${ours.toFixed(1)} ms`);

const theirs = await infoMem();
if (theirs === undefined) console.log("QEMU is not here to compare with: scripts/qemu10.sh installs it");
else {
  const isSame = theirs.text === text ? "the same text" : "ANOTHER TEXT";
  console.log(
    `${"QEMU's info mem".padEnd(34)} ${theirs.ms.toFixed(1)} ms: ${(theirs.ms / ours).toFixed(1)} times ours, ${isSame}`,
  );
}

/** Has QEMU run with the same tables, and times its monitor's answer. */
async function infoMem(): Promise<{ ms: number; text: string } | undefined> {
  let qemu: string;
  try {
    qemu = execFileSync("scripts/qemu10.sh", ["--check"], { stdio: ["ignore", "pipe", "ignore"] })
      .toString()
      .trim();
  } catch {
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "pagewalk-"));
  const image = join(folder, "ram");
  ["auipc t0, 0", "ld t1, 256(t0)", "csrrw zero, satp, t1", "jal zero, pc+0"].forEach((line, i) => {
    memory.store(ramBase + 4 * i, 4, BigInt(assemble(line).bits));
  });
  memory.store(ramBase + 256, 8, mm.satp);
  writeFileSync(image, memory.read(ramBase, ramBytes));
  const quiet = ["-display", "none", "-serial", "null", "-monitor", "stdio", "-bios", "none"];
  const child = spawn(qemu, ["-M", "virt", "-m", "128M", ...quiet, "-device", `loader,file=${image},addr=${ramBase}`]);
  let output = "";
  let heard = () => {};
  child.stdout.on("data", (part: Buffer) => {
    output += part.toString("latin1");
    heard();
  });
  const ask = (command: string) =>
    new Promise<string>((resolve) => {
      output = "";
      heard = () => {
        if (output.trimEnd().endsWith("(qemu)")) resolve(output);
      };
      child.stdin.write(`${command}\n`);
    });
  try {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await ask("stop");
    let ms = Number.POSITIVE_INFINITY;
    let answer = "";
    for (let run = 0; run < 5; run++) {
      const from = performance.now();
      answer = await ask("info mem");
      ms = Math.min(ms, performance.now() - from);
    }
    const lines = answer.split(/[\r\n]+/).filter((line) => /^(vaddr|-----|[0-9a-f]{16} )/.test(line));
    return { ms, text: `${lines.join("\n")}\n` };
  } finally {
    child.kill();
    rmSync(folder, { recursive: true });
  }
}
