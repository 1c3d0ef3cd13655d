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
        timeout -s KILL $((12 + 4 * i)) "$BIN/concord-client" "$2" --config "$REGION/agency-$1/client.conf" "${@:3}" >"$SCRATCH/said" 2>&1 && return
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

# --- a custodian that is dead, or slow, costs one process its seconds, and not the next ---

# A batch asks two of three, whom its id draws: so each is tried in several processes.
asks() { # enrols three rows of their own; in SAID what it says, in TOOK how long it took
    local began=$SECONDS
    { head -1 "$SCRATCH/data/THA.csv"; sed -n "$((2 + 30 * feed + 3 * few)),$((4 + 30 * feed + 3 * few))p" "$SCRATCH/data/THA.csv"; } >"$SCRATCH/feed.csv"
    few=$((few + 1))
    client THA enrol --quiet "$SCRATCH/feed.csv" >"$SCRATCH/said" 2>&1 || return 1
    TOOK=$((SECONDS - began))
}
meets() { # PROPERTY: of one of twenty processes
    for _ in {1..20}; do asks && "$@" && return; done
    return 1
}
meets_no_more() { # PROPERTY: of none of six
    for _ in {1..6}; do asks && ! "$@" || return 1; done
}
leaves_out() { grep -q '^left out custodian-2' "$SCRATCH/said"; }
waits() { [ $TOOK -ge 20 ]; }
few=0
daemon_kill custodian-2
check "a custodian that is dead is left out" meets leaves_out
check "and the next processes ask the others" meets_no_more leaves_out
rm -f "$REGION/agency-THA/vault.db.shunned"
mode swallow custodian-2
daemon_start custodian-2
check "one from which nothing comes is left out" meets leaves_out
check "and the next processes ask the others" meets_no_more leaves_out
loses_time() { [ $TOOK -ge 10 ]; }
check "and lose no time by it" meets_no_more loses_time
rm -f "$REGION/agency-THA/vault.db.shunned"
mode slow custodian-2
check "one that is slow is waited for" meets waits
check "and the next processes ask the others" meets_no_more waits
mode pass

# --- clocks ---

clock_said() { # SECONDS NAME...: within six seconds they and custodian-3 tell of each other
    local name try
    DAEMON_WRAP="env LD_PRELOAD=$(preload shift.so) CONCORD_SHIFT=$1" daemon_start custodian-3
    for name in "${@:2}"; do
        for try in {1..60}; do
            client THA enrol --quiet "$SCRATCH/feed.csv" >/dev/null 2>&1
            grep -q 'event=clock peer=custodian-3' "$REGION/$name/log" && grep -q "event=clock peer=$name" "$REGION/custodian-3/log" && continue 2
            sleep 0.2
        done
        return 1
    done
}
for days in 2 -2; do
    daemon_stop custodian-3
    for name in matcher custodian-3; do : >"$REGION/$name/log"; done
    check "a custodian whose clock is $days days ahead is told of by the matcher, and tells of it" clock_said $((86400 * days)) matcher
done
daemon_stop custodian-3
daemon_start custodian-3

for name in "${DAEMONS[@]}"; do daemon_stop "$name"; done
check "the ledgers verify" quietly "$BIN/concord-audit" verify --manifest "$REGION/region.json" "$REGION"/{matcher,custodian-1,custodian-2,custodian-3}/ledger
check "what was delivered is what had to be" quietly "$BIN/concord-audit" replay --archive "$REGION/matcher/archive" --manifest "$REGION/region.json" "$REGION/matcher/ledger"
