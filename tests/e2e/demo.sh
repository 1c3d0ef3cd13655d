#!/bin/bash
# The demo, with fewer records: it succeeds, its last line is as scripts expect it, and what it leaves behind verifies.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch

LINE='^demo: ok agencies=4 records=1200 tags=[0-9]+ matches=[0-9]+ precision=[01]\.[0-9]{4} recall=[01]\.[0-9]{4} '
LINE+='ledger=verified seconds=[0-9]+$'

demo() {
    DEMO_RECORDS=300 DEMO_DIR=$SCRATCH/demo tests/e2e/lib/demo.sh >"$SCRATCH/out" 2>"$SCRATCH/err" ||
        { tail -5 "$SCRATCH/out" "$SCRATCH/err"; return 1; }
}

last_line() {
    tail -1 "$SCRATCH/out" | grep -Eq "$LINE" && [ "$(grep -c '^demo: ' "$SCRATCH/out")" = 1 ]
}

value() { # KEY: of the last line
    tail -1 "$SCRATCH/out" | grep -o "$1=[0-9.]*" | cut -d= -f2
}

precise() {
    awk -v p="$(value precision)" -v r="$(value recall)" 'BEGIN { exit !(p >= 0.95 && r >= 0.80) }'
}

left_behind() {
    local f
    for f in region.json matcher/{matcher.conf,state,ledger/checkpoint} custodian-{1,2,3}/{custodian.conf,state,ledger/checkpoint} \
        agency-{THA,IDN,BGD,MYS}/{client.conf,vault.db}; do
        [ -e "$SCRATCH/demo/$f" ] || { echo "# $f is missing"; return 1; }
    done
}

verifies() {
    "$BIN/concord-audit" verify --manifest "$SCRATCH/demo/region.json" "$SCRATCH/demo/matcher/ledger" >"$SCRATCH/audit" 2>&1
}

manifest_by_minisign() {
    command -v minisign >/dev/null || { echo "# note: minisign is not installed; the signature was not tried with it"; return 0; }
    local c
    for c in coordinator-{1,2}; do
        minisign -Vqm "$SCRATCH/demo/region.json" -x "$SCRATCH/demo/region.json.$c.minisig" \
            -p "$SCRATCH/demo/$c/identity.key.minisign.pub" || return 1
    done
}

told_apart() { # what agrees, what speaks against, on both sides
    sed -n '/^== 5/,/^== 6/p' "$SCRATCH/out" >"$SCRATCH/chapter"
    [ "$(grep -c 'both came to this: same person' "$SCRATCH/chapter")" = 2 ] && grep -q 'the same, as written' "$SCRATCH/chapter" &&
        grep -q 'speaks against' "$SCRATCH/chapter" && [ "$(grep -c 'both came to this: two different persons' "$SCRATCH/chapter")" = 2 ] &&
        return 0
    sed 's/^/# /' "$SCRATCH/chapter"
    return 1
}

taken() {
    ! DEMO_DIR=$SCRATCH/demo tests/e2e/lib/demo.sh >"$SCRATCH/out2" 2>&1 && grep -q 'holds a region already' "$SCRATCH/out2"
}

check "the demo succeeds" demo
check "its last line is the one that scripts expect" last_line
check "a match is explained from both sides, and a near miss that judging told apart" told_apart
check "precision is at least 0.95 and recall 0.80" precise
check "what it leaves behind is complete" left_behind
check "concord-audit verifies the ledger that it leaves behind" verifies
check "minisign verifies the coordinators' signatures of the manifest" manifest_by_minisign
check "a directory that holds a region is refused" taken
