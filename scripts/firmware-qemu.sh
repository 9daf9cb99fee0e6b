#!/bin/sh
# Runs guest tests on QEMU and prints what came of each. Arguments: ELF files (default: all of firmware/tests).
# QEMU is $QEMU, else the one that scripts/qemu10.sh gives. The options for a test come from its source's "// qemu:" line,
# if it has one, e.g. "// qemu: -cpu max,svadu=off -smp 2".
# Without -cpu and -machine there they are "-cpu max,h=off,v=off" and virt.
# A test that firmware/tests/qemu-deviations.txt names is expected to fail there.
# Exit codes: 0 all as expected, 1 not, 3 no QEMU.
set -eu
cd "$(dirname "$0")/.."
qemu=${QEMU:-$(scripts/qemu10.sh)} || exit 3
log=$(mktemp)
trap 'rm -f "$log"' EXIT INT TERM
bad=0 good=0 known=0
[ $# -gt 0 ] || set -- $(find firmware/tests -name "*.elf" | sort)
for elf in "$@"; do
  stem=${elf%.elf}
  source=$stem.c
  [ -f "$source" ] || source=$stem.S
  name=${stem#*firmware/tests/}
  options=$(sed -n 's,^// qemu: *,,p' "$source" | head -n 1)
  case "$options" in *-cpu*) ;; *) options="-cpu max,h=off,v=off $options" ;; esac
  case "$options" in *-machine*) ;; *) options="-machine virt $options" ;; esac
  deviation=$(grep "^$name:" firmware/tests/qemu-deviations.txt 2>/dev/null || true)
  limit=${TIMEOUT:-20}
  [ -z "$deviation" ] || limit=5
  # QEMU's timers are the host's, and a busy host may hold one of its threads: what fails gets two more chances.
  for try in 1 2 3; do
    code=0
    # shellcheck disable=SC2086 # options are words
    timeout "$limit" "$qemu" $options -m 128M -bios none -display none -monitor none -serial stdio \
      -kernel "$elf" </dev/null >"$log" 2>&1 || code=$?
    if [ $code = 0 ] || [ -n "$deviation" ]; then break; fi
    [ $try = 3 ] || echo "again     $name: $(tail -n 1 "$log" | cut -c 1-120) ($code)"
  done
  text=$(grep -v -e 'ui-opengl' -e 'Only modules from' "$log" | tr '\n' ' ' | cut -c 1-200 || true)
  if [ $code = 0 ] && [ -z "$deviation" ]; then echo "pass      $name"; good=$((good + 1))
  elif [ $code = 0 ]; then echo "PASSES    $name, though listed: $deviation"; bad=$((bad + 1))
  elif [ -n "$deviation" ]; then echo "deviates  $name: $text($code; $deviation)"; known=$((known + 1))
  else echo "FAIL      $name: $text($code)"; bad=$((bad + 1)); fi
done
echo "$good passed, $known deviate as listed, $bad not as expected"
[ $bad = 0 ]
