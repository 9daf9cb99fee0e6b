import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { initramfs } from "../../../scripts/initramfs.mjs";
import { guests } from "./guest.ts";
import { bootCommand } from "./terminal.ts";

const modules = ["virtio_mmio", "virtio_blk"];
const sectorBytes = 512;
let folder = "";
const at = (name: string) => join(folder, name);
const disk = (name: string, bytes: number, fill = 0) => {
  writeFileSync(at(name), new Uint8Array(bytes).fill(fill));
  return at(name);
};
const ram = (name: string, init: string) => {
  writeFileSync(at(name), initramfs({ guests, init, modules }));
  return ["-initrd", at(name), "-append", "console=ttyS0 quiet"];
};
const hash = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pagewalk-disk-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The built command in a process of its own; `onOutput` sees all that it has printed. */
function pagewalk(
  command: string,
  args: readonly string[],
  onOutput: (output: string, child: ChildProcess) => void = () => {},
) {
  const kernel = ["boot", "-kernel", join(guests, "linux/Image")];
  const child = spawn(
    "sh",
    ["-c", `${command} exec "$@"`, "sh", process.execPath, "dist/cli/main.js", ...kernel, ...args],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let output = "";
  child.stdout.on("data", (piece: Buffer) => {
    output += piece.toString("latin1");
    onOutput(output, child);
  });
  return new Promise<{ code: number | null; signal: string | null; output: string }>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, output }));
  });
}

describe("a disk image", () => {
  test("has every sector that the guest was told is safe, when the process is killed", async () => {
    const init = `
i=0
while true; do
  i=$((i + 1))
  printf "sector %07d\\\\n" $i | dd of=/dev/vda bs=512 seek=$i count=1 conv=sync,fsync,notrunc 2>/dev/null && echo "SAFE $i."
done
`;
    const path = disk("killed", 4 << 20);
    const { signal, output } = await pagewalk("", [...ram("numbers", init), "--drive", path], (seen, child) => {
      if (seen.includes("SAFE 60.")) child.kill("SIGKILL");
    });
    expect(signal).toBe("SIGKILL");
    const image = readFileSync(path);
    const safe = [...output.matchAll(/SAFE (\d+)\./g)].map(([, n]) => Number(n));
    expect(safe.length).toBeGreaterThanOrEqual(60);
    for (const n of safe) {
      const sector = image.subarray(n * sectorBytes, n * sectorBytes + 14).toString();
      expect(sector).toBe(`sector ${String(n).padStart(7, "0")}`);
    }
  });

  test("that may not grow gives the guest an I/O error where the host's disk is full, and works elsewhere", async () => {
    const init = `
dd if=/dev/urandom of=/tmp/data bs=64k count=1 2>/dev/null
dd if=/tmp/data of=/dev/vda bs=64k seek=1 conv=fsync,notrunc 2>&1 | grep -o "Input/output error" | sed "s/^/LOW /"
dd if=/tmp/data of=/dev/vda bs=64k seek=240 conv=fsync,notrunc 2>&1 | grep -o "Input/output error" | sed "s/^/HIGH /"
dd if=/dev/vda bs=64k skip=1 count=1 2>/dev/null | cmp - /tmp/data && echo READ BACK
poweroff -f
`;
    const path = disk("limited", 0);
    truncateSync(path, 16 << 20);
    // files may have 4096 blocks, of 512 or 1024 bytes as the shell has it
    const { code, output } = await pagewalk("ulimit -f 4096 &&", [...ram("full", init), "--drive", path]);
    expect(output).toContain("HIGH Input/output error");
    expect(output).not.toContain("LOW");
    expect(output).toContain("READ BACK");
    expect(code).toBe(0);
  });

  test("that becomes shorter gives an I/O error where it was; one that is read-only or below an overlay stays as it is", async () => {
    const init = `
echo SHORTEN; read line
dd if=/dev/vda of=/dev/null bs=64k skip=32 count=1 2>&1 | grep -o "Input/output error" | sed "s/^/GONE /"
dd if=/dev/vda of=/dev/null bs=64k count=1 2>/dev/null && echo REST IS THERE
for disk in vdb vdc; do
  echo "$disk $(cat /sys/block/$disk/ro) $(echo new | dd of=/dev/$disk conv=fsync,sync,notrunc 2>/dev/null && head -c 3 /dev/$disk)"
done
poweroff -f
`;
    const path = disk("short", 4 << 20, 1);
    const [readOnly, below] = [disk("readonly", 1 << 20, 7), disk("below", 1 << 20, 8)];
    const before = [hash(readOnly), hash(below)];
    const drives = ["--drive", path, "--drive", `${readOnly},ro`, "--drive", `${below},overlay`];
    const { code, output } = await bootCommand(
      [...ram("shorter", init), ...drives],
      [["SHORTEN", "go on\n"]],
      (seen) => {
        if (seen.includes("SHORTEN")) truncateSync(path, 1 << 20);
      },
    );
    expect(output).toContain("GONE Input/output error");
    expect(output).toContain("REST IS THERE");
    expect(output).toMatch(/vdb 1 \r?\n/);
    expect(output).toContain("vdc 0 new");
    expect(code).toBe(0);
    expect([hash(readOnly), hash(below)]).toEqual(before);
  });
});

describe("real files that are cut off or damaged give one line:", () => {
  const image = () => readFileSync(join(guests, "linux/Image"));
  const bad: readonly (readonly [string, () => readonly string[], RegExp])[] = [
    ["a kernel", () => ["-kernel", write("k", image().subarray(0, 9_000_000))], /^\S+k: Image header: .*cut off$/],
    ["an initial RAM disk", () => ["-initrd", write("i", initramfs({ guests }).subarray(0, 900_000))], /cut off$/],
    ["firmware", () => ["-bios", write("f", readFileSync("firmware/sbi/sbi.elf").subarray(0, 3000))], /f: .*/],
  ];
  const write = (name: string, bytes: Uint8Array) => {
    writeFileSync(at(name), bytes);
    return at(name);
  };
  test.each(bad)("%s", async (_, args, line) => {
    const given = args();
    const kernel = given[0] === "-kernel" ? [] : ["-kernel", join(guests, "linux/Image")];
    const failure = await bootCommand(given, [], undefined, kernel).then(
      () => "it starts",
      ({ message }: Error) => message,
    );
    expect(failure).toMatch(line);
    expect(failure.split("\n")).toHaveLength(1);
  });
});
