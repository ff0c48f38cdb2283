# Sourced by run.sh and test.sh: finds or installs what they need, and says plainly when it cannot.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

need_dotnet() {
  command -v dotnet >/dev/null || die "The .NET 10 SDK is missing. Install it (https://dotnet.microsoft.com/download) and try again."
  dotnet --list-sdks | grep -q '^10\.' || die "The .NET 10 SDK is missing; this machine has: $(dotnet --list-sdks | cut -d' ' -f1 | xargs). Install it and try again."
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "This needs root once, and there is no sudo here. Let an administrator run: $*"
  fi
}

apt_updated=
apt_install() {
  if [ -z "$apt_updated" ]; then
    as_root apt-get update -q >&2 || die "apt-get update failed (see above)."
    apt_updated=yes
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q "$@" >&2 || die "apt-get could not install $* (see above)."
}

has_postgres() {
  [ -n "${Sparkify__PostgresBinaries:-}" ] && return 0
  local folder
  for folder in /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
    [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && return 0
  done
  command -v initdb >/dev/null && command -v postgres >/dev/null
}

need_postgres() {
  has_postgres && return 0
  say "The PostgreSQL server programs are missing: installing them."
  if command -v apt-get >/dev/null; then
    # Only the programs are wanted, not a second server that starts with the machine.
    if [ ! -d /etc/postgresql ] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
      as_root mkdir -p /etc/postgresql-common
      echo "create_main_cluster = false" | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    apt_install postgresql
  elif command -v brew >/dev/null; then
    brew install postgresql@16 >&2 || die "brew could not install postgresql@16 (see above)."
  else
    die "There is neither apt-get nor brew here. Install the PostgreSQL server programs (initdb, postgres), version 14 or later," \
        "or give a server of your own: ConnectionStrings__Sparkify='Host=...;Username=...;Password=...;Database=...' ./run.sh"
  fi
  has_postgres || die "PostgreSQL was installed, but initdb and postgres were not found. Set Sparkify__PostgresBinaries to their folder."
}

find_chromium() {
  local name
  for name in "${SPARKIFY_CHROMIUM:-}" /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome \
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    [ -n "$name" ] && [ -x "$name" ] && { printf '%s' "$name"; return 0; }
  done
  return 1
}

need_chromium() {
  find_chromium >/dev/null && return 0
  say "Chromium is missing: installing it."
  if command -v apt-get >/dev/null; then apt_install chromium
  elif command -v brew >/dev/null; then brew install --cask google-chrome >&2 || die "brew could not install google-chrome (see above)."
  else die "Install Chromium or Chrome, or set SPARKIFY_CHROMIUM to its program."
  fi
  find_chromium >/dev/null || die "Chromium was installed but not found. Set SPARKIFY_CHROMIUM to its program."
}

# For one line that people paste into Python. Where it cannot be had, its test is skipped, and fails in CI.
want_psycopg() {
  local python
  for python in python3 /usr/bin/python3; do
    "$python" -c 'import psycopg' 2>/dev/null && return 0
  done
  command -v apt-get >/dev/null || return 0
  say "psycopg is missing: installing it."
  (apt_install python3-psycopg) || say "Without psycopg its test is skipped."
}
