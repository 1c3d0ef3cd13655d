#!/bin/bash
# The demo: a whole region on loopback, and the story of its records. DEMO_DIR=path keeps everything in path.
set -u -o pipefail
cd "$(dirname "$0")/../../.." || exit 1
. tests/e2e/lib/region.sh
RECORDS=${DEMO_RECORDS:-2000}
AGENCIES_OF_DEMO=(THA IDN BGD MYS)
PURPOSES="travel-documents persons issued-documents"
started=$SECONDS

if [ -n "${DEMO_DIR:-}" ]; then
    [ -e "$DEMO_DIR/region.json" ] && fail "$DEMO_DIR holds a region already: name an empty directory, or remove it"
    DIR=$DEMO_DIR
else
    DIR=$(mktemp -d "${TMPDIR:-/tmp}/concord-demo-XXXXXX")
fi
trap 'region_end' EXIT
trap 'exit 1' INT TERM

chapter() { printf '\n== %s\n' "$*"; }
run() { "$@" || fail "$*: exit status $?"; }
each_agency() { local a; for a in "${AGENCIES[@]}"; do run "$@" "$a"; done; }

# --- what the chapters do ---

enrol() { # AGENCY
    echo "$1"
    client "$1" enrol "$DIR/data/$1.csv" 2>&1 | sed 's/^/    /'
}

# MYS is new here: nobody shall meet more than so many of its people in a day, whatever the others allow.
CAUTIOUS=MYS
MEETS=$((RECORDS / 20))

waiting() { # AGENCY PARTNER: meetings that wait between the two, of all purposes
    client "$1" status | awk -v p="$2" '$1 == p && /meetings wait/ { n += $2 } END { print n + 0 }'
}

release() { # AGENCY PARTNER
    client "$1" release "$2" --count 1000000 --until "$(date -u -d tomorrow +%F)"
}

# Each of the two lets the other meet more; one alone changes nothing.
release_all() {
    local a before
    for a in "${AGENCIES[@]}"; do
        [ "$a" = $CAUTIOUS ] && continue
        before=$(waiting "$a" $CAUTIOUS)
        run release "$a" $CAUTIOUS >/dev/null
        [ "$(waiting "$a" $CAUTIOUS)" = "$before" ] || fail "a release of $a alone let couples meet"
        run release $CAUTIOUS "$a" >/dev/null
        for _ in {1..100}; do
            [ "$(waiting "$a" $CAUTIOUS)" = 0 ] && break
            sleep 0.05
        done
        echo "$a and $CAUTIOUS: $before meetings waited, $(waiting "$a" $CAUTIOUS) wait when both have released them"
    done
}

asks() { # the border check in $CHOSEN_B for the document of the chosen match
    client "$CHOSEN_B" query --purpose travel-documents --doc-type "$(field THA "$CHOSEN_RA" doc_type)" \
        --doc-issuer "$(field THA "$CHOSEN_RA" doc_issuer)" --doc-number "$(field THA "$CHOSEN_RA" doc_number)" "$@"
}

notices() { # how many questions THA knows of
    client THA matches asked | grep -c 'asked about'
}

synchronise() { # AGENCY
    echo "$1"
    client "$1" sync | sed 's/^/    /'
}

# Letters go to and fro until every pair that opened is judged.
judge_all() {
    local i
    for i in 1 2 3 4; do each_agency synchronise >/dev/null; done
    for i in "${AGENCIES[@]}"; do echo "$i $(client "$i" status | grep -m 1 -o 'pairs: .*')"; done
    echo "What the officer of $CAUTIOUS sees of its partners: of one that only guesses hardly a pair is a match"
    client $CAUTIOUS status | sed -n '/^matcher/,/^  persons/p' | grep 'meetings wait'
}

client_tags() { # AGENCY
    client "$1" status | awk '/epoch .* tags/ { print $6 }'
}

# matches.csv: agency record partner partner-record kind score, one line for each match as each side sees it.
collect() {
    local a b
    for a in "${AGENCIES[@]}"; do
        client "$a" matches --csv | tail -n +2 >"$DIR/data/matches-$a.csv" || return 1
    done
    for a in "${AGENCIES[@]}"; do
        for b in "${AGENCIES[@]}"; do
            [ "$a" = "$b" ] && continue
            awk -F, -v b="$b" '$4 == b' "$DIR/data/matches-$a.csv" >"$DIR/data/part.csv"
            [ -s "$DIR/data/part.csv" ] || continue
            cut -d, -f9 "$DIR/data/part.csv" | client "$b" whois | cut -d' ' -f3 >"$DIR/data/ids" || return 1
            paste -d, "$DIR/data/part.csv" "$DIR/data/ids" |
                awk -F, -v a="$a" '{gsub(/"/, "", $3); print a "," $3 "," $4 "," $NF "," $6 "," $5}'
        done
    done | sort -u >"$DIR/data/matches.csv"
    rm -f "$DIR/data/part.csv" "$DIR/data/ids" "$DIR"/data/matches-???.csv
}

# Pairs of records, each once, the smaller agency first.
pairs() { awk -F, '{ if ($1 < $3) print $1 "," $2 "," $3 "," $4; else print $3 "," $4 "," $1 "," $2 }' "$1" | sort -u; }

score() {
    pairs "$DIR/data/matches.csv" >"$DIR/data/found"
    tail -n +2 "$DIR/data/truth.csv" | cut -d, -f1-4 >"$DIR/data/truth-pairs"
    pairs "$DIR/data/truth-pairs" >"$DIR/data/true"
    local found true both
    found=$(wc -l <"$DIR/data/found") true=$(wc -l <"$DIR/data/true")
    both=$(comm -12 "$DIR/data/found" "$DIR/data/true" | wc -l)
    MATCHES=$found
    PRECISION=$(awk -v a="$both" -v b="$found" 'BEGIN { printf "%.4f", b ? a / b : 0 }')
    RECALL=$(awk -v a="$both" -v b="$true" 'BEGIN { printf "%.4f", b ? a / b : 0 }')
    printf '%-14s %-28s %8s\n' countries kind matches
    awk -F, '$1 < $3 { n[$1 " - " $3 "," $5]++ } END { for (k in n) print k "," n[k] }' "$DIR/data/matches.csv" | sort |
        awk -F, '{ printf "%-14s %-28s %8d\n", $1, $2, $3 }'
    echo "$found pairs of records found, $true in truth, $both in both: precision $PRECISION, recall $RECALL"
}

# A field of the row of a feed with this record id.
field() { # AGENCY RECORD COLUMN
    awk -F, -v id="$2" -v want="$3" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) c = i } $1 == id { print $c }' \
        "$DIR/data/$1.csv"
}

# A match by document, in which something else is not as it is there: the border check asks for that document.
choose() {
    client THA judge --json | jq -r '.[] | select(.judged.accepted and .judged.kind == "same-person" and .judged.seen["document.agrees"] == 1
        and (.judged.seen["word.near"] or .judged.seen["word.differs"] or .judged.seen["date.month"] or .judged.seen["date.day"] or .judged.seen["date.turned"]))
        | .record' | sort -u >"$DIR/data/telling"
    IFS=, read -r CHOSEN_A CHOSEN_RA CHOSEN_B CHOSEN_RB _ < <(grep '^THA,.*,same-person,' "$DIR/data/matches.csv" |
        while IFS=, read -r a ra b rb rest; do
            grep -qx "$ra" "$DIR/data/telling" && [ "$(grep -c "^THA,$ra,$b," "$DIR/data/matches.csv")" = 1 ] && [ -n "$(field "$a" "$ra" doc_number)" ] &&
                [ "$(field "$a" "$ra" doc_number)" = "$(field "$b" "$rb" doc_number)" ] && echo "$a,$ra,$b,$rb,$rest" && break
        done)
    [ -n "${CHOSEN_RB:-}" ] || fail "no match by document to tell of"
}

# The number of the pair that an agency has of its record and the other's.
pair_of() { # AGENCY RECORD OTHER RECORD
    local number handle
    while IFS=$'\t' read -r number handle; do
        [ "$(client "$3" whois <<<"$handle" | cut -d' ' -f3)" = "$4" ] && echo "$number" && return
    done < <(client "$1" judge --json | jq -r --arg r "$2" --arg p "$3" \
        '.[] | select(.record == $r and .partner == $p and (.asked | not)) | [.pair, .handle] | @tsv')
}

# Two records that opened by a key and that judging told apart: siblings of one birth, or else whoever there is.
choose_apart() {
    local partner record handle other
    while IFS=$'\t' read -r partner record handle; do
        other=$(client "$partner" whois <<<"$handle" | cut -d' ' -f3)
        [ -n "$other" ] || continue
        APART_RA=$record APART_B=$partner APART_RB=$other
        [ "$(same_of "$record" "$partner" "$other" family_name)" = yes ] && [ "$(same_of "$record" "$partner" "$other" date_of_birth)" = yes ] &&
            [ "$(same_of "$record" "$partner" "$other" given_names)" = no ] && return
    done < <(client THA judge --json | jq -r '.[] | select((.asked | not) and .judged.state == "different") | [.partner, .record, .handle] | @tsv')
    [ -n "${APART_RB:-}" ] || fail "judging told nobody apart"
}

same_of() { # RECORD PARTNER RECORD COLUMN: whether THA's and the partner's row have the same there
    local one other
    one=$(field THA "$1" "$4") other=$(field "$2" "$3" "$4")
    [ -n "$one" ] && [ "${one,,}" = "${other,,}" ] && echo yes || echo no
}

number_of() { # AGENCY RECORD PARTNER PURPOSE: of the match
    client "$1" matches --csv --partner "$3" --purpose "$4" | awk -F, -v id="\"$2\"" '$3 == id { print $1; exit }'
}

newest() { # AGENCY KIND WAY: number of its newest letter of disclosure
    client "$1" letters --json | jq --arg k "$2" --arg w "$3" '[.disclosure[] | select(.kind == $k and .way == $w).letter] | max'
}

# A document of THA before the border of another state, and what THA's register says to it.
presents() { # VERDICT NUMBER BIRTH TYPE
    echo "$4 $2, born $3"
    client "$CHOSEN_B" query --purpose issued-documents --doc-type "$4" --doc-issuer THA --doc-number "$2" --date-of-birth "$3" |
        tee "$DIR/data/said" | sed 's/^/    /'
    grep -qx "$1" "$DIR/data/said" || fail "that is not $1"
}

counterfeits() {
    local id type issuer number birth
    IFS=, read -r id type issuer number birth < <(grep ',PASSPORT,' "$DIR/data/THA-register.csv")
    presents clear "$number" "$birth" "$type"
    presents unknown-to-issuer "$number" 1970-01-02 "$type"
    presents unknown-to-issuer ZZ0000000 "$birth" "$type"
    ! client THA matches asked --purpose issued-documents | grep -q 'asked about' || fail "THA learns who crossed"
}

# Each letter goes with the act itself; a sync of the other side brings it.
settle() {
    local purpose=persons ours theirs
    ours=$(number_of THA "$CHOSEN_RA" "$CHOSEN_B" $purpose)
    [ -n "$ours" ] || purpose=travel-documents
    ours=$(number_of THA "$CHOSEN_RA" "$CHOSEN_B" $purpose)
    theirs=$(number_of "$CHOSEN_B" "$CHOSEN_RB" THA $purpose)
    run client THA ask "$ours" --officer malee --field family_name --field given_names --field date_of_birth --field photograph \
        --basis smuggling-protocol-10 --reason "held at the border with this document" --urgency urgent
    run client "$CHOSEN_B" sync >/dev/null
    run client "$CHOSEN_B" letters show "$(newest "$CHOSEN_B" ask in)"
    run client "$CHOSEN_B" answer "$(newest "$CHOSEN_B" ask in)" --officer budi --release all --feed "$DIR/data/$CHOSEN_B.csv" \
        --refuse not-held --handling court
    run client THA sync >/dev/null
    run client THA letters show "$(newest THA answer in)" --values
    run client THA outcome "$ours" same-person --officer malee
    run client "$CHOSEN_B" sync >/dev/null
    run client "$CHOSEN_B" outcome "$theirs" same-person --officer budi
    run client THA sync >/dev/null
    client THA letters show "$(newest THA outcome in)" | tail -1 | grep agreed || fail "the two do not agree"
}

beside() { # AGENCY RECORD PARTNER RECORD: what the two feeds say, which nobody but this story sees side by side
    local column
    for column in family_name given_names sex date_of_birth; do
        printf '    %-14s %-31s %s\n' "$column" "$(field "$1" "$2" $column)" "$(field "$3" "$4" $column)"
    done
}

sees() { # whether THA still sees the chosen match
    client THA matches --csv --partner "$CHOSEN_B" | cut -d, -f3 | grep -qx "\"$CHOSEN_RA\""
}

# --- the story ---

chapter "1. The region: key ceremony (2 of 3 custodians), signed manifest, daemons"
region_create "$DIR" "${AGENCIES_OF_DEMO[@]}"
run "$BIN/concord-keys" manifest verify "$DIR/region.json"
region_start
for p in $PURPOSES; do run region_limits "$p" $CAUTIOUS meets=$MEETS; done
echo "$CAUTIOUS allows $MEETS new meetings a day with each partner"
mkdir -p "$DIR/data"
run "$BIN/concord-generate" --registers --agencies "$(IFS=,; echo "${AGENCIES[*]}")" --records "$RECORDS" --seed 7 --out "$DIR/data"

chapter "2. Each agency enrols its records; nothing leaves it but blinded values and pseudorandom tags"
each_agency enrol

chapter "3. Each agency fetches its mailbox and finds its matches; what $CAUTIOUS does not allow yet, waits"
each_agency synchronise >/dev/null
client $CAUTIOUS status | sed -n '/^matcher/,$p' | sed 's/^/    /'
release_all
each_agency synchronise
echo "Pairs that opened are judged by letters, element by element, until both sides have one verdict"
judge_all

chapter "4. What was found, against the ground truth"
run collect
score
choose
choose_apart

chapter "5. One match explained, as THA and $CHOSEN_B see it, and a near miss"
number=$(client THA matches --csv --partner "$CHOSEN_B" | awk -F, -v id="\"$CHOSEN_RA\"" '$3 == id { print $1; exit }')
run client THA matches explain "$number"
printf '\n-- the same pair in %s\n' "$CHOSEN_B"
run client "$CHOSEN_B" judge show "$(pair_of "$CHOSEN_B" "$CHOSEN_RB" THA "$CHOSEN_RA")"
printf '\n-- two who opened each other by a key, and whom judging told apart; the feeds say\n'
beside THA "$APART_RA" "$APART_B" "$APART_RB"
run client THA judge show "$(pair_of THA "$APART_RA" "$APART_B" "$APART_RB")"
run client "$APART_B" judge show "$(pair_of "$APART_B" "$APART_RB" THA "$APART_RA")"

chapter "6. A border check in $CHOSEN_B: THA knows the document, and is told who asked; a document that nobody knows"
run client THA sync >/dev/null
before=$(notices)
run asks
run client THA sync | head -1
[ "$(notices)" -gt "$before" ] || fail "THA has no notice of the question"
client THA matches asked --purpose travel-documents | head -2
client "$CHOSEN_B" query --purpose travel-documents --doc-type PASSPORT --doc-issuer THA --doc-number ZZ0000000
[ $? -eq 4 ] || fail "a query for an unknown document found something"
echo "The same check, of which THA shall not know: it is not asked, and the answer says so"
before=$(notices)
asks --not-for THA
said=$?
[ $said -eq 5 ] || [ $said -eq 0 ] || fail "a query without THA failed"
run client THA sync >/dev/null
[ "$(notices)" = "$before" ] || fail "THA was told of a question that was not for it"

chapter "7. THA enrols its register of valid documents; a border in $CHOSEN_B finds counterfeits, and THA does not learn who crossed"
run client THA enrol --purpose issued-documents --snapshot "$DIR/data/THA-register.csv" 2>&1 | sed 's/^/    /'
run client THA sync >/dev/null
counterfeits

chapter "8. Two officers settle a case: THA asks, $CHOSEN_B answers, both say what it is"
settle

chapter "9. $CHOSEN_B withdraws its record; THA no longer sees the match"
sees || fail "THA does not see the match with $CHOSEN_B before the withdrawal"
run client "$CHOSEN_B" remove "$CHOSEN_RB"
run client THA sync
sees && fail "THA still sees the match with $CHOSEN_B after the withdrawal"
echo "THA: the match is gone"
tags=$(each_agency client_tags | awk '{ n += $1 } END { print n }')

chapter "10. The auditor verifies the ledgers, offline"
for name in matcher custodian-{1,2,3}; do daemon_stop $name || fail "$name did not end in good order"; done
run "$BIN/concord-audit" verify --manifest "$DIR/region.json" "$DIR"/{matcher,custodian-1,custodian-2,custodian-3}/ledger

echo
echo "everything lies in $DIR"
echo "demo: ok agencies=${#AGENCIES[@]} records=$((RECORDS * ${#AGENCIES[@]})) tags=$tags matches=$MATCHES" \
    "precision=$PRECISION recall=$RECALL ledger=verified seconds=$((SECONDS - started))"
