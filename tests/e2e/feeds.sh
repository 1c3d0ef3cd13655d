#!/bin/bash
# Feeds as they come: looked through before anything changes; nothing large is withdrawn unasked; what was withdrawn by
# name stays out; a slip in a header, or two rows of one id, cost nothing that was good.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons
FEED=$SCRATCH/feed.csv
HEADER=record_id,family_name,given_names,date_of_birth

rows() { # FIRST LAST
    local i
    for ((i = $1; i <= $2; i++)); do echo "R$i,Family$i,Given,19$((10 + i % 90))-01-0$((1 + i % 9))"; done
}

feed() { # ROW...
    printf '%s\n' "$HEADER" "$@" >"$FEED"
}

ends() { # STATUS PATTERN COMMAND...
    local want=$1 pattern=$2
    shift 2
    "$@" >"$SCRATCH/out" 2>&1
    local status=$?
    [ $status = "$want" ] && grep -Eq -- "$pattern" "$SCRATCH/out" && return
    sed "s/^/# $status: /" "$SCRATCH/out"
    return 1
}

has() { # COUNT: records
    client THA status | grep -q "^  persons.* $1 records*\b"
}

region_create "$SCRATCH/region" THA IDN
region_start

# --- the first look ---

{ printf 'Record No.;Surname;Given Names;DOB;Remarks\r\n'; rows 1 40 | sed 's/,/;/g; s/$/;x\r/'; } | iconv -t UTF-16 >"$FEED"
check "a feed is looked through: what is understood" ends 0 '^  Surname +family_name' client THA check "$FEED"
check "and what is not" grep -q "^  Remarks .*NOT KNOWN: --map 'Remarks=FIELD'" "$SCRATCH/out"
check "its form" grep -q 'feed.csv: semicolons, UTF-16LE' "$SCRATCH/out"
check "its dates" grep -q '^dates of birth: 40 as 9999-99-99, 0 missing' "$SCRATCH/out"
check "what it comes to" grep -Eq '^persons: 40 new, 0 changed, 0 unchanged; some [1-9][0-9]* tokens$' "$SCRATCH/out"
check "and nothing is changed" has 0
check "enrolling refuses what nobody knows" ends 1 'columns that are not known: Remarks; say' client THA enrol "$FEED"
check "unless it is left out; the first time it says what it understood" ends 0 '^persons: 40 new' client THA enrol --map Remarks= "$FEED"
check "as the check does" grep -q '^  Surname ' "$SCRATCH/out"
check "all are there" has 40

feed "$(rows 1 40)"
sed -i '1s/family_name/famliy_name/' "$FEED"
check "a slip in the header costs nothing" ends 1 'famliy_name - is it family_name\?' client THA enrol "$FEED"
check "with a hint" has 40

# --- snapshots ---

feed
check "a header alone withdraws nothing" ends 1 '40 of 40 records are in none of the files.*nothing was changed.*--withdraw 40' client THA enrol --snapshot "$FEED"
check "at all" has 40
check "status says so" ends 0 'is STOPPED: it would withdraw 40 of 40' client THA status
feed "$(rows 1 20 | sed 's/^\([^,]*\),/\1,/; s/-0[0-9]$/-99/')" "$(rows 21 25)"
check "nor do rows that are rejected" ends 1 '15 of 40' client THA enrol --snapshot "$FEED"
check "the check says it, too" ends 3 '15 of 40 withdrawn' client THA check --snapshot "$FEED"
check "fewer than was said are not" ends 1 '15 of 40' client THA enrol --quiet --snapshot --withdraw 14 "$FEED"
check "as many are" ends 3 . client THA enrol --quiet --snapshot --withdraw 15 "$FEED"
check "and gone" has 25
feed "$(rows 1 16)"
check "few go without a word" ends 0 '9 removed' client THA enrol --snapshot "$FEED"
check "and nothing is stopped any more" bash -c "! '$BIN/concord-client' status --config '$REGION/agency-THA/client.conf' | grep -q STOPPED"

# --- by name ---

check "a record is withdrawn by name" ends 0 '^it does not come back .* lets it$' client THA remove R3
check "and the feed that has it does not bring it back" ends 0 '1 row stays out' client THA enrol --snapshot "$FEED"
check "status counts it" ends 0 '^1 record was withdrawn by name' client THA status
check "one that was not withdrawn cannot be let back, nor those beside it" ends 1 'nothing is let back; number 2: no record' client THA release --record R3 R4
check "let back" ends 0 '^1 record comes back' client THA release --record R3
check "it comes" ends 0 ' 1 new, 0 changed, 15 unchanged' client THA enrol --snapshot "$FEED"

# --- two rows of one id ---

feed "$(rows 1 16)" "R5,Other,Person,1990"
check "two rows of one id are both rejected" ends 3 '^1 record id stands on more than one row' client THA enrol --snapshot "$FEED"
check "and both are told" test "$(grep -c 'record_id,"it stands on more than one row"' "$FEED.rejects.csv")" = 2
check "what was good stays" has 16
check "the check finds them" ends 3 '^1 record id stands on more than one row' client THA check "$FEED"

# --- dates ---

feed "$(rows 1 14)" R15,A,B,03/04/1987 R16,A,B,12/11/1987
check "dates that may be day or month first are told" ends 0 '^2 dates of birth may be day or month first, and were read day first' client THA enrol --snapshot "$FEED"
check "the check lists them" ends 0 '^with the year last: day first 0, month first 0, either 2' client THA check "$FEED"
check "what is declared is not asked" bash -c "! '$BIN/concord-client' enrol --snapshot --dates day-first --config '$REGION/agency-THA/client.conf' '$FEED' 2>&1 | grep 'month first'"
feed "$(rows 1 14)" R15,A,B,03/04/1987 R16,A,B,12/31/1987
check "beside others with the month first they are doubted" ends 3 'of these the year alone counts' client THA enrol --snapshot "$FEED"
check "in the rejects, too" grep -q '^16,"R15",date_of_birth,"day or month first?' "$FEED.rejects.csv"
check "until somebody says which" ends 0 '2 changed' client THA enrol --snapshot --dates month-first "$FEED"
feed "$(rows 1 14)" R15,A,B,2530-04-03 R16,A,B,31839
check "a year of no calendar that was said, and a number, are told" ends 3 "see $FEED.rejects.csv" client THA enrol --snapshot "$FEED"
check "they are two" test "$(grep -c ',date_of_birth,"\(a year before 1900, or\|a number of five\)' "$FEED.rejects.csv")" = 2
check "what is declared is read" ends 3 '1 changed' client THA enrol --snapshot --dates serial "$FEED"
check "what cannot be declared is refused" ends 2 'write day-first or month-first' client THA check --dates sideways "$FEED"

# --- where rejects go ---

feed "$(rows 1 14)" R15,A,B,never R16,A,B,1987
mkdir "$SCRATCH/still" "$SCRATCH/rejects"
mv "$FEED" "$SCRATCH/still"
chmod 777 "$SCRATCH" "$SCRATCH/rejects"
chmod 555 "$SCRATCH/still"
without=()
[ "$(id -u)" -eq 0 ] && without=(setpriv --bounding-set -dac_override,-dac_read_search) # root writes everywhere else
check "a directory that cannot be written: it says what to do" ends 1 'still/feed.csv.rejects.csv .--rejects DIR' "${without[@]}" "$BIN/concord-client" enrol --snapshot --config "$REGION/agency-THA/client.conf" "$SCRATCH/still/feed.csv"
check "and that works" ends 3 "see $SCRATCH/rejects/feed.csv\.[0-9a-f]{8}\.rejects.csv" "${without[@]}" "$BIN/concord-client" enrol --snapshot --rejects "$SCRATCH/rejects" --config "$REGION/agency-THA/client.conf" "$SCRATCH/still/feed.csv"
chmod 755 "$SCRATCH/still"
mkdir "$SCRATCH/north"
{ echo "$HEADER"; echo R95,A,B,neither; } >"$SCRATCH/north/feed.csv"
check "a file of the same name from elsewhere has rejects of its own" ends 3 . client THA enrol --rejects "$SCRATCH/rejects" "$SCRATCH/still/feed.csv" "$SCRATCH/north/feed.csv"
check "which take nobody's place" bash -c "grep -q R15 '$SCRATCH'/rejects/feed.csv.*.rejects.csv && grep -q R95 '$SCRATCH'/rejects/feed.csv.*.rejects.csv"
client THA remove R95 >"$SCRATCH/out" 2>&1

# --- a matcher that is away ---

feed "$(rows 1 14)" R15,A,B,03/04/1987 R16,A,B,1988-12-11 R17,Late,Comer,1988-12-11
daemon_stop matcher
check "a matcher that is away loses nothing: it says how much is kept, and when it goes" \
    ends 1 '; [1-9][0-9]* tags are kept and go with the next sync$' client THA enrol "$FEED"
daemon_start matcher
check "and it goes" ends 0 'persons: .*looked at' client THA sync
check "all of it" ends 0 '^  persons.*\(0 to be sent\)' client THA status
client THA remove R17 >"$SCRATCH/out" 2>&1

# --- workbooks ---

tail -c +2 tests/fuzz/seeds/xlsx/stored >"$SCRATCH/book.xlsx"
check "a workbook is looked through" ends 3 '^  surname +family_name' client THA check "$SCRATCH/book.xlsx"
check "by the name of its sheet" grep -q 'book.xlsx: sheet Register, ' "$SCRATCH/out"
check "it is enrolled; a cell with an error is told" ends 3 '^persons: 1 new' client THA enrol --sheet register "$SCRATCH/book.xlsx"
check "by its row" grep -q '^5,"yes",date_of_birth,"an error of the spreadsheet' "$SCRATCH/book.xlsx.rejects.csv"
check "a sheet that is not there is refused" ends 2 'has no sheet Other: it has Register' client THA enrol --sheet Other "$SCRATCH/book.xlsx"
check "and so is what is no workbook" ends 1 'damaged workbook, or one that was not copied whole' bash -c "head -c 900 '$SCRATCH/book.xlsx' >'$SCRATCH/half.xlsx'; '$BIN/concord-client' enrol --config '$REGION/agency-THA/client.conf' '$SCRATCH/half.xlsx'"
client THA remove 1000 >"$SCRATCH/out" 2>&1

# --- the daemon ---

mkdir -p "$REGION/agency-THA/feed"
feed
touch -d '10 seconds ago' "$FEED"
mv "$FEED" "$REGION/agency-THA/feed/all.csv"
"$BIN/concord-client" run --config "$REGION/agency-THA/client.conf" --feed "$REGION/agency-THA/feed" --feed-interval 1s --snapshot 2>"$SCRATCH/log" &
DAEMON=$!
says() {
    local i
    for i in {1..100}; do grep -q "$1" "$SCRATCH/log" && return 0; sleep 0.1; done
    sed 's/^/# /' "$SCRATCH/log"
    return 1
}
check "the daemon stops such a feed" says '16 of 16 records'
kill $DAEMON
wait $DAEMON
check "once" test "$(grep -c '16 of 16 records' "$SCRATCH/log")" = 1
check "and all are there" has 16
tail -c +2 tests/fuzz/seeds/xlsx/stored >"$SCRATCH/book.xlsx"
touch -d '10 seconds ago' "$SCRATCH/book.xlsx"
rm "$REGION/agency-THA/feed/all.csv"
mv "$SCRATCH/book.xlsx" "$REGION/agency-THA/feed/book.xlsx"
touch "$REGION/agency-THA/feed/~\$book.xlsx"
"$BIN/concord-client" run --config "$REGION/agency-THA/client.conf" --feed "$REGION/agency-THA/feed" --feed-interval 1s 2>"$SCRATCH/log" &
DAEMON=$!
check "the daemon reads workbooks, and its log says where the rejects are" says "rejects see=\"$REGION/agency-THA/feed/book.xlsx.rejects.csv\""
kill $DAEMON
wait $DAEMON
check "the row that was withdrawn by name stays out" has 16
