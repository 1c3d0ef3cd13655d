#!/bin/bash
# The ledgers while everything is killed again and again; a matcher that is put back or doubled; receipts.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons
ROUNDS=${ROUNDS:-5}
HEADER=record_id,family_name,given_names,sex,date_of_birth

feed() { # NAME FROM TO: numbered people, a syllable for each digit of their names
    { echo $HEADER; seq "$2" "$3" | awk 'BEGIN { split("ba ce di fo gu ha je ki lo mu", s) }
        function name(n, t, i) { for (t = ""; n > 0; n = int(n / 10)) t = t s[n % 10 + 1]; return t }
        { printf "R%d,%s,%s,F,19%02d-%02d-%02d\n", $1, name($1), name($1 * 7919 % 10007), $1 % 90 + 10, $1 % 12 + 1, $1 % 28 + 1 }'; } >"$1"
}

verified() { # LEDGER...
    "$BIN/concord-audit" verify --manifest "$REGION/region.json" "$@" >"$SCRATCH/audit" 2>&1 || { sed 's/^/# /' "$SCRATCH/audit"; return 1; }
}

events() { # LEDGER: its entries, a line each
    local width=$(($(head -2 "$1/checkpoint" | tail -1) % 256))
    find "$1/tile/entries" -type f | grep -E "/[0-9]{3}$|\.p/$width$" | sort | while read -r bundle; do
        perl -e 'local $/; $_ = <STDIN>; while (length) { my $n = unpack("n", $_); print substr($_, 2, $n), "\n"; $_ = substr($_, 2 + $n); }' <"$bundle"
    done
}

number() { # MEMBER: of the event on stdin
    grep -o "\"$1\":[0-9]*" | cut -d: -f2
}

sum() { # KIND MEMBER LEDGER
    events "$3" | grep "\"kind\":\"$1\"" | number "$2" | awk '{ n += $1 } END { print n + 0 }'
}

status_count() { # AGENCY PATTERN: the number before it
    client "$1" status | grep -o "[0-9]* $2" | head -1 | cut -d' ' -f1
}

region_create "$SCRATCH/region" THA IDN MYS
region_start
L=$REGION/matcher/ledger

# --- kill -9 while two agencies enrol ---

enrol_until_done() { # AGENCY FEED
    local i
    for i in {1..60}; do
        client "$1" enrol --quiet "$2" >>"$SCRATCH/$1.out" 2>&1 && return 0
        sleep 0.2
    done
    tail -3 "$SCRATCH/$1.out" | sed 's/^/# /'
    return 1
}

feed "$SCRATCH/THA.csv" 1 3000
feed "$SCRATCH/IDN.csv" 2001 5000
enrol_until_done THA "$SCRATCH/THA.csv" & THA=$!
enrol_until_done IDN "$SCRATCH/IDN.csv" & IDN=$!
for ((i = 1; i <= ROUNDS; i++)); do
    sleep 0.$((RANDOM % 9 + 1))
    daemon_kill matcher
    daemon_start matcher
    name=custodian-$((i % 3 + 1))
    daemon_kill $name
    daemon_start $name
done
check "THA enrols through $ROUNDS kills of matcher and custodians" wait $THA
check "IDN enrols through them" wait $IDN
check "THA synchronises" quietly client THA sync
check "IDN synchronises" quietly client IDN sync
ENTRIES=$(for a in THA IDN; do client $a status; done | awk '/^  .*epoch .* entries/ { n += $4 } END { print n + 0 }')
for name in matcher custodian-{1,2,3}; do daemon_stop $name || echo "not ok - $name did not end in good order"; done
check "all ledgers verify after the kills" verified "$L" "$REGION"/custodian-{1,2,3}/ledger
check "the auditor computes the same joins from the archive" quietly "$BIN/concord-audit" replay --manifest "$REGION/region.json" \
    --archive "$REGION/matcher/archive" "$L"
kept() { # what the matcher holds in the end is what was added less what was removed
    local added removed
    added=$(sum put added "$L") removed=$(sum remove removed "$L")
    [ $((added - removed)) = "$ENTRIES" ] || { echo "# $added added, $removed removed, $ENTRIES entries"; return 1; }
}
check "nothing put is lost or doubled" kept
check "each request that is kept is in the archive" test "$(events "$L" | grep -cE '"kind":"(put|remove|query|letter|prekey)"')" = \
    "$(perl -e 'for my $f (glob("$ARGV[0]/*.batches")) { open(F, "<:raw", $f); local $/; $_ = <F>; $_ = substr($_, 16); while (length) { $n++; $_ = substr($_, 21 + unpack("N", $_)) } } print $n' "$REGION/matcher/archive")"
check "deliveries are the same in both directions" test "$(events "$L" | grep '"kind":"deliver"' | grep '"party":"THA"' | number count | awk '{ n += $1 } END { print n + 0 }')" = \
    "$(events "$L" | grep '"kind":"deliver"' | grep '"party":"IDN"' | number count | awk '{ n += $1 } END { print n + 0 }')"
check "times do not go back" bash -c "grep -o '\"time\":[0-9]*' | cut -d: -f2 | sort -nc" < <(events "$L")
check "the manifest lies beside the ledger" cmp "$REGION/region.json" "$L/manifests/1.json"

# --- receipts ---

region_start
client THA receipts >"$SCRATCH/list"
check "receipts are listed" grep -qE '^ +1  20.*Z  put    persons .* leaf [0-9]+ of [0-9]+$' "$SCRATCH/list"
check "the newest checkpoint seen is listed" grep -qE '^seen of asia-pacific/matcher: [0-9]+ entries$' "$SCRATCH/list"
check "receipts are written out" quietly client THA receipts "$SCRATCH/receipts"
check "with the newest checkpoint" test -s "$SCRATCH/receipts/matcher.checkpoint"

# --- refusals do not make the ledger grow without bound ---

for i in {1..5}; do client MYS query --family-name "Nobody$i" --given-names X --date-of-birth 1950-01-01 >/dev/null 2>&1; done
client THA query --family-name ki --given-names lohacegu --date-of-birth 1917-08-08 --sex F >/dev/null
refusals_are_written() { # once the ledger is exported
    local i
    for i in {1..50}; do
        events "$L" | grep -q '"kind":"query"' && break
        sleep 0.1
    done
    [ "$(events "$L" | grep '"kind":"refuse".*"party":"MYS".*"note":"reciprocity"' | number count | paste -sd,)" = 1,2,4 ]
}
check "of five refusals the first, second and fourth are events" refusals_are_written

# --- a custodian that is put back ---

daemon_stop custodian-2
cp -r "$REGION/custodian-2/state" "$SCRATCH/custodian.copy"
daemon_start custodian-2
feed "$SCRATCH/before.csv" 6001 6005
quietly client THA enrol --quiet "$SCRATCH/before.csv"
daemon_stop custodian-2
mv "$REGION/custodian-2/state" "$SCRATCH/custodian.one"
mv "$SCRATCH/custodian.copy" "$REGION/custodian-2/state"
daemon_start custodian-2
feed "$SCRATCH/after.csv" 6006 6010
client THA enrol --quiet "$SCRATCH/after.csv" >"$SCRATCH/out" 2>&1
check "an agency names a custodian that was put back to an old state" grep -q 'custodian-2 contradicts its own ledger' "$SCRATCH/out"
daemon_stop custodian-2
rm -rf "$REGION/custodian-2/state"
mv "$SCRATCH/custodian.one" "$REGION/custodian-2/state"
daemon_start custodian-2
feed "$SCRATCH/after.csv" 6011 6015
check "and is content with the right one" quietly client THA enrol --quiet "$SCRATCH/after.csv"

# --- a matcher that is doubled ---

quietly client THA sync
daemon_stop matcher
cp -r "$REGION/matcher/state" "$SCRATCH/state.copy"
cp -r "$REGION/matcher/archive" "$SCRATCH/archive.copy"
cp -r "$REGION/matcher/ledger" "$SCRATCH/ledger.copy"
daemon_start matcher
feed "$SCRATCH/more.csv" 3001 3010
quietly client THA enrol --quiet "$SCRATCH/more.csv"
for i in {1..100}; do
    grep -q custodian-1 "$L/checkpoint" && grep -q custodian-2 "$L/checkpoint" && break
    sleep 0.1
done
daemon_stop matcher
mv "$REGION/matcher" "$REGION/matcher.one"
mkdir "$REGION/matcher"
cp -r "$REGION"/matcher.one/{identity.key*,matcher.conf,psk} "$REGION/matcher/"
mv "$SCRATCH/state.copy" "$REGION/matcher/state"
mv "$SCRATCH/archive.copy" "$REGION/matcher/archive"
mv "$SCRATCH/ledger.copy" "$REGION/matcher/ledger"
daemon_start matcher
client THA sync >"$SCRATCH/out" 2>&1
check "an agency refuses the copy of a matcher, which lacks what it has seen" grep -q 'matcher contradicts its own ledger' "$SCRATCH/out"
feed "$SCRATCH/other.csv" 5001 5040
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
    client IDN query --family-name "Fork$i" --given-names X --date-of-birth 1950-01-01 >/dev/null
done
quietly client IDN enrol --quiet "$SCRATCH/other.csv"
client THA sync >"$SCRATCH/out" 2>&1
check "also when it has grown past that" grep -q 'matcher contradicts its own ledger' "$SCRATCH/out"
quietly client THA evidence export "$SCRATCH/evidence"
check "the agency has both checkpoints as evidence" grep -q '"kind": "checkpoints"' "$SCRATCH/evidence/evidence-2.json"
split() {
    local i
    for i in {1..100}; do
        compgen -G "$REGION/custodian-1/ledger/evidence/*.shown" >/dev/null && return 0
        sleep 0.2
    done
    tail -3 "$REGION/custodian-1/log" | sed 's/^/# /'
    return 1
}
check "a custodian refuses to cosign the copy and writes down both checkpoints" split
check "its ledger says so" bash -c 'grep -q "\"kind\":\"split\".*\"party\":\"matcher\""' < <(events "$REGION/custodian-1/ledger")
for name in matcher custodian-{1,2,3}; do daemon_stop $name; done
named() { # by the auditor, and nothing else with it
    "$BIN/concord-audit" verify --manifest "$REGION/region.json" "$REGION/custodian-1/ledger" >"$SCRATCH/audit" 2>&1
    [ $? -eq 1 ] && grep '^finding' "$SCRATCH/audit" | grep -vc forked | grep -qx 0
}
check "the auditor finds the fork in the custodian's ledger, and nothing else" named
