#!/bin/bash
# A new epoch: what was found and decided stays while agencies move to it one by one, the daemon moves by itself, also when
# it is killed on the way, and mail and removals of the old epoch go on.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons

pairs() { # AGENCY [EPOCH]: record, partner and state of each match
    client "$1" matches --csv 2>/dev/null | # no field before those that are taken has a comma
        awk -F, -v epoch="${2:-}" '{ gsub(/"/, "") } NR > 1 && (epoch == "" || $18 == epoch) { print $3, $4, $8 }' | LC_ALL=C sort
}

# Nothing that was decided is gone or decided otherwise, and nothing else is but what judging told apart: it goes on meanwhile.
same_pairs() { # AGENCY
    pairs "$1" >"$SCRATCH/now"
    LC_ALL=C comm -23 "$SCRATCH/before-$1" "$SCRATCH/now" >"$SCRATCH/gone"
    [ "$(wc -l <"$SCRATCH/before-$1")" -ge 20 ] && ! grep -qv ' new$' "$SCRATCH/gone" && [ "$(wc -l <"$SCRATCH/gone")" -le 5 ] &&
        ! LC_ALL=C comm -13 "$SCRATCH/before-$1" "$SCRATCH/now" | grep -qv ' new$' && return 0
    diff "$SCRATCH/before-$1" "$SCRATCH/now" | head -20 | sed 's/^/# /'
    return 1
}

says() { # PATTERN AGENCY VERB...
    local pattern=$1
    shift
    client "$@" 2>&1 | grep -q -- "$pattern"
}

sync_all() { for a in THA IDN; do client $a sync >/dev/null 2>&1; done; }

settle() { for _ in 1 2 3 4; do sync_all; done; } # until what opened is judged

daemon_moves() { # until it has enrolled anew and synchronised
    for _ in {1..120}; do
        says 'epoch 2: 6[0-9] records' THA status && return 0
        sleep 0.5
    done
    client THA status | sed 's/^/# /'
    return 1
}

region_create "$SCRATCH/region" THA IDN
region_start
region_limits persons "" judgements=64 # an epoch's handles are new ones: what is judged anew in each counts once more
quietly "$BIN/concord-generate" --agencies THA,IDN --records 60 --overlap 60 --out "$SCRATCH"
for a in THA IDN; do client $a enrol --quiet "$SCRATCH/$a.csv" >/dev/null 2>&1; done
settle
client THA matches --csv | # which record of the partner it is must be clear
    awk -F, 'NR > 1 { of = $3 "," $4 "," $7; count[of]++; number[of] = $1; rank[NR] = of }
        END { for (i = 2; i <= NR; i++) if (count[rank[i]] == 1) print number[rank[i]] }' >"$SCRATCH/numbers"
check "there are matches" test "$(wc -l <"$SCRATCH/numbers")" -ge 20
quietly client THA matches confirm "$(sed -n 1p "$SCRATCH/numbers")" "$(sed -n 2p "$SCRATCH/numbers")"
quietly client THA matches dismiss "$(sed -n 3p "$SCRATCH/numbers")"
for a in THA IDN; do pairs $a >"$SCRATCH/before-$a"; done

region_ceremony 2
quietly "$BIN/concord-keys" manifest rekey --until 2099-01-01 --transcript "$REGION/ceremony-2/transcript-1.json" "$REGION/region.json"
region_sign
check "a new epoch begins" region_in_force
check "the client says what it wants" says 'epoch 2 is open and has 0 records of' THA sync
check "and until when the old one stands" says 'epoch 1 ends' THA status
check "before anybody moved all matches are there, as they were decided" same_pairs THA
client IDN enrol --quiet "$SCRATCH/IDN.csv" >/dev/null 2>&1
sync_all
check "after the partner moved, too" same_pairs THA
check "and at the partner" same_pairs IDN

cp "$SCRATCH/THA.csv" "$REGION/agency-THA/feed/"
touch -d '1 minute ago' "$REGION/agency-THA/feed/THA.csv"
"$BIN/concord-client" run --config "$REGION/agency-THA/client.conf" 2>"$SCRATCH/run.log" &
PID[run]=$!
for _ in {1..100}; do
    grep -q 'event=evaluate agency=THA' "$REGION"/custodian-[123]/log && break
    sleep 0.05
done
daemon_kill run
"$BIN/concord-client" run --config "$REGION/agency-THA/client.conf" 2>>"$SCRATCH/run.log" &
PID[run]=$!
check "the daemon moves by itself, killed on the way or not" daemon_moves
daemon_stop run
settle
check "all have moved: the same pairs, with the same decisions" same_pairs THA
check "at the partner, too" same_pairs IDN
check "they stand in the new epoch" says 'epoch 1 ends.* 0 matches that epoch 2 does not have' THA status
record=$(awk 'NR == 1 { print $1 }' "$SCRATCH/before-IDN")
check "what is removed goes from both epochs" says '1 record withdrawn' IDN remove "$record"
check "and does not come back from the old one" bash -c "! '$BIN/concord-client' matches --csv --config '$REGION/agency-IDN/client.conf' | grep -q ',$record,'"
quietly client IDN release --record "$record" # for what follows it is there again

# --- a snapshot withdraws from both epochs, and so does what is not for a partner any more ---

# What THA says no more goes at the matcher from the old epoch, too.
leaves_both() { # AWK-PROGRAM ENROL-FLAG...: makes the feed of THA's
    local program=$1 before
    shift
    record=$(pairs THA | awk '$NF == "new" { print $1 }' | uniq | sed -n 3p)
    before=$(removals)
    awk -F, -v OFS=, -v record="$record" "$program" "$SCRATCH/THA.csv" >"$SCRATCH/feed.csv"
    client THA enrol --quiet "$@" "$SCRATCH/feed.csv" >/dev/null 2>&1
    client THA sync >/dev/null 2>&1
    for _ in {1..50}; do # the ledger is exported now and then
        [ "$(removals)" -gt "$before" ] && ! pairs THA | grep -q "^$record .* new$" && return 0
        sleep 0.1
    done
    echo "# $record: $before removals before, $(removals) now"
    return 1
}
removals() { # from the old epoch, in the ledger
    "$BIN/concord-audit" show --csv --kind remove --agency THA "$REGION/matcher/ledger" | grep -c ',persons,1,'
}
check "a snapshot withdraws from both epochs" leaves_both '$1 != record' --snapshot
check "so does what is not for the partner any more" leaves_both '
    { print $0, NR == 1 ? "not_for" : $1 == record ? "IDN" : "nobody" }'

# --- an epoch that ends at once ---

for a in THA IDN; do client $a enrol --quiet "$SCRATCH/$a.csv" >/dev/null 2>&1; done
settle
for a in THA IDN; do pairs $a 2 >"$SCRATCH/before-$a"; done
region_ceremony 3
rekeyed() {
    "$BIN/concord-keys" manifest rekey --transcript "$REGION/ceremony-3/transcript-1.json" "$REGION/region.json" >"$SCRATCH/rekeyed" &&
        grep -q 'epoch 3 is the only one from now on' "$SCRATCH/rekeyed"
}
check "a new epoch without a date for the old one: it is said what that means" rekeyed
region_sign
check "it is in force" region_in_force
check "the client says what became of the old one" says 'Epoch 2 is over.* match[es]*, and what was decided, stay listed' THA sync
check "the matches stay as they were" same_pairs THA
check "and say of which epoch they are" says 'of an epoch that is over, as they were when it ended' THA matches
over() { # programs see it, too: AGENCY; prints how many
    client "$1" matches --json | grep -c '"over": true'
}
check "for programs, too" test "$(over THA)" -ge 20
check "the status is one JSON object" bash -c "'$BIN/concord-client' status --json --config '$REGION/agency-THA/client.conf' |
    python3 -c 'import json, sys; assert [v[\"stands\"] for v in json.load(sys.stdin)[\"vault\"]] == [\"current\", \"over\"]'"
for a in THA IDN; do client $a enrol --quiet "$SCRATCH/$a.csv" >/dev/null 2>&1; done
settle
check "enrolled anew all are of the new epoch" test "$(over THA)$(over IDN)" = 00
check "the same pairs, with the same decisions" same_pairs THA
check "and at the partner" same_pairs IDN
region_stop

# --- what an auditor sees of epochs that are over ---

audited() { # VERB OPTIONS...
    local verb=$1
    shift
    quietly "$BIN/concord-audit" "$verb" --manifest "$REGION/region.json" "$@"
}
LEDGERS=("$REGION"/{matcher,custodian-1,custodian-2,custodian-3}/ledger)
check "their ledgers verify" audited verify "${LEDGERS[@]}"
check "what had to be delivered in them was" audited replay --archive "$REGION/matcher/archive" "$REGION/matcher/ledger"
check "and what was evaluated was used" audited reconcile --archive "$REGION/matcher/archive" "${LEDGERS[@]}"
