#!/bin/bash
# Matching measured offline: the bars of accuracy in small, on data of others (FEBRL) where it is there and on the generator's.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
FEBRL=${FEBRL:-../shared/data/febrl}
CLIENT=$BIN/concord-client
NAMES=(--map rec_id=record_id --map given_name=given_names --map surname=family_name)

# The first number of that name in the report: those of all kinds together come before those by kind.
number() { # NAME FILE
    grep -o "\"$1\": [0-9.]*" "$2" | head -1 | cut -d' ' -f2
}

# Conditions such as "precision >= 0.99" on a report.
holds() { # FILE CONDITION...
    local file=$1 condition name sign bar
    shift
    for condition in "$@"; do
        read -r name sign bar <<<"$condition"
        awk -v v="$(number "$name" "$file")" -v b="$bar" "BEGIN { exit !(v != \"\" && v $sign b) }" && continue
        echo "# $name is $(number "$name" "$file"), not $sign $bar"
        return 1
    done
}

evaluates() { # REPORT ARGUMENT...
    local report=$1
    shift
    "$CLIENT" evaluate --quiet --json "$@" >"$report" 2>"$SCRATCH/err" || { sed 's/^/# /' "$SCRATCH/err"; return 1; }
}

# --- FEBRL, on given name, surname and birth date alone ---

febrl_make() {
    mkdir -p "$SCRATCH/febrl"
    cp "$FEBRL"/dataset4{a,b}.csv "$SCRATCH/febrl/"
    awk -F, 'BEGIN { print "agency_a,record_a,agency_b,record_b,kind" }
        NR > 1 { split($1, id, "-"); print "dataset4a,rec-" id[2] "-org,dataset4b,rec-" id[2] "-dup-0,same-person" }' \
        "$FEBRL/dataset4a.csv" >"$SCRATCH/febrl/truth4.csv"
    awk -F, 'NR == 1 || $1 ~ /org/' "$FEBRL/dataset3.csv" >"$SCRATCH/febrl/org.csv"
    awk -F, 'NR == 1 || $1 ~ /dup/' "$FEBRL/dataset3.csv" >"$SCRATCH/febrl/dup.csv"
    awk -F, 'BEGIN { print "agency_a,record_a,agency_b,record_b,kind" }
        $1 ~ /dup/ { split($1, id, "-"); print "org,rec-" id[2] "-org,dup," $1 ",same-person" }' \
        "$FEBRL/dataset3.csv" >"$SCRATCH/febrl/truth3.csv"
}

febrl4() { # ONE-TO-ONE CONDITION...
    local how=$1
    shift
    evaluates "$SCRATCH/febrl4.json" $how "${NAMES[@]}" --truth "$SCRATCH/febrl/truth4.csv" "$SCRATCH"/febrl/dataset4{a,b}.csv &&
        holds "$SCRATCH/febrl4.json" "$@"
}

febrl3() {
    evaluates "$SCRATCH/febrl3.json" "${NAMES[@]}" --truth "$SCRATCH/febrl/truth3.csv" "$SCRATCH"/febrl/{org,dup}.csv &&
        holds "$SCRATCH/febrl3.json" "$@"
}

if [ -r "$FEBRL/dataset4a.csv" ]; then
    febrl_make
    check "FEBRL 4" febrl4 "" "f1 >= 0.935" "precision >= 0.99" "tokens_per_record <= 8"
    check "FEBRL 4, one to one" febrl4 --one-to-one "f1 >= 0.935" "precision >= 0.99"
    check "FEBRL 3, up to five duplicates of a record" febrl3 "f1 >= 0.91" "precision >= 0.99"
else
    echo "# note: the FEBRL data sets are not in $FEBRL; the bars on them were not tried"
fi

# --- the region ---

REGION_DATA=$SCRATCH/region
regional() {
    "$BIN/concord-generate" --agencies THA,IDN,BGD,MYS --records 4000 --seed 20 --out "$REGION_DATA" &&
        evaluates "$SCRATCH/region.json" --truth "$REGION_DATA/truth.csv" "$REGION_DATA"/{THA,IDN,BGD,MYS}.csv &&
        holds "$SCRATCH/region.json" "f1 >= 0.96" "precision >= 0.98" "tokens_per_record <= 8"
}

forged() {
    grep -A 7 '"same-document-other-person": {' "$SCRATCH/region.json" >"$SCRATCH/forged.json"
    holds "$SCRATCH/forged.json" "recall >= 0.93"
}

complete() {
    local name
    for name in precision recall f1 tokens_per_record by_kind curve keys patterns scale; do
        grep -q "\"$name\":" "$SCRATCH/region.json" || { echo "# no $name"; return 1; }
    done
}

in_words() {
    "$CLIENT" evaluate --truth "$REGION_DATA/truth.csv" --examples 2 --plot "$SCRATCH/curve.svg" "$REGION_DATA"/{THA,IDN}.csv \
        >"$SCRATCH/words" 2>"$SCRATCH/err" && grep -q '^  wrong, the surest first' "$SCRATCH/words" &&
        grep -q '^  two agencies of' "$SCRATCH/words" && grep -q 'lines of the truth are about agencies that are not here' \
        "$SCRATCH/words" && grep -q '<svg' "$SCRATCH/curve.svg" && grep -q '</svg>' "$SCRATCH/curve.svg"
}

# However many were missed: a truth in which everybody is somebody else.
all_examples() {
    awk 'BEGIN { print "agency_a,record_a,agency_b,record_b,kind"
        for (i = 1; i <= 1500; i++) printf "THA,THA-%06d,IDN,IDN-%06d,same-person\n", i, 3501 - i }' >"$SCRATCH/nobody.csv"
    "$CLIENT" evaluate --quiet --truth "$SCRATCH/nobody.csv" --examples 5000 "$REGION_DATA"/{THA,IDN}.csv >"$SCRATCH/words" 2>"$SCRATCH/err" &&
        [ "$(sed '1,/^  missed$/d' "$SCRATCH/words" | grep -c '^    - ')" -ge 1490 ]
}

without_truth() {
    "$CLIENT" evaluate --quiet "$REGION_DATA"/{THA,IDN}.csv >"$SCRATCH/words" && grep -q 'by their scores' "$SCRATCH/words"
}

# One file alone: its rows among themselves. A row that stands twice under two ids is found.
within() {
    { cat "$REGION_DATA/THA.csv"; sed -n '3s/^THA-[0-9]*/THA-again/p' "$REGION_DATA/THA.csv"; } >"$SCRATCH/THA.csv"
    printf '%s\n' agency_a,record_a,agency_b,record_b,kind THA,THA-000002,THA,THA-again,same-person >"$SCRATCH/again.csv"
    evaluates "$SCRATCH/within.json" --truth "$SCRATCH/again.csv" "$SCRATCH/THA.csv" && holds "$SCRATCH/within.json" "recall >= 1"
}

leaves_nothing() {
    mkdir -p "$SCRATCH/tmp"
    TMPDIR=$SCRATCH/tmp evaluates "$SCRATCH/x.json" --truth "$REGION_DATA/truth.csv" "$REGION_DATA"/{THA,IDN}.csv &&
        [ -z "$(ls "$SCRATCH/tmp")" ] && [ -z "$(find "$REGION_DATA" -name '*.rejects.csv')" ]
}

says() { # STATUS PATTERN ARGUMENT...: that exit status, one line on stderr that matches
    local status=$1 pattern=$2 is
    shift 2
    "$CLIENT" "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"
    is=$?
    [ $is = "$status" ] && grep -q -- "$pattern" "$SCRATCH/err" && [ "$(wc -l <"$SCRATCH/err")" = 1 ] && return
    echo "# exit status $is, said: $(head -3 "$SCRATCH/err")"
    return 1
}

check "the region's names" regional
check "forged documents are told from the same person" forged
check "the report for scripts is complete" complete
check "the report for people, and the plot" in_words
check "all examples are shown, however many" all_examples
check "without a truth, scores say what to expect" without_truth
compares() {
    evaluates "$SCRATCH/two.json" --against persons --truth "$REGION_DATA/truth.csv" "$REGION_DATA"/{THA,IDN}.csv &&
        grep -q '"against": {' "$SCRATCH/two.json" && grep -q '"interval": {' "$SCRATCH/two.json" &&
        [ "$(grep -o '"f1": [0-9.]*' "$SCRATCH/two.json" | sort -u | wc -l)" -ge 1 ] &&
        [ "$(grep -c '"row_a":' "$SCRATCH/two.json")" = "$(number reported "$SCRATCH/two.json")" ]
}
# What small files expect of larger ones holds there.
expects() {
    "$BIN/concord-generate" --agencies THA,IDN --records 16000 --seed 141 --out "$SCRATCH/large" >/dev/null &&
        evaluates "$SCRATCH/large.json" --truth "$SCRATCH/large/truth.csv" "$SCRATCH"/large/{THA,IDN}.csv &&
        evaluates "$SCRATCH/small.json" --population 16000 --truth "$REGION_DATA/truth.csv" "$REGION_DATA"/{THA,IDN}.csv &&
        python3 -c '
import json, sys
small, large = (json.load(open(name)) for name in sys.argv[1:])
scale, = small["scale"]
is_there = large["by_kind"]["same-person"]["precision"]
least, most = scale["interval"]
assert 0.85 < least <= is_there <= most, (scale, is_there)' "$SCRATCH"/{small,large}.json
}
check "what is expected of larger registers holds there" expects
check "two schemas side by side, each pair that is reported" compares
check "a file by itself" within
check "nothing is left behind" leaves_nothing
printf '%s\n' agency_a,record_a,agency_b,record_b,kind THA,THA-000002,IDN,IDN-nobody,same-person >"$SCRATCH/wrong.csv"
check "a truth about nobody is refused with its line" says 1 'line 2: agency IDN has no record' evaluate --quiet \
    --truth "$SCRATCH/wrong.csv" "$REGION_DATA"/{THA,IDN}.csv
check "a schema that does not exist" says 1 'there is no schema nobodys' evaluate --schema nobodys "$REGION_DATA/THA.csv"
check "no files" says 2 'takes FILE' evaluate

# --- the table of make quality ---

# A tool that fails is named with what it said, no line of it is printed, and the whole fails.
quality_fails() {
    mkdir -p "$SCRATCH/none/bin"
    ln -sf "$BIN/concord-generate" "$SCRATCH/none/bin/"
    printf '%s\n' '#!/bin/sh' 'echo "no memory left" >&2' 'exit 1' >"$SCRATCH/none/bin/concord-client"
    cp "$SCRATCH/none/bin/concord-client" "$SCRATCH/none/bin/concord-quality"
    chmod +x "$SCRATCH/none/bin/concord-client" "$SCRATCH/none/bin/concord-quality"
    FEBRL=nowhere BUILD=$SCRATCH/none QUALITY_SEEDS=1 QUALITY_RECORDS=10 tests/quality/quality.sh >"$SCRATCH/out" 2>"$SCRATCH/err"
    [ $? = 1 ] && grep -q '^region, 4 x 10: cannot be measured (region .*: no memory left$' "$SCRATCH/err" &&
        ! grep -q 'nan' "$SCRATCH/out" && [ "$(wc -l <"$SCRATCH/out")" = 2 ]
}
check "a table that cannot be made says so, and fails" quality_fails

# --- schemas ---

explains() {
    "$CLIENT" schema check persons travel-documents listed-documents >"$SCRATCH/words" &&
        grep -q 'opens alone' "$SCRATCH/words" && grep -q 'An entry has' "$SCRATCH/words" &&
        grep -Eq '^  VNM +10000 +[0-9]' "$SCRATCH/words"
}
yields() { # as programs read them: of the register's own country, more guesses find more
    "$CLIENT" schema check persons --json --register "$REGION_DATA/THA.csv" | python3 -c '
import json, sys
schema, = json.load(sys.stdin)
assert schema["names"] == "register" and list(schema["shares"]) == ["THA"]
for key in schema["keys"]:
    found = key["found_per_million"]["THA"]
    assert 0 < found["10000"] < found["100000"] < found["1000000"] <= 1000000, key'
}

sed 's/"slots": 4,/"slots": 4, "colour": "red",/' client/schema/listed-documents.json >"$SCRATCH/red.json"
check "schemas are explained" explains
check "what guesses find in a register is told, also to programs" yields
easily() { # keys by which most of a country are guessed are said in words, and only those
    grep -A1 '^Easily guessed.* 100,000 guesses$' "$SCRATCH/words" | grep -q '^  names-year  *CHN HKG KOR TWN VNM$' &&
        grep -q 'meets and asks are to be low' "$SCRATCH/words" && ! "$CLIENT" schema check listed-documents | grep -q 'Easily'
}
check "keys by which half of a country is guessed are named, and what protects then" easily
check "a register that is not there" says 1 'nobody.csv' schema check persons --register nobody.csv
check "an unknown member is refused by name" says 1 'colour' schema check "$SCRATCH/red.json"
sed 's/\["document.folded"\]/["birth_date.full", "nationality"]/' client/schema/persons.json >"$SCRATCH/list.json"
check "a key by which a list finds people is refused with the reason" says 1 'document must not find: .* a list of dates' schema check \
    "$SCRATCH/list.json"

# Weights that say the opposite of the truth are learned anew, and the result is better on other data; without a truth there
# is nothing to learn from, and what is not better is not handed out.
tunes() {
    sed 's/"sex.differs": -[0-9.]*/"sex.differs": 4/; s/"word.differs": -[0-9.]*/"word.differs": 3/' client/schema/persons.json >"$SCRATCH/spoilt.json"
    "$BIN/concord-generate" --agencies THA,IDN,BGD,MYS --records 4000 --seed 21 --out "$SCRATCH/other" &&
        "$CLIENT" schema tune --quiet --schema "$SCRATCH/spoilt.json" --truth "$REGION_DATA/truth.csv" \
            "$REGION_DATA"/{THA,IDN,BGD,MYS}.csv >"$SCRATCH/tuned.json" &&
        evaluates "$SCRATCH/was.json" --schema "$SCRATCH/spoilt.json" --truth "$SCRATCH/other/truth.csv" "$SCRATCH"/other/[A-Z]*.csv &&
        evaluates "$SCRATCH/is.json" --schema "$SCRATCH/tuned.json" --truth "$SCRATCH/other/truth.csv" "$SCRATCH"/other/[A-Z]*.csv &&
        holds "$SCRATCH/is.json" "f1 > $(number f1 "$SCRATCH/was.json")" "f1 > 0.93"
}
keeps_the_better() {
    awk 'NR == 1 || NR % 200 == 0' "$REGION_DATA/truth.csv" >"$SCRATCH/few.csv"
    says 1 'Keep the schema' schema tune --quiet --truth "$SCRATCH/few.csv" "$REGION_DATA"/{THA,IDN}.csv && [ ! -s "$SCRATCH/out" ]
}
check "tuning betters what is spoilt, on other data" tunes
check "what tuning does not better is not handed out" keeps_the_better
check "without a truth it says that it cannot" says 2 'give --truth' schema tune "$REGION_DATA"/{THA,IDN}.csv
