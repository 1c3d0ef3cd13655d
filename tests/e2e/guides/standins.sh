# What the machines of this test have in place of what a booted machine has. Source it, then: standins DIR PASSPHRASE
standins() {
    local bin=$1/usr/local/bin
    mkdir -p "$bin"
    install -m 755 tests/e2e/guides/systemctl "$bin/systemctl"
    printf '#!/bin/sh\necho %s\n' "$2" >"$bin/systemd-ask-password"
    printf '#!/bin/sh\necho "Leap status     : Normal"\n' >"$bin/chronyc"
    printf '#!/bin/sh\nexit 0\n' >"$bin/apt-get"
    chmod 755 "$bin"/*
}
