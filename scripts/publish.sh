#!/usr/bin/env bash
# Makes a release: an archive that starts on a machine without .NET, and proves that it does.
#
#   ./scripts/publish.sh             for this kind of machine
#   ./scripts/publish.sh linux-arm64 for another (not started here)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/scripts/install.sh"
source "$root/scripts/build.sh"

case $(uname -sm) in
  "Linux x86_64") here=linux-x64 ;;
  "Linux aarch64") here=linux-arm64 ;;
  "Darwin arm64") here=osx-arm64 ;;
  *) here='' ;;
esac
kind=${1:-$here}
[ -n "$kind" ] || die "Say for which machine: linux-x64, linux-arm64 or osx-arm64."
need_dotnet

version=$(dotnet msbuild "$root/Sparkify.Web/Sparkify.Web.csproj" -getProperty:Version)
name=sparkify-web-$version-$kind
archive=$artifacts/$name.tar.gz
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/$name"

stage 1/3 "Compiling for $kind" dotnet publish "$root/Sparkify.Web/Sparkify.Web.csproj" --artifacts-path "$artifacts/release" --nologo -v minimal \
  -c Release -r "$kind" --self-contained -o "$folder/$name/app" -p:RunAnalyzers=false -p:DebugType=none -p:SayWhatIsDone=true

mkdir "$folder/$name/scripts"
cp "$root/run.sh" "$root/README.md" "$root/LICENSE" "$folder/$name/"
cp "$root/scripts/install.sh" "$root/scripts/addresses.sh" "$folder/$name/scripts/"
# The runtime that is brought along has its own.
dotnet_home=$(dirname "$(readlink -f "$(command -v dotnet)")")
mkdir -p "$folder/$name/app/licenses/dotnet"
cp "$dotnet_home/LICENSE.txt" "$dotnet_home/ThirdPartyNotices.txt" "$folder/$name/app/licenses/dotnet/"
ln -s app/appsettings.json "$folder/$name/appsettings.json"
stage 2/3 "Packing" tar -C "$folder" -czf "$archive" "$name"

# On a machine as it will be: the programs of this one but .NET's, and no settings of whoever makes the release.
proves() {
  local bare=$folder/bare at=$folder/unpacked address=http://127.0.0.1:${SPARKIFY_PORT:-5099} bin pid
  mkdir "$bare" "$at"
  # Started by root, the server has an account of its own, which has to get at its data.
  chmod a+rx "$folder" "$at"
  for bin in /bin /usr/bin /usr/local/bin /opt/homebrew/bin; do
    [ ! -d "$bin" ] || find "$bin/" -maxdepth 1 ! -type d ! -name dotnet -exec sh -c 'ln -sf "$@" "$0"' "$bare" {} +
  done
  tar -C "$at" -xzf "$archive"
  env -i HOME="$at" PATH="$bare" LANG="${LANG:-C.UTF-8}" DOTNET_ROOT=/nowhere bash -c '! command -v dotnet' || return 1
  env -i HOME="$at" PATH="$bare" LANG="${LANG:-C.UTF-8}" DOTNET_ROOT=/nowhere \
    "$at/$name/run.sh" -- --urls "$address" --Sparkify:DataDirectory="$at/data" --Sparkify:AutoSample=false &
  pid=$!
  for _ in $(seq 240); do
    if curl -sf -o /dev/null "$address/readyz"; then
      curl -sf "$address/" | grep -q "<title>" && kill -TERM "$pid" && wait "$pid"
      return
    fi
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.5
  done
  kill -TERM "$pid"
  return 1
}

if [ "$kind" = "$here" ]; then
  stage 3/3 "Starting it without .NET" proves
else
  say "3/3 Not started: this machine is no $kind."
fi
say "$archive ($(du -h "$archive" | cut -f1))"
