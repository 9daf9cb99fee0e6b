import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { initramfs } from "../../../scripts/initramfs.mjs";
import { guests } from "./guest.ts";
import { bootCommand } from "./terminal.ts";

let folder = "";
const at = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pagewalk-console-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const init = `
while [ ! -c /dev/hvc0 ]; do sleep 1; done
exec </dev/hvc0 >/dev/hvc0 2>&1
echo "ACTIVE $(cat /sys/class/tty/console/active)"
i=0; while [ $i -lt 300 ]; do echo "line $i of an output longer than any queue"; i=$((i + 1)); done
echo READY
read line
echo "GOT $line"
poweroff -f
`;

test("Linux's console is a virtio console, where one is and the command line says hvc0", async () => {
  writeFileSync(at("initramfs"), initramfs({ guests, init, modules: ["virtio_mmio"] }));
  const consoles = ["-chardev", "stdio,id=c0", "-device", "virtio-serial-device", "-device", "virtconsole,chardev=c0"];
  const { code, output } = await bootCommand(
    [
      "-initrd",
      at("initramfs"),
      "-append",
      "console=ttyS0 console=hvc0",
      "-serial",
      `file:${at("serial")}`,
      ...consoles,
    ],
    [["READY", "six words that somebody has typed\n"]],
  );
  expect(output).toContain("ACTIVE ttyS0 hvc0");
  expect(output.match(/^line \d+ of an output longer than any queue\r$/gm)).toHaveLength(300);
  expect(output).toContain("GOT six words that somebody has typed");
  // the kernel's own messages are there from the console's first moment on
  expect(output).toContain("reboot: Power down");
  const serial = readFileSync(at("serial"), "latin1");
  expect(serial).toContain("Linux version 6.12");
  expect(serial).not.toContain("READY");
  expect(code).toBe(0);
});
