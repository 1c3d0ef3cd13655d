#!/bin/bash
# Runs every test, or those whose name contains one of the arguments, and closes with "N passed, N failed". One more
# runs at once than there are processors, since many wait for a clock, or TEST_JOBS; each writes into a log of its own and is
# reported when it ends.
# A unit test prints TAP (cmocka does); an end-to-end test prints "ok ..." and "not ok ..." lines of its own.
# A test that exits non-zero without a "not ok" line, or prints no result at all, counts as one failure.
set -u
cd "$(dirname "$0")/.." || exit 1
export BUILD=${BUILD:-build}
export CMOCKA_MESSAGE_OUTPUT=TAP
log=$BUILD/test-logs
mkdir -p "$log"
passed=0 failed=0
wanted=("$@")
declare -A name_of=() started_at=()
trap 'kill $(jobs -p) 2>/dev/null; exit 130' INT TERM

report() { # NAME STATUS SECONDS
    local name=$1 status=$2 out=$log/${1//\//-}.log p f
    p=$(grep -c '^ok ' "$out")
    f=$(grep -c '^not ok ' "$out")
    if [ "$f" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$p" -eq 0 ]; }; then f=1; fi
    passed=$((passed + p)) failed=$((failed + f))
    printf '%-44s %4d ok %3d failed %4d s\n' "$name" "$p" "$f" "$3"
    grep -i '^# note:' "$out" | sed 's/^/    /'
    if [ "$f" -gt 0 ]; then
        grep -A 12 '^not ok ' "$out" | head -60 | sed 's/^/    /'
        [ "$status" -ne 0 ] && { echo "    exit status $status; the end of $out:"; tail -15 "$out" | sed 's/^/    /'; }
        echo "    alone: make check TESTS=$name"
    fi
}

# Waits for any test to end, and reports it.
reap() {
    local pid status
    wait -n -p pid
    status=$?
    report "${name_of[$pid]}" $status $((SECONDS - started_at[$pid]))
    unset "name_of[$pid]"
}

run() { # NAME COMMAND
    local w hit=0
    for w in "${wanted[@]}"; do [[ $1 == *$w* ]] && hit=1; done
    [ ${#wanted[@]} -eq 0 ] || [ $hit -eq 1 ] || return
    [ ${#name_of[@]} -lt "${TEST_JOBS:-$(($(nproc) + 1))}" ] || reap
    (timeout "${TEST_TIMEOUT:-900}" "$2"; exit $?) >"$log/${1//\//-}.log" 2>&1 </dev/null & # a job that a signal ends may escape wait -n
    name_of[$!]=$1
    started_at[$!]=$SECONDS
}

for t in tests/unit/*.c; do
    n=$(basename "$t" .c)
    run "unit/$n" "$BUILD/tests/unit/$n"
done
for t in tests/fuzz/*.c; do
    n=$(basename "$t" .c)
    [ "$n" = driver ] || run "fuzz/$n" "$BUILD/tests/fuzz/$n"
done
shopt -s nullglob
for t in tests/e2e/*.sh; do
    run "e2e/$(basename "$t" .sh)" "$t"
done
while [ ${#name_of[@]} -gt 0 ]; do reap; done
[ $((passed + failed)) -gt 0 ] || { echo "no test matches: $*" >&2; exit 1; }
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
