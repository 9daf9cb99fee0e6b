#!/bin/sh
# Fetches real guests, Debian trixie's riscv64 packages, into the project's cache and unpacks them there. Nothing of
# them is part of the repository.
#
#   scripts/guests.sh                fetch what is missing; print the folder they are in
#   scripts/guests.sh --check        print the folder if all are there, fetch nothing
#
# In the folder: linux/Image, busybox, opensbi.bin, opensbi.elf, uboot-s.bin, uboot-m.bin, initramfs.cpio (scripts/initramfs.mjs).
# The cache is $PAGEWALK_CACHE, else /var/cache/pagewalk if it can be written, else ~/.cache/pagewalk.
# Exit codes: 0 the folder is on stdout; 3 they cannot be had here (the reason is on stderr).
set -eu
here=$(cd "$(dirname "$0")" && pwd)

cannot() {
  echo "guests: the guests cannot be had here: $1" >&2
  exit 3
}

if [ -n "${PAGEWALK_CACHE:-}" ]; then cache=$PAGEWALK_CACHE
elif mkdir -p /var/cache/pagewalk 2>/dev/null && [ -w /var/cache/pagewalk ]; then cache=/var/cache/pagewalk
else cache=${HOME:?}/.cache/pagewalk; fi
home=$cache/guests

if [ -f "$home/complete-1" ]; then
  echo "$home"
  exit 0
fi
[ "${1:-}" != --check ] || cannot "they are not in $cache (run scripts/guests.sh)"

for tool in apt-get dpkg-deb; do
  command -v $tool >/dev/null || cannot "this needs $tool (a Debian system)"
done
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r $keyring ] || cannot "no $keyring to verify the packages with (package debian-archive-keyring)"
mirror=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' |
  awk '$1 == "Debian" && $2 == "Debian" { print $3; exit }')
[ -n "$mirror" ] || mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
  grep '/debian/$' | head -n 1 || true)
[ -n "$mirror" ] || cannot "apt is configured with no Debian mirror"

mkdir -p "$home" 2>/dev/null || cannot "$home cannot be made"
work=$(mktemp -d "$cache/guests.XXXXXX") || cannot "$cache cannot be written"
trap 'rm -rf "$work"' EXIT INT TERM
mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/etc/apt.conf.d" "$work/etc/preferences.d" "$work/root"
echo "deb [arch=riscv64,all signed-by=$keyring] $mirror trixie main" >"$work/etc/sources.list"
: >"$work/status"

private_apt() {
  apt-get -q -q \
    -o Dir::Etc::sourcelist="$work/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts="$work/etc/preferences.d" \
    -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/status" -o Dir::State::extended_states=/dev/null \
    -o Dir::Cache="$work" -o Dir::Cache::archives="$work/archives" \
    -o APT::Architecture=riscv64 -o APT::Architectures=riscv64 -o APT::Sandbox::User=root \
    -o Debug::NoLocking=true -o Acquire::Languages=none "$@"
}
private_apt update >"$work/log" 2>&1 || { cat "$work/log" >&2; cannot "trixie's riscv64 package lists could not be read"; }
kernel=$(apt-cache -q \
  -o Dir::Etc::sourcelist="$work/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null \
  -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/status" -o Dir::Cache="$work" \
  -o APT::Architecture=riscv64 -o APT::Architectures=riscv64 \
  search --names-only '^linux-image-6\.12.*-riscv64$' | awk '{ print $1 }' | sort -V | tail -n 1)
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
