#!/usr/bin/env bash
# Does to the real application what machines do (kills, freezes, starves, fills) and writes what was seen into docs/reliability.md.
# All of it, as root, since a disk to fill has to be mounted; ./test.sh does the same with fewer loads and writes nothing.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT
status=0
CI=true SPARKIFY_FAULTS=$rows "$root/test.sh" --filter Category=Fault || status=$?
[ -s "$rows" ] || exit 1
table='<!-- written by scripts/reliability.sh -->'
page=$root/docs/reliability.md
before=$(awk -v table="$table" '$0 == table { exit } { print }' "$page")
{
  printf '%s\n\n%s\n\n' "$before" "$table"
  echo "$(date -u +%Y-%m-%d), $(nproc) cores, commit $(git -C "$root" rev-parse --short HEAD):"
  echo
  echo "| fault | expected | seen | seconds | held |"
  echo "|---|---|---|---|---|"
  LC_ALL=C sort "$rows"
} >"$page.new"
mv "$page.new" "$page"
echo "Written to docs/reliability.md"
exit "$status"
