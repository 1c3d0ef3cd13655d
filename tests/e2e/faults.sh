#!/bin/bash
# Accidents: a short run of tests/faults, in which whoever is killed whenever, everything comes to exactly the result of a run
# without any; then custodians that cheat or have other shares, and a full disk. FAULT_SEED repeats the victims and moments.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
RECORDS=700
SEED=${FAULT_SEED:-1}

enrol() { # AGENCY
    client "$1" enrol --quiet "$SCRATCH/data/$1.csv" >>"$REGION/agency-$1/log" 2>&1
}

entries() {
    client THA status | awk '/^  .*epoch .* entries/ { n += $4 } END { print n + 0 }'
}

move() { # FROM TO: the region as it lies there
    REGION=$2
    cp -r "$1" "$2"
}

# --- killed ---

stands() { # whatever falls
    KILLS=8 SEED=$SEED tests/faults/faults.sh >"$SCRATCH/faults" 2>&1
    grep -q "^faults: ok kills=[0-9]* lost=0 doubled=0 findings=0 seed=$SEED\$" "$SCRATCH/faults" && return
    sed 's/^/# /' "$SCRATCH/faults"
    return 1
}
check "killed at random moments, all comes to the same rows, matches and verdicts" stands

# --- calm ---

region_create "$SCRATCH/new" THA IDN
for a in THA IDN; do quietly client $a matches; done # makes the vaults
"$BIN/concord-generate" --agencies THA,IDN --records $RECORDS --seed 11 --out "$SCRATCH/data" || fail "concord-generate"
move "$SCRATCH/new" "$SCRATCH/calm"
region_start
enrol THA || fail "enrolling THA: $(tail -1 "$REGION/agency-THA/log")"
CALM_ENTRIES=$(entries)
head -400 "$SCRATCH/data/IDN.csv" >"$SCRATCH/data/some.csv"
client IDN enrol --quiet "$SCRATCH/data/some.csv" >>"$REGION/agency-IDN/log" 2>&1
quietly client THA sync

# --- cheating and wrong custodians ---

CHEAT=custodian-2
daemon_stop "$CHEAT"
HONEST=$BIN
BIN=$SCRATCH/bin
mkdir "$BIN"
ln -s "$HONEST"/* "$BIN/"
ln -sf "${HONEST%/bin}/tests/cheating-custodian" "$BIN/concord-custodian"
daemon_start "$CHEAT"
BIN=$HONEST

# Whom a batch asks first is drawn by its id: two in three ask the cheat. So other rows again until it was asked.
met() {
    local try
    for try in {1..40}; do
        sed "s/^IDN-/NEW-$try-/; s/^THA-/NEW-$try-/" "$SCRATCH/data/IDN.csv" | head -200 >"$SCRATCH/more.csv"
        client THA enrol --quiet "$SCRATCH/more.csv" >"$SCRATCH/out" 2>&1 || return
        ! grep -q 'left out' "$SCRATCH/out" || return 0
    done
    echo "# none of $try enrolments had anybody to leave out" >>"$SCRATCH/out"
}
check "with a cheating custodian enrolling succeeds" met
check "the cheat is named, and why" grep -q "left out $CHEAT: .*proof" "$SCRATCH/out"
check "and no other" test "$(grep -c 'left out' "$SCRATCH/out")" = "$(grep -c "left out $CHEAT" "$SCRATCH/out")"
client THA sync >/dev/null 2>&1
check "the other coalition's tags are those that match" test "$(client THA matches --csv | grep -c ',"NEW-')" -gt 150
daemon_kill custodian-3
sed 's/^NEW-/NEWER-/' "$SCRATCH/more.csv" >"$SCRATCH/newer.csv"
client THA enrol --quiet "$SCRATCH/newer.csv" >"$SCRATCH/out" 2>&1
check "with only a cheat left beside one honest, enrolling fails" test $? -eq 1
check "and says that too few are left" grep -q 'too few custodians are left' "$SCRATCH/out"
daemon_stop "$CHEAT"
daemon_start "$CHEAT"
daemon_start custodian-3
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
for run in calm full; do
    check "the ledgers of the $run verify" quietly "$BIN/concord-audit" verify --manifest "$SCRATCH/$run/region.json" \
        "$SCRATCH/$run"/{matcher,custodian-1,custodian-2,custodian-3}/ledger
done
