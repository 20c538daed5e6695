# Shared by ./run and ./test: what they need, and how to get it. Sourced, not run.

# What the Swift toolchain needs to run, to link and to fetch packages.
TOOLCHAIN_PACKAGES="ca-certificates git g++ libcurl4 libncurses6 libsqlite3-0 libxml2"
# What Weir's own targets link: content codings of recorded bodies.
WEIR_PACKAGES="zlib1g-dev libbrotli-dev libzstd-dev"
# What the checks with the real SDKs and servers, outbound proxies and a browser need besides.
TEST_PACKAGES="curl libgomp1 openssl python3 python3-venv tinyproxy-bin microsocks chromium"

SWIFT_WANTED="6.3.1"

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$0: $*"
    exit 1
}

# Installs those of the named Debian packages that are missing.
install_packages() {
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || {
        say "This is no Debian or Ubuntu; if the build fails, look for these packages' like: $*"
        return 0
    }
    local missing="" package as_root=""
    for package in "$@"; do
        # Since 2024 some libraries' names end in t64.
        case "$(dpkg-query -W -f='${Status} ' "$package" "${package}t64" 2>/dev/null)" in
            *" installed "*) ;;
            *) missing="$missing $package" ;;
        esac
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "missing:$missing. Install them as root: apt-get install$missing"
        as_root="sudo"
    fi
    say "Installing$missing"
    # Quiet unless it fails; the package lists of a fresh image are empty.
    local log
    log=$(mktemp)
    # shellcheck disable=SC2086
    if ! { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        rm -f "$log"
        fail "could not install$missing"
    fi
    rm -f "$log"
}

# Makes sure that there is a Swift that can build Weir.
find_swift() {
    # Where swiftly puts it, for a shell that was opened before.
    local swiftly="${SWIFTLY_BIN_DIR:-${HOME:-}/.local/share/swiftly/bin}"
    command -v swift >/dev/null || [ ! -x "$swiftly/swift" ] || PATH="$swiftly:$PATH"
    command -v swift >/dev/null || fail "there is no swift on the PATH. Weir is built with Swift $SWIFT_WANTED:
  https://www.swift.org/install/linux/ has it, by swiftly (swiftly install $SWIFT_WANTED) or as an archive whose
  usr/bin goes on the PATH. The container image swift:$SWIFT_WANTED has it as well."
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n 1)
    [ -n "$version" ] || fail "swift --version does not work; a library may be missing: $(swift --version 2>&1 | tail -n 1)"
    # Older than wanted sorts first.
    if [ "$(printf '%s\n%s\n' "$SWIFT_WANTED" "$version" | sort -V | head -n 1)" != "$SWIFT_WANTED" ]; then
        fail "this is Swift $version; Weir is built with $SWIFT_WANTED or later: https://www.swift.org/install/linux/"
    fi
}
