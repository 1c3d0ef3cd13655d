#!/bin/bash
# Two agencies judge what they have in common; one of them sleeps. Both end with the same verdicts, and twins are told apart.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons
COLUMNS_OF=record_id,family_name,given_names,sex,date_of_birth,nationality,doc_type,doc_issuer,doc_number

states() { # AGENCY: the verdicts by pair, in an order that both agencies have
    client "$1" matches --json | jq -r '.[] | [.judged.state, .score, .kind] | @tsv' | sort
}

same_verdicts() { # AGENCY AGENCY
    states "$1" >"$SCRATCH/one"
    states "$2" >"$SCRATCH/two"
    cmp -s "$SCRATCH/one" "$SCRATCH/two" && [ -s "$SCRATCH/one" ] && ! grep -qv '^judged' "$SCRATCH/one" ||
        { sed 's/^/# /' "$SCRATCH/one" "$SCRATCH/two"; return 1; }
}

round() { # each wakes once
    quietly client THA sync
    quietly client IDN sync
}

region_create "$SCRATCH/region" THA IDN
{
    echo $COLUMNS_OF
    echo "T1,SHRESTHA,SITA MAYA,F,1984-11-02,NPL,P,NPL,N1234567"
    echo "T2,RAHMAN,KARIM UDDIN,M,1990-03-14,BGD,,,"
    echo "T3,PERERA,NIMAL BANDARA,M,1979-07-21,LKA,,,"
} >"$SCRATCH/THA.csv"
{
    echo $COLUMNS_OF
    echo "I1,SHRESTHA,SITA MAYA,F,1984-11-02,NPL,P,NPL,N1234567"
    echo "I2,RAHMAN,KARIM UDDIN,M,1990-03-14,BGD,,,"
    echo "I3,PERERA,DILSHAN KUMARA,M,1979-07-21,LKA,,,"
} >"$SCRATCH/IDN.csv"
region_start
client THA enrol --quiet "$SCRATCH/THA.csv" >/dev/null
client IDN enrol --quiet "$SCRATCH/IDN.csv" >/dev/null
quietly client THA sync
check "who is alone waits, and its list says for whom" ends 0 "waiting for IDN" client THA matches --keys
for _ in 1 2 3 4; do round; done
check "once the other has woken, both have the same verdicts" same_verdicts THA IDN
check "the pairs that judging told apart are no matches" ends 0 "2 matches" client THA matches
check "but the list of pairs has them, with what they are" bash -c \
    "'$BIN/concord-client' judge --config '$REGION/agency-THA/client.conf' | tee '$SCRATCH/pairs' | grep -q 'T3 ' || { sed 's/^/# /' '$SCRATCH/pairs'; exit 1; }"
check "an explanation lists what agrees" ends 0 "the same, as written" client THA matches explain 1
check "and the other agency's does" ends 0 "the same, as written" client IDN matches explain 1
check "status counts pairs" ends 0 "pairs: " client IDN status
check "a release says how many" ends 2 "say how many" client THA judge release 1
check "an officer releases, signed" ends 0 "2 more records of IDN" client THA judge release 1 --count 2 --by inspector

# --- border checks ---

asks() { # NAMES DATE SEX COUNTRY [OPTION...]: THA
    local names=$1 date=$2 sex=$3 country=$4
    shift 4
    client THA query --family-name "${names% *}" --given-names "${names#* }" --date-of-birth "$date" --sex "$sex" --nationality "$country" "$@"
}

check "a check whose partner sleeps is a hit by keys, and says for whom it waits" ends 0 "by keys, waiting for IDN" \
    asks "SHRESTHA SITA" 1984-11-02 F NPL
for _ in 1 2; do
    quietly client IDN sync
    quietly client THA sync
done
check "two rounds later it is judged, and the same question says so at once" ends 0 "judged; handle" asks "SHRESTHA SITA" 1984-11-02 F NPL
check "the asked agency sees who asked, and what it came to" ends 0 "judged: same-person, [0-9]+%" client IDN matches asked

"$BIN/concord-client" run --config "$REGION/agency-IDN/client.conf" 2>>"$REGION/agency-IDN/log" &
PID[run-IDN]=$!
check "a partner that is awake judges within seconds" ends 0 "judged; handle" asks "RAHMAN KARIM" 1990-03-14 M BGD --wait 10s
check "what met a key of somebody else is no hit then" ends 4 "not the same" asks "PERERA NIMAL" 1979-07-21 M LKA --wait 10s
check "also for programs" ends 4 '"answer": "miss"' asks "PERERA NIMAL" 1979-07-21 M LKA --wait 10s --json
check "what was asked about stands among the pairs" ends 0 "asked about" client THA judge
check "nobody is waited for who has nothing" ends 4 "miss" asks "NOBODY ATALL" 1971-01-01 M LKA --wait 10s
region_stop
check "the audit has no findings" ends 0 "" "$BIN/concord-audit" verify --manifest "$REGION/region.json" "$REGION/matcher/ledger"
check "no name lies at the matcher" bash -c "! grep -rai 'shrestha\|perera' '$REGION/matcher'"
