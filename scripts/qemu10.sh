#!/bin/sh
# Installs Debian trixie's qemu-system-riscv64 (QEMU 10) into the project's cache, without touching the system,
# and prints the command that runs it. The second run finds it there.
#
#   scripts/qemu10.sh            install if needed, print the command
#   scripts/qemu10.sh --check    print the command if it is installed already, install nothing
#
# The cache is $PAGEWALK_CACHE, else /var/cache/pagewalk if it can be written, else ~/.cache/pagewalk.
# Exit codes: 0 the command is on stdout; 3 QEMU 10 cannot be had here (the reason is on stderr).
# How: a private apt root that knows only trixie, at the mirror apt is configured with, downloads the package and
# everything under it, down to libc; each is unpacked in the cache and the binary started through its own dynamic loader.
set -eu

cannot() {
  echo "qemu10: QEMU 10 cannot be had here: $1" >&2
  exit 3
}

if [ -n "${PAGEWALK_CACHE:-}" ]; then cache=$PAGEWALK_CACHE
elif mkdir -p /var/cache/pagewalk 2>/dev/null && [ -w /var/cache/pagewalk ]; then cache=/var/cache/pagewalk
else cache=${HOME:?}/.cache/pagewalk; fi

home=$cache/qemu10
command=$home/qemu-system-riscv64

if [ -x "$command" ] && "$command" --version >/dev/null 2>&1; then
  echo "$command"
  exit 0
fi
[ "${1:-}" != --check ] || cannot "it is not installed in $cache (run scripts/qemu10.sh)"

for tool in apt-get apt-config dpkg dpkg-deb; do
  command -v $tool >/dev/null || cannot "this needs $tool (a Debian system)"
done
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r $keyring ] || cannot "no $keyring to verify the packages with (package debian-archive-keyring)"
mirror=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' |
  awk '$1 == "Debian" && $2 == "Debian" { print $3; exit }')
# Before the first apt-get update no index names its origin: take the sources as they are written.
[ -n "$mirror" ] || mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
  grep '/debian/$' | head -n 1 || true)
[ -n "$mirror" ] || cannot "apt is configured with no Debian mirror"

mkdir -p "$cache" 2>/dev/null || cannot "$cache cannot be made"
work=$(mktemp -d "$cache/qemu10.XXXXXX") || cannot "$cache cannot be written"
trap 'rm -rf "$work"' EXIT INT TERM
mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/etc/apt.conf.d" "$work/etc/preferences.d" "$work/root"
echo "deb [signed-by=$keyring] $mirror trixie main" >"$work/etc/sources.list"

architecture=$(dpkg --print-architecture)
private_apt() {
  apt-get -q -q \
    -o Dir::Etc::sourcelist="$work/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts="$work/etc/preferences.d" \
    -o Dir::State::lists="$work/lists" -o Dir::State::status=/dev/null -o Dir::State::extended_states=/dev/null \
    -o Dir::Cache="$work" -o Dir::Cache::archives="$work/archives" \
    -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" -o APT::Sandbox::User=root \
    -o Debug::NoLocking=true -o Acquire::Languages=none "$@"
}
private_apt update >"$work/log" 2>&1 || { cat "$work/log" >&2; cannot "trixie's package lists could not be read"; }
private_apt install --yes --download-only --no-install-recommends qemu-system-riscv >"$work/log" 2>&1 ||
  { cat "$work/log" >&2; cannot "the package qemu-system-riscv could not be downloaded"; }

# The merged /usr of a Debian root, by hand: packages may still name /lib.
for directory in bin lib lib64 sbin; do
  mkdir -p "$work/root/usr/$directory" && ln -s "usr/$directory" "$work/root/$directory"
done
for package in "$work"/archives/*.deb; do
  dpkg-deb --extract "$package" "$work/root" || cannot "$package could not be unpacked"
done
loader=$(cd "$work/root" && find usr/lib/*-linux-gnu* -name 'ld-linux*.so.*' | head -n 1)
[ -n "$loader" ] || cannot "the unpacked root has no dynamic loader"
libraries=$(dirname "$loader")
rm -rf "$work/root/usr/share/doc" "$work/root/usr/share/locale" "$work/root/usr/share/man"

rm -rf "$home"
mkdir -p "$home"
mv "$work/root" "$home/root"
cat >"$command" <<RUN
#!/bin/sh
root=\$(dirname "\$(readlink -f "\$0")")/root
export QEMU_MODULE_DIR="\$root/$libraries/qemu"
exec "\$root/$loader" --library-path "\$root/$libraries" "\$root/usr/bin/qemu-system-riscv64" -L "\$root/usr/share/qemu" "\$@"
RUN
chmod +x "$command"
"$command" --version >/dev/null || cannot "the installed binary does not start"
echo "$command"
