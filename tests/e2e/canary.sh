#!/bin/bash
# Nothing of a record leaves its agency but sealed, in a letter to another: all that reaches matcher and custodians (messages after decryption, stores, logs,
# ledgers) is searched for every value of every feed, raw, normalised and hashed, in raw, hexadecimal and base64.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
TESTS_DIR=${BIN%/bin}/tests
TAP=$SCRATCH/tap
SCAN=$TESTS_DIR/canary-scan
DAEMON_WRAP="env LD_PRELOAD=$(preload canary-tap.so) CONCORD_TAP=$TAP"

# IDN asks about its first match with THA, which releases what its feed has; the two settle it, and a letter of that is recalled.
disclose() {
    local match
    match=$(client IDN matches --csv --partner THA | sed -n 2p | cut -d, -f1)
    quietly client IDN ask "$match" --field family_name --field given_names --field date_of_birth --field doc_number --basis national-law --reason check
    quietly client THA sync
    quietly client THA answer 1 --release all --feed "$SCRATCH/data/THA.csv"
    quietly client IDN sync
    quietly client IDN outcome "$match" same-person
    quietly client THA recall 2 --why wrong
    client IDN letters show 2 --values | grep -q 'family_name .*from the register'
}

run_region() {
    local a
    region_create "$SCRATCH/region" THA IDN BGD
    region_start
    "$BIN/concord-generate" --agencies THA,IDN,BGD --records 150 --overlap 30 --seed 3 --out "$SCRATCH/data" || return 1
    for a in THA IDN BGD; do quietly client $a enrol "$SCRATCH/data/$a.csv"; done
    for a in THA IDN BGD; do quietly client $a sync; done
    [ "$(client THA matches --csv | wc -l)" -gt 20 ] || { echo "# there are hardly any matches"; return 1; }
    client IDN query --doc-type PASSPORT --doc-issuer THA --doc-number AB1234567 >/dev/null
    client IDN query --family-name Srisuwan --given-names Somchai --date-of-birth 1980-01-02 >/dev/null
    printf '%s is on board\n' "$(tail -n +2 "$SCRATCH/data/THA.csv" | head -1)" >"$SCRATCH/note"
    quietly client THA letters send IDN --purpose persons "$SCRATCH/note"
    for a in IDN THA BGD IDN THA BGD; do quietly client $a sync; done
    cmp -s "$SCRATCH/note" <(client IDN letters read "$(client IDN letters --json | jq "[.threads[].unread_number] | max")") || { echo "# the letter did not come"; return 1; }
    disclose || { echo "# nothing was disclosed"; return 1; }
    client THA judge --json | grep -q '"accepted": true' || { echo "# nothing was judged"; return 1; }
    quietly client BGD remove BGD-000007
    quietly client THA sync
    local name
    for name in matcher custodian-{1,2,3}; do daemon_stop $name || return 1; done
}

values() {
    printf '%s\n' record_id,family_name,given_names,date_of_birth,doc_type,doc_issuer,doc_number \
        Q1,Srisuwan,Somchai,1980-01-02,PASSPORT,THA,AB1234567 >"$SCRATCH/data/query.csv"
    "$TESTS_DIR/canary-values" client/schema/persons.json "$SCRATCH"/data/{THA,IDN,BGD,query}.csv | sort -u >"$SCRATCH/values" &&
        "$TESTS_DIR/canary-values" client/schema/travel-documents.json "$SCRATCH"/data/{THA,IDN,BGD,query}.csv |
        sort -u >>"$SCRATCH/values"
    [ "$(wc -l <"$SCRATCH/values")" -gt 3000 ]
}

tapped() { # the tap sees requests as the daemons do
    grep -aq persons "$TAP" && [ "$(stat -c %s "$TAP")" -gt 500000 ]
}

scan() {
    "$SCAN" "$SCRATCH/values" "$@" >"$SCRATCH/found"
}

nothing_reaches() {
    scan "$TAP" "$SCRATCH"/region/{matcher,custodian-1,custodian-2,custodian-3} && return 0
    tail -5 "$SCRATCH/found" | sed 's/^/# /'
    return 1
}

# Of the agency itself, too: whoever steals the files of a vault.
stands_in_no_vault() {
    [ "$(ls "$SCRATCH"/region/agency-THA/vault.db/*.run | wc -l)" -gt 5 ] || return 1
    scan "$SCRATCH"/region/agency-{THA,IDN,BGD}/vault.db && return 0
    tail -5 "$SCRATCH/found" | sed 's/^/# /'
    return 1
}

found_planted() { # FORM COMMAND...: the command's output, inside other bytes, is found
    local form=$1
    shift
    { head -c 4000 "$TAP"; "$@"; head -c 3000 "$TAP"; } >"$SCRATCH/planted"
    scan "$SCRATCH/planted"
    [ $? -eq 1 ] && grep -q "$form" "$SCRATCH/found"
}

check "a region at work" run_region
check "the values that must not occur" values
NUMBER=$(tail -n +2 "$SCRATCH/data/THA.csv" | awk -F, 'length($10) >= 8 { print $10; exit }')
check "what daemons decrypt is seen" tapped
check "no value of any record reaches matcher or custodians" nothing_reaches
check "nor stands in any file of a vault" stands_in_no_vault
check "a value would be found" found_planted 'the value' printf %s "$NUMBER"
check "in base64 too" found_planted 'the value in base64' bash -c "printf x%s '$NUMBER' | base64"
check "in hexadecimal too" found_planted 'the value in hex' bash -c "printf %s '$NUMBER' | od -An -tx1 | tr -d ' \n'"
check "its SHA-256 too" found_planted 'SHA-256' bash -c "printf %s '$NUMBER' | sha256sum"
check "its SHA-512 in base64 too" found_planted 'SHA-512 in base64' bash -c "printf %s '$NUMBER' | sha512sum | perl -ne 'print pack(q(H*), substr(\$_, 0, 128))' | base64 -w0"
check "its BLAKE2b-512 too" found_planted 'BLAKE2b-512' bash -c "printf %s '$NUMBER' | b2sum"
