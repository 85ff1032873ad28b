# shellcheck shell=sh
# Sourced by the other scripts. find_python prints the newest Python that will do, or says what is missing.

# Asked for together: an interpreter of Debian without its venv package imports venv, and fails at ensurepip.
_is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
_makes_environments() { "$1" -c 'import venv, ensurepip' >/dev/null 2>&1; }

find_python() {
    incomplete=
    # A name on PATH may be a version manager's stub that refuses to start, so each is tried.
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
        _is_new_enough "$candidate" || continue
        if _makes_environments "$candidate"; then
            command -v "$candidate"
            return 0
        fi
        incomplete=${incomplete:-$candidate}
    done
    if [ -z "$incomplete" ]; then
        echo "Zhengda needs Python 3.11 or newer; none of ${PYTHON:-python3.13, python3.12, python3.11, python3} is." >&2
        echo "Install it (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python@3.13)," >&2
        echo "or name one: make PYTHON=/path/to/python3 …" >&2
        return 1
    fi
    version=$("$incomplete" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing python$version-venv: $incomplete cannot make a virtual environment without it." >&2
        { apt-get update && DEBIAN_FRONTEND=noninteractive \
            apt-get install -y --no-install-recommends "python$version-venv"; } >&2
        if _makes_environments "$incomplete"; then
            command -v "$incomplete"
            return 0
        fi
    fi
    echo "$incomplete cannot make a virtual environment: the package python$version-venv is missing." >&2
    echo "Install it (Debian, Ubuntu: sudo apt-get install python$version-venv) and run make again." >&2
    return 1
}
