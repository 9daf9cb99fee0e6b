#!/bin/sh
# Rebuilds every guest program into a temporary folder and compares it with the committed .elf, byte by byte.
# Exit codes: 0 all the same, 1 a difference (named), 3 no cross compiler here.
set -eu
cd "$(dirname "$0")/../firmware"
command -v "${CROSS:-riscv64-unknown-elf-}gcc" >/dev/null || {
  echo "firmware-compare: no riscv64-unknown-elf-gcc (Debian: gcc-riscv64-unknown-elf)" >&2
  exit 3
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
make --silent -j2 OUT="$work/out" OBJ="$work/objects" all >/dev/null

different=0
committed=$(find . -name '*.elf' | sort)
rebuilt=$(cd "$work/out" && find . -name '*.elf' | sort)
for elf in $(printf '%s\n%s\n' "$committed" "$rebuilt" | sort -u); do
  if [ ! -f "$elf" ]; then echo "firmware-compare: $elf is built but not there"; different=1
  elif [ ! -f "$work/out/$elf" ]; then echo "firmware-compare: $elf has no source"; different=1
  elif ! cmp -s "$elf" "$work/out/$elf"; then echo "firmware-compare: $elf differs from what its source gives"; different=1
  fi
done
[ $different = 0 ] && echo "firmware-compare: $(echo "$rebuilt" | wc -l) programs, all as committed"
exit $different
