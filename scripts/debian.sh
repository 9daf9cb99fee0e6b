#!/bin/sh
# Builds a Debian trixie riscv64 system to boot: debootstrap's minbase, systemd, python3, gcc and stress-ng, and esbuild from
# npm, as an ext4 image, with an initial RAM disk that mounts it. Nothing of it is part of the repository.
#
#   scripts/debian.sh                build what is missing; print the folder it is in
#   scripts/debian.sh --check        print the folder if all is there, build nothing
#
# In the folder: root.ext4 (root logs in without a password), initrd.cpio, esbuild-native (the same version for this machine).
# The kernel is that of scripts/guests.sh. Where the cache is: scripts/trixie.sh.
# Packages are unpacked here and configured in the guest itself, by `pagewalk boot`; $PAGEWALK_BOOT is another command for
# that, e.g. "qemu-system-riscv64 -machine virt -nographic".
# Exit codes: 0 the folder is on stdout; 3 it cannot be had here (the reason is on stderr); 1 configuring failed.
set -eu
[ "$(id -u)" = 0 ] || ! command -v fakeroot >/dev/null || exec fakeroot -- "$0" "$@"
me=debian
cd "$(dirname "$0")/.."
. scripts/trixie.sh
home=$cache/debian
esbuild=0.28.2

if [ -f "$home/complete-1" ]; then
  echo "$home"
  exit 0
fi
[ "${1:-}" != --check ] || cannot "it is not in $cache (run scripts/debian.sh)"

guests=$(scripts/guests.sh)
[ "$(id -u)" = 0 ] || cannot "files of root's are made by root or with fakeroot"
for tool in mkfs.ext4 npm node xz; do
  command -v $tool >/dev/null || [ -x /sbin/$tool ] || cannot "this needs $tool"
done
PATH=$PATH:/usr/sbin:/sbin
open_trixie
root=$work/root
info=$root/var/lib/dpkg/info

# What debootstrap calls minbase is the essential packages and apt.
private_apt install --yes --download-only --no-install-recommends '?essential' apt \
  systemd-sysv udev login passwd kmod procps stress-ng python3 gcc libc6-dev >"$work/log" 2>&1 ||
  { cat "$work/log" >&2; cannot "the packages could not be downloaded"; }
native=$(node -p '`${process.platform}-${process.arch}`')
(cd "$work" && npm pack --silent "@esbuild/linux-riscv64@$esbuild" "@esbuild/$native@$esbuild") >"$work/log" 2>&1 ||
  { cat "$work/log" >&2; cannot "esbuild could not be had from npm"; }

# Unpacks a package as `dpkg --unpack` does, but for its preinst script, which the guest runs.
unpack() {
  package=$(dpkg-deb --field "$1" Package)
  name=$package
  [ "$(dpkg-deb --field "$1" Multi-Arch)" != same ] || name=$package:riscv64
  dpkg-deb --extract "$1" "$root"
  mkdir "$work/control"
  dpkg-deb --control "$1" "$work/control"
  for file in "$work"/control/*; do
    [ "${file##*/}" = control ] || mv "$file" "$info/$name.${file##*/}"
  done
  rm -r "$work/control"
  dpkg-deb --fsys-tarfile "$1" | tar -t | sed 's,^\./,/,; s,/$,,; s,^$,/.,' >"$info/$name.list"
  dpkg-deb --field "$1" | sed 's/^Package: .*/&\nStatus: install ok unpacked/' >>"$root/var/lib/dpkg/status"
  echo >>"$root/var/lib/dpkg/status"
}

for directory in bin sbin lib; do
  mkdir -p "$root/usr/$directory" && ln -s "usr/$directory" "$root/$directory"
done
mkdir -p "$info" "$root/var/lib/dpkg/updates" "$root/etc"
echo 1 >"$info/format"
: >"$root/var/lib/dpkg/available"
for archive in "$work"/archives/*.deb; do
  unpack "$archive" || cannot "$archive could not be unpacked"
done
rm -rf "$work/archives" "$work/lists"
ln -s mawk "$root/usr/bin/awk"
echo pagewalk >"$root/etc/hostname"
printf '127.0.0.1 localhost pagewalk\n' >"$root/etc/hosts"
: >"$root/etc/fstab"
for package in linux-riscv64 "$native"; do
  tar -xzf "$work/esbuild-$package-$esbuild.tgz" -C "$work" package/bin/esbuild
  mv "$work/package/bin/esbuild" "$work/esbuild-$package"
done
install -D -m 755 "$work/esbuild-linux-riscv64" "$root/usr/local/bin/esbuild"

cat >"$root/configure" <<'CONFIGURE'
#!/bin/sh
# The first process, once: what debootstrap does when all is unpacked.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
end() {
  echo "$1"
  sync
  # read-only, which takes a moment, and off
  echo u >/proc/sysrq-trigger
  sleep 2
  echo o >/proc/sysrq-trigger
  sleep 60
}
ldconfig
cd /
for script in /var/lib/dpkg/info/base-passwd.preinst /var/lib/dpkg/info/*.preinst; do
  package=${script##*/}
  package=${package%.preinst}
  DPKG_MAINTSCRIPT_NAME=preinst DPKG_MAINTSCRIPT_PACKAGE=${package%:*} DPKG_MAINTSCRIPT_ARCH=riscv64 "$script" install ||
    end "PREINST of $package FAILED"
done
dpkg --configure --force-depends base-passwd base-files libc6 perl-base mawk debconf &&
  dpkg --configure --pending || end "CONFIGURING FAILED"
passwd -d root
systemctl mask systemd-networkd-wait-online.service
rm -f /configure
touch /etc/.updated /var/.updated
dpkg --audit
[ -z "$(dpkg --audit)" ] && end "DEBIAN IS CONFIGURED" || end "DPKG AUDIT FAILED"
CONFIGURE
chmod +x "$root/configure"

mkdir -p "$home"
cat >"$work/init" <<'INIT'
mount -t ext4 /dev/vda /mnt || exec sh
init=$(sed -n 's/.*\binit=\([^ ]*\).*/\1/p' /proc/cmdline)
for folder in proc sys dev; do mount --move /$folder /mnt/$folder; done
exec switch_root /mnt "${init:-/sbin/init}"
INIT
modules=$(printf -- '--module %s ' virtio_mmio virtio_blk virtio-rng crc32c_generic crc16 mbcache jbd2 ext4)
PAGEWALK_CACHE=$cache node scripts/initramfs.mjs "$work/initrd.cpio" --init "$work/init" $modules

truncate -s 2G "$work/root.ext4"
mkfs.ext4 -q -F -L debian -d "$root" "$work/root.ext4"
rm -rf "$root"
boot=${PAGEWALK_BOOT:-node dist/cli/main.js boot}
[ -n "${PAGEWALK_BOOT:-}" ] || [ -f dist/cli/main.js ] || npm run --silent build >&2
echo "debian: configuring the packages in the guest" >&2
$boot -m 1G -kernel "$guests/linux/Image" -initrd "$work/initrd.cpio" -append "console=ttyS0 quiet init=/configure" \
  -drive "file=$work/root.ext4,if=none,format=raw,id=x0" -device virtio-blk-device,drive=x0 </dev/null |
  tee "$home/configure.log" >&2
grep -q 'DEBIAN IS CONFIGURED' "$home/configure.log" || { echo "debian: configuring failed: $home/configure.log" >&2; exit 1; }
mv "$work/root.ext4" "$work/initrd.cpio" "$home"
mv "$work/esbuild-$native" "$home/esbuild-native"
: >"$home/complete-1"
echo "$home"
