// Builds an initial RAM disk for Linux: busybox, an /init, and kernel modules on request.
//
//   node scripts/initramfs.mjs OUT [--init FILE] [--module NAME]… [--file PATH=FILE]…
//
// Without --init it gives a shell. Guests come from scripts/guests.sh. Modules are unpacked with xz, as busybox may not.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const mode = { folder: 0o040755, program: 0o100755, link: 0o120777, console: 0o020600 };

/** What runs first, before anything of the caller's. */
const prelude = `#!/bin/sh
/bin/busybox mkdir -p /proc /sys /dev /tmp /mnt /root
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox --install -s /bin
export PATH=/bin HOME=/root
for module in $(cat /modules/order 2>/dev/null); do insmod /modules/$module || echo "insmod $module failed"; done
`;

const shell = `
echo
echo "busybox on $(uname -sr), $(grep -m 1 ^mmu /proc/cpuinfo | tr -d '\\t ')"
exec setsid cttyhack sh
`;

/** One member of a cpio archive in the "new ASCII" format (Linux, Documentation/driver-api/early-userspace). */
function member(name, { mode: bits = 0, content = Buffer.alloc(0), device = [0, 0] }, inode) {
  const fields = [inode, bits, 0, 0, 1, 0, content.length, 0, 0, device[0], device[1], name.length + 1, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}${name}\0`;
  const pad = (length) => Buffer.alloc((4 - (length % 4)) % 4);
  return Buffer.concat([Buffer.from(header), pad(header.length), content, pad(content.length)]);
}

/** A cpio archive of `[name, { mode, content, device }]`, in order. */
export function cpio(members) {
  const all = [...members, ["TRAILER!!!", {}]];
  return Buffer.concat(all.map(([name, what], inode) => member(name, what, inode + 1)));
}

/** The path of a module below the folder of all modules. */
function modulePath(folder, name) {
  const found = readdirSync(folder, { recursive: true }).find((path) =>
    [`${name}.ko`, `${name}.ko.xz`].includes(basename(path)),
  );
  if (found === undefined) throw new Error(`initramfs: the kernel has no module ${name}`);
  return join(folder, found);
}

/**
 * An initial RAM disk.
 *
 * @param guests the folder of scripts/guests.sh
 * @param init a shell script that goes on when /proc, /sys and /dev are there; default: a shell
 * @param modules names of kernel modules, to be loaded in this order
 * @param files more programs, by path
 */
export function initramfs({ guests, init = shell, modules = [], files = {} }) {
  const folders = ["bin", "dev", "proc", "sys", "modules"].map((name) => [name, { mode: mode.folder }]);
  const loaded = modules.map((name) => {
    const path = modulePath(join(guests, "linux/modules"), name);
    const content = path.endsWith(".xz")
      ? execFileSync("xz", ["-dc", path], { maxBuffer: 1 << 28 })
      : readFileSync(path);
    return [`modules/${name}.ko`, { mode: mode.program, content }];
  });
  const order = Buffer.from(modules.map((name) => `${name}.ko\n`).join(""));
  return cpio([
    ...folders,
    ["dev/console", { mode: mode.console, device: [5, 1] }],
    ["bin/busybox", { mode: mode.program, content: readFileSync(join(guests, "busybox")) }],
    ["bin/sh", { mode: mode.link, content: Buffer.from("busybox") }],
    ...loaded,
    ["modules/order", { mode: mode.program, content: order }],
    ...Object.entries(files).map(([path, content]) => [path, { mode: mode.program, content: Buffer.from(content) }]),
    ["init", { mode: mode.program, content: Buffer.from(prelude + init) }],
  ]);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      init: { type: "string" },
      module: { type: "string", multiple: true },
      file: { type: "string", multiple: true },
    },
  });
  const guests = execFileSync(fileURLToPath(new URL("guests.sh", import.meta.url)), { encoding: "utf8" }).trim();
  const files = (values.file ?? []).map((pair) => pair.split("="));
  const image = initramfs({
    guests,
    ...(values.init !== undefined && { init: readFileSync(values.init, "utf8") }),
    modules: values.module ?? [],
    files: Object.fromEntries(files.map(([path, file]) => [path, readFileSync(file)])),
  });
  writeFileSync(positionals[0] ?? "initramfs.cpio", image);
}
