#!/bin/bash
# Two officers take one match from a question to an outcome; what is refused, confirmed by a second officer, recalled, late, exported, erased.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons
DUTY_HOURS=always
REGION_LIMITS=$REGION_LIMITS,second-officer,urgent=1s
COLUMNS_OF=record_id,family_name,given_names,sex,date_of_birth,nationality,doc_type,doc_issuer,doc_number

is() { # EXPECTED COMMAND...
    local expected=$1 got
    shift
    got=$("$@")
    [ "$got" = "$expected" ] || { echo "# $got, not $expected"; return 1; }
}

shows() { # AGENCY LETTER PATTERN [OPTION...]
    local agency=$1 letter=$2 pattern=$3
    shift 3
    ends 0 "$pattern" client "$agency" letters show "$letter" "$@"
}

conceals() { # PATTERN FILE...: none of the files has it
    local pattern=$1
    shift
    ! grep -rqaF "$pattern" "$@"
}

late() { # AGENCY: letters that are late
    client "$1" letters --json | jq '[.disclosure[] | select(.late)] | length'
}

ask() { # OPTION...: THA's question about its match
    client THA ask 1 --officer malee --basis national-law --reason "held at the border" "$@"
}

region_create "$SCRATCH/region" THA IDN
printf '%s\n' $COLUMNS_OF "T1,SHRESTHA,SITA MAYA,F,1984-11-02,NPL,P,NPL,N1234567" >"$SCRATCH/THA.csv"
printf '%s\n' $COLUMNS_OF "I1,SHRESTHA,SITA MAYA,F,1984-11-02,NPL,P,NPL,N1234567" >"$SCRATCH/IDN.csv"
head -c 5242880 /dev/urandom >"$SCRATCH/face.jpg"
head -c 5242881 /dev/zero >"$SCRATCH/large.jpg"
region_start
client THA enrol --quiet "$SCRATCH/THA.csv" >/dev/null
client IDN enrol --quiet "$SCRATCH/IDN.csv" >/dev/null
for a in THA IDN THA IDN THA; do quietly client $a sync; done

check "a question says why" ends 2 "on what legal basis" client THA ask 1 --field sex
check "on a basis that the manifest has" ends 2 "no legal basis" client THA ask 1 --field sex --reason x --basis whim
check "for fields that there are" ends 2 "is no field" ask --field shoe_size
check "about a match that there is" ends 1 "no match 99" client THA ask 99 --field sex --reason x --basis national-law
check "it is asked" ends 0 "letter 1 asks" ask --field date_of_birth --field photograph --field doc_expiry
check "who answers for the partner is in the manifest" grep -q "IDN answers at: duty desk of IDN (always: somebody is there now)" "$SCRATCH/out"
check "and shown with it" ends 0 "on duty for persons: duty desk of THA, always" "$BIN/concord-keys" manifest show "$REGION/region.json"
duty_refused() { # PATTERN HOURS
    ends 2 "$1" "$BIN/concord-keys" manifest duty --purpose persons --agency THA --contact "duty desk" --hours "$2" "$REGION/region.json"
}
check "hours are written in one way" duty_refused 'hours: "always" or days' "daily"
check "once" ends 1 "asked already" ask --field date_of_birth --field photograph --field doc_expiry
quietly client IDN sync
check "the partner's officer sees which own record is meant" shows IDN 1 "own record   I1"
check "and why" shows IDN 1 "held at the border"
check "what was not asked for is not released" ends 2 "not released" \
    client IDN answer 1 --release date_of_birth --value sex=F --feed "$SCRATCH/IDN.csv"
check "a file has at most 5 MiB" ends 1 "large.jpg" client IDN answer 1 --release photograph --attach "photograph=$SCRATCH/large.jpg"
check "a released field has a value" ends 2 "doc_expiry has no value" client IDN answer 1 --release doc_expiry --feed "$SCRATCH/IDN.csv"
check "a release waits for a second officer" ends 0 "letter 2 waits for a second officer" client IDN answer 1 --officer budi \
    --release all --feed "$SCRATCH/IDN.csv" --attach "photograph=$SCRATCH/face.jpg" --value $'doc_expiry=2031-\x1b[2J01' --handling court
check "who is not the first" ends 1 "another officer confirms" client IDN answer 2 --confirm --officer budi
check "and may say no" ends 0 "not confirmed" client IDN answer 2 --reject --officer sari
printf 'record_id,N\xe9 le\nI1,1984-11-02\n' >"$SCRATCH/IDN-1252.csv"
check "a feed that is written otherwise is not guessed at" ends 1 "no CSV file in UTF-8" client IDN answer 1 --officer budi \
    --release all --feed "$SCRATCH/IDN-1252.csv" --map 'Né le=date_of_birth' --attach "photograph=$SCRATCH/face.jpg" --value doc_expiry=2031
client IDN answer 1 --officer budi --release all --feed "$SCRATCH/IDN-1252.csv" --encoding windows-1252 --map 'Né le=date_of_birth' \
    --attach "photograph=$SCRATCH/face.jpg" --value $'doc_expiry=2031-\x1b[2J01' --handling court >/dev/null
check "or yes" ends 0 "is confirmed" client IDN answer 3 --confirm --officer sari
quietly client THA sync
check "the answer comes" shows THA 2 "answer from IDN, all"
check "values are shown on request alone" conceals 1984-11-02 <(client THA letters show 2)
check "then they are" shows THA 2 "1984-11-02" --values
check "with what may be done with them" shows THA 2 "court" --values
check "and nothing that steers the terminal" conceals $'\x1b' <(client THA letters show 2 --values)
quietly client THA letters show 2 --field photograph --out "$SCRATCH/got.jpg"
check "5 MiB came whole" cmp -s "$SCRATCH/face.jpg" "$SCRATCH/got.jpg"

at_work() { # COMMAND...: while another process is at work with THA's vault
    exec 9>"$REGION/agency-THA/vault.db/lock"
    flock 9
    "$@" 9>&-
    local rc=$?
    exec 9>&-
    return $rc
}
check "an officer need not wait for an enrolment" at_work ends 0 "goes with the next sync" ask --field name_native --urgency urgent
quietly client THA sync
quietly client IDN sync
sleep 2.1 # times are whole seconds: late is what is more than one of them past
check "what is late is so here" is 1 late IDN
check "and there" is 1 late THA
check "sync says so" ends 0 "1 question or recall is late here" client IDN sync
check "a question is refused" ends 0 "none" client IDN answer 4 --refuse legal-basis --text "article 18 is needed"
check "once" ends 1 "answered already" client IDN answer 4 --refuse other
quietly client THA sync
check "the asker sees why" shows THA 4 "article 18 is needed"

check "an outcome is one that there is" ends 2 "there are same-person" client THA outcome 1 maybe
quietly client THA outcome 1 same-person
quietly client IDN sync
quietly client IDN outcome 1 identity-fraud
quietly client THA sync
check "disagreement is shown as such" shows THA 1 "THE TWO DISAGREE"
quietly client IDN outcome 1 same-person
quietly client THA sync
check "and agreement" shows THA 1 "agreed"

check "the thread is a page for a case file" quietly client THA letters export 2 --out "$SCRATCH/case.html"
check "which has the values" grep -q "1984-11-02" "$SCRATCH/case.html"
receipts() { # splits those of the page into files
    python3 -c 'import html, re, sys
for i, r in enumerate(re.findall(r"<pre>(.*?)</pre>", open(sys.argv[1]).read(), re.S)): open("%s/receipt-%d" % (sys.argv[2], i), "w").write(html.unescape(r))' \
        "$SCRATCH/case.html" "$SCRATCH"
    ls "$SCRATCH"/receipt-* | wc -l
}
check "and a receipt of each of its twelve letters and parts" is 12 receipts
checked_once_exported() { # the ledger is written out each second
    local i
    for i in {1..30}; do
        "$@" >"$SCRATCH/tried" 2>&1 && break
        sleep 0.1
    done
    "$@"
}
check "which an expert checks against the ledger" checked_once_exported ends 0 "included: .* letter" \
    "$BIN/concord-audit" inclusion --manifest "$REGION/region.json" "$SCRATCH"/receipt-* "$REGION/matcher/ledger"
check "only an own answer is recalled" ends 2 "no answer of ours" client THA recall 2 --why wrong
check "what was disclosed is recalled" ends 0 "is recalled" client IDN recall 3 --why wrong --officer budi
quietly client THA sync
check "the partner's program wipes it" shows THA 2 "was wiped"
recall=$(client THA letters --json | jq '[.disclosure[] | select(.kind == "recall")][0].letter')
check "it was seen, so an officer says that copies are gone" ends 0 "acknowledged" client THA answer "$recall" --done
quietly client IDN sync
check "who recalled it knows" is done bash -c "'$BIN/concord-client' letters --json --config '$REGION/agency-IDN/client.conf' | jq -r '[.disclosure[] | select(.kind == \"recall\" and .way == \"out\")][0].state'"

second=$(ask --field nationality | grep -o 'letter [0-9]*' | head -1 | tr -dc 0-9)
third=$(ask --field doc_issuer | grep -o 'letter [0-9]*' | head -1 | tr -dc 0-9)
fields() { # AGENCY FIELD STATE: the letters of the questions in this state
    client "$1" letters --json --state "$3" | jq "[.disclosure[] | select(.kind == \"ask\") | .$2] | sort | map(tostring) | join(\" \")" -r
}
quietly client IDN sync
read -r first_in second_in < <(fields IDN letter open)
check "what is open is listed alone" is "$second $third" fields THA letter open
check "by partner, own record and time" is "2 0 0 0" bash -c "for o in '--partner IDN --record T1 --since 1h --state open' '--record T9' '--since 2099-01-01' '--late --partner IDN'; do
    '$BIN/concord-client' letters --json --config '$REGION/agency-THA/client.conf' \$o | jq '.disclosure | length'; done | paste -sd' '"
check "page by page" is "1 2" bash -c "'$BIN/concord-client' letters --json --state open --skip 1 --limit 5 --config '$REGION/agency-THA/client.conf' |
    jq -r '[(.disclosure | length), .fit] | join(\" \")'"
check "of a partner that there is" ends 2 "no party XXX" client THA letters --partner XXX
check "in a state that there is" ends 2 "no state of a letter" client THA letters --state lost
check "since a time that there is" ends 2 "write a day" client THA letters --since yesterday
check "an officer asks back" ends 0 "asks back" client IDN answer "$first_in" --ask-back --text "which border post?"
check "or forwards the question" ends 0 "forwarded" client IDN answer "$second_in" --forward "Directorate General of Immigration"
check "one way at a time" ends 2 "say one of" client IDN answer "$first_in" --ask-back --done
quietly client THA sync
check "the asker sees both" is "2" bash -c "'$BIN/concord-client' letters --config '$REGION/agency-THA/client.conf' | grep -c 'in .*IDN.* answer .*\(asks back\|forwarded\)'"
forwarded=$(client THA letters --json | jq '[.disclosure[] | select(.what == "forwarded")][0].letter')
check "and to whom" shows THA "$forwarded" "Directorate General of Immigration"

# Who is on duty is called by the agency's own command, which says here what it was told.
cat >"$SCRATCH/page-duty" <<END
#!/bin/bash
[ -e "$SCRATCH/broken" ] && rm "$SCRATCH/broken" && exit 1
echo "\$1 \$CONCORD_PARTNER \$CONCORD_PURPOSE \$CONCORD_URGENCY \$CONCORD_CALLS" >>"$SCRATCH/paged"
env >"$SCRATCH/environment"
ls -l /proc/\$\$/fd >"$SCRATCH/descriptors"
END
chmod +x "$SCRATCH/page-duty"
paged() { # TIMES EVENT: at last
    local i
    for i in {1..80}; do
        [ "$(grep -c "^$2" "$SCRATCH/paged" 2>/dev/null)" = "$1" ] && return
        sleep 0.1
    done
    sed 's/^/# /' "$SCRATCH/paged"
    return 1
}
check "a command that cannot be run is refused at the start" ends 2 "no program that can be run" client IDN run --duty-command "$SCRATCH/none"
fourth=$(ask --field sex --urgency urgent | grep -o 'letter [0-9]*' | head -1 | tr -dc 0-9)
CONCORD_PASSPHRASE_FILE=$SCRATCH/none "$BIN/concord-client" run --config "$REGION/agency-IDN/client.conf" --duty-command "$SCRATCH/page-duty" \
    --duty-escalate 2s 2>"$REGION/agency-IDN/duty.log" &
PID[duty]=$!
check "an urgent question calls who is on duty" paged 1 "question THA persons urgent 1"
check "what is late does" paged 1 "late THA persons urgent 1"
check "while nobody answers, others are called" paged 1 "escalation THA persons urgent 2"
check "with nothing but what waits" is "CONCORD_AGENCY CONCORD_CALLS CONCORD_DUE CONCORD_EVENT CONCORD_LETTER CONCORD_PARTNER CONCORD_PURPOSE CONCORD_URGENCY" \
    bash -c "grep -o '^CONCORD_[A-Z_]*' '$SCRATCH/environment' | sort | paste -sd' '"
check "nor any file of the daemon's" conceals "$REGION" "$SCRATCH/environment" <(grep -v duty.log "$SCRATCH/descriptors")
fourth_in=$(fields IDN letter open | awk '{print $NF}')
quietly client IDN answer "$fourth_in" --refuse other
sleep 1.2 # what was under way
escalations=$(grep -c "^escalation" "$SCRATCH/paged")
sleep 2.2
check "whoever has answered is left alone" paged "$escalations" "escalation"
kill "${PID[duty]}"
wait "${PID[duty]}" 2>/dev/null
unset "PID[duty]"
check "routine ones call nobody" paged 0 ".* routine"
quietly client THA sync
check "the asker is told that it was late" is true bash -c "'$BIN/concord-client' letters --json --config '$REGION/agency-THA/client.conf' | jq '[.disclosure[] | select(.letter == $fourth)][0].state == \"done\"'"

quietly client THA query --family-name SHRESTHA --given-names "SITA MAYA" --sex F --date-of-birth 1984-11-02 --nationality NPL \
    --doc-type P --doc-issuer NPL --doc-number N1234567
quietly client IDN sync
notice=$(client IDN matches asked --json | jq '.[0].notice')
check "an officer asks why a record was checked" ends 0 "asks about notice $notice" client IDN ask "$notice" --notice --officer budi \
    --field text --reason "why was she checked?" --basis national-law
check "of a notice that there is" ends 1 "no notice 99" client IDN ask 99 --notice --field text --reason x --basis national-law
quietly client THA sync
why=$(client THA letters --json --state open | jq '[.disclosure[] | select(.way == "in")][0].letter')
check "the partner sees that it is about a check" shows THA "$why" "a check that your agency made"
printf 'Officer = malee\n' >"$SCRATCH/officer"
sed -i "/^Vault/r $SCRATCH/officer" "$REGION/agency-THA/client.conf"
quietly client THA answer "$why" --release text --value "text=at the airport"
check "an officer's name is in the configuration" shows THA "$(($(client THA letters --json | jq '[.disclosure[].letter] | max')))" "malee"
quietly client IDN sync

sorted() { # AGENCY ORDER MEMBER: its values
    client "$1" letters --json --sort "$2" | jq -r "[.disclosure[].$3] | map(tostring) | join(\" \")"
}
check "letters are sorted by time" is "$(sorted THA time letter | tr ' ' '\n' | sort -rn | paste -sd' ')" sorted THA time letter
check "or by when they are due" bash -c "[ '$(sorted THA due letter)' != '$(sorted THA time letter)' ]"
check "or otherwise not" ends 2 "not by \"colour\"" client THA letters --sort colour
counted() { # AGENCY WAY: letters, in time, late of urgent questions
    client "$1" letters counts --json | jq -r ".counts[] | select(.way == \"$2\" and .what == \"urgent\") | [.letters, .in_time, .late, .open] | join(\" \")"
}
check "what was late is counted for the coordinators" is "2 0 2 0" counted THA out
check "alike on both sides" is "2 0 2 0" counted IDN in
check "recalls are" ends 0 "IDN .*in *recall *1 *1 *0" client THA letters counts

check "a dossier has all about a record" ends 0 "enrolled for persons" client IDN dossier I1
check "its matches" grep -q "^match 1 for persons with a record of THA" "$SCRATCH/out"
check "and who asked" grep -q "^notice $notice for persons: THA asked about it" "$SCRATCH/out"
check "of one that is unknown nothing" ends 1 "nothing is held" client IDN dossier I9
check "erasing says what stays" ends 0 "wiped" client IDN dossier I1 --erase
check "values are nowhere in files, logs or ledgers" conceals "2031-" "$REGION"
check "nor reasons" conceals "article 18 is needed" "$REGION"
region_stop
