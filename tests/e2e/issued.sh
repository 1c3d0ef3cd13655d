#!/bin/bash
# Registers of valid documents: a document that its issuer does not have is found without anybody handing over a register;
# only the issuer's own word counts, and only while its register is complete and not old; the issuer learns counts alone.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES="listed-documents issued-documents"
HEADER=record_id,doc_type,doc_issuer,doc_number,date_of_birth

asks() { # NUMBER BIRTH [FLAG...]: THA's officer holds a passport of IDN
    client THA query --doc-type PASSPORT --doc-issuer IDN --doc-number "$1" --date-of-birth "$2" "${@:3}"
}

says() { # STATUS VERDICT REGISTER-STATE NUMBER BIRTH [FLAG...]
    local status=$1 verdict=$2 state=$3 got
    shift 3
    asks "$@" --json >"$SCRATCH/answer" 2>"$SCRATCH/err"
    got=$?
    [ $got = "$status" ] && jq -e --arg v "$verdict" --arg s "$state" \
        '.verdict == $v and ([.registers[].state] | join(" ")) == $s' "$SCRATCH/answer" >/dev/null && return 0
    echo "# status $got"
    sed 's/^/# /' "$SCRATCH/answer" "$SCRATCH/err"
    return 1
}

declare_fresh() { # TIME
    "$BIN/concord-keys" manifest register --purpose issued-documents --issuer IDN --agency IDN --fresh "$1" "$REGION/region.json" >/dev/null &&
        region_sign && region_in_force
}

unnoticed() { # the issuer knows of no question about a document, and has no match to judge
    client IDN sync >/dev/null && ! client IDN matches asked | grep -q 'asked about' && ! client IDN matches --csv | grep -q issued
}

audited() {
    local name
    for name in matcher custodian-{1,2,3}; do daemon_stop $name || return 1; done
    "$BIN/concord-audit" verify --manifest "$REGION/region.json" "$REGION"/{matcher,custodian-1,custodian-2,custodian-3}/ledger >"$SCRATCH/audit" 2>&1 &&
        return 0
    sed 's/^/# /' "$SCRATCH/audit"
    return 1
}

region_create "$SCRATCH/region" THA IDN BGD
region_start
{ echo $HEADER
  for i in 1 2 3 4 5 6 7 8; do echo "I$i,PASSPORT,IDN,C100000$i,1990-05-0$i"; done; } >"$SCRATCH/register.csv"
{ echo $HEADER; echo B1,PASSPORT,IDN,C7777777,1990-01-02; } >"$SCRATCH/foreign.csv"
{ echo $HEADER; echo L1,PASSPORT,IDN,C1000003,1990-05-03; } >"$SCRATCH/listed.csv"
check "who lists lost documents enrols no register with them" bash -c ". tests/e2e/lib/region.sh; REGION='$REGION'
    client BGD enrol '$SCRATCH/listed.csv' | grep -q '^listed' && ! client BGD status | grep -A3 '^  issued-documents' | grep -q ' [1-9][0-9]* records'"
check "before a register is there, nothing is unknown to it" says 5 no-full-answer old C1000001 1990-05-01
check "the issuer enrols its register, and says that it is complete" ends 0 'the register is complete as of now' \
    client IDN enrol --purpose issued-documents --snapshot "$SCRATCH/register.csv"
check "who lists no lost documents may not ask about them, and is answered by the register all the same" \
    says 0 unknown-to-issuer unknown C9999999 1990-05-01
check "for programs" jq -e '.denied[0].purpose == "listed-documents"' "$SCRATCH/answer"
check "and in words" ends 0 '^open +listed-documents +was not asked about: .*contributes to it' asks C9999999 1990-05-01
quietly client THA enrol --quiet "$SCRATCH/foreign.csv"
check "another state enrols a document of that issuer" ends 0 '1 new' \
    client BGD enrol --purpose issued-documents "$SCRATCH/foreign.csv"
check "a valid document is clear" says 4 clear valid C1000001 1990-05-01
check "a number that was never issued is unknown to its issuer" says 0 unknown-to-issuer unknown C9999999 1990-05-01
check "so is a true number with another date of birth" says 0 unknown-to-issuer unknown C1000001 1991-05-01
check "another state's word for it counts nothing" says 0 unknown-to-issuer unknown C7777777 1990-01-02
check "in words, with the date of the register" ends 0 'none +issued-documents +IDN +has issued no such document that is valid \(as of 20' \
    asks C9999999 1990-05-01
check "a number alone asks nothing of the register, and is not clear" bash -c ". tests/e2e/lib/region.sh; REGION='$REGION'
    client THA query --json --doc-type PASSPORT --doc-issuer IDN --doc-number C1000001 >'$SCRATCH/answer'
    [ \$? = 5 ] && jq -e '.verdict == \"no-full-answer\" and .registers[0].state == \"not-enough\"' '$SCRATCH/answer' >/dev/null"
check "a listed document is listed, whatever its issuer has" says 0 listed valid C1000003 1990-05-03
check "an issuer that shall not know is not asked, and nothing is clear" says 5 no-full-answer not-asked C9999999 1990-05-01 --not-for IDN
check "a document of a state without a register is asked of no register" bash -c ". tests/e2e/lib/region.sh; REGION='$REGION'
    client THA query --json --doc-type PASSPORT --doc-issuer MYS --doc-number A1234567 --date-of-birth 1990-05-01 >'$SCRATCH/answer'
    [ \$? = 4 ] && jq -e '.verdict == \"clear\" and .registers == []' '$SCRATCH/answer' >/dev/null"
check "the issuer learns of no question" unnoticed
grep -v I8 "$SCRATCH/register.csv" >"$SCRATCH/fewer.csv"
check "what was revoked leaves the register" client IDN enrol --quiet --purpose issued-documents --snapshot "$SCRATCH/fewer.csv"
check "and is unknown to its issuer" says 0 unknown-to-issuer unknown C1000008 1990-05-08
ungrant() {
    "$BIN/concord-keys" manifest revoke --from THA --purpose listed-documents "$REGION/region.json" >/dev/null && region_sign && region_in_force
}
check "grants of one purpose are taken back" ungrant
check "it is left out, and takes no answer away" says 4 clear valid C1000001 1990-05-01
check "which is said to programs" jq -e '.ungranted == ["listed-documents"] and .denied == []' "$SCRATCH/answer"
check "and in words" ends 4 '^skip +listed-documents +was not asked about: no partner and this agency granted' asks C1000001 1990-05-01
sleep 1.1
check "the coordinators say how long a register holds" declare_fresh 1s
check "an old register takes nobody's document away, and clears nobody" says 5 no-full-answer old C9999999 1990-05-01
check "what it has is valid as of its date" says 4 clear valid C1000001 1990-05-01
check "the ledgers verify, and replay agrees" audited
check "a register is of a purpose of kind issued" bash -c "! '$BIN/concord-keys' manifest register --purpose listed-documents --issuer IDN --agency IDN '$REGION/region.json' 2>'$SCRATCH/err' && grep -q 'of no kind issued' '$SCRATCH/err'"
