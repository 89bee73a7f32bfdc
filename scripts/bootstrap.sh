#!/bin/sh
# Makes this folder ready to build the book, or to test make-book as well:
#
#     scripts/bootstrap.sh [book|test] [--dry-run]
#
# It finds a Python, installs the system's missing parts where it may (root or passwordless sudo
# with apt, Homebrew), and installs the locked packages into .venv. Where it may not, or with
# MAKE_BOOK_NO_INSTALL=1, it prints the one command to run, and exits 2. With nothing to do it
# says nothing. PYTHON=… names the Python to use.
# shellcheck disable=SC2046,SC2086 # lists of packages and options are meant to be split
set -eu
cd "$(dirname "$0")/.."
root=$(pwd -P)
python=''
oldest=11 newest=13

scope=book dry_run=''
for word in "$@"; do
    case $word in
        book | test) scope=$word ;;
        --dry-run) dry_run=yes ;;
        *) echo "usage: scripts/bootstrap.sh [book|test] [--dry-run]" >&2 && exit 2 ;;
    esac
done

say() { echo "make-book: $*" >&2; }
fail() { say "$*" && exit 2; }

# --- Python -----------------------------------------------------------------------------------

serves() {
    "$1" -c "import sys; sys.exit(not (3, $oldest) <= sys.version_info[:2] <= (3, $newest))" \
        >/dev/null 2>&1
}

find_python() {
    for candidate in "${PYTHON:-python3}" python3 python3.13 python3.12 python3.11 \
        /opt/homebrew/bin/python3.13 /usr/local/bin/python3.13 /usr/bin/python3; do
        if command -v "$candidate" >/dev/null && serves "$candidate"; then
            # The program itself, not a stand-in or a link that may later mean another version.
            python=$("$candidate" -c 'import os, sys; print(os.path.realpath(sys.executable))')
            return 0
        fi
        [ -z "${PYTHON:-}" ] || fail "PYTHON=$PYTHON is no working Python 3.$oldest to 3.$newest"
    done
    return 1
}

# Debian splits what a virtual environment needs from Python, and calls it python3.N-venv.
venv_package() {
    "$python" -c 'import ctypes, ensurepip, json, venv' 2>/dev/null && return
    "$python" -m pip --version >/dev/null 2>&1 && "$python" -c 'import ctypes, venv' 2>/dev/null &&
        return
    "$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])'
}

newest_python_package() {
    for minor in 13 12 11; do
        if apt-cache show "python3.$minor" >/dev/null 2>&1; then
            echo "python3.$minor python3.$minor-venv"
            return
        fi
    done
    echo python3 python3-venv
}

# --- the system's packages --------------------------------------------------------------------

manager() {
    if [ "$(uname)" = Darwin ]; then
        echo brew
    elif command -v apt-get >/dev/null; then
        echo apt
    fi
}

may_install() {
    [ "${MAKE_BOOK_NO_INSTALL:-0}" = 0 ] || return 1
    case $(manager) in
        brew) command -v brew >/dev/null && [ "$(id -u)" != 0 ] ;;
        apt) [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null ;;
        *) return 1 ;;
    esac
}

# The command that a person would type.
install_command() {
    case $(manager) in
        brew) echo "brew install $*" ;;
        *)
            become=
            [ "$(id -u)" = 0 ] || become="sudo "
            echo "${become}sh -c 'apt-get update && apt-get install -y --no-install-recommends $*'"
            ;;
    esac
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_packages() {
    case $(manager) in
        brew) brew install "$@" ;;
        apt)
            options="-o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0"
            as_root apt-get $options update &&
                as_root env DEBIAN_FRONTEND=noninteractive \
                    apt-get $options install --yes --no-install-recommends "$@"
            ;;
    esac
}

# Run a command that talks much: what it says goes to a file, and is shown if the command fails.
quietly() {
    log=$(mktemp)
    if "$@" >"$log" 2>&1 </dev/null; then
        rm -f "$log"
    else
        code=$?
        cat "$log" >&2
        rm -f "$log"
        return "$code"
    fi
}

bring() {
    [ $# -gt 0 ] || return 0
    if [ -n "$dry_run" ]; then
        echo "would run: $(install_command "$@")"
    elif may_install; then
        say "installing $* (this may take minutes)"
        quietly install_packages "$@" || fail "the system's packages could not be installed; by hand:
    $(install_command "$@")"
    else
        cannot_install "$@"
    fi
}

cannot_install() {
    say "some parts are missing, and only you can install them. Run this, then what you ran just now:"
    if [ -n "$(manager)" ]; then
        echo "    $(install_command "$@")" >&2
    else
        echo "    install, with your system's package manager, what Debian calls: $*" >&2
    fi
    exit 2
}

bring_python() {
    find_python && return
    say "no Python 3.$oldest to 3.$newest here"
    case $(manager) in
        apt) bring $(newest_python_package) ;;
        brew) bring python@3.13 ;;
        *) cannot_install "python3 python3-venv" ;;
    esac
    find_python || { [ -n "$dry_run" ] && exit 0; } || fail "still no Python 3.$oldest to 3.$newest"
}

missing_parts() { "$python" -I -B scripts/missing_parts.py "$scope"; }

# --- the Python packages ----------------------------------------------------------------------

lock=requirements.lock
[ "$scope" = book ] || lock=requirements-test.lock
venv=$root/.venv
stamp=$venv/.ready-$scope

# What .venv was made from, by content: the lock, the metadata, and the place (scripts name it).
key() { echo "$root $(cat "$1" pyproject.toml | cksum)"; }

is_ready() {
    [ -x "$venv/bin/python" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(key $lock)" ]
}

make_venv() {
    options=
    if [ -e "$venv/bin/python" ] || [ -L "$venv/bin/python" ]; then
        # Still good, and still in its place?
        if serves "$venv/bin/python"; then
            case $(cat "$venv"/.ready-* 2>/dev/null || :) in "" | "$root "*) return 0 ;; esac
        fi
        options=--clear
    fi
    "$python" -c 'import ensurepip' 2>/dev/null || options="$options --without-pip"
    say "making .venv with $python"
    quietly "$python" -m venv $options "$venv" || fail "$python could not make .venv (above)"
}

pip() {
    if [ -x "$venv/bin/python" ] && "$venv/bin/python" -c 'import pip' 2>/dev/null; then
        quietly "$venv/bin/python" -m pip --disable-pip-version-check "$@"
    elif "$python" -c 'import ensurepip' 2>/dev/null; then
        quietly "$venv/bin/python" -m ensurepip
        quietly "$venv/bin/python" -m pip --disable-pip-version-check "$@"
    else
        quietly "$python" -m pip --disable-pip-version-check --python "$venv/bin/python" "$@"
    fi
}

install_python_packages() {
    make_venv
    say "installing the packages of $lock into .venv"
    {
        pip install --no-input --require-hashes --requirement "$lock" &&
            pip install --no-input --no-deps --no-build-isolation --editable .
    } || fail "pip could not install them (above); what it has done is kept, so try again"
    key $lock >"$stamp"
    # What tests need holds what the book needs.
    [ "$scope" = book ] || key requirements.lock >"$venv/.ready-book"
}

# An editable install leaves this to the first run, which may be told not to write: each command
# would then take a third of a second to read its own text.
compile() { "$venv/bin/python" -m compileall -q pipeline scripts >/dev/null 2>&1 || :; }

# --- all of it --------------------------------------------------------------------------------

ready=
if is_ready; then
    ready=yes extra='' python=$venv/bin/python
else
    bring_python
    extra=$(venv_package)
    if [ -n "$extra" ] && ! missing_parts >/dev/null 2>&1; then
        # Without its other half this Python cannot even be asked what else is missing.
        bring "$extra"
        [ -z "$dry_run" ] || exit 0
        extra=
    fi
fi

missing=$(missing_parts) || fail "$python cannot look for the parts of this machine"
bring $extra $missing
if [ -z "$dry_run" ] && [ -n "$missing" ]; then
    missing=$(missing_parts)
    [ -z "$missing" ] || fail "still missing after installing: $missing"
fi

if [ -n "$dry_run" ]; then
    [ -n "$ready" ] || echo "would install the packages of $lock into .venv"
else
    [ -n "$ready" ] || install_python_packages
    compile
fi
