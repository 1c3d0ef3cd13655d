#!/bin/bash
# concord-client run: two agencies' daemons enrol what appears in their feed directories and find the match by themselves.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons
HEADER=record_id,family_name,given_names,sex,date_of_birth,doc_type,doc_issuer,doc_number

rows() { # AGENCY NAME ROW...: a feed appears whole, and looks older than the daemon's patience
    local dir=$REGION/agency-$1/feed name=$2
    shift 2
    printf '%s\n' "$HEADER" "$@" >"$dir/.new"
    touch -d '10 seconds ago' "$dir/.new"
    mv "$dir/.new" "$dir/$name"
}

watch_start() { # AGENCY ARGUMENT...
    local agency=$1
    shift
    "$BIN/concord-client" run --config "$REGION/agency-$agency/client.conf" --feed-interval 1s "$@" 2>>"$REGION/agency-$agency/log" &
    PID[run-$agency]=$!
}

matches_are() { # AGENCY COUNT
    local i
    for i in {1..200}; do
        client "$1" matches --csv >"$SCRATCH/matches" 2>/dev/null && [ "$(tail -n +2 "$SCRATCH/matches" | wc -l)" = "$2" ] && return 0
        sleep 0.1
    done
    tail -5 "$REGION/agency-$1/log" | sed 's/^/# /'
    return 1
}

matches_have() { # AGENCY RECORD
    local i
    for i in {1..200}; do
        client "$1" matches --csv 2>/dev/null | cut -d, -f3 | grep -qx "\"$2\"" && return 0
        sleep 0.1
    done
    return 1
}

region_create "$SCRATCH/region" THA IDN
region_start
says() { # AGENCY PATTERN: its daemon's log does, soon
    local i
    for i in {1..200}; do
        grep -q "$2" "$REGION/agency-$1/log" 2>/dev/null && return 0
        sleep 0.1
    done
    tail -5 "$REGION/agency-$1/log" | sed 's/^/# /'
    return 1
}

watch_start THA --sync-interval 1h
watch_start IDN --sync-interval 1h --snapshot

# It may be under a passphrase: it is opened once, and no work asks for it again.
check "THA's daemon has opened its identity" says THA 'event=running'
mv "$REGION/agency-THA/identity.key" "$REGION/agency-THA/away.key"
rows THA first.csv 'T0,Nguyen,Linh,F,1966-07-08,,,'
check "and enrols without opening it again" says THA 'event=enrolled'
check "and fetches its mail" says THA 'event=synchronised'
mv "$REGION/agency-THA/away.key" "$REGION/agency-THA/identity.key"

rows THA people.csv 'T1,Srisuwan,Somchai,M,1980-01-02,PASSPORT,THA,AA1234567' 'T2,Wongkul,Malee,F,1990-05-06,,,'
rows IDN a.csv 'I1,Srisuwan,Somchai,M,1980-01-02,PASSPORT,THA,AA1234567'
check "a record in both feeds is found by THA, whom the matcher wakes" matches_are THA 1
check "and by IDN" matches_are IDN 1

rows IDN b.csv 'I2,Wongkul,Malee,F,1990-05-06,,,'
check "a second feed of a snapshot adds to the first" matches_are THA 2
rows IDN b.csv 'I2,Wongkul,Malee,F,1971-07-08,,,'
check "a changed row changes the matches" matches_are THA 1
rm "$REGION/agency-IDN/feed/a.csv"
check "a feed that vanished from a snapshot withdraws its records" matches_are THA 0
rm "$REGION/agency-IDN/feed/b.csv"
rows THA other.csv 'T3,Wongkul,Malee,F,1971-07-08,,,'
check "an empty directory withdraws nothing" matches_are THA 1

printf '\xff\xfe\x00garbage' >"$REGION/agency-THA/feed/broken.csv"
touch -d '10 seconds ago' "$REGION/agency-THA/feed/broken.csv"
rows THA late.csv 'T4,Santoso,Budi,M,1975-01-01,,,'
rows IDN c.csv 'I4,Santoso,Budi,M,1975-01-01,,,'
check "a feed that is no CSV does not keep the others from being enrolled" matches_have IDN I4

daemon_stop matcher
rows IDN d.csv 'I5,Wongkul,Malee,F,1971-07-08,,,'
sleep 2
daemon_start matcher
kill -HUP "${PID[run-IDN]}"
check "what could not be sent while the matcher was down is sent when it is back" matches_are IDN 2
rests() { # AGENCY: three seconds in which its daemon does not synchronise come soon
    local i before now quiet=0
    for i in {1..60}; do
        now=$(grep -c 'event=synchronised' "$REGION/agency-$1/log")
        [ "$now" = "${before:-}" ] && quiet=$((quiet + 1)) || quiet=0
        [ $quiet -lt 6 ] || return 0
        before=$now
        sleep 0.5
    done
    echo "# $now times"
    return 1
}
check "where nothing comes, nothing is done" rests THA
check "also by an agency that had mail" rests IDN
check "the feed that is no CSV was complained of once" test "$(grep -c 'event=feed-failed.*broken.csv' "$REGION/agency-THA/log")" = 1
check "no field value is in the logs" bash -c "! grep -qiE 'Srisuwan|Wongkul|Santoso|AA1234567|1971-07-08' '$REGION'/agency-*/log '$REGION'/*/log"
check "THA's daemon ends in good order" daemon_stop run-THA
check "IDN's daemon ends in good order" daemon_stop run-IDN
