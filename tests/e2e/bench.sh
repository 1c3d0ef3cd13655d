#!/bin/bash
# concord-bench: every pair comes to the same results on both sides, and the JSON has what scripts read.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
ROW='"name": "group.mul",.*"value": [0-9.e+-]+,.*"unit": "us",.*"baseline": [0-9.e+-]+,.*"ratio": [0-9.e+-]+'

bench() {
    "$BIN/concord-bench" --out "$SCRATCH/bench.json" --rounds 1 "$@" >"$SCRATCH/out" 2>&1 || { sed 's/^/# /' "$SCRATCH/out"; return 1; }
}

check "the group's operations and the tokens give what libsodium's calls give" bench --filter group --filter custodian.evaluate --filter client.token
check "the JSON names value, unit, baseline and ratio" grep -qzE "$ROW" "$SCRATCH/bench.json"
check "one case is measured alone" bench --filter group.mul --json
check "--json prints what it writes" cmp "$SCRATCH/out" "$SCRATCH/bench.json"
check "a filter that fits nothing is a mistake" bash -c "'$BIN/concord-bench' --out /dev/null --filter nothing >/dev/null 2>&1; [ \$? = 2 ]"
