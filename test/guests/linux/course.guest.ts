import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pagewalk-course-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts the course's kernel with the words of its Makefile, types a line at its prompt, and waits for its end. */
async function make(emulator: readonly string[]) {
  const image = join(folder, "fs.img");
  writeFileSync(image, new Uint8Array(96 << 10));
  const words = [
    "-machine virt -bios none -kernel firmware/demos/course.elf -m 128M -smp 3 -nographic",
    "-global virtio-mmio.force-legacy=false",
    `-drive file=${image},if=none,format=raw,id=x0 -device virtio-blk-device,drive=x0,bus=virtio-mmio-bus.0`,
  ].flatMap((line) => line.split(" "));
  const child = spawn(emulator[0], [...emulator.slice(1), ...words], { stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (piece: Buffer) => {
    output += piece.toString("latin1");
    if (output.endsWith("$ ")) child.stdin.write("six times seven\n");
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  return { code, output, disk: readFileSync(image) };
}

const hasQemu = spawnSync("qemu-system-riscv64", ["--version"]).status === 0;
if (!hasQemu) console.log("there is no qemu-system-riscv64 here: the course's kernel was NOT compared with it");

test.each(["virtual", "host"])("a course's kernel does here what it does on QEMU (--clock %s)", async (clock) => {
  const ours = await make([process.execPath, "dist/cli/main.js", "boot", "--clock", clock]);
  expect(ours.output).toContain("3 harts, 48 blocks written and read back\n$ neves semit xis\n");
  expect(ours.code).toBe(0);
  if (hasQemu) expect(await make(["qemu-system-riscv64"])).toEqual(ours);
});
