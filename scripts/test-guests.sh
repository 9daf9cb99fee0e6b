#!/bin/sh
# Starts real guests: Debian's Linux, OpenSBI and U-Boot (test/guests/linux). Says so where they cannot be had, which is
# no failure.
set -u
cd "$(dirname "$0")/.."
PAGEWALK_GUESTS=$(scripts/guests.sh)
case $? in
  0) ;;
  3)
    echo "the guests cannot be had here: Linux, OpenSBI and U-Boot were NOT started"
    exit 0
    ;;
  *) exit 1 ;;
esac
export PAGEWALK_GUESTS
exec npx vitest run --config vitest.guests.config.ts "$@"
