#!/bin/bash
# Accidents (make faults KILLS=n SEED=n): a region lives through a history once in calm and, from the same keys and feeds,
# once while its daemons and clients are killed. Both must come to the same: every row enrolled once, the same matches,
# scores and verdicts, nothing for the auditor. SEED decides who is killed, when and at which step; what these moments
# meet is the machine's affair.
#
# Half of the victims fall at a random moment, half at a step of their own that the world notices (tests/e2e/errors/fuse.c).
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
exec 2> >(grep -v 'line [0-9]*: *[0-9]* Killed' >&2) # bash tells of each that falls
# FAULTS_KEEP=DIR keeps everything there.
trap 'region_end; [ -z "${FAULTS_KEEP:-}" ] || cp -r "$SCRATCH" "$FAULTS_KEEP"; rm -rf "$SCRATCH"' EXIT
KILLS=${KILLS:-200}
SEED=${SEED:-1}
RECORDS=${RECORDS:-$((KILLS < 50 ? 60 : 600))}
PARTIES=(THA IDN MYS)
STAGES=(first second judged expired) # at whose end both are compared
[ "$KILLS" -ge 50 ] || PARTIES=(THA IDN) STAGES=(judged expired)
DAEMONS=(custodian-1 custodian-2 custodian-3 matcher)
DAY=86400
shopt -s nullglob
mkfifo "$SCRATCH/never"
SHIFT_LIBRARY=$(preload shift.so)
FUSE_LIBRARY=$(preload fuse.so)

# --- who is started, and falls ---

# With the clock ahead, and a fuse of so many steps, 0: none, that lasts until the act is over.
wrap() { # COMMAND...
    LD_PRELOAD=$SHIFT_LIBRARY:$FUSE_LIBRARY CONCORD_SHIFT=$CLOCK CONCORD_FUSE=$FUSE CONCORD_FUSE_UNTIL=$REGION/over exec "$@"
}

# One in three that rise carries a fuse.
draw_fuse() { # STEPS: to FUSE
    FUSE=$((RANDOM % 3 == 0 && KILLING ? 1 + RANDOM % $1 : 0))
}

fallen() { # WHO
    echo "$1" >>"$REGION/kills"
}

count_kills() { # to FELL
    local lines
    mapfile -t lines <"$REGION/kills"
    FELL=${#lines[@]}
}

rise() { # DAEMON
    local kind=${1%-[0-9]*}
    draw_fuse 120
    wrap "$BIN/concord-$kind" run --config "$REGION/$1/$kind.conf" 2>>"$REGION/$1/log" </dev/null &
    PID[$1]=$!
}

# Who fell by its fuse rises again. Nobody ends in any other way.
look_after() {
    local name status
    for name in "${DAEMONS[@]}"; do
        kill -0 "${PID[$name]}" 2>/dev/null && continue
        wait "${PID[$name]}"
        status=$?
        [ $status -eq 137 ] || fail "$name ended with status $status: $(tail -1 "$REGION/$name/log") (SEED=$SEED)"
        fallen "$name"
        rise "$name"
    done
}

pause() { # MILLISECONDS; without a process, unlike sleep
    read -rt "$(($1 / 1000)).$(($1 % 1000 / 100))$(($1 % 100 / 10))$(($1 % 10))" <>"$SCRATCH/never"
}

strike() {
    local victim=$((RANDOM % (4 + ${#PARTIES[@]}))) name
    if [ $victim -lt 4 ]; then
        name=${DAEMONS[$victim]}
        kill -KILL "${PID[$name]}" 2>/dev/null && fallen "$name"
        wait "${PID[$name]}" 2>/dev/null
        rise "$name"
    else
        kill -KILL "$(cat "$REGION/agency-${PARTIES[$((victim - 4))]}/pid")" 2>/dev/null
    fi
}

# --- what an agency does, whatever falls ---

attempt() { # AGENCY VERB...: its status
    local agency=$1 verb=$2 dir=$REGION/agency-$1 status
    shift 2
    draw_fuse 400
    wrap "$BIN/concord-client" "$verb" --config "$dir/client.conf" "$@" >"$dir/said" 2>&1 </dev/null &
    echo $! >"$dir/pid"
    wait $! 2>/dev/null
    status=$?
    [ $status -ne 137 ] || fallen "$agency"
    { echo "$verb: $status"; cat "$dir/said"; } >>"$dir/log"
    return $status
}

# What an agency refuses must never have come: that would be somebody's fault, and nobody here is at fault.
blame() { # AGENCY
    echo "$1 refuses what came: $(tail -1 "$REGION/agency-$1/said")" >>"$REGION/findings"
}

enrol() { # AGENCY FEED
    attempt "$1" enrol --quiet "$FEEDS/$1-$2.csv"
}

# A removal whose client was killed behind its end is refused when it is repeated, since all is gone.
withdraw() { # AGENCY
    local gone=($(cat "$FEEDS/$1-removed"))
    attempt "$1" remove "${gone[@]}" && return
    grep -q "since ${#gone[@]} of ${#gone[@]} records are not enrolled" "$REGION/agency-$1/said"
}

synchronise() { # AGENCY
    attempt "$1" sync
    local status=$?
    [ $status -ne 6 ] || blame "$1"
    return $status
}

# The command again until it succeeds; then it synchronises until the act is over.
persist() { # AGENCY COMMAND...
    local agency=$1 command=$2 tries=0
    shift 2
    RANDOM=$((SEED * 31 + 7 * ACT + 0x$(md5sum <<<"$agency" | head -c 3)))
    until "$command" "$agency" "$@"; do
        [ -e "$REGION/over" ] && KILLING=0 && tries=$((tries + 1))
        [ $tries -lt 60 ] || { touch "$REGION/stuck"; echo "$agency: $command: $(cat "$REGION/agency-$agency/said")" >>"$REGION/findings"; return; }
        pause 50
    done
    touch "$REGION/done-$agency"
    until [ -e "$REGION/over" ]; do synchronise "$agency"; done
}

# An act: all agencies do it at once, while so many fall.
act() { # KILLS COMMAND...
    local until a deeds=() done=()
    count_kills
    until=$((FELL + $1))
    shift
    ACT=$((ACT + 1))
    rm -f "$REGION"/over "$REGION"/done-*
    KILLING=$((until > FELL))
    for a in "${PARTIES[@]}"; do persist "$a" "$@" & deeds+=($!); done
    while [ $FELL -lt $until ]; do
        look_after
        pause $((20 + RANDOM % 280))
        strike
        count_kills
    done
    KILLING=0
    touch "$REGION/over"
    while [ ${#done[@]} -lt ${#PARTIES[@]} ] && [ ! -e "$REGION/stuck" ]; do
        look_after
        pause 50
        done=("$REGION"/done-*)
    done
    wait "${deeds[@]}"
    count_kills
    echo "# $*: $FELL fell so far, $SECONDS s"
}

all_rise() { # CLOCK: nobody carries a fuse; all listen when this returns
    local name lines
    local -A from
    CLOCK=$1
    for name in "${DAEMONS[@]}"; do
        [ -z "${PID[$name]:-}" ] || daemon_kill "$name"
    done
    for name in "${DAEMONS[@]}"; do
        : >>"$REGION/$name/log"
        lines=$(wc -l <"$REGION/$name/log")
        rise "$name"
        from[$name]=$((lines + 1))
    done
    for name in "${DAEMONS[@]}"; do
        for _ in {1..200}; do
            tail -n "+${from[$name]}" "$REGION/$name/log" | grep -q 'event=listening' && continue 2
            kill -0 "${PID[$name]}" 2>/dev/null || fail "$name ended: $(tail -1 "$REGION/$name/log")"
            sleep 0.05
        done
        fail "$name is not listening after 10 seconds: $(tail -1 "$REGION/$name/log")"
    done
}

# --- what it comes to ---

quiet() { # AGENCY VERB...: without any accident
    LD_PRELOAD=$SHIFT_LIBRARY CONCORD_SHIFT=$CLOCK client "$@"
}

# Puts the partner's record in the place of its handle, the second column, since handles are drawn anew in each run; that
# of a record that was withdrawn is known to nobody.
named() { # AGENCY
    local b
    for b in "${PARTIES[@]}"; do
        awk -F'\t' -v b="$b" '$1 == b { print $2 }' "$SCRATCH/list" >"$SCRATCH/part"
        [ ! -s "$SCRATCH/part" ] || quiet "$b" whois <"$SCRATCH/part" 2>/dev/null
    done | awk -v FS='[\t ]' -v OFS='\t' -v a="$1" 'NR == FNR { id[$1] = $3; next } { $2 = id[$2]; print a, $0 }' - "$SCRATCH/list"
}

# Everything that an agency can look at and that depends on nothing but the history. Until entries expire the matcher has
# those that the vault knows of, and no other.
outcome() {
    local a
    for a in "${PARTIES[@]}"; do
        quiet "$a" matches --json | jq -r '.[] | [.partner, .handle, .purpose, .record, .kind, .score, .state, .judged.state] | @tsv' >"$SCRATCH/list"
        named "$a"
        quiet "$a" judge --json | jq -r '.[] | [.partner, .handle, .purpose, .record, .judged.state, .score] | @tsv' >"$SCRATCH/list"
        named "$a"
        quiet "$a" status --json | jq -r --arg a "$a" --argjson whole "$WHOLE" '(.vault[] | [$a, .purpose, .epoch, .records, .tags, .unsent]),
            (.vault as $v | .matcher.purposes[] | . as $m | $v[] | select($whole and .purpose == $m.purpose and .epoch == $m.epoch) |
                [$a, .purpose, .epoch, "entries of none", ($m.entries - .tags - .decoys)]), [$a, "messages", .matcher.messages], [$a, "evidence", .evidence] | @tsv'
    done | LC_ALL=C sort
}

# A daemon that rose a moment ago does not listen at once: who does not reach it tries again, as its user would.
reached() { # synchronise AGENCY
    local try
    for ((try = 0; try < 20; try++)); do
        "$@" && return
        grep -q 'cannot be reached' "$REGION/agency-$2/said" || return
        sleep 1
    done
    return 1
}

# A round in which nobody had mail or letters: those of judging go to and fro, entries go when their time has come.
settle() { # STAGE
    local a round busy=1
    for ((round = 0; busy && round < 30; round++)); do
        busy=0
        for a in "${PARTIES[@]}"; do
            reached synchronise "$a" || fail "$a cannot synchronise: $(tail -1 "$REGION/agency-$a/said") (SEED=$SEED)"
            grep -qE '^mail: 0 entries of partners, 0 withdrawn' "$REGION/agency-$a/said" && ! grep -q '^letters' "$REGION/agency-$a/said" || busy=1
        done
    done
    [ $busy -eq 0 ] || fail "no end of mail after $round rounds (SEED=$SEED)"
    [[ " ${STAGES[*]} " != *" $1 "* ]] || outcome >"$REGION/$1"
}

# The ids that a feed has and that were not withdrawn must all be enrolled: removing them and one that nobody has removes
# none, and says how many are not.
lost_rows() { # AGENCY
    tail -n +2 "$FEEDS/$1-second.csv" | cut -d, -f1 | grep -vxFf <(tr ' ' '\n' <"$FEEDS/$1-removed") >"$SCRATCH/kept"
    quiet "$1" remove $(cat "$SCRATCH/kept") NOBODY >"$SCRATCH/out" 2>&1
    sed -n 's/.*since \([0-9]*\) of .*/\1/p' "$SCRATCH/out" | awk '{ n = $1 - 1 } END { print (NR == 1 ? n : 9999) }'
}

audit() { # VERB ARGUMENT...
    "$BIN/concord-audit" "$1" --manifest "$REGION/region.json" "${@:2}" >"$SCRATCH/out" 2>&1 && return
    echo "audit $1: $(grep -v '^ok' "$SCRATCH/out" | head -5 | tr '\n' ' ')" >>"$REGION/findings"
}

audits() {
    local ledgers=() name a
    for name in "${DAEMONS[@]}"; do
        daemon_stop "$name" || echo "$name does not end in good order" >>"$REGION/findings"
        ledgers+=("$REGION/$name/ledger")
    done
    audit verify "${ledgers[@]}"
    audit replay --archive "$REGION/matcher/archive" "$REGION/matcher/ledger"
    audit reconcile --archive "$REGION/matcher/archive" "${ledgers[@]}"
    audit report --archive "$REGION/matcher/archive" --out "$SCRATCH/report" "${ledgers[@]}"
    for a in "${PARTIES[@]}"; do
        rm -rf "$SCRATCH/receipts"
        quiet "$a" receipts "$SCRATCH/receipts" >/dev/null 2>&1
        audit inclusion "$SCRATCH"/receipts/*.tlog-proof "$REGION/matcher/ledger"
        quiet "$a" check-vault >"$SCRATCH/out" 2>&1 || echo "$a's vault: $(tail -1 "$SCRATCH/out")" >>"$REGION/findings"
    done
}

# --- the history ---

feeds() { # two for each agency: most rows; then all, of which some changed; and who is withdrawn
    local a
    FEEDS=$SCRATCH/feeds
    "$BIN/concord-generate" --agencies "$(IFS=,; echo "${PARTIES[*]}")" --records "$RECORDS" --seed "$SEED" --out "$FEEDS" || fail "concord-generate"
    for a in "${PARTIES[@]}"; do
        head -n $((RECORDS * 8 / 10)) "$FEEDS/$a.csv" >"$FEEDS/$a-first.csv"
        awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "sex") c = i }
            NR > 1 && NR % 17 == 0 { $c = $c == "F" ? "M" : "F" } { print }' "$FEEDS/$a.csv" >"$FEEDS/$a-second.csv"
        awk -F, 'NR > 1 && NR % 11 == 5 { print $1 }' "$FEEDS/$a-first.csv" | tr '\n' ' ' >"$FEEDS/$a-removed"
    done
}

live() { # KILLS
    local share=$(($1 / 6))
    ACT=0
    WHOLE=true
    rm -f "$REGION/findings" "$REGION/stuck"
    : >"$REGION/kills"
    all_rise 0
    act $share enrol first
    act $share synchronise
    settle first # what was judged before a record goes depends on who synchronised when
    act $share enrol second
    settle second
    act $share withdraw
    act $share synchronise
    settle judged
    for a in "${PARTIES[@]}"; do ROWS_LOST=$((ROWS_LOST + $(lost_rows "$a"))); done
    all_rise $((370 * DAY))
    WHOLE=false
    act $(($1 - 5 * share)) synchronise
    all_rise "$CLOCK"
    settle expired
    ! grep -q same-person "$REGION/expired" || echo "matches stay behind their retention" >>"$REGION/findings"
    [ "$KILLS" -lt 50 ] && [ "$1" -eq 0 ] || audits # the calm of a short run goes unaudited
}

move() { # TO
    cp -r "$SCRATCH/new" "$1"
    REGION=$1
}

region_create "$SCRATCH/new" "${PARTIES[@]}"
feeds
RANDOM=$SEED
KILLING=0
CLOCK=0
for a in "${PARTIES[@]}"; do quietly client "$a" matches; done # makes the vaults
ROWS_LOST=0
move "$SCRATCH/calm"
live 0
[ ! -s "$REGION/findings" ] || fail "in calm: $(cat "$REGION/findings")"
[ $ROWS_LOST -eq 0 ] || fail "in calm: $ROWS_LOST rows are not enrolled"
grep -q same-person "$REGION/judged" || fail "in calm: no match"
move "$SCRATCH/storm"
live "$KILLS"

lost=$ROWS_LOST doubled=0
for part in "${STAGES[@]}"; do
    lost=$((lost + $(LC_ALL=C comm -23 "$SCRATCH/calm/$part" "$SCRATCH/storm/$part" | wc -l)))
    doubled=$((doubled + $(LC_ALL=C comm -13 "$SCRATCH/calm/$part" "$SCRATCH/storm/$part" | wc -l)))
    diff "$SCRATCH/calm/$part" "$SCRATCH/storm/$part" >"$SCRATCH/diff" || { echo "# $part, calm and storm:"; head -20 "$SCRATCH/diff" | sed 's/^/#   /'; }
done
# The stages beside it; the short run leaves them out.
for stage in disk network; do
    [ "$KILLS" -ge 50 ] || continue
    SEED=$SEED "tests/faults/$stage.sh" >"$SCRATCH/$stage" 2>&1
    status=$?
    sed "s/^/# $stage: /" "$SCRATCH/$stage"
    grep '^not ok' "$SCRATCH/$stage" >>"$REGION/findings"
    [ $status -eq 0 ] || echo "$stage: ended with status $status" >>"$REGION/findings"
done
findings=$(cat "$REGION/findings" 2>/dev/null | wc -l)
[ "$findings" -eq 0 ] || sed 's/^/# /' "$REGION/findings"
fell=$(sort "$REGION/kills" 2>/dev/null | uniq -c | awk '{ printf "%s%s %s", (NR > 1 ? ", " : ""), $2, $1 }')
echo "# fell: $fell; $(wc -l <"$SCRATCH/storm/judged") lines compared behind judging, $(wc -l <"$SCRATCH/storm/expired") behind retention"
verdict=ok
[ "$lost" -eq 0 ] && [ "$doubled" -eq 0 ] && [ "$findings" -eq 0 ] || verdict=failed
echo "faults: $verdict kills=$FELL lost=$lost doubled=$doubled findings=$findings seed=$SEED"
[ $verdict = ok ]
