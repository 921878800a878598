#!/bin/sh
# requirements/setup.sh LEVEL: the environment .venv with requirements/LEVEL.txt (build or dev), the package itself,
# the front end and the message catalogues. Quick when nothing changed.
set -eu
cd "$(dirname "$0")/.."
level=${1:?build or dev}

die() {
    echo "itag: $*" >&2
    exit 1
}

usable() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if command -v "$name" >/dev/null 2>&1 && usable "$name"; then
            echo "$name"
            return
        fi
    done
    die "Python 3.11 or newer is needed${PYTHON:+ ($PYTHON is none)}: install it, or name one with PYTHON=…"
}

if ! usable .venv/bin/python; then
    python=$(find_python)
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        die "Python's venv is missing: install it (Debian, Ubuntu: apt-get install python3-venv)."
    echo "Making .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv || die "The environment .venv could not be made."
fi

# dev.txt holds everything that build.txt does.
if ! cmp -s requirements/dev.txt .venv/.itag-dev && { [ "$level" = dev ] || ! cmp -s requirements/build.txt .venv/.itag-build; }; then
    echo "Installing requirements/$level.txt"
    # uv is much quicker than pip; where it cannot be had or finds no index, pip does it.
    if .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
        -r requirements/installer.txt 2>/dev/null &&
        .venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r "requirements/$level.txt"; then
        :
    else
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
            -r "requirements/$level.txt" || die "The packages could not be installed."
    fi
    cp "requirements/$level.txt" ".venv/.itag-$level"
fi

# The command `itag` and the version are all that the installation of a checkout holds; the code stays here.
if ! cmp -s pyproject.toml .venv/.itag-project || [ ! -x .venv/bin/itag ]; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
        --editable . || die "The checkout could not be installed."
    cp pyproject.toml .venv/.itag-project
fi

.venv/bin/python hatch_build.py
