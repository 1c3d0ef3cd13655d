#!/bin/bash
# What a member can learn in a day, and who sees it: meetings beyond the limit wait, through a restart, until both release them,
# and cost again once taken back; questions have a limit for each partner, and whoever is asked is told; what does not open is
# counted and shown. The auditor computes all of it again.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons
REGION_LIMITS=daily=100000,meets=3,asks=32 # two questions of 16 tags

documents() { # PREFIX NUMBER...: records of one key each, so that couples are easily counted
    local i
    echo record_id,doc_type,doc_issuer,doc_number
    for i in "${@:2}"; do echo "$1$i,PASSPORT,THA,AB100000$i"; done
}

enrol() { # AGENCY NUMBER...
    documents "$1-" "${@:2}" >"$SCRATCH/$1.csv"
    client "$1" enrol --quiet --snapshot "$SCRATCH/$1.csv"
}

partner() { # AGENCY PARTNER MEMBERS: of its status, parted by blanks
    client "$1" status --json 2>/dev/null | jq -r --arg p "$2" ".matcher.purposes[0].partners[] | select(.partner == \$p) | \"$3\""
}

waits() { # WAITING MET: between THA and IDN
    local got
    for _ in {1..50}; do
        got=$(partner THA IDN '\(.waiting) \(.met_today)')
        [ "$got" = "$1 $2" ] && return 0
        sleep 0.1
    done
    echo "# $got"
    return 1
}

count() { client "$1" sync >/dev/null 2>&1 && client "$1" matches --csv --partner "$2" | tail -n +2 | wc -l; }

asks() { # AGENCY OPTION...
    client "$1" query --doc-type PASSPORT --doc-issuer THA --doc-number AB1000001 "${@:2}"
}

garbled() { # AGENCY VERB...: its client seals what nobody can open
    LD_PRELOAD=$(preload garble.so) client "$@"
}

region_create "$SCRATCH/region" THA IDN MYS
region_start

# --- meetings ---

check "THA enrols" enrol THA 1 2 3 4 5 6 7 8
check "so does IDN" enrol IDN 1 2 3 4 5 6 7 8
check "what is beyond the day's limit waits" waits 5 3
check "as the other sees it, too" test "$(partner IDN THA '\(.waiting) \(.met_today) \(.meets)')" = "5 3 3"
check "and has found nothing yet" test "$(count THA IDN)" = 3
daemon_kill matcher
daemon_start matcher
check "also after the matcher was killed" waits 5 3
check "one side alone releases nothing" quietly client THA release IDN --count 2 --until 2099-01-01
check "it waits as before" waits 5 3
check "with the other's release so many meet as both release" quietly client IDN release THA --count 1 --until 2099-01-01
check "one more" waits 4 4
check "as the status says" ends 0 'IDN +4 meetings wait, 4 of 3 today \(1 by release\)' client THA status
check "who met is found" test "$(count THA IDN)" = 4
check "a release for oneself is refused" ends 2 'THA is this agency itself' client THA release THA --count 2 --until 2099-01-01
check "so is one without an end" ends 2 'until when' client THA release IDN --count 2
check "and one that is over" ends 2 'is over' client THA release IDN --count 2 --until 2001-01-01

# --- taken back, put again ---

all() { seq -f IDN-%g 8; }
check "records are withdrawn, those that met and those that wait" ends 0 '8 records withdrawn: 8 tags removed, 0 replaced' client IDN remove $(all)
check "who met them is told of those alone" ends 0 ' 4 withdrawn' client THA sync
quietly client IDN release --record $(all)
check "put again they cost again: all wait" enrol IDN 1 2 3 4 5 6 7 8
check "whatever was left of today's" waits 8 4
check "withdrawn once more" quietly client IDN remove $(all)
check "what waits goes without a word" ends 0 '^mail: 0 entries of partners, 0 withdrawn' client THA sync
check "and is not found" test "$(count THA IDN)" = 0
quietly client IDN release --record $(all)
check "for the questions they are back" enrol IDN 1 2 3 4 5 6 7 8
check "the tag of a single one stays, so that it is not seen to be one, without a record; that is said" \
    ends 0 '^1 of the tags stays at the matcher without a record' client IDN remove IDN-8

# --- questions ---

check "who has enrolled nothing may not ask" ends 1 'contributes to it' asks MYS
check "a question finds" ends 0 '^hit +persons +IDN' asks THA --not-for MYS
check "and another" ends 0 '^hit +persons +IDN' asks THA --not-for MYS
check "then the day's are used up: the partner is not asked, and named" \
    ends 5 'IDN was not asked: .*used up' asks THA
check "which is no answer, to programs neither" \
    test "$(asks THA --json | jq -c '[.answer, .unasked[0].partner]')" = '["open","IDN"]'
check "nobody is left to be asked" ends 1 'to every partner are used up' asks THA
check "who was asked is told, of those questions alone" ends 0 ' 2 questions' client IDN sync
check "below its matches" ends 0 '^partners asked about your records 2 times' client IDN matches
check "one by one" ends 0 'THA +asked about IDN-1: document' client IDN matches asked
check "and in its status" ends 0 '2 questions by partners' client IDN status

# --- what does not open ---

documents MYS- 1 2 >"$SCRATCH/MYS.csv"
check "a partner's client is broken" garbled MYS enrol --quiet "$SCRATCH/MYS.csv"
check "its question opens for nobody" ends 0 '^hit ' garbled MYS query --doc-type PASSPORT --doc-issuer THA --doc-number AB1000001
check "what does not open is told at once" ends 0 'MYS.*not open|not open.*MYS' client IDN sync
check "below the matches, by partner" ends 0 '^2 entries and 1 question of MYS did not open' client IDN matches
check "in the status" ends 0 'MYS +2 entries and 1 question did not open' client IDN status
check "for programs" test "$(client IDN status --json | jq -c '.vault[0].unopened')" = '[{"partner":"MYS","entries":2,"questions":1}]'
check "nothing of it is a match" test "$(client IDN matches --csv --partner MYS | tail -n +2 | wc -l)" = 0

# --- the next day ---

daemon_stop matcher
DAEMON_WRAP="env LD_PRELOAD=$(preload shift.so) CONCORD_SHIFT=86400" daemon_start matcher
check "of those that wait so many meet as a day has, by themselves" waits 5 3
check "and the partner may be asked again" ends 0 '^hit +persons +IDN' asks THA --not-for MYS

# --- the auditor ---

for name in matcher custodian-{1,2,3}; do daemon_stop $name || echo "not ok - $name ended badly"; done
check "the auditor computes the same" ends 0 '^replayed: ' "$BIN/concord-audit" replay --archive "$REGION/matcher/archive" \
    --manifest "$REGION/region.json" "$REGION/matcher/ledger"
check "and finds nothing wrong" eval '! grep -q "^finding" "$SCRATCH/out"'
