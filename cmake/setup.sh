# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# cmake/setup.sh - what ./run, ./test and .ci/run share: packages and the build in build/.
#
# Source it from bash with the repository as the working directory.

set -o pipefail

# Debian's interpreter: its packages bring jinja2 and pytest, another python3 has none.
PYTHON=/usr/bin/python3

# docs/dependencies.md says what each is for. git is assumed.
PACKAGES=(build-essential cmake ninja-build pkg-config libsystemc-dev libfyaml-dev
    libjansson-dev libcmocka-dev liblzma-dev libzstd-dev zlib1g-dev libtracecmd-dev
    libtracefs-dev libtraceevent-dev gnuplot-nox python3 python3-jinja2 python3-pytest
    snakemake)
LONG_PACKAGES=(munge slurm-wlm)
CI_PACKAGES=(clang clang-format libclang-rt-14-dev)

say() { printf '%s\n' "$*" >&2; }

die() {
    say "error: $*"
    exit 3
}

# missing_packages PACKAGE...: those that are not installed, one per line.
missing_packages() {
    local package
    for package; do
        case $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) in
        installed) ;;
        *) echo "$package" ;;
        esac
    done
}

# as_root COMMAND...: directly for root, through sudo for anyone else.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 \
        -o DPkg::Lock::Timeout=120 "$@"
}

# may_install PACKAGE...: ends with a message if nobody here can install them. sudo may
# ask for a password only where somebody can answer.
may_install() {
    [ "$(id -u)" -eq 0 ] && return
    if ! command -v sudo >/dev/null; then
        die "packages are missing, and sudo is not there to install them. As root: apt-get install $*"
    fi
    if ! sudo -n true 2>/dev/null && ! { [ -t 0 ] && sudo -v; }; then
        die "packages are missing, and this user may not install them through sudo. As root: apt-get install $*"
    fi
}

# install_packages PACKAGE...: installs what is missing; no apt and no sudo if nothing is.
install_packages() {
    local missing log
    if ! command -v dpkg-query >/dev/null; then
        say "No dpkg here, so nothing is installed; needed are (Debian names): $*"
        return
    fi
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -eq 0 ] && return
    may_install "${missing[@]}"
    say "Installing ${#missing[@]} packages: ${missing[*]}"
    log=$(mktemp)
    if ! { apt_get update && apt_get install -y --no-install-recommends "${missing[@]}"; } \
        >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        die "apt-get could not install ${missing[*]}"
    fi
    rm -f "$log"
}

# require_writable FOLDER: ends with a message if another user's files stand in the way.
require_writable() {
    local obstacle
    if [ -e "$1" ]; then
        obstacle=$(find "$1" ! -writable ! -type l -print -quit)
    else
        obstacle=$(find . -maxdepth 0 ! -writable)
    fi
    [ -z "$obstacle" ] && return
    die "$obstacle belongs to $(stat -c %U "$obstacle") and $(id -un) may not write it; run as that user, or remove $PWD/$1 first"
}

# last_line_only: on a terminal one line that is overwritten, elsewhere nothing.
last_line_only() {
    local line shown=0
    while IFS= read -r line; do
        [ -t 2 ] || continue
        printf '\r\033[K%.*s' "$((${COLUMNS:-80} - 1))" "$line" >&2
        shown=1
    done
    [ "$shown" -eq 0 ] || printf '\r\033[K' >&2
}

# logged LOG COMMAND...: runs a command with its output in LOG, which is shown on failure.
logged() {
    local log=$1
    shift
    if ! "$@" 2>&1 </dev/null | tee "$log" | last_line_only; then
        tail -n 60 "$log" >&2
        say "All of it is in $log"
        return 1
    fi
}

# build: configures once and builds build/; with nothing changed, only asks ninja.
build() {
    require_writable build
    mkdir -p build
    if [ ! -e build/build.ninja ]; then
        say "Configuring build/"
        logged build/configure.log cmake --preset release || die "cmake failed"
    fi
    if ! ninja -C build -n 2>/dev/null | grep -q 'no work to do'; then
        say "Building build/stage2sim"
        logged build/build.log ninja -C build || die "the build failed"
    fi
}

# setup: everything that ./run and ./test need before they do their own work.
setup() {
    install_packages "${PACKAGES[@]}"
    build
}
