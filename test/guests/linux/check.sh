# Runs in the guest as its init, twice: before and after a reboot. Says "ok" or "FAILED" of each thing, and switches off.
ok() { echo "ok $1"; }
check() {
  what=$1
  shift
  if "$@" >/tmp/said 2>&1; then ok "$what"; else echo "FAILED $what: $* $(cat /tmp/said)"; fi
}
same() { [ "$1" = "$2" ] || { echo "$1 is not $2"; return 1; }; }
least() { [ "$1" -ge "$2" ] || { echo "$1 is less than $2"; return 1; }; }
sum() { sha256sum <"$1" | cut -d ' ' -f 1; }

processors() {
  same "$(grep -c ^processor /proc/cpuinfo)" 2 && same "$(nproc)" 2 &&
    same "$(grep -c '^mmu.*: sv57' /proc/cpuinfo)" 2 && same "$(grep -c '^isa.*: rv64imafdc' /proc/cpuinfo)" 2 &&
    same "$(sed -n 's/^hart[[:space:]]*: //p' /proc/cpuinfo | tr '\n' ' ')" "0 1 "
}
everyProcessor() {
  for cpu in 0 1; do
    taskset $((1 << cpu)) sh -c 'i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); done; cut -d " " -f 39 /proc/self/stat' \
      >/tmp/ran$cpu &
  done
  wait
  same "$(cat /tmp/ran0 /tmp/ran1 | tr '\n' ' ')" "0 1 "
}
memory() {
  least "$(sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo)" 180000 || return 1
  # a third of it is written, and some of that read again
  dd if=/dev/urandom of=/tmp/block bs=1M count=4 2>/dev/null
  for n in $(seq 1 18); do cp /tmp/block /tmp/copy$n || return 1; done
  for n in 1 5 9 13 18; do cmp /tmp/block /tmp/copy$n || return 1; done
  rm /tmp/copy*
}
clock() {
  same "$(date +%Y)" 2026 || return 1
  before=$(date +%s)
  up=$(cut -d . -f 1 /proc/uptime)
  sleep 3
  least $(($(date +%s) - before)) 3 && least 4 $(($(date +%s) - before)) &&
    least $(($(cut -d . -f 1 /proc/uptime) - up)) 2 || return 1
  # the clock on the board and Linux's own
  apart=$(($(date -u -d "$(hwclock -r -u -f /dev/rtc0 | sed 's/ *[0-9.]* seconds$//; s/^... //')" -D '%b %d %H:%M:%S %Y' +%s) - $(date +%s)))
  least 2 ${apart#-}
}
fileSystem() {
  mke2fs /dev/vda && mount -t ext4 /dev/vda /mnt || return 1
  mkdir -p /mnt/many/folders/deep
  dd if=/dev/urandom of=/mnt/large bs=64k count=60 conv=fsync || return 1
  for n in $(seq 1 200); do echo "this is file $n" >/mnt/many/folders/deep/$n || return 1; done
  dd if=/mnt/large of=/mnt/direct bs=64k count=40 iflag=direct oflag=direct conv=fsync || return 1
  sum /mnt/large >/mnt/sum
  date +%s >/mnt/then
  sync
}
remembered() {
  mount -t ext4 /dev/vda /mnt && same "$(sum /mnt/large)" "$(cat /mnt/sum)" || return 1
  same "$(cat /mnt/many/folders/deep/* | sort | sha256sum)" "$(seq 1 200 | sed 's/^/this is file /' | sort | sha256sum)" || return 1
  head -c $((40 * 65536)) /mnt/large | cmp - /mnt/direct || return 1
  least "$(date +%s)" "$(cat /mnt/then)"
}
overwritten() {
  dd if=/dev/urandom of=/mnt/large bs=4k seek=100 count=100 conv=notrunc,fsync && sum /mnt/large >/mnt/sum || return 1
  umount /mnt && mount -t ext4 -o ro /dev/vda /mnt && same "$(sum /mnt/large)" "$(cat /mnt/sum)" && umount /mnt
}

if mount -t ext4 -o ro /dev/vda /mnt 2>/dev/null; then
  umount /mnt
  check "files after a reboot" remembered
  check "files changed, unmounted and mounted" overwritten
  echo "switching off"
  poweroff -f
else
  check "processors" processors
  check "every processor works" everyProcessor
  check "memory" memory
  check "clock" clock
  check "files" fileSystem
  echo "rebooting"
  reboot -f
fi
