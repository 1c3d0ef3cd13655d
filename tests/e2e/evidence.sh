#!/bin/bash
# What an agency is handed is what the matcher wrote down, and comes of who has a mutual grant: a matcher that cheats is found out
# at once, its mail and answers are refused, kept as evidence, and an auditor can tell what that proves. So is a custodian.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons
HEADER=record_id,family_name,given_names,sex,date_of_birth,doc_type,doc_issuer,doc_number
TESTS=$PWD/${BUILD:-build}/tests
[[ ${BUILD:-build} == /* ]] && TESTS=$BUILD/tests
HONEST=$BIN
CHEATING=$SCRATCH/bin
mkdir "$CHEATING"
ln -s "$HONEST"/* "$CHEATING/"
ln -sf "$TESTS/cheating-matcher" "$CHEATING/concord-matcher"
ln -sf "$TESTS/cheating-custodian" "$CHEATING/concord-custodian"

people() { # ROUND: two people, of whom both agencies know
    local word
    word=$(tr 1-9 b-j <<<"$1")
    printf '%s\n' "$HEADER" "A$1,Srisu${word}an,Somchai,M,19$((60 + $1))-0$1-02,PASSPORT,THA,AA${1}34567" \
        "B$1,Wong${word}ul,Malee,F,19$((70 + $1))-0$1-16,PASSPORT,THA,AB${1}34567"
}

ask() { # ROUND [OPTION...]: THA, about the first of the two
    local round=$1
    shift
    client THA query --doc-type PASSPORT --doc-issuer THA --doc-number "AA${round}34567" "$@"
}

matcher() { # [CHEAT]: another one, on the same state
    daemon_stop matcher
    [ $# -eq 0 ] || BIN=$CHEATING
    CONCORD_CHEAT=${1:-} daemon_start matcher
    BIN=$HONEST
}

both_enrol() { # ROUND: mail for THA waits then
    people "$1" >"$SCRATCH/people.csv"
    quietly client THA enrol --quiet "$SCRATCH/people.csv"
    quietly client IDN enrol --quiet "$SCRATCH/people.csv"
}

matches() { client THA matches --csv | grep -c "\"[AB]$1\""; }

pieces() { client THA evidence | grep -c '^ '; }

refuses() { # ROUND CHEAT PATTERN: mail of that round
    local before
    both_enrol "$1"
    before=$(pieces)
    matcher "$2"
    ends 6 'refused: [0-9]+ messages? that names? IDN' client THA sync || return 1
    [ "$(pieces)" -gt "$before" ] && client THA evidence | grep -q "mail .*matcher, naming IDN" && ends 0 "$3" client THA evidence
}

region_create "$SCRATCH/region" THA IDN MYS
region_start

# --- mail ---

both_enrol 1
check "mail that the ledger covers is taken in" ends 0 '' client THA sync
check "and what it brought is found" test "$(matches 1)" = 2
check "there is no evidence of anything" ends 0 'no evidence' client THA evidence
damaged_once() { # a proof with a flipped bit is asked for again, and convicts nobody
    both_enrol 8
    matcher flip
    ends 0 '' client THA sync && ends 0 'no evidence' client THA evidence && [ "$(matches 8)" -ge 2 ]
}
check "a proof that was damaged is asked for again, and nobody is accused" damaged_once
matcher
check "a changed payload is refused, and kept" refuses 2 payload 'its digest differs'
check "an entry that the ledger does not have is refused" refuses 3 invent 'its digest differs'
check "a line that lacks one is refused" refuses 4 omit 'tags, and [0-9]+ came'
check "mail that comes again is refused" refuses 5 again 'do not ascend|and [0-9]+ came|names entry [0-9]+ of the ledger again'
check "no changed entry has come to a match" test "$(matches 2)" = 0
matcher
both_enrol 6
check "the same mail of an honest matcher is taken in" ends 0 '' client THA sync
check "and found" test "$(matches 6)" = 2
check "with nothing more kept than before" ends 0 'no evidence|mail' client THA evidence

# --- answers ---

check "an answer that the ledger covers is a hit" ends 0 '^hit ' ask 6
matcher payload
check "a changed one is refused" ends 6 'hits? that names? IDN' ask 6
check "and is no miss" ends 6 '^open  persons' ask 6
check "also for programs" ends 6 '"answer": "refused"' ask 6 --json
matcher omit
check "so is one that lacks what was written down" ends 6 'It is kept' ask 6
check "the answer is kept" ends 0 'hits .*naming IDN' client THA evidence
matcher

# --- a grant that is over ---

revoked() {
    quietly "$BIN/concord-keys" manifest revoke --from IDN --to THA --purpose persons "$REGION/region.json" && region_sign && region_in_force
}
check "IDN's grant to THA is taken back" revoked
check "what IDN had is withdrawn" ends 0 'withdrawn' client THA sync
check "and is not found any more" test "$(matches 6)" = 0
matcher grant
people 7 >"$SCRATCH/people.csv"
quietly client THA enrol --quiet "$SCRATCH/people.csv"
quietly client IDN enrol --quiet "$SCRATCH/people.csv"
check "a matcher that delivers all the same is refused, and IDN is named" ends 6 'refused: [0-9]+ messages? that names? IDN' client THA sync
check "with the reason" ends 0 'IDN has no mutual grant for persons in version' client THA evidence
check "nothing of it is found" test "$(matches 7)" = 0
check "its answers are refused, too" ends 6 'hits? that names? IDN' ask 7
check "status tells of evidence" ends 0 'pieces of evidence' client THA status

# --- a custodian ---

# Each batch goes to t custodians from a place that its id gives, so the one that cheats is asked in two of three.
left_out() { # CUSTODIAN
    local n
    for n in $(seq 8 29); do
        people "$n" >"$SCRATCH/people.csv"
        client THA enrol "$SCRATCH/people.csv" >"$SCRATCH/out" 2>&1 || break
        grep -q "left out $1: .*proof" "$SCRATCH/out" && return 0
    done
    sed 's/^/# /' "$SCRATCH/out"
    return 1
}

CHEAT=custodian-2
daemon_stop "$CHEAT"
BIN=$CHEATING
daemon_start "$CHEAT"
BIN=$HONEST
check "an enrolment leaves a custodian out that proves what is wrong" left_out "$CHEAT"
check "what it signed is kept" ends 0 "evaluation +$CHEAT" client THA evidence

# --- what it proves ---

proves() { # STATUS PATTERN FILE...
    ends "$1" "$2" "$BIN/concord-audit" evidence --manifest "$REGION/region.json" "${@:3}"
}

files() { # KIND
    grep -l "\"kind\": \"$1\"" "$SCRATCH"/evidence/*.json
}

check "all is written out" ends 0 'pieces of evidence written' client THA evidence export "$SCRATCH/evidence"
check "the custodian is convicted by what it signed" proves 1 "convicts $CHEAT: evaluation" $(files evaluation)
check "changed mail is the agency's word beside a signed entry" proves 0 'a claim .*naming IDN' $(files mail | head -1)
check "the auditor says what is signed and what would settle it" proves 0 'to settle it: concord-audit replay' $(files mail | head -1)
check "mail without a grant is told as that" proves 0 'has no mutual grant of THA and IDN' $(files mail | tail -1)
check "so are answers" proves 0 'a claim .*hits' $(files hits)
honest_word() { # the custodian's answer in which the agency exchanged the request
    sed "s/$CHEAT/custodian-$((10#${CHEAT#custodian-} % 3 + 1))/" $(files evaluation) >"$SCRATCH/forged.json"
    proves 2 'not signed by the custodian' "$SCRATCH/forged.json"
}
check "nobody is convicted of what another signed" honest_word
check "what is no evidence is refused" proves 2 'no evidence' "$REGION/region.json"
