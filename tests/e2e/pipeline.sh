#!/bin/bash
# Enrolling with several batches under way while custodians and clients die, and ids come twice.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons
ROWS=8000 # above a hundred thousand tokens: dozens of batches

# What an agency's vault holds, as `status` says it.
held() { # AGENCY
    client "$1" status | tr -s ' ' | grep -m 1 persons
}

asked() { # AGENCY: evaluations that custodians answered it, as they log them
    cat "$REGION"/custodian-[123]/log | grep -c "event=evaluate agency=$1 "
}

enrol_until() { # AGENCY FEED: begins an enrolment and returns when custodians have answered some of its batches
    local before
    before=$(asked "$1")
    env --default-signal=INT "$BIN/concord-client" enrol --config "$REGION/agency-$1/client.conf" "$2" >"$SCRATCH/out" 2>"$SCRATCH/err" &
    PID[enrol]=$!
    for _ in {1..2000}; do
        [ "$(asked "$1")" -gt $((before + 2)) ] && return 0
        kill -0 "${PID[enrol]}" 2>/dev/null || return 1
        sleep 0.01
    done
    return 1
}

# The tokens that custodians wrote down as evaluated for an agency, once their ledgers are exported.
written_down() { # AGENCY
    local i
    for i in 1 2 3; do
        "$BIN/concord-audit" show --csv --kind evaluate --agency "$1" "$REGION/custodian-$i/ledger"
    done | awk -F, '$3 == "evaluate" { n += $8 } END { print n + 0 }'
}

written_as_for_whole() { # AGENCY: killed or not, no token is written down twice
    local i
    for i in {1..100}; do
        [ "$(written_down "$1")" = "$(written_down THA)" ] && return 0
        sleep 0.1
    done
    echo "# THA: $(written_down THA), $1: $(written_down "$1")"
    return 1
}

same_as_whole() { # AGENCY: holds what the undisturbed agency holds
    [ "$(held "$1")" = "$(held THA)" ] || { echo "# THA: $(held THA)"; echo "# $1: $(held "$1")"; return 1; }
}

region_create "$SCRATCH/region" THA IDN MYS
quietly "$BIN/concord-generate" --agencies THA --records $ROWS --out "$SCRATCH"
region_start
FEED=$SCRATCH/THA.csv
client THA enrol --quiet "$FEED" 2>"$SCRATCH/err"
check "an undisturbed enrolment holds every good row" test "$(client THA status | grep -c persons)" -ge 1

check "an enrolment is under way" enrol_until IDN "$FEED"
daemon_kill custodian-1
daemon_kill custodian-2
wait "${PID[enrol]}"
check "with two of three custodians gone it ends with their names" \
    bash -c "grep -q 'custodian-[12]' '$SCRATCH/err' && grep -q 'too few custodians' '$SCRATCH/err'"
daemon_start custodian-1
check "it goes on with two" enrol_until IDN "$FEED"
daemon_kill custodian-3
daemon_start custodian-2
wait "${PID[enrol]}"
unset 'PID[enrol]'
check "who is left out is named once" test "$(grep -c 'left out custodian-' "$SCRATCH/err")" -le 2
client IDN enrol --quiet "$FEED" 2>"$SCRATCH/err"
check "in the end nothing is missing" same_as_whole IDN

# Withdrawing meanwhile: it waits for what is under way, or goes between; those withdrawn stay out.
head -4000 "$FEED" | awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "date_of_birth") c = i }
    NR > 1 && $c ~ /^[0-9]+-[0-9]+-[0-9]+$/ { $c = "1966-06-0" (1 + NR % 9) } { print }' >"$SCRATCH/changed.csv"
records() { client IDN status --json | jq '.vault[0].records'; }
BEFORE=$(records)
check "one that is not enrolled keeps them all" ends 1 "nothing is withdrawn, since 1 of 3 records" client IDN remove "$(sed -n 4p "$FEED" | cut -d, -f1)" NOBODY "$(sed -n 5p "$FEED" | cut -d, -f1)"
check "and every one is there" test "$(records)" = "$BEFORE"
check "an enrolment of changes is under way" enrol_until IDN "$SCRATCH/changed.csv"
TWO=$(sed -n '4p;5p' "$FEED" | cut -d, -f1)
check "two records are withdrawn meanwhile" ends 0 '2 records withdrawn' client IDN remove $TWO
wait "${PID[enrol]}"
ENDED=$?
check "the enrolment ends as well" test $ENDED -eq 0 -o $ENDED -eq 3
unset 'PID[enrol]'
check "and all but these are there" test "$(records)" = $((BEFORE - 2))

daemon_start custodian-3
check "a third enrolment is under way" enrol_until MYS "$FEED"
kill -INT "${PID[enrol]}"
wait "${PID[enrol]}"
check "interrupted, it ends by that" test $? -eq 130
check "and says what is kept, and how to go on" grep -q 'interrupted: .* the same command goes on' "$SCRATCH/err"
check "which it does" enrol_until MYS "$FEED"
daemon_kill enrol
check "killed, it is done again" bash -c ". tests/e2e/lib/region.sh; REGION='$REGION'; client MYS enrol --quiet '$FEED'; [ \$? = 0 -o \$? = 3 ]"
check "and nothing is missing" same_as_whole MYS
check "nor written down twice by custodians: to them it was a retry" written_as_for_whole MYS
