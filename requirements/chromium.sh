#!/bin/sh
# requirements/chromium.sh: prints the path of a Chromium; installs Debian's where there is none and root may.
set -eu

find_chromium() {
    if [ -n "${CHROMIUM:-}" ]; then
        command -v "$CHROMIUM" && return
        echo "itag: CHROMIUM=$CHROMIUM does not exist." >&2
        exit 1
    fi
    for name in chromium chromium-browser google-chrome google-chrome-stable \
        "/Applications/Chromium.app/Contents/MacOS/Chromium" \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        command -v "$name" && return
    done
    return 1
}

may_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1
}

install() {
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

if ! find_chromium; then
    if may_install; then
        echo "Installing Chromium" >&2
        apt-get update -qq >&2 || :
        install chromium || exit 1
        find_chromium
    else
        echo "itag: the browser tests need Chromium: sudo apt-get install chromium (or name one with CHROMIUM=…)," >&2
        echo "itag: or leave them out: make test BROWSER=0" >&2
        exit 1
    fi
fi

# Without a Chinese font the Chinese pages show boxes; the tests pass all the same.
if may_install && command -v fc-list >/dev/null 2>&1 && [ -z "$(fc-list :lang=zh 2>/dev/null)" ]; then
    echo "Installing a Chinese font" >&2
    { apt-get update -qq && install fonts-noto-cjk; } >&2 || echo "itag: no Chinese font" >&2
fi
