# What the machines of this test have in place of what a booted machine in a network has. Source it, then:
# standins DIR PASSPHRASE source|packages
standins() {
    local bin=$1/usr/local/bin
    mkdir -p "$bin"
    install -m 755 tests/e2e/guides/systemctl "$bin/systemctl"
    printf '#!/bin/sh\necho %s\n' "$2" >"$bin/systemd-ask-password"
    printf '#!/bin/sh\necho "Leap status     : Normal"\n' >"$bin/chronyc"
    [ "$3" = packages ] || printf '#!/bin/sh\nexit 0\n' >"$bin/apt-get"
    chmod 755 "$bin"/*
}

# Devices of a machine's own, never this one's: whoever empties a machine empties those.
devices() { # ROOT
    local d
    mount -t tmpfs tmpfs "$1/dev" && mkdir "$1/dev/shm" && ln -s /proc/self/fd "$1/dev/fd" || return
    for d in null zero full random urandom tty; do cp -a /dev/$d "$1/dev/" || return; done
}
