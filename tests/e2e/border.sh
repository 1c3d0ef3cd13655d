#!/bin/bash
# Border posts: JSON over HTTP, one verdict by precedence, answers by the deadline whatever happens, and nothing for who
# shows no token. Whoever is asked about judges; the judgement comes under the reference.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES="travel-documents issued-documents"
HEADER=record_id,family_name,given_names,sex,date_of_birth,nationality,doc_type,doc_issuer,doc_number
PORT=$(next_port)
URL[border]=tcp://127.0.0.1:$PORT # given back with the others
AT=http://127.0.0.1:$PORT/v1

post() { # TOKEN PATH BODY [CURL-OPTION...]: body to $SCRATCH/body, headers to $SCRATCH/headers, status printed
    curl -s -m 40 -o "$SCRATCH/body" -D "$SCRATCH/headers" -w '%{http_code}' -H "Authorization: Bearer $1" "${@:4}" --data-binary "$3" "$AT/$2"
}

get() { # TOKEN PATH
    curl -s -m 20 -o "$SCRATCH/body" -D "$SCRATCH/headers" -w '%{http_code}' -H "Authorization: Bearer $1" "$AT/$2"
}

shows() { # JQ-FILTER: holds of the body
    jq -e "$1" "$SCRATCH/body" >/dev/null && return 0
    sed 's/^/# /' "$SCRATCH/body"
    return 1
}

answers() { # STATUS JQ-FILTER TOKEN PATH BODY [CURL-OPTION...]
    local status=$1 filter=$2 got
    shift 2
    got=$(post "$@")
    [ "$got" = "$status" ] && shows "$filter" && return 0
    echo "# status $got"
    return 1
}

refused() { # STATUS COMMAND...: with problem details
    local status=$1
    shift
    [ "$("$@")" = "$status" ] && grep -qi '^content-type: application/problem+json' "$SCRATCH/headers" &&
        shows ".status == $status and (.title | length) > 0 and (.detail | length) > 0"
}

document() { # NUMBER [FAMILY GIVEN BIRTH]
    jq -cn --arg n "$1" --arg f "${2:-}" --arg g "${3:-}" --arg b "${4:-}" \
        '{doc_type: "PASSPORT", doc_issuer: "IDN", doc_number: $n, family_name: $f, given_names: $g, date_of_birth: $b, deadline_ms: 10000} | with_entries(select(.value != ""))'
}

ready() {
    for _ in {1..200}; do
        grep -q event=border "$REGION/agency-THA/log" && return 0
        sleep 0.05
    done
    return 1
}

judged() { # the partner's verdict comes under the reference
    local ref
    ref=$(jq -r .ref "$SCRATCH/body")
    for _ in {1..150}; do
        [ "$(get "$POST" "checks/$ref")" = 200 ] || return 1
        jq -e '.final and .hits[0].judged.state == "judged"' "$SCRATCH/body" >/dev/null && return 0
        sleep 0.2
    done
    sed 's/^/# /' "$SCRATCH/body"
    return 1
}

again() { # the same key and check: the same answer, and nobody is asked
    local body first asked
    body=$(document C1000002 Santoso Budi 1990-05-02)
    [ "$(post "$POST" check "$body" -H 'Idempotency-Key: k1')" = 200 ] || return 1
    first=$(jq -r .ref "$SCRATCH/body")
    asked=$(questions)
    [ "$(post "$POST" check "$body" -H 'Idempotency-Key: k1')" = 200 ] && [ "$(jq -r .ref "$SCRATCH/body")" = "$first" ] &&
        [ "$(questions)" = "$asked" ] && refused 409 post "$POST" check "$(document C1000003)" -H 'Idempotency-Key: k1'
}

questions() {
    grep -c 'event=query' "$REGION/matcher/log"
}

many() { # a passenger list: a line each, and fewer requests than lines
    local before
    before=$(questions)
    local names=(Alder Brock Castor Dunmore Fenwick Garland Hopkins Kessler)
    for i in 1 2 3 4 5 6 7 8; do document C100000$i "${names[i - 1]}" Nemo 1990-05-0$i; done >"$SCRATCH/list"
    echo '{"family_name": 7}' >>"$SCRATCH/list"
    [ "$(post "$POST" checks "@$SCRATCH/list" -H 'Content-Type: application/x-ndjson')" = 200 ] || return 1
    [ "$(jq -s 'map(.line) | sort == [range(1; 10)]' "$SCRATCH/body")" = true ] &&
        [ "$(jq -s 'map(select(.answer.registers[0].state == "valid")) | length' "$SCRATCH/body")" = 8 ] &&
        [ "$(jq -s 'map(select(.line == 9))[0].answer.status' "$SCRATCH/body")" = 400 ] && [ $(($(questions) - before)) -lt 8 ] && return 0
    sed 's/^/# /' "$SCRATCH/body"
    return 1
}

documented() { # the document is served, and the answers are as it says
    for i in matches letters; do get "$READER" $i >/dev/null; cp "$SCRATCH/body" "$SCRATCH/body.$i"; done
    [ "$(curl -s "$AT/openapi.json" -o "$SCRATCH/openapi" -w '%{http_code}')" = 200 ] && jq -e '.openapi == "3.1.0"' "$SCRATCH/openapi" >/dev/null || return 1
    [ "$(post "$POST" check "$(document C1000001 Santoso Budi 1990-05-01)")" = 200 ] || return 1
    python3 -c 'import jsonschema' 2>/dev/null || { echo "# note: python3-jsonschema is not installed; answers were not read against the document"; return 0; }
    python3 - "$SCRATCH/openapi" "$SCRATCH/body" <<-'END'
	import json, sys, jsonschema
	api, body = (json.load(open(f)) for f in sys.argv[1:])
	def check(name, value):
	    jsonschema.Draft202012Validator({"$ref": "#/components/schemas/" + name, "components": api["components"]}).validate(value)
	check("Answer", body)
	for name in ("Matches", "Letters"):
	    check(name, json.load(open(sys.argv[2] + "." + name.lower())))
	check("Problem", {"type": "about:blank", "title": "t", "status": 400, "detail": "d"})
	try:
	    check("Check", {"surname": "x"})
	    sys.exit("a member that is none is allowed")
	except jsonschema.ValidationError:
	    pass
	END
}

limited() { # a list of 30 counts for three, and two is all that may be asked at once
    local i
    for i in {1..30}; do echo '{"family_name": 7}'; done >"$SCRATCH/list"
    refused 429 post "$SLOW" checks "@$SCRATCH/list" && grep -qi '^retry-after: 1' "$SCRATCH/headers"
}

degraded() { # a custodian set that cannot answer: an answer all the same, by the deadline
    local start=$SECONDS
    answers 200 '.verdict == "no-full-answer" and (.full | not) and (.reason | length) > 0' "$POST" check \
        "$(document C9999999 "" "" 1990-05-01 | jq -c '. + {deadline_ms: 700}')" && [ $((SECONDS - start)) -le 4 ]
}

listen() { # FILE [CURSOR]: events into it, in the background
    curl -s -N -m 60 -H "Authorization: Bearer $READER" ${2:+-H "Last-Event-ID: $2"} "$AT/events" >"$1" &
    LISTENER=$!
}

soon() { # COMMAND...: true within some seconds
    for _ in {1..150}; do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    "$@"
}

told() { # EVENT FILE JQ-FILTER: holds of such an event's object
    grep -A 2 "^event: $1" "$2" | sed -n 's/^data: //p' | jq -e -s "map(select($3)) | length > 0" >/dev/null && return 0
    sed 's/^/# /' "$2"
    return 1
}

pages() { # one by one, as all at once
    local next=0 all=() i
    get "$READER" matches >/dev/null
    cp "$SCRATCH/body" "$SCRATCH/all"
    for i in 1 2 3 4 5; do
        [ "$(get "$READER" "matches?after=$next&limit=1")" = 200 ] || return 1
        all+=($(jq '.matches[].match' "$SCRATCH/body"))
        next=$(jq -r .next "$SCRATCH/body")
        [ "$(jq .more "$SCRATCH/body")" = true ] || break
    done
    [ "${all[*]}" = "$(jq '.matches[].match' "$SCRATCH/all" | xargs)" ] && [ ${#all[@]} -ge 1 ]
}

crowded() { # four streams of one token at most; the others wait
    local i open=()
    for i in 1 2 3 4 5 6; do
        curl -s -N -i -m 60 -H "Authorization: Bearer $READER" "$AT/events" >"$SCRATCH/crowd$i" &
        open+=($!)
    done
    soon has_all "^id: " || return 1
    [ "$(grep -l '^id: ' "$SCRATCH"/crowd? | wc -l)" -le 4 ] && [ "$(grep -li '^retry-after: 1' "$SCRATCH"/crowd? | wc -l)" -ge 2 ]
    i=$?
    kill "${open[@]}" 2>/dev/null
    return $i
}

has_all() { # each of them is answered, one way or the other
    [ "$(grep -liE "$1|^retry-after" "$SCRATCH"/crowd? | wc -l)" = 6 ]
}

silent() { # nothing personal, and no token, in what is logged
    ! grep -Eq "Santoso|C100000|$POST|1990-05" "$REGION/agency-THA/log"
}

region_create "$SCRATCH/region" THA IDN
region_start
{ echo $HEADER; for i in 1 2 3; do echo "P$i,Santoso,Budi Harto,M,1990-05-0$i,IDN,PASSPORT,IDN,C100000$i"; done; } >"$SCRATCH/IDN.csv"
{ echo $HEADER; for i in 1 2 3 4 5 6 7 8; do echo "R$i,,,,1990-05-0$i,,PASSPORT,IDN,C100000$i"; done; } >"$SCRATCH/register.csv"
{ echo $HEADER; echo "T1,Wongkul,Malee,F,1981-01-02,THA,PASSPORT,THA,AB1234567"; } >"$SCRATCH/THA.csv"
quietly client THA enrol --purpose travel-documents "$SCRATCH/THA.csv"
quietly client IDN enrol --purpose travel-documents "$SCRATCH/IDN.csv"
quietly client IDN enrol --purpose issued-documents "$SCRATCH/register.csv"
cat >>"$REGION/agency-THA/client.conf" <<-END

	[Border]
	Listen = 127.0.0.1:$PORT
	Posts = posts
END
check "a post has a token, which is not in the file" bash -c ". tests/e2e/lib/region.sh; REGION='$REGION'
    client THA post airport-1 >'$SCRATCH/token' && grep -Eqx '[0-9a-f]{64}' '$SCRATCH/token' && ! grep -qf '$SCRATCH/token' '$REGION/agency-THA/posts'"
POST=$(cat "$SCRATCH/token")
REGISTERS=$(client THA post harbour --ask issued-documents)
SLOW=$(client THA post slow)
READER=$(client THA post case-system --read)
check "a post is not added twice" ends 2 'there is a post airport-1 already' client THA post airport-1
for a in THA IDN; do
    "$BIN/concord-client" run --config "$REGION/agency-$a/client.conf" >/dev/null 2>>"$REGION/agency-$a/log" &
    PID[agency-$a]=$!
done
check "the daemon answers border posts" ready
check "without a token nothing is said" refused 401 post "" check "$(document C1000001)"
check "nor with a guessed one" refused 401 post "${POST/?/0}0" check "$(document C1000001)"
check "a valid document of a person whom nobody knows is clear" answers 200 \
    '.verdict == "clear" and .full and .final and .registers[0].state == "valid"' "$POST" check "$(document C1000008 Nobody Nemo 1990-05-08)"
check "a counterfeit is unknown to its issuer" answers 200 '.verdict == "unknown-to-issuer" and .full' "$POST" check "$(document C9999999 Nobody Nemo 1990-05-08)"
check "who is known with the document is known, by keys first" answers 200 '.verdict == "known" and .hits[0].partner == "IDN"' \
    "$POST" check "$(document C1000001 Santoso "Budi Harto" 1990-05-01 | jq -c '. + {sex: "M", nationality: "IDN"}')"
check "and judged soon, under its reference" judged
REF=$(jq -r .ref "$SCRATCH/body")
check "another post does not find that reference" refused 404 get "$REGISTERS" "checks/$REF"
check "nor a guessed one" refused 404 get "$POST" "checks/00000000000000000000000000000000"
check "a post asks what it may alone" answers 200 '.verdict == "clear" and .hits == [] and .registers[0].state == "valid"' "$REGISTERS" check "$(document C1000001 Santoso "Budi Harto" 1990-05-01)"
check "and is refused what it may not" refused 422 post "$REGISTERS" check "$(document C1000001 | jq -c '. + {purposes: ["travel-documents"]}')"
check "a partner that shall not know is not asked, and nothing is clear" answers 200 \
    '.verdict == "no-full-answer" and .registers[0].state == "not-asked" and .unasked[0].reason == "excepted"' "$POST" check "$(document C1000008 "" "" 1990-05-08 | jq -c '. + {not_for: ["IDN"]}')"
check "one bad field costs that field, and is told" answers 200 '.problems[0].field == "date_of_birth" and .registers[0].state == "not-enough" and .verdict == "known"' \
    "$POST" check "$(document C1000002 "" "" 1990-99-99)"
check "the same key has the same answer, and asks nobody again" again
check "many travel together, and are answered line by line" many
check "what is no check is a problem, without its values" refused 400 post "$POST" check '{"surname": "Santoso"}'
check "so is what is no JSON" refused 400 post "$POST" check '{"family_name": "Sant'
check "and what is too long" test "$(post "$POST" check "$(head -c 20000 /dev/zero | tr '\0' ' ')")" = 413

check "a token that asks reads nothing" refused 403 get "$POST" matches
check "and one that reads asks nothing" refused 403 post "$READER" check "$(document C1000001)"
check "nor does one that is none" refused 401 get "" events
check "a cursor that is none is refused" refused 400 get "$READER" "matches?after=x"
check "so is a page that is none" refused 400 get "$READER" "letters?limit=101"
check "and an event's id that is none" refused 400 get "$READER" "events?after=1"
listen "$SCRATCH/events"
check "a stream of events says from where on it tells" soon grep -q '^id: 0-0' "$SCRATCH/events"
echo "T2,Santoso,Budi Harto,M,1990-05-03,IDN,PASSPORT,IDN,C1000003" >>"$SCRATCH/THA.csv"
quietly client THA enrol --purpose travel-documents "$SCRATCH/THA.csv"
quietly client THA sync
check "a new match is told as it comes" soon told match "$SCRATCH/events" '.record == "T2" and .partner == "IDN" and .state == "new"'
NUMBER=$(sed -n 's/^data: //p' "$SCRATCH/events" | jq 'select(.record == "T2") | .match' | head -1)
quietly client THA ask "$NUMBER" --field date_of_birth --basis national-law --reason "held at the border"
check "so is a letter" soon told letter "$SCRATCH/events" '.kind == "ask" and .way == "out" and .record == "T2"'
CURSOR=$(grep -A 1 '^event: match' "$SCRATCH/events" | sed -n 's/^id: //p' | tail -1)
kill $LISTENER; wait $LISTENER 2>/dev/null
listen "$SCRATCH/again" "$CURSOR"
check "who was cut off goes on behind what it read" soon told letter "$SCRATCH/again" '.kind == "ask"'
check "and is not told again what it has" bash -c "! grep -q '^event: match' '$SCRATCH/again'"
check "more streams than may be are not opened" crowded
kill $LISTENER; wait $LISTENER 2>/dev/null
check "matches are read page by page" pages
check "letters are there, not what they disclose" bash -c "[ \"\$(curl -s -H 'Authorization: Bearer $READER' '$AT/letters' | jq -c '[.letters[].kind]')\" = '[\"ask\"]' ]"
OTHER=$(client THA post registers --ask issued-documents --read)
check "a token reads of its purposes alone" bash -c "[ \"\$(curl -s -H 'Authorization: Bearer $OTHER' '$AT/matches' | jq -c .matches)\" = '[]' ]"
check "what it says of itself is true" documented
REF=$(post "$POST" check "$(document C1000001 Santoso Budi 1990-05-01)" >/dev/null; jq -r .ref "$SCRATCH/body")
kill -9 "${PID[agency-THA]}"; wait "${PID[agency-THA]}" 2>/dev/null; : >"$REGION/agency-THA/log"
STARTED=$EPOCHREALTIME
"$BIN/concord-client" run --config "$REGION/agency-THA/client.conf" >/dev/null 2>>"$REGION/agency-THA/log" &
PID[agency-THA]=$!
check "what was killed answers again once it is started" soon answers 200 '.verdict == "clear" and .full' "$POST" check "$(document C1000008 Nobody Nemo 1990-05-08)"
echo "# the first answer came $(awk -v s="$STARTED" -v e="$EPOCHREALTIME" 'BEGIN { printf "%.2f", e - s }') s after the start"
check "answers to checks from before are gone" refused 404 get "$POST" "checks/$REF"
check "matches are not" pages
echo 'Rate = 1' >>"$REGION/agency-THA/client.conf"
kill "${PID[agency-THA]}"; wait "${PID[agency-THA]}" 2>/dev/null; : >"$REGION/agency-THA/log"
"$BIN/concord-client" run --config "$REGION/agency-THA/client.conf" >/dev/null 2>>"$REGION/agency-THA/log" &
PID[agency-THA]=$!
check "the daemon ends with its border, and begins again" ready
check "a post that asks too much waits, and is told how long" limited
for i in 1 2 3; do daemon_kill custodian-$i; done
sleep 1
check "where custodians are away there is an answer by the deadline, never clear" degraded
check "nothing of it is in the log" silent
