#!/bin/bash
# What only whole processes show: a region on loopback, an agency enrols invented rows. Prints numbers on one line.
#
#   region.sh tokens ROWS   tokens a second, from feed to receipt, all daemons on this machine; then the processor time of
#                           client, custodians and matcher for a token, microseconds
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

# Seconds of processor time that daemons have taken.
spent() { # NAME...
    local name
    for name; do cut -d ' ' -f 14,15 "/proc/${PID[$name]}/stat"; done |
        awk -v hz="$(getconf CLK_TCK)" '{ ticks += $1 + $2 } END { print ticks / hz }'
}

region_create "$SCRATCH/region" THA IDN
quietly "$BIN/concord-generate" --agencies THA,IDN --records "$ROWS" --out "$SCRATCH/feeds"
region_start
case $WHAT in
tokens)
    quietly client IDN enrol --quiet "$SCRATCH/feeds/IDN.csv"
    before=("$(spent custodian-{1,2,3})" "$(spent matcher)")
    started=$(date +%s.%N)
    { TIMEFORMAT='%U %S'; time client THA enrol "$SCRATCH/feeds/THA.csv" >"$SCRATCH/report" 2>"$SCRATCH/messages"; } 2>"$SCRATCH/time"
    ended=$(date +%s.%N)
    grep -q 'tokens' "$SCRATCH/report" || fail "enrolling said: $(tail -1 "$SCRATCH/messages")"
    awk -v wall="$started $ended" -v client="$(cat "$SCRATCH/time")" -v custodians="${before[0]} $(spent custodian-{1,2,3})" \
        -v matcher="${before[1]} $(spent matcher)" '
        { for (i = 2; i <= NF; i++) if ($i ~ /^tokens/) tokens += $(i - 1) }
        END {
            split(wall, w, " "); split(client, c, " "); split(custodians, k, " "); split(matcher, m, " ")
            print tokens / (w[2] - w[1]), (c[1] + c[2]) / tokens * 1e6, (k[2] - k[1]) / tokens * 1e6, (m[2] - m[1]) / tokens * 1e6
        }' "$SCRATCH/report"
    ;;
rss)
    "$BIN/concord-client" enrol --config "$REGION/agency-THA/client.conf" --quiet "$SCRATCH/feeds/THA.csv" \
        2>"$SCRATCH/messages" &
    watch_peak $!
    wait $! || [ $? -eq 3 ] || fail "enrolling said: $(tail -1 "$SCRATCH/messages")"
    ;;
esac
