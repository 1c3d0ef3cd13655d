#!/bin/bash
# The table of `make quality`: each set with five seeds, mean and spread, beside the linker of tests/quality in the same run.
# Seeds below 100 are for reporting; the default schemas were made on seeds from 101 on. What cannot be measured is said on stderr,
# and the exit status is 1.
set -u
cd "$(dirname "$0")/../.." || exit 1
BIN=${BUILD:-build}/bin
FEBRL=${FEBRL:-../shared/data/febrl}
SEEDS=${QUALITY_SEEDS:-1 2 3 4 5}
SCHEMA=${QUALITY_SCHEMA:-persons}
RECORDS=${QUALITY_RECORDS:-25000}
WORK=$(mktemp -d) || exit 1
trap 'rm -rf "$WORK"' EXIT
FAILED=0
NAMES=(--map rec_id=record_id --map given_name=given_names --map surname=family_name)

number() { # NAME FILE: the first of that name
    grep -o "\"$1\": [0-9.]*" "$2" | head -1 | cut -d' ' -f2
}

# One line of figures: precision recall F1 tokens strangers-a-true-pair forged-recall linker-P linker-R linker-F1
figures() { # TRUTH FILE... (the linker sees the first two)
    local truth=$1 report=$WORK/report.json
    shift
    "$BIN/concord-client" evaluate --quiet --json --schema "$SCHEMA" "${NAMES[@]}" --truth "$truth" "$@" >"$report" || return 1
    local forged=- linked
    grep -q '"same-document-other-person": {' "$report" &&
        forged=$(grep -A 3 '"same-document-other-person": {' "$report" | grep -o '"recall": [0-9.]*' | cut -d' ' -f2)
    awk -F, -v a="$(basename "$1" .csv)" -v b="$(basename "$2" .csv)" 'NR == 1 || ($1 == a && $3 == b) || ($1 == b && $3 == a)' "$truth" |
        awk -F, -v a="$(basename "$1" .csv)" 'BEGIN { OFS = "," } NR > 1 && $1 != a { print $3, $4, $1, $2, $5; next } { print }' >"$WORK/two.csv"
    linked=$("$BIN/concord-quality" link "$WORK/two.csv" "$1" "$2") || return 1
    echo "$(number precision "$report") $(number recall "$report") $(number f1 "$report") $(number tokens_per_record "$report")" \
        "$(awk -v s="$(number opened_strangers "$report")" -v t="$(number truth "$report")" 'BEGIN { print (t > 0 ? s / t : 0) }') $forged $linked"
}

# Mean and, of several seeds, greatest distance from it.
summary() { # NAME, lines of figures on stdin
    awk -v name="$1" '{ n++; for (i = 1; i <= NF; i++) { if ($i == "-") { gone[i] = 1; continue }
            sum[i] += $i; if (n == 1 || $i < low[i]) low[i] = $i; if (n == 1 || $i > high[i]) high[i] = $i } }
        END { printf "%-34s %d", name, n
            for (i = 1; i <= 9; i++) if (gone[i]) printf "  %-12s", "-"
                else printf i == 4 || i == 5 ? "  %-12.2f" : "  %.4f±%.3f", sum[i] / n, (high[i] - low[i]) / 2
            print "" }'
}

# Nine figures on every line, each a number or "-".
are_figures() {
    [ -s "$1" ] && ! grep -Evq '^(([0-9.]+|-) ){8}([0-9.]+|-)$' "$1"
}

line() { # NAME COMMAND...: a line of the table from the figures that the command prints, or what failed
    local name=$1
    shift
    if "$@" >"$WORK/figures" 2>"$WORK/said" && are_figures "$WORK/figures"; then
        summary "$name" <"$WORK/figures"
        return
    fi
    FAILED=1
    echo "$name: cannot be measured ($*): $(tail -n 1 "$WORK/said")" >&2
}

region() { # AGENCIES RECORDS OPTIONS...: figures for each seed
    local agencies=$1 records=$2 seed
    shift 2
    for seed in $SEEDS; do
        "$BIN/concord-generate" --agencies "$agencies" --records "$records" --seed "$seed" --out "$WORK/r" "$@" >/dev/null || return 1
        # shellcheck disable=SC2046
        figures "$WORK/r/truth.csv" $(printf "$WORK/r/%s.csv " ${agencies//,/ }) || return 1
        rm -rf "$WORK/r"
    done
}

spoilt() { # PROCESS: one file of two spoilt by it
    local seed
    for seed in $SEEDS; do
        "$BIN/concord-generate" --agencies THA,IDN --records 5000 --seed "$seed" --out "$WORK/r" >/dev/null || return 1
        "$BIN/concord-quality" spoil "$1" "$seed" <"$WORK/r/IDN.csv" >"$WORK/r/spoilt" && mv "$WORK/r/spoilt" "$WORK/r/IDN.csv" || return 1
        figures "$WORK/r/truth.csv" "$WORK"/r/{THA,IDN}.csv || return 1
        rm -rf "$WORK/r"
    done
}

western() { # RECORDS OVERLAP KIND
    local seed
    for seed in $SEEDS; do
        mkdir -p "$WORK/w"
        "$BIN/concord-quality" western "$1" "$2" "$3" "$seed" "$WORK/w" || return 1
        figures "$WORK/w/truth.csv" "$WORK"/w/{AAA,BBB}.csv || return 1
        rm -rf "$WORK/w"
    done
}

second() { # RECORDS
    local seed
    for seed in $SEEDS; do
        mkdir -p "$WORK/s"
        "$BIN/concord-quality" second "$1" "$seed" "$WORK/s" || return 1
        figures "$WORK/s/truth.csv" "$WORK"/s/{LKA,VNM,PAK,KHM,PHL}.csv || return 1
        rm -rf "$WORK/s"
    done
}

# The default schema with a key of all names without a date, as a purpose may have whose people often have none.
with_names() {
    sed 's/^  "keys": \[/  "undated_names": true,\n  "keys": [\n    {"id": "names", "class": "person", "weight": 2, "cap": 4, "parts": ["name.all.prefix"]},/' \
        client/schema/persons.json
}

febrl() {
    mkdir -p "$WORK/f"
    awk -F, 'BEGIN { print "agency_a,record_a,agency_b,record_b,kind" }
        NR > 1 { split($1, id, "-"); print "dataset4a,rec-" id[2] "-org,dataset4b,rec-" id[2] "-dup-0,same-person" }' \
        "$FEBRL/dataset4a.csv" >"$WORK/f/truth4.csv"
    awk -F, 'NR == 1 || $1 ~ /org/' "$FEBRL/dataset3.csv" >"$WORK/f/org.csv"
    awk -F, 'NR == 1 || $1 ~ /dup/' "$FEBRL/dataset3.csv" >"$WORK/f/dup.csv"
    awk -F, 'BEGIN { print "agency_a,record_a,agency_b,record_b,kind" }
        $1 ~ /dup/ { split($1, id, "-"); print "org,rec-" id[2] "-org,dup," $1 ",same-person" }' "$FEBRL/dataset3.csv" >"$WORK/f/truth3.csv"
    line "FEBRL 4" figures "$WORK/f/truth4.csv" "$FEBRL"/dataset4{a,b}.csv
    with_names >"$WORK/names.json"
    SCHEMA=$WORK/names.json line "FEBRL 4, names alone, too" figures "$WORK/f/truth4.csv" "$FEBRL"/dataset4{a,b}.csv
    line "FEBRL 3" figures "$WORK/f/truth3.csv" "$WORK"/f/{org,dup}.csv
}

printf '%-34s %s  %-12s  %-12s  %-12s  %-12s  %-12s  %-12s  %-12s  %-12s  %s\n' set n precision recall F1 tokens strangers forged \
    "linker P" "linker R" "linker F1"
if [ -r "$FEBRL/dataset4a.csv" ]; then febrl; else echo "FEBRL: not in $FEBRL, left out"; fi
line "western, names and dates" western 10000 50 light
line "western, heavy errors" western 20000 30 heavy
line "region, 4 x $RECORDS" region THA,IDN,BGD,MYS "$RECORDS"
line "region, twice the errors, 4 x 5000" region VNM,PHL,LKA,NPL 5000 --errors 200
line "region, second generator, 5 x 3000" second 3000
for process in keyboard hearing camera clerk migration few; do
    line "region, 2 x 5000, spoilt: $process" spoilt "$process"
done
exit $FAILED
