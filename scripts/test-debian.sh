#!/bin/sh
# Starts Debian with systemd and works in it (test/guests/debian): some twenty minutes, for when something big has changed.
# Says so where it cannot be had, which is no failure.
#
#   scripts/test-debian.sh           everything
#   scripts/test-debian.sh -t login  what has "login" in its name, as vitest does
set -u
cd "$(dirname "$0")/.."
PAGEWALK_GUESTS=$(scripts/guests.sh) && PAGEWALK_DEBIAN=$(scripts/debian.sh)
case $? in
  0) ;;
  3)
    echo "the guests cannot be had here: Debian was NOT started"
    exit 0
    ;;
  *) exit 1 ;;
esac
export PAGEWALK_GUESTS PAGEWALK_DEBIAN
exec npx vitest run --config vitest.debian.config.ts "$@"
