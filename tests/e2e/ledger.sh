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
    find "$1/tile/entries" -type f | awk -v end="[.]p/$width$" '!/[.]p\// || $0 ~ end' | sort | while read -r bundle; do
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
watched() { # what an auditor sees meanwhile is one whole history at any moment, as soon as enough have cosigned any
    local times=0
    until "$BIN/concord-audit" verify --manifest "$REGION/region.json" "$L" >/dev/null 2>&1; do sleep 0.5; done
    while kill -0 $THA 2>/dev/null; do
        verified "$L" || return 1
        times=$((times + 1))
    done
    echo "# verified $times times"
}
watched & WATCHED=$!
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
check "and the ledger verifies at every moment of it" wait $WATCHED
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
check "each request that is kept is in the archive" test "$(events "$L" | grep -cE '"kind":"(put|remove|query|acknowledge|letter|prekey)"')" = \
    "$(perl -e 'for my $f (glob("$ARGV[0]/*.batches")) { open(F, "<:raw", $f); local $/; $_ = <F>; $_ = substr($_, 16); while (length) { $n++; $_ = substr($_, 21 + unpack("N", $_)) } } print $n' "$REGION/matcher/archive")"
check "deliveries are the same in both directions" test "$(events "$L" | grep '"kind":"deliver"' | grep '"party":"THA"' | number count | awk '{ n += $1 } END { print n + 0 }')" = \
    "$(events "$L" | grep '"kind":"deliver"' | grep '"party":"IDN"' | number count | awk '{ n += $1 } END { print n + 0 }')"
check "times do not go back" bash -c "grep -o '\"time\":[0-9]*' | cut -d: -f2 | sort -nc" < <(events "$L")
check "the manifest lies beside the ledger" cmp "$REGION/region.json" "$L/manifests/1.json"

# --- receipts ---

region_start
client THA receipts >"$SCRATCH/list"
check "receipts are listed" grep -qE '^ +1  20.*Z  put    persons .* leaf [0-9]+ of [0-9]+(, provisional)?$' "$SCRATCH/list"
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

# --- what a vault has put is what the matcher has ---

same_entries() { # AGENCY: of which rows are alike
    client "$1" status >"$SCRATCH/status"
    awk '/ entries put: /{ put = $1 } /^  persons .* entries/ && !there { there = $4 } END { exit !(put > 0 && put == there) }' "$SCRATCH/status" &&
        ! grep -q 'this vault has put' "$SCRATCH/status" || { sed 's/^/# /' "$SCRATCH/status"; return 1; }
}
feed "$SCRATCH/alike.csv" 1 20
sed -i 's/^R/S/' "$SCRATCH/alike.csv" # others with all that these have
quietly client THA enrol --quiet "$SCRATCH/alike.csv"
check "status counts the same entries in the vault and at the matcher" same_entries THA
check "for programs, too" bash -c "jq -e '.vault[0].put > 0 and .vault[0].put == .matcher.purposes[0].entries' <<<'$(client THA status --json)' >/dev/null"

# --- a custodian that is put back ---

ends_by_itself() { # NAME PATTERN: the daemon does, and its log says why
    local i
    for i in {1..100}; do
        kill -0 "${PID[$1]}" 2>/dev/null || break
        sleep 0.1
    done
    ! kill -0 "${PID[$1]}" 2>/dev/null && wait "${PID[$1]}"
    [ $? -eq 1 ] && tail -3 "$REGION/$1/log" | grep -q "$2" && unset "PID[$1]" && return
    tail -3 "$REGION/$1/log" | sed 's/^/# /'
    return 1
}
start_and_end() { # NAME PATTERN: it does not come up
    (daemon_start "$1") >/dev/null 2>&1
    tail -1 "$REGION/$1/log" | grep -q "$2" || { tail -3 "$REGION/$1/log" | sed 's/^/# /'; return 1; }
}

daemon_stop custodian-2
cp -r "$REGION/custodian-2/state" "$SCRATCH/custodian.copy"
cp -r "$REGION/custodian-2/ledger" "$SCRATCH/custodian.ledger"
daemon_start custodian-2
feed "$SCRATCH/before.csv" 6001 6005
quietly client THA enrol --quiet "$SCRATCH/before.csv"
sleep 1
daemon_stop custodian-2
mv "$REGION/custodian-2/state" "$SCRATCH/custodian.one"
mv "$REGION/custodian-2/ledger" "$SCRATCH/custodian.shown"
cp -r "$SCRATCH/custodian.copy" "$REGION/custodian-2/state"
cp -r "$SCRATCH/custodian.shown" "$REGION/custodian-2/ledger"
check "a custodian whose ledger shows more than its store does not start" start_and_end custodian-2 'put back from an old copy.*shows'
rm -r "$REGION/custodian-2/ledger"
cp -r "$SCRATCH/custodian.ledger" "$REGION/custodian-2/ledger"
check "nor one of which its witness has seen more" start_and_end custodian-2 'matcher has a checkpoint of .* that we signed, more than our ledger has'
rm -rf "$REGION/custodian-2/state" "$REGION/custodian-2/ledger"
mv "$SCRATCH/custodian.one" "$REGION/custodian-2/state"
mv "$SCRATCH/custodian.shown" "$REGION/custodian-2/ledger"
daemon_start custodian-2
feed "$SCRATCH/after.csv" 6011 6015
check "with its newest store it goes on" quietly client THA enrol --quiet "$SCRATCH/after.csv"

# --- stores whose newest state is lost ---

restored() { # NAME FLAG...: the verb
    local program=concord-custodian name=$1
    [ "$name" = matcher ] && program=concord-matcher
    shift
    "$BIN/$program" restored --config "$REGION/$name/${program#concord-}.conf" "$@"
}
clean() { # all that is exported verifies, with what else concord-audit is asked
    local try
    for try in {1..20}; do # they are exported meanwhile
        "$BIN/concord-audit" "$1" --quiet --manifest "$REGION/region.json" "${@:2}" "$REGION"/{matcher,custodian-{1,2,3}}/ledger >"$SCRATCH/clean" && break
        sleep 0.5
    done
    cat "$SCRATCH/clean"
    [ "$try" -lt 20 ]
}

check "a store is not restored under its daemon" ends 1 'another process' restored custodian-2
daemon_stop custodian-2
check "nor where nothing is lost" ends 1 'nothing is lost' restored custodian-2
mv "$REGION/custodian-2/state" "$SCRATCH/custodian.two"
cp -r "$SCRATCH/custodian.copy" "$REGION/custodian-2/state"
check "a custodian put back says what to do" start_and_end custodian-2 'verb `restored`'
check "what is lost is shown" ends 0 '^  start +[0-9]' restored custodian-2
check "it is not done without a name and a reason" ends 2 'reason TEXT are needed' restored custodian-2 --yes
mv "$REGION/custodian-2/ledger" "$SCRATCH/custodian.shown"
cp -r "$SCRATCH/custodian.ledger" "$REGION/custodian-2/ledger"
check "nor where no copy has what a witness has seen" ends 1 'matcher has a checkpoint of .* no copy has more' \
    restored custodian-2 --yes --by Ann --reason test
check "with such a copy it is" ends 0 'goes on with' restored custodian-2 --yes --by Ann --reason 'disk failed' "$SCRATCH/custodian.shown"
daemon_start custodian-2
feed "$SCRATCH/after.csv" 6021 6025
check "and the custodian goes on" quietly client THA enrol --quiet "$SCRATCH/after.csv"
daemon_stop matcher
cp -r "$REGION/matcher/state" "$SCRATCH/matcher.old"
daemon_start matcher
feed "$SCRATCH/after.csv" 4031 4035 # which IDN has, so that mail is delivered, taken, acknowledged, and lost
quietly client THA enrol --quiet "$SCRATCH/after.csv"
acknowledged() { # how often THA and IDN said what they took
    events "$L" | grep '"kind":"acknowledge"' | grep -c '"party":"\(THA\|IDN\)"'
}
sleep 1.2
before=$(acknowledged)
for a in THA IDN; do quietly client $a sync; done
sleep 1.2
check "mail is acknowledged before the store is lost" test "$(acknowledged)" -gt "$before"
daemon_stop matcher
rm -r "$REGION/matcher/state"
mv "$SCRATCH/matcher.old" "$REGION/matcher/state"
check "a matcher put back does not start" start_and_end matcher 'put back from an old copy.*verb `restored`'
check "it is restored" ends 0 'goes on with' restored matcher --yes --by Bob --reason 'disk failed'
daemon_start matcher
for a in THA IDN; do quietly client $a sync; done # which acknowledges again what is lost
feed "$SCRATCH/after.csv" 4041 4045
check "and goes on" quietly client THA enrol --quiet "$SCRATCH/after.csv"
for a in THA IDN; do quietly client $a sync; done
client THA status >"$SCRATCH/status"
check "whose entries were lost with its store sees how many" grep -q 'this vault has put [0-9]*: .*put back' "$SCRATCH/status"
sleep 1
check "both ledgers stay one history" ends 0 'restored 1' clean verify
check "and what is lost accuses nobody" quietly clean reconcile --archive "$REGION/matcher/archive"
check "nor does what is acknowledged behind it" ends 0 '^replayed: ' \
    "$BIN/concord-audit" replay --manifest "$REGION/region.json" --archive "$REGION/matcher/archive" "$L"

# --- stores of which nothing is left ---

burn() { # NAME
    daemon_stop "$1"
    rm -r "$REGION/$1/state"
}
burn custodian-2
burn matcher
check "a custodian without any state does not start anew" start_and_end custodian-2 'verb `restored`'
check "nor does a matcher" start_and_end matcher 'verb `restored`'
check "all that the custodian signed is taken back" ends 0 'goes on with' restored custodian-2 --yes --by Ann --reason 'it burnt'
check "and all that the matcher did" ends 0 'goes on with' restored matcher --yes --by Bob --reason 'it burnt'
daemon_start custodian-2
daemon_start matcher
feed "$SCRATCH/after.csv" 6051 6055
check "the region goes on" quietly client THA enrol --quiet "$SCRATCH/after.csv"
sleep 1
check "each ledger stays one history" ends 0 'restored 2' clean verify
check "who looks at it is told what a restored store can come of" ends 0 'could be: the machine lost its disk, or who keeps' \
    "$BIN/concord-audit" show --kind restored "$REGION/matcher/ledger"
check "and accuses nobody" quietly clean reconcile --archive "$REGION/matcher/archive"

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
check "a copy of a matcher does not start, since its witnesses have seen more" start_and_end matcher 'custodian-[123] has a checkpoint of .* that we signed'
for name in custodian-{1,2,3}; do daemon_stop $name; done
daemon_start matcher # nobody is there to tell it
client THA sync >"$SCRATCH/out" 2>&1
check "an agency refuses the copy, which lacks what it has seen" grep -q 'matcher contradicts its own ledger' "$SCRATCH/out"
until=$(date -u -d '+3 days' +%F)
for i in {1..16}; do quietly client IDN release THA --count $i --until "$until"; done
client THA sync >"$SCRATCH/out" 2>&1
check "also when it has grown past that" grep -q 'matcher contradicts its own ledger' "$SCRATCH/out"
quietly client THA evidence export "$SCRATCH/evidence"
check "the agency has both checkpoints as evidence" grep -q '"kind": "checkpoints"' "$SCRATCH/evidence/evidence-2.json"
daemon_start custodian-1
check "the copy stops by itself when a custodian shows it what it signed" ends_by_itself matcher 'event=put-back'
check "and signs nothing more, not even that it stopped" bash -c '! grep -q "\"kind\":\"stop\"" <<<"$1"' - "$(events "$REGION/matcher/ledger" | tail -1)"
daemon_stop custodian-1
