import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { initramfs } from "../../../scripts/initramfs.mjs";
import { guests } from "./guest.ts";
import { bootCommand } from "./terminal.ts";

let folder = "";
const at = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pagewalk-boot-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** `pagewalk boot` of Linux with the initial RAM disk of the test. */
const command = (args: readonly string[], typed: readonly (readonly [string, string])[] = []) =>
  bootCommand(["-initrd", at("initramfs"), "-append", "console=ttyS0", ...args], typed);

const modules = ["virtio_mmio", "virtio_blk", "virtio-rng"];

describe("pagewalk boot", () => {
  test("what Linux writes to a disk and syncs is there after a reboot; random numbers and the clock are there", async () => {
    const init = `
if [ "$(head -c 4 /dev/vda)" = DONE ]; then
  dd if=/dev/vda of=/tmp/back bs=1M skip=1 count=8 2>/dev/null
  [ "$(sha256sum < /tmp/back)" = "$(dd if=/dev/vda bs=512 skip=1 count=1 2>/dev/null | head -n 1)" ] && echo SAME AGAIN
  dd if=/dev/zero of=/dev/vdb bs=512 count=1 2>&1 | grep -o "not permitted\\|Read-only file system\\|Input/output error"
  dd if=/dev/hwrng bs=16 count=1 2>/dev/null | wc -c | sed "s/^/RANDOM /"
  hwclock -r -u -f /dev/rtc0 | sed "s/^/CLOCK /"
  poweroff -f
fi
dd if=/dev/urandom of=/tmp/data bs=1M count=8 2>/dev/null
dd if=/tmp/data of=/dev/vda bs=1M seek=1 conv=fsync 2>/dev/null
sha256sum < /tmp/data | dd of=/dev/vda bs=512 seek=1 conv=fsync,sync 2>/dev/null
echo DONE | dd of=/dev/vda bs=512 conv=fsync,sync 2>/dev/null
echo REBOOTING
reboot -f
`;
    writeFileSync(at("initramfs"), initramfs({ guests, init, modules }));
    writeFileSync(at("disk"), new Uint8Array(16 << 20));
    writeFileSync(at("other"), new Uint8Array(1 << 20).fill(7));
    const drive = ["-drive", `file=${at("disk")},if=none,format=raw,id=x0`, "-device", "virtio-blk-device,drive=x0"];
    const more = ["--drive", `${at("other")},ro`, "-device", "virtio-rng-device", "-nographic", "-machine", "virt"];
    const { code, output } = await command([...drive, ...more, "-m", "256M", "-smp", "1"]);
    expect(output).toContain("REBOOTING");
    expect(output).toContain("SAME AGAIN");
    expect(output).toMatch(/not permitted|Read-only file system|Input\/output error/);
    expect(output).toContain("RANDOM 16");
    expect(output).toMatch(/CLOCK .*2026/);
    expect(code).toBe(0);
    expect(readFileSync(at("disk")).subarray(0, 4).toString()).toBe("DONE");
    expect(readFileSync(at("other")).every((byte) => byte === 7)).toBe(true);
  });

  test("on the host's clock a guest waits and goes on", async () => {
    const init = "sleep 1; echo WAITS; sleep 2; echo GOES ON; poweroff -f\n";
    writeFileSync(at("initramfs"), initramfs({ guests, init }));
    const { code, output } = await command(["--clock", "host"], []);
    expect(output).toMatch(/WAITS.*GOES ON/s);
    expect(code).toBe(0);
  });

  test("a person types at a shell, looks around in the monitor, goes on and ends it", async () => {
    writeFileSync(at("initramfs"), initramfs({ guests }));
    const { code, output } = await command(
      ["--clock", "host"],
      [
        ["/ # ", "echo six times seven is $((6 * 7))\n"],
        ["seven is 42", "\u0001c"],
        ["lists the commands", "info mem\ninfo registers\nwalk 0xffffffff80000000\ncont\n"],
        ["2 MiB page", "sleep 1; echo awa''ke\n"],
        ["awake", "\u0001x"],
      ],
    );
    expect(output).toContain("vaddr            paddr            size             attr");
    expect(output).toMatch(/satp +0xa/);
    expect(output).toContain("physical address 0x80200000, 2 MiB page");
    expect(code).toBe(0);
  });
});
