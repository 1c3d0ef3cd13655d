#!/bin/bash
# Installs the Debian packages that building and testing need, if any is missing. Says what it does.
# With the word lint: those that `make lint` needs, too.
set -u
packages="gcc make pkg-config libsodium-dev libseccomp-dev libmicrohttpd-dev liboath-dev libnanomsg-dev libmsgpack-dev librocksdb-dev libsqlite3-dev libicu-dev \
libcsv-dev libjansson-dev libzip-dev libexpat1-dev libcmocka-dev minisign valgrind jq curl openssl xxd time clang-format gettext chromium chromium-driver"
[ "${1:-}" = lint ] && packages="$packages clang-tidy cppcheck"
missing=""
for p in $packages; do
    dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $p"
done
[ -z "$missing" ] && exit 0

command="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" -eq 0 ]; then
    sudo=""
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    sudo="sudo"
else
    echo "Packages are missing. Install them, then call make again:" >&2
    echo "  sudo apt-get update && sudo $command" >&2
    exit 1
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq >/dev/null && $sudo $command -qq >/dev/null || {
    echo "could not install packages; try by hand: $sudo apt-get update && $sudo $command" >&2
    exit 1
}
