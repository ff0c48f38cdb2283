#!/usr/bin/env bash
# Builds Sparkify Web and starts it on http://localhost:5080. Installs what is missing; builds only when something changed.
#
#   ./run.sh                     start
#   ./run.sh FOLDER...           start, and let folder sources read only these folders
#   ./run.sh -- --urls http://localhost:5081      anything after -- goes to the application
#   ./run.sh backup FILE         back the store and its keys up, also while it runs; ./run.sh restore FILE fills an empty data folder
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$root/scripts/install.sh"
source "$root/scripts/addresses.sh"

# The store and its keys into a file, and back from it: see "Backup" in docs/operations.md.
command=()
case ${1:-} in
  backup | restore)
    [ $# -ge 2 ] || die "Say which file: ./run.sh $1 FILE"
    command=("$1" "$2")
    shift 2 ;;
esac

folders=()
while [ $# -gt 0 ]; do
  case $1 in
    --) shift; break ;;
    -h|--help) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
    -*) break ;;
    *)
      [ -d "$1" ] || die "There is no folder '$1'."
      folders+=("--Sources:AllowedFolders:${#folders[@]}" "$(cd "$1" && pwd -P)")
      shift ;;
  esac
done

[ ${#command[@]} -gt 0 ] || need_address "$@"
# A look is a look; what stays should not be able to do more than it has to.
[ "$(id -u)" != 0 ] || say "Running as root. What is to stay runs better as a user of its own: see \"As a service\" in docs/operations.md."
# A release (scripts/publish.sh) is built already, and brings .NET along.
program=("$root/app/Sparkify.Web")
if [ ! -x "${program[0]}" ]; then
  source "$root/scripts/build.sh"
  need_dotnet
  program=(dotnet "$published/Sparkify.Web.dll")
fi
# A PostgreSQL of the user's own makes the embedded one unnecessary.
[ -n "${ConnectionStrings__Sparkify:-}" ] || need_postgres
[ "${program[0]}" != dotnet ] || publish_app

# The options are those of --Name:Part=value; "a" "b" pairs are joined here so that paths may hold anything.
exec "${program[@]}" ${command[@]+"${command[@]}"} ${folders[@]+"${folders[@]}"} "$@"
