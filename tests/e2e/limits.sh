#!/bin/bash
# What agencies may have evaluated: custodians refuse what is beyond it, say so, write it down, and go on when the limit is
# raised, without a restart.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons
REGION_LIMITS=daily=900,meets=1000000,asks=1000000 # 600 elements a day at each custodian

patiently() { # COMMAND...: partners may be being joined anew
    for _ in {1..30}; do
        "$@" >"$SCRATCH/patience" && return 0
        sleep 0.3
    done
    cat "$SCRATCH/patience"
    return 1
}

refused() { # REASON: for THA, in the ledger of a custodian that was asked, once it is exported
    local name
    for _ in {1..100}; do
        for name in custodian-{1,2,3}; do
            "$BIN/concord-audit" show --csv --kind refuse --agency THA "$REGION/$name/ledger" 2>/dev/null |
                grep -q ",\"$1\"$" && return 0
        done
        sleep 0.1
    done
    return 1
}

untouched() { # what was refused was not evaluated
    ! grep -h 'event=evaluate agency=THA' "$REGION"/custodian-[123]/log
}

lacks() { # PATTERN COMMAND...: it succeeds and does not say that
    local pattern=$1
    shift
    "$@" >"$SCRATCH/out" 2>&1 </dev/null && ! grep -q -- "$pattern" "$SCRATCH/out" && return 0
    sed 's/^/# /' "$SCRATCH/out"
    return 1
}

stopped() {
    local name
    for name in matcher custodian-{1,2,3}; do daemon_stop $name || return 1; done
}

region_create "$SCRATCH/region" THA IDN
quietly "$BIN/concord-generate" --agencies THA,IDN --records 400 --out "$SCRATCH"
region_start
check "an enrolment beyond the day's limit is refused with the figures" \
    ends 1 "the day's limit for persons has 600 of 600 evaluations left" client THA enrol --quiet "$SCRATCH/THA.csv"
check "nothing of it was evaluated" untouched
check "status says what is left at each custodian" ends 0 'persons +epoch 1: 0 of 900 tokens used today, 900 left' client THA status
check "the refusal is in the ledger" refused daily
check "a limit of its own comes into force" region_limits persons THA daily=1000000
check "the enrolment goes on" client THA enrol --quiet "$SCRATCH/THA.csv"
check "the other agency keeps the limit of all" ends 1 "the day's limit" client IDN enrol --quiet "$SCRATCH/IDN.csv"
check "a first load can be given in its place" region_limits persons IDN load=1000000 daily=900
check "and is used; it stays open where more is to come" client IDN enrol --more --quiet "$SCRATCH/IDN.csv"
check "until then what was enrolled meets nobody" ends 0 'first load not closed' client IDN status
check "and status says of which limit it is" ends 0 '[1-9][0-9]* of 1048576 tokens used in the first load' client IDN status
check "it ends by itself after the first complete enrolment, and that is said" \
    ends 0 'the first load is closed: what was enrolled meets' client IDN enrol --quiet "$SCRATCH/IDN.csv"
check "once" lacks 'the first load' client IDN enrol --quiet "$SCRATCH/IDN.csv"
check "it is closed" lacks 'first load not closed' client IDN status
check "to close it by hand, at custodians and matcher, is the same" ends 0 'the first load is closed' "$BIN/concord-client" load close --config "$REGION/agency-IDN/client.conf"
check "from then on the day's limit holds" ends 1 "the day's limit" client IDN enrol --quiet "$SCRATCH/THA.csv"
daemon_stop custodian-2
check "a custodian that is down is named, and the others' figures are there" ends 0 'custodian custodian-2: not known what is left there: .*reached' client IDN status
left() { client IDN status --json | jq -r '[.custodians[] | if .error then "down" else "\(.purposes[0].limit)" end] | join(" ")'; }
check "for programs, too" test "$(left)" = "900 down 900"
daemon_start custodian-2
check "a partner is suspended" ends 0 'IDN is suspended' client THA suspend IDN
check "an answer without it is no full answer, and says so" \
    patiently ends 5 'IDN was not asked: one of the two has suspended the other' client THA query --doc-issuer THA --doc-number AA0000001
check "it takes part again" ends 0 'IDN takes part again' client THA resume IDN
check "more meetings with it are released" ends 0 'as far as IDN releases' client THA release IDN --count 100 --until 2099-01-01
check "an unknown partner is refused by name" ends 2 'no agency XXX' client THA suspend XXX
check "all ends in good order" stopped
check "the auditor finds nothing wrong" ends 0 verified "$BIN/concord-audit" verify --manifest "$REGION/region.json" \
    "$REGION"/{matcher,custodian-1,custodian-2,custodian-3}/ledger
