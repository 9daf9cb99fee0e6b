// Makes V8's code cache of the chunks in dist/bundle (src/cli/chunk.ts): runs the command line on small jobs, and writes
// down what was compiled for them. Part of scripts/build.mjs.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { devNull, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Chunks } from "../dist/cli/chunk.js";
import { assemble } from "../dist/isa/index.js";

/** Where the Linux program, its zeroed page, and two paths are. */
const codeAt = 0x10000;
const zerosAt = 0x11000;
const pathAt = 0x10f00;
/** System calls of the kinds that programs begin with: name, number, arguments. They may fail. */
const calls = `brk 214 0
  set_tid_address 96 ${zerosAt}
  set_robust_list 99 ${zerosAt} 24
  rseq 293 ${zerosAt} 32 0 0
  prlimit64 261 0 3 0 ${zerosAt}
  readlinkat 78 -100 ${pathAt} ${zerosAt} 64
  getrandom 278 ${zerosAt} 8 1
  mprotect 226 ${zerosAt} 4096 1
  mprotect 226 ${zerosAt} 4096 3
  mmap 222 0 8192 3 34 -1 0
  munmap 215 0 4096
  getpid 172
  uname 160 ${zerosAt}
  clock_gettime 113 0 ${zerosAt}
  ioctl 29 1 21505 ${zerosAt}
  openat 56 -100 ${pathAt} 0
  fstat 80 3 ${zerosAt}
  read 63 3 ${zerosAt} 64
  lseek 62 3 0 0
  mmap 222 0 4096 1 2 3 0
  close 57 3
  newfstatat 79 -100 ${pathAt} ${zerosAt} 0
  faccessat 48 -100 ${pathAt} 4
  openat 56 -100 ${pathAt + "package.json".length + 1} 0
  getdents64 61 3 ${zerosAt} 512
  rt_sigaction 134 15 0 ${zerosAt} 8
  rt_sigprocmask 135 0 0 ${zerosAt} 8
  pipe2 59 ${zerosAt} 0
  clone 220 17 0
  wait4 260 -1 0 0 0
  write 64 1 ${pathAt} 1
  exit_group 94 0`;

/** A Linux program that makes these calls: one segment, with its ELF header in it. */
function linuxProgram() {
  const bytes = new Uint8Array(zerosAt - codeAt);
  const view = new DataView(bytes.buffer);
  const load = (register, value) => {
    const high = `lui ${register}, ${((value + 0x800) >>> 12) & 0xfffff}`;
    return [high, `addiw ${register}, ${register}, ${(value << 20) >> 20}`];
  };
  const lines = calls.split("\n").flatMap((line) => {
    const [number, ...args] = line.trim().split(" ").slice(1).map(Number);
    return [...args.flatMap((value, index) => load(`a${index}`, value)), ...load("a7", number), "ecall"];
  });
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  for (const [at, value] of [
    [16, 2],
    [18, 243],
    [20, 1],
    [54, 56],
    [56, 1],
    [64, 1],
    [68, 7],
  ])
    view.setUint16(at, value, true);
  for (const [at, value] of [
    [24, codeAt + 0x100],
    [32, 64],
    [80, codeAt],
    [96, bytes.length],
    [104, 2 * bytes.length],
  ]) {
    view.setUint32(at, value, true);
  }
  lines.forEach((line, index) => {
    view.setUint32(0x100 + 4 * index, assemble(line).bits, true);
  });
  bytes.set(new TextEncoder().encode("package.json\0.\0"), pathAt - codeAt);
  return bytes;
}

const folder = mkdtempSync(join(tmpdir(), "pagewalk-"));
const program = join(folder, "program");
writeFileSync(program, linuxProgram());
const trivial = "firmware/bench/trivial.elf";
/** The first says what is kept of `core`: what is more costs time in every run. */
const jobs = [
  ["run", "firmware/bench/crypto.elf"],
  ["run", "--user", program],
  ["run", "--trace", devNull, trivial],
  ["boot", "--bios", "none", "--kernel", trivial],
  ["demo"],
  ["disasm", trivial],
  ["ptdump", trivial],
  ["test", trivial],
  ["--help"],
];

const chunks = new Chunks(resolve("dist/bundle"), {
  require: createRequire(import.meta.url),
  import: (id) => import(id),
});
const written = new Set();

/** Writes the caches of the chunks that have come since the last time. */
function writeCaches() {
  // the cache is refused under flags that change what is compiled
  setFlagsFromString("--flush-bytecode");
  for (const [path, cache] of chunks.caches()) if (!written.has(path)) writeFileSync(path, cache);
  for (const [path] of chunks.caches()) written.add(path);
  setFlagsFromString("--no-flush-bytecode");
}

try {
  // nothing that was compiled is forgotten again
  setFlagsFromString("--no-flush-bytecode");
  const { main } = chunks.load("core.js");
  for (const job of jobs) {
    const code = await main(job);
    if (code !== 0) throw new Error(`pagewalk ${job.join(" ")}: exit code ${code}`);
    writeCaches();
  }
  const settings = { machine: {}, timeout: 10, maxInstructions: 1000, granularity: 16 };
  chunks.load("runTest.js").runTest({ path: trivial, settings });
  writeCaches();
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(0);
