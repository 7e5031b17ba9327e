# Shared by the scripts of this folder: where the project is, what it needs, and how to say so.
# Sourced, never run.

set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export LC_ALL=${LC_ALL:-C.UTF-8}

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
[ -t 2 ] || say() { printf '%s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

# is_missing NAME: whether a Debian package is not installed; where dpkg is unknown, whether a file
# that it would bring is not there.
is_missing() {
  if command -v dpkg-query >/dev/null 2>&1; then
    ! dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'install ok installed'
    return
  fi
  case "$1" in
    libsqlite3-dev) [ ! -e /usr/include/sqlite3.h ] ;;
    zlib1g-dev) [ ! -e /usr/include/zlib.h ] ;;
    libcrypt-dev) [ ! -e /usr/include/crypt.h ] ;;
    *) ! command -v "$1" >/dev/null 2>&1 ;;
  esac
}

# need_packages NAME… [-- NAME…]: installs the Debian packages that are missing, or says the one
# line to run. Those behind -- are only wished for. Fails where one of the others is still missing.
need_packages() {
  local required=() wished=() all=() is_wished=no name
  for name in "$@"; do
    if [ "$name" = -- ]; then
      is_wished=yes
    elif is_missing "$name"; then
      if [ $is_wished = yes ]; then wished+=("$name"); else required+=("$name"); fi
    fi
  done
  all=("${required[@]}" "${wished[@]}")
  [ ${#all[@]} -eq 0 ] && return 0
  local line="apt-get install -y --no-install-recommends ${all[*]}"
  if ! command -v apt-get >/dev/null 2>&1; then
    say "these are missing, by their names in Debian: ${all[*]}"
  elif [ "$(id -u)" -eq 0 ]; then
    say "installing: ${all[*]}"
    local log
    log=$(mktemp)
    if ! {
      apt-get -o DPkg::Lock::Timeout=300 update -qq
      DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -qq -y \
        --no-install-recommends "${all[@]}"
    } >"$log" 2>&1; then
      tail -5 "$log" >&2
      say "they could not be installed; try: $line"
    fi
    rm -f "$log"
  else
    say "these packages are missing; run once:"
    say "  sudo $line"
  fi
  for name in "${required[@]}"; do is_missing "$name" && return 1; done
  return 0
}

# need_libraries: what the program is built with.
need_libraries() {
  need_packages "${libraries[@]}" "$@" || stop "without the libraries above it cannot be built"
}

# need_swift: a toolchain that is new enough, or a sentence that says what to do.
need_swift() {
  command -v swift >/dev/null 2>&1 || stop \
    "Swift is not installed. Get 6.2 or newer from https://www.swift.org/install/linux/ and put its bin folder on PATH."
  local version
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -1)
  case "$version" in
    [0-5].* | 6.0 | 6.1 | '')
      stop "Swift 6.2 or newer is needed; this is '${version:-unknown}'."
      ;;
  esac
}

# build_release: the program, optimised; its path is in $program.
build_release() {
  say "building the program (some minutes the first time) …"
  local log
  log=$(mktemp)
  if [ -t 2 ]; then
    swift build --package-path "$root" -c release --product tributary >&2 || stop "the build failed"
  elif ! swift build --package-path "$root" -c release --product tributary >"$log" 2>&1; then
    tail -60 "$log" >&2
    stop "the build failed"
  fi
  rm -f "$log"
  program=$(swift build --package-path "$root" -c release --show-bin-path)/tributary
}

libraries=(libsqlite3-dev zlib1g-dev libcrypt-dev)
