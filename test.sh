#!/usr/bin/env bash
# Runs every test: real PostgreSQL, real HTTP, a real browser. Installs what is missing.
#
#   ./test.sh                        all
#   ./test.sh --filter Pipeline      anything else goes to dotnet test
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$root/scripts/install.sh"
source "$root/scripts/build.sh"

need_dotnet
need_postgres
need_chromium
want_psycopg
SPARKIFY_CHROMIUM=$(find_chromium)
export SPARKIFY_CHROMIUM

stage 1/2 "Building" dotnet build "$root/Sparkify.Web.sln" -c Release --nologo -v minimal -p:SayWhatIsDone=true
say "2/2 Testing"

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
status=0
dotnet test "$root/Sparkify.Tests/Sparkify.Tests.csproj" -c Release --no-build --nologo \
  --logger "console;verbosity=normal" --logger "trx;LogFileName=results.trx" --results-directory "$results" "$@" || status=$?

# What failed, once more and last: a log of thousands of lines is read from its end.
awk '/<UnitTestResult /{ failed = /outcome="Failed"/; if (failed) { name = $0; sub(/.*testName="/, "", name); sub(/".*/, "", name); print "FAILED " name } }
     failed && /<Message>/ { lines = 12 }
     lines > 0 { text = $0; gsub(/<\/?[A-Za-z]+>/, "", text); print "       " text; lines-- }
     /<\/Message>/ { lines = 0 }' "$results/results.trx" 2>/dev/null || true

# One line that a person and a machine can read.
counters=$(grep -o '<Counters [^>]*' "$results/results.trx" 2>/dev/null || true)
count() { printf '%s' "$counters" | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p"; }
[ -n "$counters" ] || die "No test ran."
skipped=$(( $(count total) - $(count executed) ))
echo "$(count passed) passed, $(count failed) failed$([ "$skipped" -eq 0 ] || echo ", $skipped skipped")"
exit "$status"
