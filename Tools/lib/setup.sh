# Shared by the scripts of this folder: where the project is, what it needs, and how to say so.
# Sourced, never run.

set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export LC_ALL=${LC_ALL:-C.UTF-8}

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
[ -t 2 ] || say() { printf '%s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

# need_packages NAME…: installs the Debian packages that are missing, or says the one line to run.
need_packages() {
  local missing=() name
  command -v dpkg-query >/dev/null 2>&1 || return 0
  for name in "$@"; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' ||
      missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -eq 0 ]; then
    say "installing: ${missing[*]}"
    apt-get -o DPkg::Lock::Timeout=300 update -qq >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -qq -y \
      --no-install-recommends "${missing[@]}" >/dev/null 2>&1 || return 1
    return 0
  fi
  say "these packages are missing; run once:"
  say "  sudo apt-get install -y ${missing[*]}"
  return 1
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
