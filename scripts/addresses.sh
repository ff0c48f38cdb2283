# Sourced by run.sh: looks whether the application's address is free before anything is made.
# shellcheck shell=bash

# wanted_addresses ARGUMENT...: where the application will listen, looked up in the order it has itself.
wanted_addresses() {
  local found='' key='' argument
  for argument in "$@"; do
    case $key in --[uU][rR][lL][sS] | /[uU][rR][lL][sS]) found=$argument ;; esac
    case $argument in --[uU][rR][lL][sS]=* | /[uU][rR][lL][sS]=* | [uU][rR][lL][sS]=*) found=${argument#*=} ;; esac
    key=$argument
  done
  found=${found:-${urls:-${URLS:-}}}
  # shellcheck disable=SC2154 # $root is set by whoever sources this
  [ -n "$found" ] || found=$(sed -n 's/^ *"urls" *: *"\([^"]*\)".*/\1/p' "$root/appsettings.json" | head -n 1)
  printf '%s\n' "$found" | tr ';' '\n'
}

# need_address ARGUMENT...: says so when something answers there already. The application looks again, and more closely.
need_address() {
  local address host port
  while IFS= read -r address; do
    [[ $address =~ ^https?://(\[[^]]*\]|[^:/]+):([0-9]+)/?$ ]] || continue
    host=${BASH_REMATCH[1]}
    port=${BASH_REMATCH[2]}
    case $host in '*' | + | 0.0.0.0 | '[::]') host=localhost ;; esac
    host=${host#[}
    if [ "$port" != 0 ] && (exec 3<>"/dev/tcp/${host%]}/$port") 2>/dev/null; then
      die "Something answers at $address already; it may be a Sparkify that runs. Stop it, or choose another address:" \
          "./run.sh -- --urls http://localhost:5081"
    fi
  done < <(wanted_addresses "$@")
}
