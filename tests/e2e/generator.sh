#!/bin/bash
# The generator of feeds: the same seed gives the same files, another seed others; its truth is about rows that exist; it knows
# every script and every error that it promises; clients take its rows.
set -u
cd "$(dirname "$0")/../.." || exit 1
PURPOSES=persons
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

# A forger's row and the holder's show one document; of two rows about a person who shows the same document, neither is odd.
forged_documents_are_shared() { # of files without errors
    cut -d, -f1,8-10 "$SCRATCH"/exact/???.csv | sort >"$SCRATCH/documents"
    grep same-document "$SCRATCH/exact/truth.csv" | cut -d, -f2,4 >"$SCRATCH/forged"
    [ -s "$SCRATCH/forged" ] && awk -F, 'NR == FNR { d[$1] = $2 "," $3 "," $4; next } d[$1] != d[$2] || d[$1] == ",," { exit 1 }' \
        "$SCRATCH/documents" "$SCRATCH/forged"
}

scripts() {
    local s
    for s in Arabic Bengali Myanmar Devanagari Han Hangul Kana Khmer Lao Sinhala Tamil Thai Cyrillic; do
        [ $s = Kana ] && s='Katakana}|\p{Hiragana'
        cut -d, -f4 "$SCRATCH"/many/???.csv | LC_ALL=C.UTF-8 grep -qP "\\p{$s}" || { echo "# no $s"; return 1; }
    done
    cut -d, -f2,3 "$SCRATCH/many/VNM.csv" | grep -q 'Nguyễn'
}

# How many rows of the many files match a pattern (extended, on the whole row).
rows_with() { cat "$SCRATCH"/many/???.csv | LC_ALL=C grep -ciE "$1"; }

errors_occur() {
    local what
    for what in ',(19|20)[0-9]{2},' ',(19|20)[0-9]{2}-[0-9]{2},' ',[0-9]{4}-01-01,' ',25[0-9]{2}-[0-9-]+,.*,buddhist,' ',minguo,' \
        'binti' '[ ,]a/l ' '[ ,](U|Daw|Ko|Ma) ' 'FNU|LNU' '^[^,]*,,[^,]' '[ ,][A-Z]\.? [A-Z]' ',[A-Z]{1,2}[ -][0-9]{6}' \
        ' \| ' ',P<[A-Z]{3}' ',I<[A-Z]{3}' '(Mohd|Md|Mohammed|Muhammad)' 'Nguyen' '(Zhang|Cheung|Chang|Teo)'; do
        [ "$(rows_with "$what")" -gt 0 ] || { echo "# no row with $what"; return 1; }
    done
}

# Other hands and machines, laid over a file: the same rows, the same from the same seed, and errors in enough of them.
spoils() { # PROCESS LEAST
    local in=$SCRATCH/a/THA.csv
    "$BIN/concord-quality" spoil "$1" 1 <"$in" >"$SCRATCH/spoilt" && "$BIN/concord-quality" spoil "$1" 1 <"$in" | cmp -s - "$SCRATCH/spoilt" &&
        cmp -s <(cut -d, -f1 "$in") <(cut -d, -f1 "$SCRATCH/spoilt") && cmp -s <(head -1 "$in") <(head -1 "$SCRATCH/spoilt") &&
        [ "$(comm -13 <(LC_ALL=C sort "$in") <(LC_ALL=C sort "$SCRATCH/spoilt") | wc -l)" -ge "$2" ]
}

taken() { # every row is one that a client takes, in whatever era and script
    region_create "$SCRATCH/region" THA TWN
    region_start
    quietly client THA enrol --quiet "$SCRATCH/many/THA.csv" && quietly client TWN enrol --quiet "$SCRATCH/many/TWN.csv"
}

generate 1 a && generate 1 b && generate 2 c || fail "concord-generate"
check "the same seed gives the same files" diff -r "$SCRATCH/a" "$SCRATCH/b"
check "another seed gives others" test "$(cksum <"$SCRATCH/a/THA.csv")" != "$(cksum <"$SCRATCH/c/THA.csv")"
check "the truth names rows that exist" rows_exist
check "the truth holds people and forged documents" kinds
check "a wrong argument is refused in one line" refuses
"$BIN/concord-generate" --agencies THA,IDN,BGD --records 1000 --errors 0 --out "$SCRATCH/exact" || fail "concord-generate"
check "a forged document is the document of another" forged_documents_are_shared
"$BIN/concord-generate" --agencies THA,LAO,KHM,MMR,VNM,CHN,TWN,KOR,JPN,BGD,IND,LKA,PAK,MYS,UZB --records 500 \
    --out "$SCRATCH/many" || fail "concord-generate"
check "every script of the region occurs" scripts
check "every kind of error occurs" errors_occur
check "clients take every row" taken
for process in "keyboard 20" "hearing 20" "camera 20" "clerk 10" "migration 10" "few 90"; do
    # shellcheck disable=SC2086 # a name and a number
    check "a register is spoilt by ${process% *}, repeatably" spoils $process
done
check "the rates are told" bash -c "'$BIN/concord-generate' --rates | grep -q '^RESPELLED'"
