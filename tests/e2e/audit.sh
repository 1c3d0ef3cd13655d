#!/bin/bash
# An auditor at a whole region: what honest parties leave behind has no findings, whatever crashed; what was tampered with
# afterwards, an agency that guesses and a promise that is not kept are found. Exit status: 0, 1, and 2 for what cannot be
# checked.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch

# says STATUS PATTERN VERB...: concord-audit ends with that status, and what it says matches.
says() {
    local status=$1 pattern=$2 verb=$3 got
    shift 3
    "$BIN/concord-audit" "$verb" --manifest "$REGION/region.json" "$@" >"$SCRATCH/said" 2>&1 </dev/null
    got=$?
    [ $got -eq "$status" ] && grep -Eq -- "$pattern" "$SCRATCH/said" && return 0
    echo "# status $got (wanted $status); wanted: $pattern"
    tail -8 "$SCRATCH/said" | sed 's/^/#   /'
    return 1
}

enrol() { # AGENCY FILE
    timeout 200 "$BIN/concord-client" enrol --quiet --config "$REGION/agency-$1/client.conf" "$2"
}

region_create "$SCRATCH/region" THA IDN
region_start
quietly "$BIN/concord-generate" --agencies THA,IDN --records 300 --overlap 30 --out "$SCRATCH/data"
mkdir "$SCRATCH/more"
quietly "$BIN/concord-generate" --agencies THA --records 2500 --seed 9 --out "$SCRATCH/more"

# The first enrolment is killed on its way, then done again; a custodian is killed between two.
"$BIN/concord-client" enrol --quiet --config "$REGION/agency-THA/client.conf" "$SCRATCH/data/THA.csv" >/dev/null 2>&1 &
killed=$!
sleep 0.4
kill -KILL $killed 2>/dev/null
wait $killed 2>/dev/null
quietly enrol THA "$SCRATCH/data/THA.csv"
daemon_kill custodian-1
daemon_start custodian-1
quietly enrol IDN "$SCRATCH/data/IDN.csv"
quietly client THA receipts "$SCRATCH/receipts"

# What the ledgers are once everything is exported.
settle() {
    for name in custodian-{1,2,3} matcher; do daemon_stop $name; done
    rm -rf "$SCRATCH/copy"
    mkdir "$SCRATCH/copy"
    for name in custodian-{1,2,3} matcher; do cp -r "$REGION/$name/ledger" "$SCRATCH/copy/$name"; done
    cp -r "$REGION/matcher/archive" "$SCRATCH/copy/archive"
}
settle
C=$SCRATCH/copy
ALL=("$C/matcher" "$C/custodian-1" "$C/custodian-2" "$C/custodian-3")

check "verify has no findings after crashes" says 0 '^ledger verified: ' verify "${ALL[@]}"
check "reconcile finds the agencies honest" says 0 '^reconciled: ' reconcile "${ALL[@]}"
check "replay finds what had to be delivered" says 0 '^replayed: ' replay --archive "$C/archive" "$C/matcher"
check "inclusion finds every receipt" says 0 '^included: entry .* THA put' inclusion "$SCRATCH"/receipts/*.tlog-proof "$C/matcher"
evaluated() { # at whichever custodians were asked
    local dir
    for dir in "$SCRATCH"/receipts/custodian-*/; do
        says 0 '^included: entry .* THA evaluate' inclusion "$dir"*.tlog-proof "$C/$(basename "$dir")" || return 1
    done
}
check "... of custodians, too" evaluated
spent() { # every tag that was added is paid for, at two custodians
    "$BIN/concord-audit" show --json --kind put "$C/matcher" |
        python3 -c 'import json, sys
puts = [json.loads(line)["event"] for line in sys.stdin]
sys.exit(not puts or any(p.get("spent", 0) < 2 * p.get("added", 0) for p in puts))'
}
check "puts name the evaluations that they spend" spent
OLD=$(ls "$C/matcher/checkpoints" | sort -n | sed -n 2p)
check "consistency holds for a checkpoint of before" says 0 "^consistent: asia-pacific/matcher grew from $OLD to " \
    consistency "$C/matcher/checkpoints/$OLD" "$C/matcher"

report() {
    local page=$SCRATCH/report.html
    says 0 '0 findings in' report --archive "$C/archive" "${ALL[@]}" -o "$page" &&
        grep -q 'No findings' "$page" && grep -q '<svg' "$page" && grep -q 'Replayed' "$page" &&
        ! grep -Eiq 'src=|href=|<script|https?:' "$page" && tail -1 "$page" | grep -q '</html>'
}
check "report is one page that fetches nothing" report

json() {
    says 0 '"verified": true' verify --json "${ALL[@]}" && says 0 '"verdict": ' reconcile --json "${ALL[@]}" &&
        says 0 '"replayed": true' replay --json --archive "$C/archive" "$C/matcher" &&
        says 0 '"pairs": ' report --format json "${ALL[@]}"
}
check "every verb speaks JSON" json

show() {
    local puts queries
    puts=$("$BIN/concord-audit" show --csv --agency THA --kind put "$C/matcher" | tail -n +2 | wc -l)
    queries=$("$BIN/concord-audit" show --kind query "$C/matcher" | wc -l)
    [ "$puts" -ge 2 ] && [ "$queries" -eq 0 ] &&
        [ "$("$BIN/concord-audit" show --json --since 2000-01-01 --until 2000-12-31 "$C/matcher" | wc -l)" -eq 0 ] &&
        "$BIN/concord-audit" show --json --kind deliver "$C/matcher" | head -1 | grep -q '^{"index":[0-9]*,"event":{"kind":"deliver"'
}
check "show selects" show

# --- tampering ---

tampered() { # DIRECTORY COMMAND...: a copy that the command is run in
    rm -rf "$SCRATCH/tampered"
    cp -r "$1" "$SCRATCH/tampered"
    (cd "$SCRATCH/tampered" && shift && "$@")
}

flipped() {
    tampered "$C/matcher" sh -c 'sed -i "s/\"kind\":\"put\"/\"kind\":\"get\"/" $(find tile/entries -type f)'
    says 1 '^finding +damaged' verify "$SCRATCH/tampered"
}
check "a changed entry is found" flipped

archive_cut() {
    tampered "$C/archive" sh -c 'truncate -s -100 "$(ls | tail -1)"'
    says 1 '^finding +batch-missing' replay --archive "$SCRATCH/tampered" "$C/matcher"
}
check "an archive without its last batch is found" archive_cut

unchecked() {
    "$BIN/concord-audit" verify --manifest "$SCRATCH/nowhere.json" "$C/matcher" >"$SCRATCH/said" 2>&1
    [ $? -eq 2 ] && says 2 'holds no exported ledger' verify "$SCRATCH" &&
        says 2 'both the ledger' verify "$C/matcher" "$REGION/matcher/ledger" && says 2 'needs --archive' replay "$C/matcher"
}
check "what cannot be checked ends with status 2" unchecked

# --- more history, then the old copy is shown ---

mv "$C" "$SCRATCH/before"
region_start
client IDN query --family-name Nobody --given-names Nemo --date-of-birth 1950-01-01 >"$SCRATCH/query" 2>&1
quietly client IDN remove "$(sed -n 2p "$SCRATCH/data/IDN.csv" | cut -d, -f1)"
quietly client IDN receipts "$SCRATCH/receipts-idn"
final() { # once two custodians have cosigned, and the client has seen it
    local i
    for i in {1..30}; do
        client IDN sync >/dev/null 2>&1
        client IDN receipts | grep -q '^final: [0-9]* entries' && return 0
        sleep 0.5
    done
    return 1
}
check "receipts become final when enough have cosigned" final

# An agency that has a dictionary evaluated and never enrols it: its matcher is not there.
daemon_stop matcher
enrol THA "$SCRATCH/more/THA.csv" >"$SCRATCH/dictionary" 2>&1 && fail "enrolled without a matcher"
daemon_start matcher
settle
ALL=("$C/matcher" "$C/custodian-1" "$C/custodian-2" "$C/custodian-3")

check "an agency that evaluates what it never enrols is found" \
    says 1 '^finding +guessing .*THA had [0-9]+ tokens evaluated for .* are explained by nothing' reconcile "${ALL[@]}"
check "a receipt for what the ledger shown does not have yet is found" \
    says 1 '^finding +rolled-back' inclusion "$SCRATCH"/receipts-idn/*.tlog-proof "$SCRATCH/before/matcher"
check "a ledger rolled back behind what custodians witnessed is found" \
    says 1 '^finding +rolled-back' verify "$SCRATCH/before/matcher" "$C/custodian-1" "$C/custodian-2" "$C/custodian-3"
check "two copies of one ledger are compared" says 1 '^finding +rolled-back' consistency "$C/matcher" "$SCRATCH/before/matcher"
check "... and the newer one continues the older" says 0 '^consistent: ' consistency "$SCRATCH/before/matcher" "$C/matcher"
check "replay goes on over removals and queries" says 0 '^replayed: ' replay --archive "$C/archive" "$C/matcher"

findings_first() {
    says 1 'findings in' report "${ALL[@]}" -o "$SCRATCH/report.html"
    grep -q 'class="verdict bad"' "$SCRATCH/report.html" && grep -q '<td class="code"[^>]*>guessing' "$SCRATCH/report.html"
}
check "the report says the findings first" findings_first
check "and who could have caused what is unexplained" grep -q 'unexplained: THA, custodian-' "$SCRATCH/report.html"
check "and what would settle it" grep -q 'the custodians keep what the agency signed' "$SCRATCH/report.html"
check "for programs, too" says 1 '"who": "THA, custodian-' report --format json "${ALL[@]}"
