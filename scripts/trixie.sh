# Debian trixie's riscv64 packages through apt's own configuration, without touching the system: a private apt root that
# knows only trixie, at the mirror apt is configured with, verified by the installed archive keyring.
# For sourcing, after `set -eu`. Sets $cache; the caller names itself in $me.
#
#   cannot REASON        ends with exit code 3: what is asked for cannot be had here
#   open_trixie          makes $work, removed at the end, and reads the package lists
#   private_apt WORD…    apt-get there; packages arrive in $work/archives
#   package_names REGEX  names of packages
#
# The cache is $PAGEWALK_CACHE, else /var/cache/pagewalk if it can be written, else ~/.cache/pagewalk.

if [ -n "${PAGEWALK_CACHE:-}" ]; then cache=$PAGEWALK_CACHE
elif mkdir -p /var/cache/pagewalk 2>/dev/null && [ -w /var/cache/pagewalk ]; then cache=/var/cache/pagewalk
else cache=${HOME:?}/.cache/pagewalk; fi

cannot() {
  echo "$me: this cannot be had here: $1" >&2
  exit 3
}

on_trixie() {
  program=$1
  shift
  "$program" -q -q \
    -o Dir::Etc::sourcelist="$work/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts="$work/etc/preferences.d" \
    -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/status" -o Dir::State::extended_states=/dev/null \
    -o Dir::Cache="$work" -o Dir::Cache::archives="$work/archives" \
    -o APT::Architecture=riscv64 -o APT::Architectures=riscv64 -o APT::Sandbox::User=root \
    -o Debug::NoLocking=true -o Acquire::Languages=none "$@"
}

private_apt() { on_trixie apt-get "$@"; }

package_names() { on_trixie apt-cache search --names-only "$1" | awk '{ print $1 }'; }

open_trixie() {
  for tool in apt-get apt-cache dpkg-deb; do
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
  work=$(mktemp -d "$cache/$me.XXXXXX") || cannot "$cache cannot be written"
  trap 'rm -rf "$work"' EXIT INT TERM
  mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/etc/apt.conf.d" "$work/etc/preferences.d" "$work/root"
  echo "deb [arch=riscv64,all signed-by=$keyring] $mirror trixie main" >"$work/etc/sources.list"
  : >"$work/status"
  private_apt update >"$work/log" 2>&1 || { cat "$work/log" >&2; cannot "trixie's riscv64 package lists could not be read"; }
}
