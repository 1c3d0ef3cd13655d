#!/bin/bash
# Officers of two agencies settle a match at their desks; a supervisor refuses a release; hostile values show as text.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
. tests/e2e/lib/desk.sh
scratch
PURPOSES=persons
REGION_LIMITS=$REGION_LIMITS,second-officer
COLUMNS_OF=record_id,family_name,given_names,sex,date_of_birth,nationality,doc_type,doc_issuer,doc_number
HOSTILE=$'<script>alert(1)</script>"\'&\u202e\x01'

region_create "$SCRATCH/region" THA IDN
printf '%s\n' $COLUMNS_OF "<b>T1</b>,SHRESTHA,SITA MAYA,F,1984-11-02,NPL,P,NPL,N1234567" >"$SCRATCH/THA.csv"
printf '%s\n' $COLUMNS_OF "I1,SHRESTHA,SITA MAYA,F,1984-11-02,NPL,P,NPL,N1234567" >"$SCRATCH/IDN.csv"
region_start
client THA enrol --quiet "$SCRATCH/THA.csv" >/dev/null
client IDN enrol --quiet "$SCRATCH/IDN.csv" >/dev/null
for a in THA IDN THA IDN THA; do quietly client $a sync; done
for n in malee:officer supervisor:supervisor lan:border; do desk_verb THA account add ${n%:*} --role ${n#*:} >/dev/null; done
for n in budi:officer sari:supervisor; do desk_verb IDN account add ${n%:*} --role ${n#*:} >/dev/null; done
desk_start THA --feed "$REGION/agency-THA/feed"
desk_start IDN

soon() { # COMMAND...: true within some seconds
    local i
    for i in {1..100}; do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    "$@"
}
posted() { # STATUS AGENCY NAME PATH FIELD=VALUE...
    expect "$1" "$(post "${@:2}")"
}
lacks() { # PATTERN COMMAND...
    ! "${@:2}" | grep -q -e "$1"
}
head -c 5242880 /dev/zero | tr '\0' x >"$SCRATCH/long"
mkdir -p "$REGION/agency-THA/feed"
printf 'row,reason\n7,bad date\n' >"$REGION/agency-THA/feed/day.csv.rejects.csv"
sign_in THA malee "$DESK_PASSWORD" >/dev/null
sign_in IDN budi "$DESK_PASSWORD" >/dev/null
sign_in IDN sari "$DESK_PASSWORD" >/dev/null
check "the match is in the inbox" shows_page THA malee / 'href="/matches/1"'
check "its record's id is text, whatever is in it" shows_page THA malee / '&lt;b&gt;T1&lt;/b&gt;'
check "the match says what agrees" shows_page THA malee /matches/1 'agrees'
check "a match that there is not is none" page_status THA malee /matches/99 404
check "nor one that is no number" page_status THA malee /matches/1x 404
check "a question says why" posted 400 THA malee /matches/1 act=ask field=sex basis=national-law
check "what was typed is kept" posted 400 THA malee /matches/1 act=ask "reason=$HOSTILE" basis=national-law
check "as text" grep -q '&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;&#65533; ' "$SCRATCH/page"
check "a reason of 5 MiB is refused" expect 413 "$(browse THA malee -o /dev/null -w '%{http_code}' --data-binary "@$SCRATCH/long" "${DESK[THA]}/matches/1")"
check "it is asked" posted 303 THA malee /matches/1 act=ask field=date_of_birth field=photograph field=scan "reason=$HOSTILE" basis=national-law urgency=urgent
check "once" posted 409 THA malee /matches/1 act=ask field=date_of_birth field=photograph field=scan "reason=$HOSTILE" basis=national-law urgency=urgent
check "the partner's officer has it to do" soon shows_page IDN budi / 'A question is to be answered'
check "reads why, as text" shows_page IDN budi /letters/1 '&lt;script&gt;'
check "and nothing that is markup" lacks '<script>' page IDN budi /letters/1
check "an empty answer is none" posted 400 IDN budi /letters/1 act=release handling=court
release() { # PATH: with a photograph, as a browser sends it
    browse IDN budi -o "$SCRATCH/page" -w '%{http_code}\n' -F "token=$(token_of IDN budi "$1")" -F act=release -F handling=court \
        -F date_of_birth=1984-11-02 -F "photograph=@$SCRATCH/face.png;type=image/png" -F "scan=@$SCRATCH/scan.bin" "${DESK[IDN]}$1"
}
printf '\x89PNG\r\n\x1a\nface' >"$SCRATCH/face.png"
head -c 5242880 /dev/urandom >"$SCRATCH/scan.bin"
check "a release is filled in" expect 303 "$(release /letters/1)"
check "it waits for a second officer" shows_page IDN budi / 'A release waits for a second officer'
check "who is a supervisor" posted 403 IDN budi /letters/2 act=confirm word=yes
check "and may refuse it" posted 303 IDN sari /letters/2 act=confirm word=no
check "it is released again" expect 303 "$(release /letters/1)"
check "and confirmed" posted 303 IDN sari /letters/3 act=confirm word=yes
check "an answer that nobody has read waits" soon shows_page THA malee / 'An answer to our question has not been read'
check "the answer comes" soon shows_page THA malee /letters/2 '1984-11-02'
check "and a scan of 5 MiB" cmp -s "$SCRATCH/scan.bin" <(page THA malee /letters/2/files/12)
check "and does not wait any more" lacks 'has not been read' page THA malee /
check "with the photograph" cmp -s "$SCRATCH/face.png" <(page THA malee /letters/2/files/11)
check "an outcome is chosen" posted 400 THA malee /matches/1 act=outcome
check "one records it" posted 303 THA malee /matches/1 act=outcome outcome=same-person
check "the other sees that one side has said" soon shows_page IDN budi /matches/1 'one side has said'
check "and says the same" posted 303 IDN budi /matches/1 act=outcome outcome=same-person
check "both agree" soon shows_page THA malee /matches/1 'both agree'
check "the match is confirmed" posted 303 THA malee /matches/1 act=decide state=confirmed "note=$HOSTILE"
check "and not new any more" lacks 'href="/matches/1"' page THA malee /
check "but among the confirmed" shows_page THA malee '/?state=confirmed' 'href="/matches/1"'
check "its history has the note as text" lacks '<script>' page THA malee /matches/1
check "a record is looked up by a form" posted 200 THA malee /records 'id=<b>T1</b>'
check "and found" grep -q 'href="/matches/1"' "$SCRATCH/page"

# --- checks at the border ---
ZONE="P<NPLSHRESTHA<<SITA<MAYA<<<<<<<<<<<<<<<<<<<< N1234567<7NPL8411028F3001019<<<<<<<<<<<<<<<8"
checked() { # PATTERN FIELD=VALUE...: a post's check, and what its page shows
    local to
    to=$(browse THA lan -o /dev/null -w '%{redirect_url}' -d "token=$(token_of THA lan /check)" $(printf -- '--data-urlencode\n%s\n' "${@:2}") "${DESK[THA]}/check")
    echo "$to" >"$SCRATCH/checked"
    case $to in "${DESK[THA]}"/check/*) ;; *) echo "# sent to $to"; return 1 ;; esac
    shows_page THA lan "${to#"${DESK[THA]}"}" "$1" || { page THA lan "${to#"${DESK[THA]}"}" | sed -n "/<main/,/<\/main/p" | sed "s/^/# /"; false; }
}
sign_in THA lan "$DESK_PASSWORD" >/dev/null
check "a border post has the page for checks first" redirected_as THA lan / /check
check "and no other" page_status THA lan /matches/1 403
check "a scanned zone finds who a partner knows" checked 'A partner has a record of this person' "mrz=${ZONE// /|}"
check "and says which" shows_page THA lan "$(sed 's|.*\(/check/\)|\1|' "$SCRATCH/checked")" '<td><bdi>IDN</bdi></td>'
check "the partner's officers see that their record was checked" soon shows_page IDN budi / 'checked this record'
check "an answer is its asker's alone" page_status THA malee "$(sed 's|.*\(/check/\)|\1|' "$SCRATCH/checked")" 404
check "a guessed one is nobody's" page_status THA lan /check/00112233445566778899aabbccddeeff 404
check "who is known nowhere is clear" checked 'Nothing is known' family_name=NGUYEN given_names=LAN date_of_birth=1971-01-09 sex=F
check "where a partner is left out it is no full answer" checked 'No full answer' family_name=NGUYEN given_names=LAN date_of_birth=1971-01-09 sex=F not_for=IDN
check "and the page says who was not asked" shows_page THA lan "$(sed 's|.*\(/check/\)|\1|' "$SCRATCH/checked")" 'was not to be asked'
check "a field that cannot be read is named, and the others are asked about" checked 'date of birth</bdi> was left out' family_name=NGUYEN given_names=LAN date_of_birth=1971-13-41 doc_number=X1 doc_issuer=VNM doc_type=P
check "an empty check is none" posted 400 THA lan /check family_name=
check "nor is one without the session's token" post_status THA lan /check 403
check "the status says what feeds left aside" shows_page THA malee /status 'day.csv.rejects.csv</bdi></a>'
check "which an officer takes" has '7,bad date' page THA malee /status/rejects/1
check "another file there is not" page_status THA malee /status/rejects/2 404
check "nor for who is no officer" page_status THA lan /status/rejects/1 403
check "and what is left at the custodians" soon shows_page THA malee /status '<td><bdi>custodian-3</bdi></td><td>agrees</td><td><bdi>persons</bdi></td><td class="n">[1-9]'
check "the status says when the matcher was heard" shows_page THA malee /status 'Last contact with the matcher</dt><dd><time'
# --- a record is withdrawn, and let back ---

check "a withdrawal wants a word" posted 400 THA malee /records 'id=<b>T1</b>' act=withdraw
check "of a record that there is" posted 404 THA malee /records id=T9 act=withdraw sure=yes
check "it is withdrawn" posted 200 THA malee /records 'id=<b>T1</b>' act=withdraw sure=yes
check "and may be let back" grep -q 'value="let-back"' "$SCRATCH/page"
check "the next feed does not bring it back" soon ends 0 'withdrawn by name' client THA enrol "$SCRATCH/THA.csv"
check "it is let back" posted 200 THA malee /records 'id=<b>T1</b>' act=let-back sure=yes
check "once" posted 404 THA malee /records 'id=<b>T1</b>' act=let-back sure=yes

check "the log has the check" has '"act":"check"' desk_verb THA activity export
check "and not of whom" lacks 'NGUYEN\|1971-\|N1234567' desk_verb THA activity export
check "the log has what officers did" has '"act":"ask"' desk_verb THA activity export
desk_stop THA
desk_stop IDN
region_stop
desk_end
