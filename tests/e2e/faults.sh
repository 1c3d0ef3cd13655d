#!/bin/bash
# Accidents: whoever is killed whenever, everything comes to exactly the result of a run without any. The same region, with
# the same keys, goes through a calm run and then, from the same beginning, through a stormy one.
# FAULT_SEED repeats the moments and victims of a run.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
RECORDS=1500
KILLS=10
SEED=${FAULT_SEED:-$$}
RANDOM=$SEED

enrol() { # AGENCY
    client "$1" enrol --quiet "$SCRATCH/data/$1.csv" >>"$REGION/agency-$1/log" 2>&1
}

# An agency's matches, each with the partner's record that its handle is of: handles themselves are drawn anew in each run.
matches_of() { # AGENCY
    local b
    client "$1" matches --csv | tail -n +2 >"$SCRATCH/matches" || return 1
    for b in "${AGENCIES[@]}"; do
        awk -F, -v b="$b" '$4 == b' "$SCRATCH/matches" >"$SCRATCH/part"
        [ -s "$SCRATCH/part" ] || continue
        cut -d, -f9 "$SCRATCH/part" | client "$b" whois | cut -d' ' -f3 >"$SCRATCH/ids"
        cut -d, -f2-8 "$SCRATCH/part" | paste -d, - "$SCRATCH/ids"
    done | sort
}

# What an agency and the matcher have in the end.
outcome() { # FILE
    local a
    for a in "${AGENCIES[@]}"; do
        client "$a" sync >"$SCRATCH/sync" 2>&1 || { sed 's/^/# /' "$SCRATCH/sync"; return 1; }
        matches_of "$a"
        client "$a" status | grep -E '^  .*(records|entries)'
    done >"$1"
}

move() { # FROM TO: the region as it lies there
    REGION=$2
    cp -r "$1" "$2"
}

# --- calm ---

region_create "$SCRATCH/new" THA IDN
for a in THA IDN; do quietly client $a matches; done # makes the vaults
"$BIN/concord-generate" --agencies THA,IDN --records $RECORDS --seed 11 --out "$SCRATCH/data" || fail "concord-generate"
move "$SCRATCH/new" "$SCRATCH/calm"
region_start
for a in THA IDN; do enrol $a || fail "enrolling $a: $(tail -1 "$REGION/agency-$a/log")"; done
outcome "$SCRATCH/calm-outcome" || fail "synchronising"
check "the calm run finds matches" test "$(grep -c same-person "$SCRATCH/calm-outcome")" -gt 100
region_stop

# --- storm ---

# Victims fall at random moments while the agency enrols; whoever fell is started again.
storm() { # AGENCY
    local agency=$1 kills=0 runs=0 victim pid
    while [ $kills -lt $KILLS ]; do
        [ $runs -lt 100 ] || { echo "# no end after 100 runs"; return 1; }
        runs=$((runs + 1))
        "$BIN/concord-client" enrol --config "$REGION/agency-$agency/client.conf" --quiet "$SCRATCH/data/$agency.csv" \
            >>"$REGION/agency-$agency/log" 2>&1 &
        pid=$!
        sleep "0.$(printf %02d $((RANDOM % 40)))"
        case $((RANDOM % 6)) in
        0 | 1) kill -KILL $pid 2>/dev/null ;;
        2) victim=matcher ;;
        *) victim=custodian-$((1 + RANDOM % 3)) ;;
        esac
        if [ -n "${victim:-}" ]; then
            daemon_kill "$victim"
            daemon_start "$victim"
            victim=
        fi
        wait $pid 2>/dev/null
        kills=$((kills + 1))
    done
    enrol "$agency"
}

move "$SCRATCH/new" "$SCRATCH/storm"
region_start
for a in THA IDN; do
    storm $a || { echo "# FAULT_SEED=$SEED; the agency's log ends:"; tail -3 "$REGION/agency-$a/log" | sed 's/^/#   /'; fail "$a did not come through"; }
done
outcome "$SCRATCH/storm-outcome" || fail "synchronising after the storm (FAULT_SEED=$SEED)"
converged() {
    cmp -s "$SCRATCH/calm-outcome" "$SCRATCH/storm-outcome" && return
    echo "# FAULT_SEED=$SEED"
    diff "$SCRATCH/calm-outcome" "$SCRATCH/storm-outcome" | head -10 | sed 's/^/# /'
    return 1
}
check "killed at random moments, all comes to the same entries, matches and records of partners" converged

# --- cheating and wrong custodians ---

# The first custodian that this agency asks, as the client chooses it.
first_asked() {
    local channel
    channel=$(grep -o '"channel": "[0-9a-f]*"' "$REGION/agency-THA/identity.key.pub" | cut -d'"' -f4)
    echo $((0x${channel:0:2} % 3 + 1))
}
CHEAT=custodian-$(first_asked)
daemon_stop "$CHEAT"
HONEST=$BIN
BIN=$SCRATCH/bin
mkdir "$BIN"
ln -s "$HONEST"/* "$BIN/"
ln -sf "$PWD/${BUILD:-build}/tests/cheating-custodian" "$BIN/concord-custodian"
[[ ${BUILD:-build} == /* ]] && ln -sf "$BUILD/tests/cheating-custodian" "$BIN/concord-custodian"
daemon_start "$CHEAT"
BIN=$HONEST
sed 's/^IDN-/NEW-/; s/^THA-/NEW-/' "$SCRATCH/data/IDN.csv" | head -200 >"$SCRATCH/more.csv"
client THA enrol --quiet "$SCRATCH/more.csv" >"$SCRATCH/out" 2>&1
check "with a cheating custodian enrolling succeeds" test $? -eq 0
check "the cheat is named, and why" grep -q "left out $CHEAT: .*proof" "$SCRATCH/out"
check "and no other" test "$(grep -c 'left out' "$SCRATCH/out")" = "$(grep -c "left out $CHEAT" "$SCRATCH/out")"
client THA sync >/dev/null 2>&1
check "the other coalition's tags are those that match" test "$(client THA matches --csv | grep -c ',"NEW-')" -gt 150
OTHER=$((10#${CHEAT#custodian-} % 3 + 1))
daemon_kill custodian-$OTHER
sed 's/^NEW-/NEWER-/' "$SCRATCH/more.csv" >"$SCRATCH/newer.csv"
client THA enrol --quiet "$SCRATCH/newer.csv" >"$SCRATCH/out" 2>&1
check "with only a cheat left beside one honest, enrolling fails" test $? -eq 1
check "and says that too few are left" grep -q 'too few custodians are left' "$SCRATCH/out"
daemon_stop "$CHEAT"
daemon_start "$CHEAT"
daemon_start custodian-$OTHER
check "all honest again, the same command completes" enrol THA

cp "$REGION/custodian-1/custodian.conf" "$REGION/custodian-1/wrong.conf"
sed -i "s|^Shares = .*|Shares = $REGION/custodian-2/shares|; s|^State = .*|State = $SCRATCH/wrong-state|" "$REGION/custodian-1/wrong.conf"
! timeout 20 "$BIN/concord-custodian" run --log-level error --config "$REGION/custodian-1/wrong.conf" 2>"$SCRATCH/out" </dev/null
check "another's shares are refused" test $? -eq 0
check "in one line that names the file" bash -c "[ \$(wc -l <'$SCRATCH/out') = 1 ] && grep -q 'custodian-2/shares/.*not sealed under the identity of custodian-1' '$SCRATCH/out'"

# --- a full disk under the daemons ---

small_disk() { # DIR SIZE
    mkdir -p "$1"
    mount -t tmpfs -o "size=$2" tmpfs "$1" 2>/dev/null
}

entries() {
    client THA status | awk '/^  .*epoch .* entries/ { n += $4 } END { print n + 0 }'
}

# As many as THA has in the calm run, whose status comes first.
CALM_ENTRIES=$(grep -E '^  .*epoch .* entries' "$SCRATCH/calm-outcome" | head -2 | awk '{ n += $4 } END { print n + 0 }')

enrols_in_time() { # the store goes on by itself a moment after there is room
    local i
    for i in {1..50}; do
        enrol THA && return
        sleep 0.2
    done
    return 1
}

daemon_stop matcher
move "$SCRATCH/new" "$SCRATCH/full"
for i in 1 2 3; do daemon_stop custodian-$i; done
if small_disk "$REGION/matcher/state" 2m; then
    trap 'region_end; umount "$SCRATCH/full/matcher/state"; rm -rf "$SCRATCH"' EXIT
    region_start
    client THA enrol --quiet "$SCRATCH/data/THA.csv" >"$SCRATCH/out" 2>&1
    check "a full disk under the matcher is told to the client" test $? -eq 1
    check "in one line that says so" grep -Eq '^concord-client: .*matcher refused PUT: .*([Nn]o space|full)' "$SCRATCH/out"
    check "the matcher still answers" test "$(client THA status 2>&1 | grep -c '^matcher ')" = 1
    mount -o remount,size=200m "$REGION/matcher/state"
    check "with room again it goes on by itself" enrols_in_time
    check "and has every entry" test "$(entries)" = "$CALM_ENTRIES"
    daemon_kill matcher
    daemon_start matcher
    check "also after a crash" test "$(entries)" = "$CALM_ENTRIES"
else
    echo "# note: no file system can be mounted here: a full disk under the matcher was not tried"
    region_start
    enrol THA || fail "enrolling THA"
fi

# --- what is left for the auditor ---

for name in matcher custodian-{1,2,3}; do
    check "$name ends in good order" daemon_stop $name
done
for run in storm full; do
    check "the ledgers of the $run verify" quietly "$BIN/concord-audit" verify --manifest "$SCRATCH/$run/region.json" \
        "$SCRATCH/$run"/{matcher,custodian-1,custodian-2,custodian-3}/ledger
done
