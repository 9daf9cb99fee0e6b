#!/bin/sh
# Fetches real guests, Debian trixie's riscv64 packages, into the project's cache and unpacks them there. Nothing of
# them is part of the repository.
#
#   scripts/guests.sh                fetch what is missing; print the folder they are in
#   scripts/guests.sh --check        print the folder if all are there, fetch nothing
#
# In the folder: linux/Image, linux/modules, busybox, opensbi.bin, opensbi.elf, uboot-s.bin, uboot-m.bin.
# Where the cache is: scripts/trixie.sh.
# Exit codes: 0 the folder is on stdout; 3 they cannot be had here (the reason is on stderr).
set -eu
me=guests
. "$(dirname "$0")/trixie.sh"
home=$cache/guests

if [ -f "$home/complete-1" ]; then
  echo "$home"
  exit 0
fi
[ "${1:-}" != --check ] || cannot "they are not in $cache (run scripts/guests.sh)"

open_trixie
mkdir -p "$home" 2>/dev/null || cannot "$home cannot be made"
kernel=$(package_names '^linux-image-6\.12.*-riscv64$' | sort -V | tail -n 1)
[ -n "$kernel" ] || cannot "trixie has no kernel 6.12 for riscv64"
(cd "$work/archives" && private_apt download "$kernel" busybox-static opensbi u-boot-qemu) >"$work/log" 2>&1 ||
  { cat "$work/log" >&2; cannot "the packages could not be downloaded"; }

unpack() { dpkg-deb --extract "$work"/archives/"$1"_*.deb "$work/root"; }
for package in "$kernel" busybox-static opensbi u-boot-qemu; do unpack "$package"; done
mkdir -p "$home/linux"
cp "$work"/root/boot/vmlinu?-* "$home/linux/Image"
rm -rf "$home/linux/modules"
cp -r "$work"/root/usr/lib/modules/* "$home/linux/modules"
cp "$work/root/usr/bin/busybox" "$home/busybox"
cp "$work/root/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin" "$home/opensbi.bin"
cp "$work/root/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.elf" "$home/opensbi.elf"
cp "$work/root/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin" "$home/uboot-s.bin"
cp "$work/root/usr/lib/u-boot/qemu-riscv64/u-boot.bin" "$home/uboot-m.bin"
: >"$home/complete-1"
echo "$home"
