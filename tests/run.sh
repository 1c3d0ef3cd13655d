#!/bin/bash
# Runs every test, or those whose name contains one of the arguments, and closes with "N passed, N failed".
# A unit test prints TAP (cmocka does); an end-to-end test prints "ok ..." and "not ok ..." lines of its own.
# A test that exits non-zero without a "not ok" line, or prints no result at all, counts as one failure.
set -u
cd "$(dirname "$0")/.." || exit 1
export BUILD=${BUILD:-build}
export CMOCKA_MESSAGE_OUTPUT=TAP
log=$BUILD/test-logs
mkdir -p "$log"
passed=0 failed=0

run() { # name, command...
    local name=$1 out status p f
    shift
    if [ ${#wanted[@]} -gt 0 ]; then
        local hit=0 w
        for w in "${wanted[@]}"; do [[ $name == *$w* ]] && hit=1; done
        [ $hit -eq 1 ] || return
    fi
    out=$log/${name//\//-}.log
    local started=$SECONDS
    timeout "${TEST_TIMEOUT:-900}" "$@" >"$out" 2>&1 </dev/null
    status=$?
    p=$(grep -c '^ok ' "$out")
    f=$(grep -c '^not ok ' "$out")
    if [ "$f" -eq 0 ] && { [ $status -ne 0 ] || [ "$p" -eq 0 ]; }; then f=1; fi
    passed=$((passed + p)) failed=$((failed + f))
    printf '%-44s %4d ok %3d failed %4d s\n' "$name" "$p" "$f" $((SECONDS - started))
    grep -i '^# note:' "$out" | sed 's/^/    /'
    if [ "$f" -gt 0 ]; then
        grep -A 12 '^not ok ' "$out" | head -60 | sed 's/^/    /'
        [ $status -ne 0 ] && { echo "    exit status $status; the end of $out:"; tail -15 "$out" | sed 's/^/    /'; }
        echo "    alone: make check TESTS=$name"
    fi
}

wanted=("$@")
for t in tests/unit/*.c; do
    n=$(basename "$t" .c)
    run "unit/$n" "$BUILD/tests/unit/$n"
done
for t in tests/fuzz/*.c; do
    n=$(basename "$t" .c)
    [ "$n" = replay ] || run "fuzz/$n" "$BUILD/tests/fuzz/$n"
done
shopt -s nullglob
for t in tests/e2e/*.sh; do
    run "e2e/$(basename "$t" .sh)" "$t"
done
[ $((passed + failed)) -gt 0 ] || { echo "no test matches: $*" >&2; exit 1; }
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
