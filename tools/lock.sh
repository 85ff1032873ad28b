#!/bin/sh
# Write the three lock files from pyproject.toml: exact versions and hashes for every platform, no index address.
# Versions already locked are kept while pyproject.toml allows them; `sh tools/lock.sh --upgrade` takes the newest.
set -eu
cd "$(dirname "$0")/.."
. tools/python.sh

UV_VERSION=0.13.9
home=.venv-lock
python=$(find_python)
[ -x "$home/bin/python" ] || "$python" -m venv "$home"
"$home/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"

compile() {
    "$home/bin/uv" pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
        --no-emit-index-url --custom-compile-command "make lock" "$@"
}

compile "$@" pyproject.toml --output-file requirements.lock
compile "$@" pyproject.toml --extra test --extra eval --constraints requirements.lock \
    --output-file requirements-test.lock
# Without the exclusions in [tool.uv], which leave pip out of what Zhengda needs: what builds packages needs exactly it.
compile "$@" --no-config --group pyproject.toml:build --constraints requirements-test.lock \
    --output-file requirements-build.lock
