#!/bin/bash
# Bad networks: between every two parties stands a proxy (proxy.c) that delays, cuts, damages, swallows, repeats and reorders
# messages. Whatever it does, the same command in the end succeeds, with everything once, and the auditor finds nothing.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
exec 2> >(grep -v 'line [0-9]*: *[0-9]* Killed' >&2) # bash tells of each that falls
PURPOSES=persons
SEED=${SEED:-1}
MODES=${MODES:-delay cut damage loss half hole duplicate reorder}
DAEMONS=(custodian-1 custodian-2 custodian-3 matcher)

mode() { # MODE [DAEMON...]: of all, or of these
    local name
    for name in "${@:2}"; do echo "$1" >"$SCRATCH/mode-$name"; done
    [ $# -gt 1 ] || for name in "${DAEMONS[@]}"; do echo "$1" >"$SCRATCH/mode-$name"; done
}

proxies() { # the manifest's addresses are theirs; the daemons listen elsewhere
    local name port target
    for name in "${DAEMONS[@]}"; do
        port=${URL[$name]##*:} target=$(next_port)
        URL[behind-$name]=tcp://127.0.0.1:$target
        sed -i "s|^Listen = .*|Listen = ${URL[behind-$name]}|" "$REGION/$name/${name%-[0-9]*}.conf"
        "${BIN%/bin}/tests/proxy" "$port" "$target" "$SCRATCH/mode-$name" $SEED &
        PID[proxy-$name]=$!
    done
}

rows() { # NUMBER of the feed that comes next: of other people than any before
    { head -1 "$SCRATCH/data/THA.csv"; sed -n "$((2 + 30 * $1)),$((31 + 30 * $1))p" "$SCRATCH/data/THA.csv"; } >"$SCRATCH/feed.csv"
}

# The command again until it succeeds; one that waits for what was swallowed is killed after a while.
again() { # AGENCY VERB...
    local i
    for i in {1..25}; do
        timeout -s KILL 12 "$BIN/concord-client" "$2" --config "$REGION/agency-$1/client.conf" "${@:3}" >"$SCRATCH/said" 2>&1 && return
        [ $i -lt 20 ] || { echo "# try $i: $(tail -1 "$SCRATCH/said")"; mode pass; }
    done
    return 1
}

holds() { # RECORDS: all is sent, and nobody is accused; what the matcher has of it the replay tells at the end
    client THA status --json >"$SCRATCH/status" 2>"$SCRATCH/said" || { sed 's/^/# /' "$SCRATCH/said"; return 1; }
    jq -e --argjson n "$1" '.vault[0].records == $n and .vault[0].unsent == 0 and .evidence == 0' "$SCRATCH/status" >/dev/null && return
    jq -c '[.vault, .evidence, .matcher.purposes]' "$SCRATCH/status" | sed 's/^/# /'
    return 1
}

region_create "$SCRATCH/region" THA IDN
"$BIN/concord-generate" --agencies THA,IDN --records 400 --overlap 60 --seed 4 --out "$SCRATCH/data" || fail "concord-generate"
mode pass
proxies
region_start
head -200 "$SCRATCH/data/IDN.csv" >"$SCRATCH/idn.csv"
quietly client IDN enrol --quiet "$SCRATCH/idn.csv"
records=0 feed=0
for m in $MODES; do
    rows $feed
    mode "$m"
    started=$SECONDS
    check "$m: the agency comes through" again THA enrol --quiet "$SCRATCH/feed.csv"
    check "$m: and synchronises" again THA sync
    mode pass
    records=$((records + 30)) feed=$((feed + 1))
    check "$m: everything is there once" holds $records
    echo "# $m: $((SECONDS - started)) s"
done

# --- who has met a custodian that is dead asks the others first, also in its next process ---

asks() { # enrols the next feed; how many custodians it had to leave out
    rows $feed
    feed=$((feed + 1))
    client THA enrol --quiet "$SCRATCH/feed.csv" >"$SCRATCH/said" 2>&1 || { cat "$SCRATCH/said"; return; }
    grep -c '^left out custodian-' "$SCRATCH/said"
}
first_asked=custodian-$((0x$(grep -o '"channel": "[0-9a-f]*"' "$REGION/agency-THA/identity.key.pub" | cut -d'"' -f4 | head -c 2) % 3 + 1))
daemon_kill "$first_asked"
check "an agency whose first custodian is dead leaves it out" test "$(asks)" = 1
check "its next process asks the others at once" test "$(asks)" = 0
daemon_start "$first_asked"

# --- clocks ---

daemon_stop custodian-3
DAEMON_WRAP="env LD_PRELOAD=$(preload shift.so) CONCORD_SHIFT=172800" daemon_start custodian-3
clock_said() {
    for _ in {1..60}; do
        grep -q 'event=clock peer=custodian-3' "$REGION/matcher/log" && grep -q 'event=clock peer=matcher' "$REGION/custodian-3/log" && return
        sleep 0.2
    done
    return 1
}
rows $feed
client THA enrol --quiet "$SCRATCH/feed.csv" >/dev/null 2>&1
check "a custodian whose clock is two days ahead is told of by the matcher, and tells of it" clock_said
daemon_stop custodian-3
daemon_start custodian-3

for name in "${DAEMONS[@]}"; do daemon_stop "$name"; done
check "the ledgers verify" quietly "$BIN/concord-audit" verify --manifest "$REGION/region.json" "$REGION"/{matcher,custodian-1,custodian-2,custodian-3}/ledger
check "what was delivered is what had to be" quietly "$BIN/concord-audit" replay --archive "$REGION/matcher/archive" --manifest "$REGION/region.json" "$REGION/matcher/ledger"
