#!/bin/bash
# Installs the Debian packages that building and testing need, if any is missing. Says what it does. What building needs stands
# in .debian/control. With a word, those of more: lint, deb (`make deb`), packages (`make check-packages`).
set -u
cd "$(dirname "$0")/.." || exit 1
building=$(sed -n '/^Build-Depends:/,/^[^ B]/p' .debian/control | sed 's/^Build-Depends:/ /; /^[^ ]/d; s/([^)]*)//g' | tr ',\n' '  ')
packages="gcc make ${building/debhelper-compat/} libnanomsg-dev libcmocka-dev minisign valgrind jq curl openssl time clang-format chromium chromium-driver systemd iproute2"
case ${1:-} in
lint) packages="$packages clang-tidy cppcheck" ;;
deb) packages="gcc make ${building/debhelper-compat/debhelper} dpkg-dev" ;;
packages) packages="$packages lintian mmdebstrap" ;;
esac
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
