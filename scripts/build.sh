# Sourced by run.sh and test.sh after install.sh: builds, and says what is being done and for how long.
# shellcheck shell=bash

# Beside the developers' bin and obj, so that neither build finds the other's half-right files. Whoever may not write here builds at home.
# shellcheck disable=SC2154 # $root is set by whoever sources this
artifacts=$root/artifacts
[ -w "$root" ] || artifacts=${XDG_CACHE_HOME:-$HOME/.cache}/sparkify$root
published=$artifacts/publish

# stage TITLE TEXT COMMAND...: one line that says what the command does and for how long. What the command itself has to say is shown
# when it fails; lines of it that begin with "Now: " take the place of the text.
stage() {
  local title=$1 text=$2 log pid line='' last='' said=0 began=$SECONDS live=''
  shift 2
  [ -t 2 ] && [ "${TERM:-dumb}" != dumb ] && live=yes
  log=$(mktemp)
  # A process group of its own, so that all of it ends when this script is told to.
  set -m
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  set +m
  # shellcheck disable=SC2064 # the values of now
  trap "kill -TERM -- -$pid 2>/dev/null; wait $pid 2>/dev/null; rm -f '$log'; say ''; exit 130" INT TERM HUP
  while kill -0 "$pid" 2>/dev/null; do
    line="$title $(sed -n 's/^ *Now: //p' "$log" | tail -n 1)"
    [ "$line" != "$title " ] || line="$title $text"
    if [ -n "$live" ]; then
      printf '\r\033[K%s ... %d s' "$line" $((SECONDS - began)) >&2
    elif [ "$line" != "$last" ]; then
      say "$line ..."
      said=$SECONDS
    elif [ $((SECONDS - said)) -ge 8 ]; then
      say "$line ... $((SECONDS - began)) s"
      said=$SECONDS
    fi
    last=$line
    sleep 0.3
  done
  [ -z "$live" ] || printf '\r\033[K' >&2
  trap - INT TERM HUP
  if ! wait "$pid"; then
    cat "$log" >&2
    rm -f "$log"
    die "$title $text: failed (see above)."
  fi
  rm -f "$log"
  say "$title $text: done in $((SECONDS - began)) s"
}

# Everything a build depends on: the machine, the SDK and the content of every file. (Dates would not do: git and copies set them.)
made_from() {
  uname -sm
  (cd "$root" && dotnet --version)
  (cd "$root" && find . \( -name '.?*' -o -name bin -o -name obj -o -name TestResults -o -path ./artifacts -o -path ./docs \
      -o -path ./Sparkify.Tests -o -path ./Sparkify.Bench \) -prune -o -type f -print0 | xargs -0 cksum | LC_ALL=C sort)
}

# The application as it is installed: compiled, every file for the browser compressed. Nothing is done when nothing changed.
publish_app() {
  local now fresh=$published.new
  now=$(made_from)
  [ -f "$published/made-from" ] && [ "$(cat "$published/made-from")" = "$now" ] && return 0

  # Neither analyzers, whose findings are for those who change the code, nor servers of the compiler that would stay behind: their
  # memory is wanted by the first load.
  export MSBUILDDISABLENODEREUSE=1
  local how=("$root/Sparkify.Web/Sparkify.Web.csproj" --artifacts-path "$artifacts" --nologo -v minimal)
  stage 1/3 "Restoring packages" dotnet restore "${how[@]}"
  rm -rf "$fresh"
  stage 2/3 "Compiling" dotnet publish "${how[@]}" --no-restore -c Release -o "$fresh" \
    -p:RunAnalyzers=false -p:UseSharedCompilation=false -p:SayWhatIsDone=true
  printf '%s\n' "$now" >"$fresh/made-from"
  # In one move, so that a build that was broken off leaves nothing half, and a Sparkify that runs keeps the files it has open.
  rm -rf "$published.old"
  [ ! -e "$published" ] || mv "$published" "$published.old"
  mv "$fresh" "$published"
  rm -rf "$published.old"
  say "3/3 Starting"
}
