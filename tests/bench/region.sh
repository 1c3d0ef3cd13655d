#!/bin/bash
# What only whole processes show: a region on loopback, an agency enrols invented rows. Prints one number.
#
#   region.sh tokens ROWS   tokens a second, from feed to receipt, all daemons on this machine
#   region.sh rss ROWS      peak resident memory of concord-client, megabytes
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
WHAT=$1 ROWS=$2

# The peak so far of a process, MB; what it was when the process ended is at most one look ago.
watch_peak() { # PID
    local peak=0 now
    while kill -0 "$1" 2>/dev/null; do
        now=$(awk '/^VmHWM/ { print $2 }' "/proc/$1/status" 2>/dev/null)
        [ "${now:-0}" -gt "$peak" ] && peak=$now
        sleep 0.1
    done
    awk "BEGIN { print $peak / 1024 }"
}

region_create "$SCRATCH/region" THA IDN
quietly "$BIN/concord-generate" --agencies THA,IDN --records "$ROWS" --out "$SCRATCH/feeds"
region_start
case $WHAT in
tokens)
    quietly client IDN enrol --quiet "$SCRATCH/feeds/IDN.csv"
    started=$(date +%s.%N)
    client THA enrol "$SCRATCH/feeds/THA.csv" >"$SCRATCH/report" 2>"$SCRATCH/messages"
    [ $? -eq 0 ] || [ $? -eq 3 ] || fail "enrolling said: $(tail -1 "$SCRATCH/messages")"
    ended=$(date +%s.%N)
    awk -v seconds="$started $ended" '{ for (i = 2; i <= NF; i++) if ($i ~ /^tokens/) tokens += $(i - 1) }
        END { split(seconds, t, " "); print tokens / (t[2] - t[1]) }' "$SCRATCH/report"
    ;;
rss)
    "$BIN/concord-client" enrol --config "$REGION/agency-THA/client.conf" --quiet "$SCRATCH/feeds/THA.csv" \
        2>"$SCRATCH/messages" &
    watch_peak $!
    wait $! || [ $? -eq 3 ] || fail "enrolling said: $(tail -1 "$SCRATCH/messages")"
    ;;
esac
