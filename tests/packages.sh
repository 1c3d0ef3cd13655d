#!/bin/bash
# The Debian packages, called by `make check-packages`: lintian finds no error; they hold what `make install` puts into
# place; in a bare Debian they are installed, upgraded, removed and purged; and the guides are played from them. Where no
# mirror of Debian can be reached (MIRROR=URL names another) there is no bare Debian, and that is said.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/e2e/lib/region.sh
. tests/e2e/guides/standins.sh
MIRROR=${MIRROR:-http://deb.debian.org/debian}
DEB=${BUILD:-build}/deb
PROGRAMS="client custodian matcher keys audit"
if [ "$(id -u)" -ne 0 ]; then
    echo "not ok - only root can make a bare Debian to install packages in"
    exit 1
fi
# What is mounted is mounted inside, where nothing is removed: it is gone when the scratch directory is.
if [ "${1:-}" != inside ]; then
    scratch
    unshare --mount --pid --fork --kill-child "$0" inside "$SCRATCH"
    exit
fi
SCRATCH=$2
mount -t proc proc /proc
BARE=$SCRATCH/bare ROOT=$SCRATCH/machine/root

# --- the packages as files -------------------------------------------------------------------------------------

five() {
    local p
    for p in client custodian matcher tools doc; do
        ls "$DEB"/concord-${p}_*.deb >/dev/null 2>&1 || { echo "# there is no package concord-$p"; return 1; }
    done
    [ "$(ls "$DEB"/*.deb | wc -l)" = 5 ]
}

# Where a file lies in the end: /lib is /usr/lib, manuals are compressed.
in_the_end() { sed 's,^\./,/,; s,^/lib/,/usr/lib/,; s,\(/man/.*\)\.gz$,\1,' | grep -v '^/usr/share/doc/concord-[a-z]*/' | sort; }

same_as_installed() {
    local d
    quietly "${MAKE:-make}" -s install BUILD="${BUILD:-build}" DESTDIR="$SCRATCH/installed" PREFIX=/usr
    (cd "$SCRATCH/installed" && find . ! -type d) | in_the_end >"$SCRATCH/wanted"
    for d in "$DEB"/*.deb; do dpkg-deb --fsys-tarfile "$d" | tar -t | grep -v '/$'; done | in_the_end >"$SCRATCH/packed"
    diff "$SCRATCH/wanted" "$SCRATCH/packed" | sed 's/^/# /' | tee "$SCRATCH/faults"
    [ ! -s "$SCRATCH/faults" ]
}

no_errors() { # but that nobody has an address yet to whom one could write about the packages
    lintian --allow-root --fail-on error --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog "$DEB"/*.deb >"$SCRATCH/out" 2>&1 || { sed 's/^/# /' "$SCRATCH/out"; return 1; }
    sed 's/^/# /' "$SCRATCH/out"
}

# --- in a bare Debian ------------------------------------------------------------------------------------------

# Debian, with what the packages say that they need or go well with, and what the guides have one call.
bare() {
    local d needs
    needs=$(for d in "$DEB"/*.deb; do dpkg-deb -f "$d" Depends; dpkg-deb -f "$d" Recommends; done | tr ',' '\n' |
        sed 's/|.*//; s/(.*//; s/ //g; /^concord-/d; /^$/d' | sort -u | paste -sd,)
    mmdebstrap --quiet --mode=root --variant=minbase --include="$needs,curl" bookworm "$BARE" "$MIRROR" >"$SCRATCH/out" 2>&1 ||
        { sed 's/^/# /' "$SCRATCH/out"; return 1; }
}

machine() {
    mkdir -p "$SCRATCH/machine" && mount -t tmpfs tmpfs "$SCRATCH/machine" && mkdir -p "$SCRATCH"/machine/{up,work,root} &&
        mount -t overlay overlay -o "lowerdir=$BARE,upperdir=$SCRATCH/machine/up,workdir=$SCRATCH/machine/work" "$ROOT" &&
        devices "$ROOT" && mount -t proc proc "$ROOT/proc" && cp "$DEB"/*.deb "$ROOT/root/"
}

there() { chroot "$ROOT" /usr/bin/env -i HOME=/root PATH=/usr/bin:/bin:/usr/sbin:/sbin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive sh -c "cd; $1"; }

installed() { there 'apt-get install -y ./concord-*.deb' >"$SCRATCH/out" 2>&1 || { sed 's/^/# /' "$SCRATCH/out"; return 1; }; }

is() { # MODE OWNER PATH: there
    [ "$(there "stat -c '%a %U' $3")" = "$1 $2" ] || { echo "# $3: $(there "stat -c '%a %U' $3")"; return 1; }
}

works() {
    local p
    for p in $PROGRAMS; do
        there "concord-$p --version" | grep -q "^concord-$p $VERSION\$" || { echo "# concord-$p does not say that it is $VERSION"; return 1; }
    done
    is 750 concord /etc/concord && is 755 concord /var/lib/concord
}

at_rest() { ! there 'find /etc/systemd -name "concord*"' | grep .; }

# The same packages, as a later version.
newer() {
    local d
    for d in "$DEB"/*.deb; do
        dpkg-deb -R "$d" "$SCRATCH/repack" && sed -i "s/$VERSION/$VERSION+later/" "$SCRATCH/repack/DEBIAN/control" &&
            dpkg-deb --root-owner-group -b "$SCRATCH/repack" "$ROOT/root/newer-$(basename "$d")" >/dev/null && rm -r "$SCRATCH/repack" || return
    done
}

kept() {
    there 'echo "# mine" >>/etc/concord/client.conf; touch /etc/concord/identity.key /var/lib/concord/vault'
    newer && there 'apt-get install -y ./newer-*.deb' >"$SCRATCH/out" 2>&1 && there 'grep -q "# mine" /etc/concord/client.conf && dpkg-query -W concord-client' |
        grep -q later || { sed 's/^/# /' "$SCRATCH/out"; return 1; }
}

gone() { # VERB WHAT-IS-LEFT
    there "apt-get $1 -y 'concord-*'" >"$SCRATCH/out" 2>&1 || { sed 's/^/# /' "$SCRATCH/out"; return 1; }
    there 'find / -xdev \( -path /proc -o -path /dev -o -path /root -o -path /var/lib/dpkg -o -path /var/log -o -path /var/lib/systemd \) -prune -o -name "*concord*" -print; find /etc/concord /var/lib/concord -mindepth 1' |
        sort >"$SCRATCH/left"
    [ "$(paste -sd' ' "$SCRATCH/left")" = "$2" ] || { sed 's/^/# left: /' "$SCRATCH/left"; return 1; }
}

VERSION=$(dpkg-parsechangelog -l .debian/changelog -S Version)
check "make deb makes five packages" five
check "lintian finds no error in them" no_errors
check "they hold what make install puts into place" same_as_installed
if ! curl -sfI -m 20 -o /dev/null "$MIRROR/dists/bookworm/Release"; then
    echo "# note: $MIRROR cannot be reached: nothing was installed in a bare Debian"
    exit 0
fi
check "there is a bare Debian with what they need" bare
machine || fail "no machine"
check "they are installed there" installed
check "every program runs there, and the user has its directories" works
check "nothing is started or enabled" at_rest
check "an upgrade keeps what was configured" kept
check "removed, they leave configuration, keys and data" \
    gone remove '/etc/concord /etc/concord/client.conf /etc/concord/custodian.conf /etc/concord/identity.key /etc/concord/matcher.conf /var/lib/concord /var/lib/concord/vault'
check "purged, they leave keys and data, and say so" gone purge '/etc/concord /etc/concord/identity.key /var/lib/concord /var/lib/concord/vault'
check "it is said that they are left" grep -q '/var/lib/concord is kept' "$SCRATCH/out"
check "the version of the packages is that of the programs" grep -q "CONCORD_VERSION \"$VERSION\"" protocol/base/settings.h
tests/e2e/guides/play.sh "$BARE" "$(realpath "$DEB")"
