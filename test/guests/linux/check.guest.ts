import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { initramfs } from "../../../scripts/initramfs.mjs";
import { guests } from "./guest.ts";
import { bootCommand } from "./terminal.ts";

const modules = ["virtio_mmio", "virtio_blk", "crc32c_generic", "crc16", "mbcache", "jbd2", "ext4"];
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pagewalk-check-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("Linux on two harts finds its processors, memory, clock and disk in order, before and after a reboot", async () => {
  const init = readFileSync(new URL("check.sh", import.meta.url), "utf8");
  const ram = join(folder, "initramfs");
  const disk = join(folder, "disk");
  writeFileSync(ram, initramfs({ guests, init, modules }));
  writeFileSync(disk, new Uint8Array(64 << 20));
  const machine = ["-smp", "2", "-m", "256M", "--drive", disk];
  const { code, output } = await bootCommand(["-initrd", ram, "-append", "console=ttyS0", ...machine]);
  expect(output.match(/^(ok|FAILED|rebooting|switching off).*(?=\r$)/gm)).toEqual([
    "ok processors",
    "ok every processor works",
    "ok memory",
    "ok clock",
    "ok files",
    "rebooting",
    "ok files after a reboot",
    "ok files changed, unmounted and mounted",
    "switching off",
  ]);
  expect(code).toBe(0);
});
