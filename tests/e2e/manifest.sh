#!/bin/bash
# What coordinators do to a region that runs: a grant is revoked, an agency leaves, the keys are renewed. Matches follow.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons
HEADER=record_id,family_name,given_names,sex,date_of_birth,doc_type,doc_issuer,doc_number
PERSON='Srisuwan,Somchai,M,1980-01-02,PASSPORT,THA,AA1234567'

manifest() { # VERB ARGUMENT...
    local verb=$1
    shift
    "$BIN/concord-keys" manifest "$verb" "$@" "$REGION/region.json" >"$SCRATCH/out" 2>&1
}

matches_are() { # AGENCY COUNT
    local i
    for i in {1..50}; do
        client "$1" sync >"$SCRATCH/out" 2>&1 || { sed 's/^/# /' "$SCRATCH/out"; return 1; }
        [ "$(client "$1" matches --csv 2>/dev/null | tail -n +2 | grep -vc withdrawn)" = "$2" ] && return 0
        sleep 0.1
    done
    client "$1" matches --csv | sed 's/^/# /'
    return 1
}

unchanged_by() { # COMMAND...: fails, and leaves manifest and signatures as they were
    local before
    before=$(cat "$REGION"/region.json* | cksum)
    ! "$@" && [ "$before" = "$(cat "$REGION"/region.json* | cksum)" ]
}

enrol_all() {
    local a
    for a in THA IDN MYS; do quietly client $a enrol --quiet "$SCRATCH/$a.csv"; done
}

region_create "$SCRATCH/region" THA IDN MYS
region_start
for a in THA IDN MYS; do printf '%s\n%s,%s\n' "$HEADER" "$a-1" "$PERSON" >"$SCRATCH/$a.csv"; done
enrol_all
check "three agencies hold the person: two matches for THA" matches_are THA 2

check "revoking a grant that nobody gave is refused and changes nothing" unchanged_by manifest revoke --from THA --to THA
check "adding an agency from a file that is none changes nothing" unchanged_by manifest add-agency --agency "$SCRATCH/THA.csv"

check "THA's grant to MYS is revoked" manifest revoke --from THA --to MYS
check "the version that was in force is kept, with its signatures" test -e "$REGION/region.json.v1" -a \
    -e "$REGION/region.json.v1.coordinator-1.minisig" -a ! -e "$REGION/region.json.coordinator-1.minisig"
check "and still verifies" "$BIN/concord-keys" manifest verify "$REGION/region.json.v1"
region_sign
check "the daemons take the next version" region_in_force
check "THA has lost the match with MYS" matches_are THA 1
check "and MYS the one with THA" matches_are MYS 1

check "an agency that the manifest does not have cannot leave" unchanged_by manifest remove-agency --agency LAO
check "MYS leaves the region" manifest remove-agency --agency MYS
region_sign
check "the daemons take the version without MYS" region_in_force
check "IDN has only THA left" matches_are IDN 1
left=$(client MYS sync 2>&1)
check "MYS is told that it is no agency of the manifest" grep -q 'MYS' <<<"$left"

# --- a successor under a known name ---

rm -rf "$REGION"/agency-MYS/{identity.key*,vault.db*}
quietly "$BIN/concord-keys" init --name MYS "$REGION/agency-MYS/identity.key"
check "another party comes under its name" manifest add-agency --agency "$REGION/agency-MYS/identity.key.pub"
region_sign
check "the daemons take it" region_in_force
check "it has no mail of the former" ends 0 '^mail: 0 entries of partners, 0 withdrawn' client MYS sync
quietly client MYS enrol --quiet "$SCRATCH/MYS.csv"
check "and meets nobody: grants were given to other keys" matches_are MYS 0
check "nobody meets it" matches_are THA 1
check "nor may it ask" ends 1 'granted each other' client MYS query --doc-type PASSPORT --doc-issuer THA --doc-number AA1234567

# --- another epoch ---

region_ceremony 2
check "an old ceremony cannot be put in force again" unchanged_by manifest rekey --transcript "$REGION/ceremony-1/transcript-1.json"
check "the keys of the second ceremony are put in force" manifest rekey --transcript "$REGION/ceremony-2/transcript-1.json"
region_sign
check "the daemons take the new epoch, custodians with their new shares" region_in_force
for a in THA IDN; do quietly client $a enrol --quiet "$SCRATCH/$a.csv"; done
check "enrolled anew, THA finds its match again" matches_are THA 1
check "the new epoch is at work" bash -c "'$BIN/concord-client' status --config '$REGION/agency-THA/client.conf' | grep -q 'epoch 2'"

# --- other histories ---

forked() { # the next version, signed by the quorum, whose predecessor is another than the one in force
    local zeros
    cp "$REGION"/region.json* "$SCRATCH/"
    zeros=$(printf '0%.0s' {1..64})
    jq --arg other "$zeros" '.version += 1 | .history += [$other]' "$SCRATCH/region.json" >"$REGION/region.json"
    region_sign
    ends 1 "is a fork: its version [0-9]+ has digest $zeros, the one accepted before has" client THA sync || return 1
    kill -HUP "${PID[matcher]}"
    for _ in {1..100}; do
        grep -q 'event=reload-failed.*is a fork' "$REGION/matcher/log" && cp "$SCRATCH"/region.json* "$REGION/" && return 0
        sleep 0.05
    done
    return 1
}
check "a manifest with another predecessor is refused as a fork, whoever signed it" forked
check "with the true one all goes on" ends 0 '' client THA sync
cp "$REGION/region.json.v1" "$REGION/region.json"
cp "$REGION/region.json.v1.coordinator-1.minisig" "$REGION/region.json.coordinator-1.minisig"
cp "$REGION/region.json.v1.coordinator-2.minisig" "$REGION/region.json.coordinator-2.minisig"
old=$(client THA sync 2>&1)
check "the first manifest, validly signed, is refused as older" grep -q 'older than version' <<<"$old"
