#!/bin/bash
# Records as states write them: JSON lines beside CSV, zones of passports, other calendars and scripts; and a client
# that would normalise otherwise than the region is refused.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons
ZONE='P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10'
OTHER_ICU=$(preload other-icu.so)

region_of_two() {
    region_create "$SCRATCH/region" THA IDN
    region_start
    cat >"$SCRATCH/THA.jsonl" <<END
{"record_id": "T1", "mrz": "$ZONE"}
{"record_id": "T2", "mrz": "${ZONE/L898902C36/L898902C35}"}
{"record_id": "T3", "family_name": ["Srisuwan", "Wong"], "given_names": ["Somchai", "Chai"], "sex": "M", "date_of_birth": "2523-02-03", "calendar": "buddhist",
END
    cat >>"$SCRATCH/THA.jsonl" <<END
{"record_id": "T4", "family_name": "Srisuwan", "given_names": "Somchai", "sex": "M", "date_of_birth": "2523-02-03", "calendar": "buddhist", "nationality": "THA", "aliases": ["Lek"]}
END
    cat >"$SCRATCH/IDN.csv" <<'END'
record_id,family_name,given_names,sex,date_of_birth,nationality,doc_type,doc_issuer,doc_number
I1,Eriksson,Anna Maria,F,12/08/1974,UTO,Passport,UTO,L898902C3
I2,ศรีสุวรรณ,สมชาย,M,1980-02-03,THA,,,
END
    client THA enrol --quiet "$SCRATCH/THA.jsonl" 2>"$SCRATCH/err"
    [ $? -eq 3 ] || { sed 's/^/# /' "$SCRATCH/err"; return 1; }
    quietly client IDN enrol --quiet "$SCRATCH/IDN.csv"
    quietly client IDN sync
    client IDN matches --csv >"$SCRATCH/matches"
}

rejected() { # LINE FIELD REASON
    grep -q "^$1,\"[^\"]*\",$2,\"$3\",\"..*\"$" "$SCRATCH/THA.jsonl.rejects.csv" || { sed 's/^/# /' "$SCRATCH/THA.jsonl.rejects.csv"; return 1; }
}

matched() { # RECORD
    grep -q "\"$1\"" "$SCRATCH/matches" || { sed 's/^/# /' "$SCRATCH/matches"; return 1; }
}

other_prints() {
    local own other
    own=$("$BIN/concord-client" fingerprint) && other=$(LD_PRELOAD=$OTHER_ICU "$BIN/concord-client" fingerprint) || return 1
    [ ${#other} -eq 64 ] && [ "$own" != "$other" ]
}

check "a region of two agencies, one with JSON lines, one with CSV" region_of_two
check "a wrong check digit is told" rejected 2 mrz 'the check digit of the document number is wrong'
check "a broken line rejects the row" rejected 3 row 'not a JSON object'
check "a zone meets the columns of another agency" matched I1
check "a Buddhist date and a Latin name meet a Gregorian one and a Thai name" matched I2
check "a query by zone finds the passport" ends 0 '^hit ' client IDN query --mrz "$ZONE"
check "a query by a zone with a wrong check digit asks without that field, and says so" \
    ends 0 'warning: mrz: the check digit of the date of birth is wrong' client IDN query --mrz "${ZONE/7408122F/7408123F}"
check "a query by what is no zone is refused" ends 2 'mrz: not of 90, 88 or 72 characters' client IDN query --mrz 'P<UTO'
{ echo "${ZONE:0:44}"; echo "${ZONE:44}"; echo; echo "P<UTO"; echo; echo "${ZONE/ERIKSSON/NOBODYAT}" | sed 's/L898902C36/A123456784/; s/7408122/5001016/'; } >"$SCRATCH/zones"
by_zones() { # STATUS PATTERN OPTION...
    local status=$1 pattern=$2
    shift 2
    ends "$status" "$pattern" bash -c "'$BIN/concord-client' query --zones --config '$REGION/agency-IDN/client.conf' $* <'$SCRATCH/zones'"
}
check "zones come from standard input, in lines or whole: one meets" by_zones 0 '^zone 1: (known|other-document)'
check "the second is none, and said by its number" grep -q '^open  not asked: not of 90, 88 or 72 characters' "$SCRATCH/out"
check "of the third nobody knows" grep -Eq '^zone 3: (clear|no-full-answer)' "$SCRATCH/out"
check "for programs each is a line" by_zones 0 '"answer":"hit".*"zone":1' --json
check "of three" test "$(grep -c '^{.*"zone":[123]' "$SCRATCH/out")" = 3
check "beside fields they are refused" by_zones 2 '--zones reads all fields' --sex F
check "and none is said" ends 1 'no zone on standard input' client IDN query --zones
check "normalise shows what enrolment would make of a day that is none" \
    ends 0 'is +1990-02 \(in part\)' "$BIN/concord-client" normalise --date-of-birth 1990-02-30
check "also where the month is a word" ends 0 'is +1990-02 \(in part\)' "$BIN/concord-client" normalise --date-of-birth '30 Feb 1990'
check "each step of a name: without its title, in Latin, its roots" \
    ends 0 'in Latin +SOMCHAY CHAIDI' "$BIN/concord-client" normalise --name-native 'นายสมชาย ใจดี'
check "which are those of other spellings" ends 0 '^  SOMCHAY +SOMCHAI +SMJ ' "$BIN/concord-client" normalise --name-native 'สมชาย ใจดี'
check "each step of a document's number" \
    ends 0 'issuer MMR, number 12MAGADAN150506' "$BIN/concord-client" normalise --doc-issuer MMR --doc-number '၁၂/မဂဒ(နိုင်)၁၅၀၅၀၆'
check "each step of a zone" ends 0 'number L898902C3' "$BIN/concord-client" normalise --mrz "$ZONE"
check "another ICU has another fingerprint" other_prints
check "and may not enrol" ends 1 'normalises names otherwise than the region' \
    env LD_PRELOAD="$OTHER_ICU" "$BIN/concord-client" enrol --quiet --config "$REGION/agency-THA/client.conf" "$SCRATCH/IDN.csv"
