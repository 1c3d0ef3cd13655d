#!/bin/bash
# Custodians learn no equality: whatever an agency does with the same values, no two of its requests have a blinded element
# or an id in common. A batch that was broken off is the exception: it comes again as it was, so that it costs nothing.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons
HEADER=record_id,family_name,given_names,sex,date_of_birth,doc_type,doc_issuer,doc_number
BATCHES=${BIN%/bin}/tests/canary-batches

people() { # PREFIX COUNT [FAMILY-NAME]: the same people under other ids
    local i
    echo $HEADER
    for ((i = 10; i < 10 + $2; i++)); do
        echo "$1$i,${3:-Srisuwan},Malee$(tr 0-9 a-j <<<$i),F,19$((50 + i % 40))-0$((1 + i % 9))-1$((i % 9)),PASSPORT,THA,AB$((1000000 + i))"
    done
}

enrol() { # COMMAND...: makes the feed
    "$@" >"$SCRATCH/feed.csv" && client THA enrol --quiet "$SCRATCH/feed.csv"
}

in_daemon_mode() {
    local dir=$REGION/agency-THA/feed i
    people D 20 >"$dir/.new"
    touch -d '10 seconds ago' "$dir/.new"
    mv "$dir/.new" "$dir/people.csv"
    "$BIN/concord-client" run --config "$REGION/agency-THA/client.conf" --feed-interval 1s --sync-interval 1h 2>>"$REGION/agency-THA/log" &
    PID[run]=$!
    for i in {1..900}; do
        grep -q 'event=enrolled.*new=20' "$REGION/agency-THA/log" && break
        sleep 0.1
    done
    daemon_stop run # in the midst of its work it ends at once
    [ "$i" -lt 900 ]
}

# --- what custodians saw ---

asked() { # NAME: lines of "id element", without what a broken-off batch repeats
    "$BATCHES" "$SCRATCH/tap-$1" >"$SCRATCH/asked-$1" && sort -u "$SCRATCH/asked-$1"
}

nothing_in_common() { # elements of a custodian by the requests that they came in
    local name twice
    for name in custodian-{1,2,3}; do
        asked $name >"$SCRATCH/all" || { echo "# $name was asked nothing"; return 1; }
        twice=$(cut -d' ' -f2 "$SCRATCH/all" | sort | uniq -d | wc -l)
        [ "$twice" -eq 0 ] || { echo "# $name saw $twice elements in more than one request"; return 1; }
    done
}

# What came more than once came whole: no id with other elements than the first time. Sets REQUESTS and AGAIN.
repeated() {
    local name
    REQUESTS=0 AGAIN=0
    for name in custodian-{1,2,3}; do
        asked $name >/dev/null
        # Lines of a request stand together and in the same order each time that it comes.
        awk '{ if (!($2 in first)) { first[$2] = $1; size[$1]++ } came[$1]++ }
             END { for (id in came) { n++; if (!size[id] || came[id] % size[id]) bad = 1; else if (came[id] > size[id]) again++ }
                   print n + 0, again + 0; exit bad }' "$SCRATCH/asked-$name" >"$SCRATCH/count" || return 1
        read -r n again <"$SCRATCH/count"
        REQUESTS=$((REQUESTS + n)) AGAIN=$((AGAIN + again))
    done
}

region_create "$SCRATCH/region" THA IDN
for name in custodian-{1,2,3}; do
    DAEMON_WRAP="env LD_PRELOAD=$(preload canary-tap.so) CONCORD_TAP=$SCRATCH/tap-$name CONCORD_TAP_LENGTHS=1" daemon_start $name
done
daemon_start matcher

check "people are enrolled" enrol people T 20
check "and again, of whom nothing changed" enrol people T 20
check "and under other ids" enrol people U 20
check "some are taken out" quietly client THA remove T10 T11 T12 T13 T14 T15
check "and enrolled anew" enrol people T 20
check "all are changed" enrol people T 20 Wongkul
check "and changed back" enrol people T 20
check "and in daemon mode, under other ids" in_daemon_mode
check "no two requests have an element in common, nor an id" nothing_in_common
repeated
check "no request came again" test $AGAIN -eq 0

# --- broken off ---

# Killed at one step after the other, a bit further each time, until it comes to its end.
killed_all_over() { # FEED
    local at kills=0 status
    for ((at = 1; at < 4000; at += 1 + at / 8)); do
        CONCORD_FUSE=$at LD_PRELOAD=$(preload fuse.so) "$BIN/concord-client" enrol --quiet \
            --config "$REGION/agency-THA/client.conf" "$1" >"$SCRATCH/out" 2>&1 &
        wait $! 2>/dev/null # else the shell tells of each that was killed
        status=$?
        [ $status -eq 0 ] && { echo "# killed $kills times"; [ $kills -ge 20 ]; return; }
        [ $status -eq 137 ] || { sed 's/^/# /' "$SCRATCH/out"; return 1; }
        kills=$((kills + 1))
    done
    return 1
}
people K 6 Kowit >"$SCRATCH/feed.csv" # so few that others are invented beside them: two batches
before=$REQUESTS
check "an enrolment that is killed at whatever step goes on by the same command" killed_all_over "$SCRATCH/feed.csv"
repeated
check "what was broken off came again, as it was" test $AGAIN -gt 0
check "and is the same two requests at each custodian of a coalition of two" test $((REQUESTS - before)) -eq 4
check "still nothing is in common" nothing_in_common
