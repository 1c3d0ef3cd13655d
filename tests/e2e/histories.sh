#!/bin/bash
# An auditor accuses the guilty alone, and misses none: a sample of what `make audit-histories` does a thousand times.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
HISTORIES=$(realpath "${BUILD:-build}")/tests/histories
SEED=${HISTORY_SEED:-1}

sample() {
    "$HISTORIES" -s "$SEED" -n 6 -c 1 >"$SCRATCH/out" 2>/dev/null
    local status=$?
    sed 's/^/# /' "$SCRATCH/out"
    return $status
}
check "honest histories have no findings, and each cheat its own (HISTORY_SEED=$SEED)" sample
check "the closing line says so" grep -qx "histories: ok n=6 findings=0 seed=$SEED" "$SCRATCH/out"
