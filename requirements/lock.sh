#!/bin/sh
# Chooses versions from pyproject.toml, newest first, and writes them with their hashes. No file names an index.
set -eu
cd "$(dirname "$0")/.."

compile() {
    name=$1
    shift
    .venv/bin/uv pip compile pyproject.toml "$@" --output-file "requirements/$name.txt" --quiet \
        --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
        --custom-compile-command "make lock" ${UPGRADE:+--upgrade}
}

compile dev --group dev
# The others are parts of dev.txt, in the same versions.
compile base --constraints requirements/dev.txt
compile build --group build --constraints requirements/dev.txt
.venv/bin/uv pip compile --group pyproject.toml:installer --output-file requirements/installer.txt --quiet \
    --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
    --custom-compile-command "make lock" --constraints requirements/dev.txt
