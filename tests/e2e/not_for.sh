#!/bin/bash
# Records that are not for everybody: the states that a person in need of protection may have fled learn nothing, everybody
# else does; what is said of a row holds, what cannot be read costs the row, and changes follow.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons

matches() { # AGENCY: own records that match, with the partner, one a line
    client "$1" sync >/dev/null 2>&1
    client "$1" matches --csv 2>/dev/null | python3 -c '
import csv, sys
for row in sorted({(r["record"], r["partner"]) for r in csv.DictReader(sys.stdin) if r["state"] != "withdrawn"}):
    print(*row)'
}

meets() { # AGENCY EXPECTED
    local got
    got=$(matches "$1" | tr '\n' ';')
    [ "$got" = "$2" ] && return 0
    echo "# $1 has '$got', not '$2'"
    return 1
}

excepted() { # N: entries of THA's puts that exclude partners, in all
    local n
    for _ in {1..50}; do
        n=$("$BIN/concord-audit" show --csv --kind put --agency THA "$REGION/matcher/ledger" 2>/dev/null | python3 -c '
import csv, sys
print(sum(int(r["except"] or 0) for r in csv.DictReader(sys.stdin) if r["party"] == "THA"))')
        [ "$n" = "$1" ] && return 0
        sleep 0.1
    done
    echo "# $n entries"
    return 1
}

row() { echo "$1,Wongkul$2,Malee Somsri,1990-05-0$2,MMR,$3"; }
HEADER=record_id,family_name,given_names,date_of_birth,nationality
open_row() { echo "$1,Wongkul$2,Malee Somsri,1990-05-0$2,MMR"; }

region_create "$SCRATCH/region" THA IDN MMR-police
region_start
{ echo $HEADER; for i in 1 2 3 4; do open_row I$i $i; done; } >"$SCRATCH/IDN.csv"
{ echo $HEADER; for i in 1 2 3 4; do open_row M$i $i; done; } >"$SCRATCH/MMR.csv"
{ echo $HEADER,protected,not_for
  row T1 1 ,
  row T2 2 asylum-seeker,
  row T3 3 yes,none
  row T4 4 no,"IDN|MMR"
  row T5 5 perhaps,
  row T6 6 ,"every body"; } >"$SCRATCH/THA.csv"
check "partners enrol" bash -c ". tests/e2e/lib/region.sh; REGION='$REGION'; client IDN enrol --quiet '$SCRATCH/IDN.csv' && client MMR-police enrol --quiet '$SCRATCH/MMR.csv'"
check "rows that do not say readably whom they are not for are left out" \
    ends 3 'persons: 4 new' client THA enrol "$SCRATCH/THA.csv"
check "and why is said" bash -c "grep -q ',protected,not yes, no' '$SCRATCH/THA.csv.rejects.csv' || grep -q 'protected' '$SCRATCH/THA.csv.rejects.csv'"
check "unmarked records meet everybody, others whom they are for" \
    meets THA 'T1 IDN;T1 MMR-police;T2 IDN;T3 IDN;T3 MMR-police;'
check "the state that a protected person may have fled learns nothing" \
    meets MMR-police 'M1 IDN;M1 THA;M2 IDN;M3 IDN;M3 THA;M4 IDN;'
check "a partner of another state does" meets IDN 'I1 MMR-police;I1 THA;I2 MMR-police;I2 THA;I3 MMR-police;I3 THA;I4 MMR-police;'
check "a question by it finds nothing either" ends 5 "^open  persons: nothing where it was asked" client MMR-police query --family-name Wongkul4 \
    --given-names 'Malee Somsri' --date-of-birth 1990-05-04 --not-for IDN # nobody else is to be asked either
EXCEPTED=$("$BIN/concord-audit" show --csv --kind put --agency THA "$REGION/matcher/ledger" | tail -1 | awk -F, '{ print $14 }')
check "the event names how many entries, and not whose" test "$EXCEPTED" -ge 6

{ echo $HEADER,protected,not_for
  row T1 1 victim,
  row T2 2 no,
  row T3 3 yes,none
  row T4 4 ,IDN; } >"$SCRATCH/THA.csv"
check "changes cost no evaluation" ends 0 '0 new, 0 changed, 4 unchanged, 0 removed; 0 tokens.*3 records are not for others than before' \
    client THA enrol "$SCRATCH/THA.csv"
check "and are followed: what is not for a partner any more is withdrawn, what is, meets" \
    meets MMR-police 'M1 IDN;M2 IDN;M2 THA;M3 IDN;M3 THA;M4 IDN;M4 THA;'
check "at the agency, too" meets THA 'T1 IDN;T2 IDN;T2 MMR-police;T3 IDN;T3 MMR-police;T4 MMR-police;'

{ echo $HEADER; for i in 1 2; do open_row T$i $i; done; } >"$SCRATCH/THA.csv"
check "a purpose can have it as the rule" \
    client THA enrol --quiet --not-for-default persons=protected "$SCRATCH/THA.csv"
check "then rows that say nothing are protected" meets THA 'T1 IDN;T2 IDN;T3 IDN;T3 MMR-police;T4 MMR-police;'
