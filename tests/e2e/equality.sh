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

repeated() { # how many requests of a custodian came more than once, and all of them whole
    local name n=0
    for name in custodian-{1,2,3}; do
        sort "$SCRATCH/asked-$name" | uniq -d | cut -d' ' -f1 | sort | uniq -c >"$SCRATCH/twice"
        cut -d' ' -f1 "$SCRATCH/asked-$name" | sort | uniq -c >"$SCRATCH/often"
        n=$((n + $(wc -l <"$SCRATCH/twice")))
        # An id whose elements came twice came with all of them twice.
        awk 'NR == FNR { twice[$2] = $1; next } $2 in twice && $1 < 2 * twice[$2] { bad = 1 } END { exit bad }' \
            "$SCRATCH/twice" "$SCRATCH/often" || return 1
    done
    echo "# $n requests came again"
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
check "no request came again" test "$(repeated)" = "# 0 requests came again"

# --- broken off ---

people K 600 >"$SCRATCH/feed.csv"
size() { # bytes that custodians decrypted
    cat "$SCRATCH"/tap-* | wc -c
}
broken_off() {
    local i before
    for i in 1 2; do
        before=$(size)
        client THA enrol --quiet "$SCRATCH/feed.csv" >/dev/null 2>&1 &
        for _ in {1..200}; do
            [ "$(size)" -gt $((before + 100000)) ] && break
            sleep 0.02
        done
        kill -9 $! 2>/dev/null
        wait $! 2>/dev/null
    done
    client THA enrol --quiet "$SCRATCH/feed.csv"
}
check "an enrolment that is killed goes on by the same command" broken_off
check "still nothing is in common" nothing_in_common
check "no element but of a request that came again whole" repeated
check "the comparison would notice an element that comes twice" bash -c "
    printf 'a e1\nb e1\n' | cut -d' ' -f2 | sort | uniq -d | grep -q e1"
