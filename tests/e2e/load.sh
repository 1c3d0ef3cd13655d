#!/bin/bash
# 64 agencies at a real matcher at once, one of which floods it with what it may write: nobody's answer is lost, what was
# acknowledged is there, and shares are even. How long they wait is `make load`'s, on a machine that does nothing else.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch

figure() { # NAME
    sed -n "s/^load: .*\b$1=\([0-9]*\).*/\1/p" "$SCRATCH/load"
}

served() { "$(realpath "${BUILD:-build}")/tests/load" --sample "$BIN/concord-matcher" 1 >"$SCRATCH/load" 2>&1; }
check "64 agencies are served at once" served
sed 's/^/# /' "$SCRATCH/load"
check "no answer is lost, nothing acknowledged is" test "$(figure lost)" = 0
check "though one floods" test "$(figure flood)" -gt 10
