#!/bin/sh
# Install Lintas from this folder alone: no network is used. Nothing is installed unless every file is as it was packed.
#   ./install.sh FOLDER                an empty or new folder; FOLDER/bin/lintas is the command
#   ./install.sh FOLDER --with-tests   and what the tests need; then: FOLDER/bin/python -m pytest tests
# PYTHON names the Python to use, python3 otherwise.
set -eu
unset PYTHONPATH PYTHONHOME

stop() {
    printf 'lintas install: %s\n' "$1" >&2
    exit 1
}

[ $# -ge 1 ] || stop "say where to: ./install.sh FOLDER [--with-tests]"
target=$1
case "${2:-}" in
    "") wanted="-r requirements.txt" ;;
    --with-tests) wanted="-r requirements.txt -r requirements-dev.txt" ;;
    *) stop "'$2' is not known; ./install.sh FOLDER [--with-tests]" ;;
esac
case "$target" in /*) ;; *) target=$PWD/$target ;; esac
cd "$(dirname "$0")"
python=${PYTHON:-python3}

[ -f SHA256SUMS ] || stop "SHA256SUMS is missing; unpack the archive again"
sha256sum --check --quiet --strict SHA256SUMS >&2 ||
    stop "refused: the files named above are not as they were packed; get the archive again and compare its sha256"
printf 'every file is as it was packed; sha256 of SHA256SUMS: %s\n' "$(sha256sum SHA256SUMS | cut -c1-64)"

made_for=$(cat PLATFORM)
here=$("$python" -c 'import sys, sysconfig
print("cp%d%d-%s" % (*sys.version_info[:2], sysconfig.get_platform().replace("-", "_")))') || stop "$python does not run"
[ "$here" = "$made_for" ] || stop "made for $made_for, and $python is $here; name another Python in PYTHON"
[ -z "$(ls -A "$target" 2>/dev/null)" ] || stop "$target is not empty; install each version into a folder of its own"
"$python" -c 'import ensurepip, venv' 2>/dev/null || stop "this Python cannot make environments; install python3-venv"

"$python" -m venv "$target"
# shellcheck disable=SC2086  # words on purpose
PIP_CONFIG_FILE=/dev/null "$target/bin/python" -m pip --isolated --disable-pip-version-check install --quiet \
    --no-index --no-cache-dir --find-links wheels --find-links wheels-dev --require-hashes $wanted
"$target/bin/python" -m pip --isolated check >/dev/null || stop "the installed packages do not fit together"
"$target/bin/lintas" --help >/dev/null
printf 'installed: %s/bin/lintas\n' "$target"
