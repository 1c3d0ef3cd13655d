#!/bin/bash
# What agencies may have evaluated: custodians refuse what is beyond it, say so, write it down, and go on when the limit is
# raised, without a restart.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons
REGION_LIMITS=daily=900,meets=1000000,asks=1000000 # 600 elements a day at each custodian

says() { # STATUS PATTERN COMMAND...
    local status=$1 pattern=$2 got
    shift 2
    "$@" >"$SCRATCH/out" 2>&1 </dev/null
    got=$?
    [ $got -eq "$status" ] && grep -Eq -- "$pattern" "$SCRATCH/out" && return 0
    echo "# status $got, not $status:"
    sed 's/^/# /' "$SCRATCH/out"
    return 1
}

refused() { # REASON: for THA, in the ledger of a custodian, once it is exported
    for _ in {1..100}; do
        "$BIN/concord-audit" show --csv --kind refuse --agency THA "$REGION"/custodian-1/ledger 2>/dev/null |
            grep -q ",\"$1\"$" && return 0
        sleep 0.1
    done
    "$BIN/concord-audit" show --csv --kind refuse "$REGION"/custodian-1/ledger | sed 's/^/# /'
    return 1
}

untouched() { # what was refused was not evaluated
    ! grep -h 'event=evaluate agency=THA' "$REGION"/custodian-[123]/log
}

stopped() {
    local name
    for name in matcher custodian-{1,2,3}; do daemon_stop $name || return 1; done
}

region_create "$SCRATCH/region" THA IDN
quietly "$BIN/concord-generate" --agencies THA,IDN --records 400 --out "$SCRATCH"
region_start
check "an enrolment beyond the day's limit is refused with the figures" \
    says 1 "the day's limit for persons has 600 of 600 evaluations left" client THA enrol --quiet "$SCRATCH/THA.csv"
check "nothing of it was evaluated" untouched
check "the refusal is in the ledger" refused daily
check "a limit of its own comes into force" region_limits persons THA daily=1000000
check "the enrolment goes on" client THA enrol --quiet "$SCRATCH/THA.csv"
check "the other agency keeps the limit of all" says 1 "the day's limit" client IDN enrol --quiet "$SCRATCH/IDN.csv"
check "a first load can be given in its place" region_limits persons IDN load=1000000 daily=900
check "and is used" client IDN enrol --quiet "$SCRATCH/IDN.csv"
check "all ends in good order" stopped
check "the auditor finds nothing wrong" says 0 verified "$BIN/concord-audit" verify --manifest "$REGION/region.json" \
    "$REGION"/{matcher,custodian-1,custodian-2,custodian-3}/ledger
