#!/bin/sh
# Runs Linux programs with `pagewalk run --user` (test/user): our own, which must do what they do under qemu-riscv64, and
# real ones. Says so where they cannot be had, which is no failure.
set -eu
me=test-user
cd "$(dirname "$0")/.."
. scripts/trixie.sh
for tool in riscv64-linux-gnu-gcc qemu-riscv64 make; do
  command -v $tool >/dev/null && continue
  echo "there is no $tool here (packages gcc-riscv64-linux-gnu, qemu-user, make): Linux programs were NOT run"
  exit 0
done
# of this checkout: another one may have other sources, and be tested at the same time
export PAGEWALK_USER="$PWD/.cache/user"
make --quiet --jobs=2 -C firmware/user "OUT=$PAGEWALK_USER"
PAGEWALK_USERLAND=$(scripts/userland.sh) || PAGEWALK_USERLAND=
PAGEWALK_GUESTS=$(scripts/guests.sh) || PAGEWALK_GUESTS=
export PAGEWALK_USERLAND PAGEWALK_GUESTS
only=
if [ -z "$PAGEWALK_USERLAND" ] || [ -z "$PAGEWALK_GUESTS" ]; then
  echo "the real programs cannot be had here: only our own are run"
  only=test/user/programs
fi
exec npx vitest run --config vitest.user.config.ts $only "$@"
