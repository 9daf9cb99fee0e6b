#!/bin/sh
# Fetches real Linux programs for `pagewalk run --user`: Debian trixie's riscv64 python3, perl, sqlite3, bash, git, make and
# procps with what they need, unpacked into a tree; esbuild from npm, for RISC-V and for this machine. Nothing of them is
# part of the repository.
#
#   scripts/userland.sh              fetch what is missing; print the folder they are in
#   scripts/userland.sh --check      print the folder if all are there, fetch nothing
#
# In the folder: root (the tree), esbuild (riscv64), esbuild-native. busybox is among what scripts/guests.sh fetches.
# Where the cache is: scripts/trixie.sh.
# Exit codes: 0 the folder is on stdout; 3 they cannot be had here (the reason is on stderr).
set -eu
me=userland
cd "$(dirname "$0")/.."
. scripts/trixie.sh
home=$cache/userland
esbuild=0.28.2

if [ -f "$home/complete-2" ]; then
  echo "$home"
  exit 0
fi
[ "${1:-}" != --check ] || cannot "they are not in $cache (run scripts/userland.sh)"
for tool in npm node; do
  command -v $tool >/dev/null || cannot "this needs $tool"
done

open_trixie
private_apt install --yes --download-only --no-install-recommends python3 perl sqlite3 bash git make procps \
  coreutils findutils grep sed diffutils dash ncurses-base >"$work/log" 2>&1 ||
  { cat "$work/log" >&2; cannot "the packages could not be downloaded"; }
root=$work/root
for directory in bin sbin lib; do
  mkdir -p "$root/usr/$directory" && ln -s "usr/$directory" "$root/$directory"
done
for archive in "$work"/archives/*.deb; do
  dpkg-deb --extract "$archive" "$root" || cannot "$archive could not be unpacked"
done
rm -rf "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale"
mkdir -p "$root/tmp" "$root/work"

native=$(node -p '`${process.platform}-${process.arch}`')
(cd "$work" && npm pack --silent "@esbuild/linux-riscv64@$esbuild" "@esbuild/$native@$esbuild") >"$work/log" 2>&1 ||
  { cat "$work/log" >&2; cannot "esbuild could not be had from npm"; }
mkdir -p "$home"
for package in linux-riscv64 "$native"; do
  tar -xzf "$work/esbuild-$package-$esbuild.tgz" -C "$work" package/bin/esbuild
  mv "$work/package/bin/esbuild" "$work/esbuild-$package"
done
mv "$work/esbuild-linux-riscv64" "$home/esbuild"
mv "$work/esbuild-$native" "$home/esbuild-native"
rm -rf "$home/root"
mv "$root" "$home/root"
: >"$home/complete-2"
echo "$home"
