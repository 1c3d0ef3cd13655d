#!/bin/bash
# Backups of the daemons: taken while they serve, checked, put back; a flipped bit anywhere is named.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons

daemon_verb() { # NAME VERB [ARGUMENT...]
    local name=$1 verb=$2
    shift 2
    "$BIN/concord-${name%-[0-9]*}" "$verb" --log-level error --config "$REGION/$name/${name%-[0-9]*}.conf" "$@"
}

flip() { # FILE [AT]
    local at=${2:-$(($(stat -c %s "$1") / 2))}
    printf "\\x$(printf %02x $((0x$(xxd -s "$at" -l 1 -p "$1") ^ 4)))" | dd of="$1" bs=1 seek="$at" conv=notrunc status=none
}

# A flipped bit of the file is found by the check, which names it; put back, all is well.
notices() { # FILE NAME [BACKUP]
    flip "$1"
    ends 1 "(damaged|mismatch).*$(basename "$1")|($(basename "$1")|archive).*damaged" daemon_verb "${@:2}" || return 1
    flip "$1"
}

newest_tile() { # of the few entries that there are: earlier ones lie there for a while
    ls "$REGION"/matcher/ledger/tile/0/000.p/* | sort -V | tail -1
}

region_create "$SCRATCH/region" THA IDN
"$BIN/concord-generate" --agencies THA,IDN --records 250 --seed 5 --out "$SCRATCH/data" || fail "concord-generate"
region_start
quietly client IDN enrol --quiet "$SCRATCH/data/IDN.csv"
head -100 "$SCRATCH/data/THA.csv" >"$SCRATCH/some.csv"
quietly client THA enrol --quiet "$SCRATCH/some.csv"
quietly client THA backup "$SCRATCH/vault"

# --- while it serves ---

client THA enrol --quiet "$SCRATCH/data/THA.csv" >/dev/null 2>&1 &
ENROLLING=$!
check "the matcher is backed up while agencies enrol" ends 0 'entries in the ledger; all is as it was written' daemon_verb matcher backup "$SCRATCH/matcher"
check "and a custodian" ends 0 'all is as it was written' daemon_verb custodian-2 backup "$SCRATCH/custodian"
wait $ENROLLING
check "the enrolment went on" test $? -eq 0
check "into nothing that is there" ends 1 'matcher exists: a backup goes into a new directory' daemon_verb matcher backup "$SCRATCH/matcher"
check "what is at work is checked while it serves" ends 0 'all is as it was written' daemon_verb matcher check
check "nothing is left of the copies" test "$(ls "$REGION"/{matcher,custodian-2}/state | grep -c '^backup')" = 0
check "sha256sum reads the list of files" bash -c "cd '$SCRATCH/matcher' && sha256sum --quiet -c files"

# --- damage ---

check "a backup is checked" ends 0 'all is as it was written' daemon_verb matcher check "$SCRATCH/matcher"
for file in "$(ls -S "$SCRATCH"/matcher/store/*.sst | head -1)" "$SCRATCH"/matcher/store/MANIFEST-* "$(ls "$SCRATCH"/matcher/archive/*.batches | head -1)" \
    "$(find "$SCRATCH/matcher/ledger/tile/entries" -type f | head -1)" "$SCRATCH/matcher/ledger/checkpoint"; do
    check "a flipped bit of ${file#"$SCRATCH/matcher/"} in it is named" notices "$file" matcher check "$SCRATCH/matcher"
done
mv "$SCRATCH/matcher/ledger/checkpoint" "$SCRATCH/away"
check "what is gone is named" ends 1 'ledger/checkpoint is gone' daemon_verb matcher check "$SCRATCH/matcher"
mv "$SCRATCH/away" "$SCRATCH/matcher/ledger/checkpoint"
check "half a backup is none" ends 1 'no backup' daemon_verb matcher check "$SCRATCH/matcher/ledger"
check "the backup of another party is refused" ends 1 'another' daemon_verb custodian-1 check "$SCRATCH/custodian"

daemon_stop matcher
check "what does not serve is checked, too" ends 0 'all is as it was written' daemon_verb matcher check
check "a flipped bit of an SST at work is named" notices "$(ls -S "$REGION"/matcher/state/store/*.sst | head -1)" matcher check
check "one of the archive" notices "$(ls "$REGION"/matcher/archive/*.batches | head -1)" matcher check
check "one of a tile" notices "$(newest_tile)" matcher check
check "put back, all is well" ends 0 'all is as it was written' daemon_verb matcher check
rm -f "$(newest_tile)"
check "a tile that is gone is named" ends 1 'ledger/tile/0/.* is gone' daemon_verb matcher check

mv "$REGION/matcher/archive" "$SCRATCH/away"
check "an archive that is gone is not begun anew" ends 1 'archive is gone' timeout 20 "$BIN/concord-matcher" run --log-level error --config "$REGION/matcher/matcher.conf"
mv "$SCRATCH/away" "$REGION/matcher/archive"

# --- put back ---

check "not over a store that is there" ends 1 'state/store is there: move it away' daemon_verb matcher restore "$SCRATCH/matcher"
mv "$REGION/matcher/state/store" "$SCRATCH/lost-store"
check "nor over an archive" ends 1 'archive is there: move it away' daemon_verb matcher restore "$SCRATCH/matcher"
mv "$REGION/matcher/archive" "$SCRATCH/lost-archive"
check "restored, it says what has to be done" ends 0 'asks its witnesses first' daemon_verb matcher restore "$SCRATCH/matcher"
check "beside a ledger that shows more it does not start" ends 1 'put back from an old copy' timeout 20 "$BIN/concord-matcher" run --config "$REGION/matcher/matcher.conf"
rm -rf "$REGION/matcher/state/store" "$REGION/matcher/archive"
mv "$SCRATCH/lost-store" "$REGION/matcher/state/store"
mv "$SCRATCH/lost-archive" "$REGION/matcher/archive"
daemon_start matcher
quietly client THA sync

# --- matcher and agency are both put back, behind whose backups much came ---

found() { # AGENCY: which of its records match, each as often as with a partner's record
    quietly client "$1" sync
    client "$1" matches --json | jq -r '.[] | [.partner, .purpose, .record] | @tsv' | sort
}
enrol_all() {
    local a
    for a in THA IDN; do quietly client $a enrol --quiet "$SCRATCH/data/$a.csv"; done
}
enrol_all
for round in 1 2 3; do found THA >"$SCRATCH/THA.before"; found IDN >"$SCRATCH/IDN.before"; done
daemon_stop matcher
rm -rf "$REGION"/matcher/{state/store,archive}
quietly daemon_verb matcher restore "$SCRATCH/matcher"
check "what is lost is taken back from the ledger that is shown" ends 0 'goes on with' daemon_verb matcher restored --yes --by Ann --reason 'disk failed'
mv "$REGION/agency-THA/vault.db" "$SCRATCH/lost-vault"
check "an agency put back with it is told to enrol again" ends 0 'enrol them again' client THA restore "$SCRATCH/vault"
daemon_start matcher
client THA status >"$SCRATCH/out"
check "and that it does not know what was judged" grep -q 'what was judged before .* this vault does not know' "$SCRATCH/out"
check "until an officer releases it" quietly client THA judge release IDN --count 1000 --by Ann
enrol_all
judged_pairs() { client THA matches | grep -c '^ *judged$'; }
is_judged() { # a few letters there and back, whoever begins
    local i
    for i in {1..20}; do
        found THA >"$SCRATCH/THA.after"
        found IDN >"$SCRATCH/IDN.after"
        [ "$(judged_pairs)" = 0 ] || return 0
        sleep 0.3
    done
    client THA matches | head -8 | sed 's/^/# /'
    client THA judge | head -8 | sed 's/^/# /'
    return 1
}
check "pairs are judged again, though both prekeys were lost" is_judged
come_again() { # also what the partner had judged before, and what only judging tells apart
    local i
    for i in {1..20}; do
        found THA >"$SCRATCH/THA.after"
        found IDN >"$SCRATCH/IDN.after"
        diff "$SCRATCH/THA.before" "$SCRATCH/THA.after" >"$SCRATCH/differ" && [ -s "$SCRATCH/THA.before" ] && return
    done
    sed 's/^/# /' "$SCRATCH/differ"
    return 1
}
check "its matches come again, as they were" come_again
check "and its partner's stay" diff "$SCRATCH/IDN.before" "$SCRATCH/IDN.after"

# The machine is lost behind a backup with which nothing came any more.
daemon_stop custodian-2
check "a custodian that does not serve is backed up" ends 0 'all is as it was written' daemon_verb custodian-2 backup "$SCRATCH/last"
rm -rf "$REGION"/custodian-2/{state,ledger,shares}
check "it is put back with its shares and its ledger" ends 0 'back as it was' daemon_verb custodian-2 restore "$SCRATCH/last"
daemon_start custodian-2
daemon_kill custodian-3
sed 's/^THA-/NEW-/' "$SCRATCH/some.csv" >"$SCRATCH/new.csv"
check "and it goes on where it was" quietly client THA enrol --quiet "$SCRATCH/new.csv"
daemon_start custodian-3
region_stop
check "the auditor has no findings" quietly "$BIN/concord-audit" verify --manifest "$REGION/region.json" "$REGION"/{matcher,custodian-1,custodian-2,custodian-3}/ledger
