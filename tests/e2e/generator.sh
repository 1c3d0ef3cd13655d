#!/bin/bash
# The generator of feeds: the same seed gives the same files, another seed others, and its truth is about rows that exist.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch

generate() { # SEED DIR
    "$BIN/concord-generate" --agencies THA,IDN,BGD --records 500 --seed "$1" --out "$SCRATCH/$2"
}

rows_exist() {
    cut -d, -f1 "$SCRATCH"/a/{THA,IDN,BGD}.csv | sort >"$SCRATCH/ids"
    tail -n +2 "$SCRATCH/a/truth.csv" | cut -d, -f2,4 | tr , '\n' | sort -u >"$SCRATCH/named"
    [ -s "$SCRATCH/named" ] && [ -z "$(comm -23 "$SCRATCH/named" "$SCRATCH/ids")" ]
}

kinds() {
    [ "$(tail -n +2 "$SCRATCH/a/truth.csv" | cut -d, -f5 | sort -u | paste -sd' ')" = "same-document-other-person same-person" ]
}

refuses() {
    ! "$BIN/concord-generate" --agencies THA --records none --out "$SCRATCH/c" 2>"$SCRATCH/err" &&
        grep -q -- '--records wants a number' "$SCRATCH/err" && [ "$(wc -l <"$SCRATCH/err")" = 1 ]
}

generate 1 a && generate 1 b && generate 2 c || fail "concord-generate"
check "the same seed gives the same files" diff -r "$SCRATCH/a" "$SCRATCH/b"
check "another seed gives others" test "$(cksum <"$SCRATCH/a/THA.csv")" != "$(cksum <"$SCRATCH/c/THA.csv")"
check "the truth names rows that exist" rows_exist
check "the truth holds people and forged documents" kinds
check "a wrong argument is refused in one line" refuses
