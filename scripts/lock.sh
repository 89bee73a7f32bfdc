#!/bin/sh
# Writes requirements.lock (the book) and requirements-test.lock (the book and its tests) anew
# from pyproject.toml: one exact version and all its hashes per package, for every supported
# Python and system. Run it after changing a dependency; `scripts/lock.sh --upgrade` takes the
# newest versions as well. Review the difference before committing it.
set -eu
cd "$(dirname "$0")/.."
python=.venv/bin/python
[ -x "$python" ] || python=python3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check uv

# uv does not read pip's configuration; the index is the user's and stays out of the lock.
if [ -z "${UV_DEFAULT_INDEX:-}" ]; then
    index=$("$work/venv/bin/python" -m pip config get global.index-url 2>/dev/null || true)
    [ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
fi

lock() {
    output=$1
    shift
    "$work/venv/bin/uv" pip compile pyproject.toml --quiet --universal --python-version 3.11 \
        --generate-hashes --no-header --no-emit-index-url --no-annotate \
        --output-file "$output" "$@"
    {
        echo "# Written by scripts/lock.sh from pyproject.toml; not edited by hand."
        cat "$output"
    } >"$work/with-header"
    cat "$work/with-header" >"$output"
}

lock requirements.lock --group build "$@"
lock requirements-test.lock --group build --extra test --constraints requirements.lock "$@"
