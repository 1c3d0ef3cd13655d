#!/bin/bash
# A new epoch: what was found and decided stays while agencies move to it one by one, the daemon moves by itself, also when
# it is killed on the way, and mail and removals of the old epoch go on.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons

pairs() { # AGENCY: record, partner and state of each match
    client "$1" matches --csv 2>/dev/null | python3 -c '
import csv, sys
for row in csv.DictReader(sys.stdin):
    print(row["record"], row["partner"], row["state"])' | LC_ALL=C sort
}

# Nothing is gone, and as it was decided. What judging told apart may stand there as new until it is judged again.
same_pairs() { # AGENCY
    pairs "$1" >"$SCRATCH/now"
    [ -s "$SCRATCH/before-$1" ] && [ -z "$(LC_ALL=C comm -23 "$SCRATCH/before-$1" "$SCRATCH/now")" ] &&
        ! LC_ALL=C comm -13 "$SCRATCH/before-$1" "$SCRATCH/now" | grep -qv ' new$' && return 0
    diff "$SCRATCH/before-$1" "$SCRATCH/now" | head -5 | sed 's/^/# /'
    return 1
}

says() { # PATTERN AGENCY VERB...
    local pattern=$1
    shift
    client "$@" 2>&1 | grep -q -- "$pattern"
}

sync_all() { for a in THA IDN; do client $a sync >/dev/null 2>&1; done; }

daemon_moves() { # until it has enrolled anew and synchronised
    for _ in {1..600}; do
        says 'epoch 2: 6[0-9] records' THA status && return 0
        sleep 0.1
    done
    client THA status | sed 's/^/# /'
    return 1
}

region_create "$SCRATCH/region" THA IDN
region_start
quietly "$BIN/concord-generate" --agencies THA,IDN --records 60 --overlap 60 --out "$SCRATCH"
for a in THA IDN; do client $a enrol --quiet "$SCRATCH/$a.csv" >/dev/null 2>&1; done
sync_all
client THA matches --csv | python3 -c '
import collections, csv, sys
rows = list(csv.DictReader(sys.stdin))
of = collections.Counter((r["record"], r["partner"], r["keys"]) for r in rows) # which record of the partner it is must be clear
print(*[r["match"] for r in rows if of[(r["record"], r["partner"], r["keys"])] == 1], sep="\n")' >"$SCRATCH/numbers"
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
sync_all
sync_all
check "all have moved: the same pairs, with the same decisions" same_pairs THA
check "at the partner, too" same_pairs IDN
check "they stand in the new epoch" says 'epoch 1 ends.* 0 matches that epoch 2 does not have' THA status
record=$(awk 'NR == 1 { print $1 }' "$SCRATCH/before-IDN")
check "what is removed goes from both epochs" says '1 records withdrawn' IDN remove "$record"
check "and does not come back from the old one" bash -c "! '$BIN/concord-client' matches --csv --config '$REGION/agency-IDN/client.conf' | grep -q ',$record,'"
region_stop
