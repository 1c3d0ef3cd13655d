#!/bin/bash
# The desk's languages: every catalogue is whole and up to date; every page, of a client whose catalogues put each
# sentence in [brackets], has no word outside of them that is not a value; the language is the one that is asked for.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
. tests/e2e/lib/desk.sh
scratch
PURPOSES=persons
REGION_LIMITS=$REGION_LIMITS,second-officer
WANTED=id # what browsers say they would like
browse() { # AGENCY NAME ARGUMENT...
    curl -s --max-time 30 -b "$(jar "$1" "$2")" -c "$(jar "$1" "$2")" -H "Accept-Language: $WANTED" "${@:3}"
}

# --- the catalogues ---

whole() { # PO: as the source has it, all translated, nothing guessed, with the same %s
    msgmerge --quiet --no-fuzzy-matching -o "$SCRATCH/merged" "$1" "$BUILD/catalogues/concord.pot" &&
        msgattrib --no-obsolete -o "$SCRATCH/merged" "$SCRATCH/merged" && diff "$1" "$SCRATCH/merged" | sed 's/^/# /' >"$SCRATCH/differs"
    [ ! -s "$SCRATCH/differs" ] || { head -20 "$SCRATCH/differs"; echo "# bring it up to date: make catalogues"; return 1; }
    if LC_ALL=C grep -nP '\xe0\xa7[\xa6-\xaf]|\xe0\xb9[\x90-\x99]' "$1"; then echo "# digits are 0 to 9"; return 1; fi
    msgfmt --check --statistics -o /dev/null "$1" 2>&1 | sed 's/^/# /' >"$SCRATCH/statistics"
    ! grep -E 'untranslated|fuzzy|error' "$SCRATCH/statistics"
}
for po in client/page/po/*.po; do check "$(basename "$po" .po) is whole" whole "$po"; done

# --- every page, in brackets ---

VALUES='custodian-[123]|THA|IDN|NPL|N1234567|asia-pacific|persons|national-law|Concord|UTC|malee|sari|lan|root|SHRESTHA|SITA|MAYA|F|P|r|dance|[TI]-1'
outside() { # of the page on stdin: words outside of brackets
    tr '\n' ' ' | sed -E 's#<a lang=[^>]*>[^<]*</a>##g; s#<bdi>[^<]*</bdi>##g; s#<option>[^<]*</option>##g;
        s#(<textarea[^>]*>)[^<]*#\1#g; :a; s#\[[^][]*\]##g; ta
        s#<[^>]* (title|placeholder|aria-label|data-label)="([^"]*)"# \2 <#g; s#<[^>]*># #g' | grep -oE '[A-Za-z]{2,}[A-Za-z -]*' | grep -vxE "($VALUES| )*"
}
values() { grep -oE '<bdi[^>]*>[^<]*</bdi>' | sed -E 's#<bdi>([^<]*)</bdi>#\1#' | grep -vxE '[0-9 :.%TZ–-]*' | grep -vxE "($VALUES| )*|[0-9a-f]{32,64}|\[.*\]"; } # that are none
said() { # FILE: of what was said in it, nothing is missing in the catalogue
    grep -q '\[' "$1" || { echo "# no page: $(head -c 300 "$1")"; return 1; }
    { outside <"$1"; values <"$1"; } | sort -u >"$SCRATCH/escaped"
    [ ! -s "$SCRATCH/escaped" ] || { sed 's/^/# not in the catalogue: /' "$SCRATCH/escaped"; return 1; }
}
says() { # AGENCY NAME PATH
    page "$1" "$2" "$3" >"$SCRATCH/page"
    said "$SCRATCH/page"
}
posted() { # STATUS AGENCY NAME PATH FIELD=VALUE...: and what comes of it is said
    local status
    status=$(post "${@:2}")
    expect "$1" "$status" && { [ "$1" = 303 ] || said "$SCRATCH/page"; }
}

region_create "$SCRATCH/region" THA IDN
for a in THA IDN; do
    printf '%s\n' record_id,family_name,given_names,sex,date_of_birth,nationality,doc_type,doc_issuer,doc_number \
        "${a:0:1}-1,SHRESTHA,SITA MAYA,F,1984-11-02,NPL,P,NPL,N1234567" >"$SCRATCH/$a.csv"
done
region_start
for a in THA IDN; do client $a enrol --quiet "$SCRATCH/$a.csv" >/dev/null; done
for n in malee:officer sari:supervisor lan:border; do
    for a in THA IDN; do desk_verb $a account add ${n%:*} --role ${n#*:} >/dev/null; done
done
for a in THA IDN; do quietly client $a sync; done
DESK_CLIENT=$BUILD/tests/pseudo-client
desk_start THA
desk_start IDN
check "signing in is said in the language" says THA malee /login
check "so is that it failed" posted 401 THA malee /login name=malee password=wrong
for n in malee sari lan; do for a in THA IDN; do sign_in $a $n "$DESK_PASSWORD" >/dev/null; done; done
check "the inbox" says THA malee /
check "one of a state without matches" says THA malee "/?state=dismissed"
check "a match before it is judged" says THA malee /matches/1
for a in THA IDN THA IDN THA; do quietly client $a sync; done
check "and after" says THA malee /matches/1
check "a question that says nothing" posted 400 THA malee /matches/1 act=ask
check "a question" posted 303 THA malee /matches/1 act=ask field=date_of_birth field=photograph reason=r urgency=urgent basis=national-law
check "the same once more" posted 409 THA malee /matches/1 act=ask field=date_of_birth field=photograph reason=r basis=national-law
check "on no basis" posted 400 THA malee /matches/1 act=ask field=sex reason=r basis=none
check "an act that there is not" posted 400 THA malee /matches/1 act=dance
check "the match with its question" says THA malee /matches/1
check "the letter" says THA malee /letters/1
arrives() { # AGENCY NAME PATH: soon
    local i
    for i in {1..300}; do
        [ "$(browse "$1" "$2" -o "$SCRATCH/page" -w '%{http_code}' "${DESK[$1]}$3")" = 200 ] && return 0
        sleep 0.1
    done
    echo "# no $3"
    return 1
}
check "arrives" arrives IDN malee /letters/1
check "the question, to be answered" says IDN malee /letters/1
check "an answer that says nothing" posted 400 IDN malee /letters/1 act=release handling=court
check "a release" posted 303 IDN malee /letters/1 act=release date_of_birth=1984-11-02 handling=court text=r
check "another one beside it" posted 409 IDN malee /letters/1 act=release date_of_birth=1984-11-02 handling=court
check "what waits in the inbox" says IDN malee /
check "the release, to the first officer" says IDN malee /letters/2
check "and to the second" says IDN sari /letters/2
check "who is one" posted 403 IDN malee /letters/2 act=confirm word=yes
check "lets it out" posted 303 IDN sari /letters/2 act=confirm word=yes
check "it comes" arrives THA malee /letters/2
check "and is read" says THA malee /letters/2
check "a file that is not in it" says THA malee /letters/2/files/11
check "an outcome that is none" posted 400 THA malee /matches/1 act=outcome
check "an outcome" posted 303 THA malee /matches/1 act=outcome outcome=same-person
check "the match with an outcome" says THA malee /matches/1
check "is decided" posted 303 THA malee /matches/1 act=decide state=confirmed note=1
check "and has a history" says THA malee /matches/1
check "a letter that there is not" says THA malee /letters/99
check "nor a match" says THA malee /matches/99
check "a page of another role" says THA malee /activity
check "records" says THA malee /records
check "one's own" posted 200 THA malee /records id=T-1
check "withdrawn without a tick" posted 400 THA malee /records id=T-1 act=withdraw
check "withdrawn" posted 200 THA malee /records id=T-1 act=withdraw sure=yes
check "status" says THA malee /status
check "the check" says THA lan /check
check "of nothing" posted 400 THA lan /check mrz=
check "of a zone with wrong digits" posted 400 THA lan /check mrz=P
checked() { # AGENCY NAME FIELD=VALUE...: the answer's page
    local to args=() field
    for field in "${@:3}"; do args+=(--data-urlencode "$field"); done
    to=$(browse "$1" "$2" -o /dev/null -w '%{redirect_url}' -d "token=$(token_of "$1" "$2" /check)" "${args[@]}" "${DESK[$1]}/check")
    for _ in {1..200}; do
        page "$1" "$2" "${to#"${DESK[$1]}"}" >"$SCRATCH/page"
        grep -q 'verdict good\|verdict bad\|verdict wait' "$SCRATCH/page" && ! grep -q 'being asked' "$SCRATCH/page" && break
        sleep 0.1
    done
    said "$SCRATCH/page"
}
check "of somebody who is known" checked IDN lan family_name=SHRESTHA "given_names=SITA MAYA" date_of_birth=1984-11-02 nationality=XX
check "of somebody who is not, by one whom nobody is asked for" checked IDN lan family_name=NOBODY given_names=AT date_of_birth=1984-11-32 doc_number=1 not_for=THA
check "activity" says THA sari /activity
desk_stop THA
desk_stop IDN
unset DESK_CLIENT

# --- which language ---

LC_ALL=th_TH.UTF-8 LANGUAGE=th desk_start THA 2>/dev/null # the system's says nothing about who looks at the desk
in_language() { # CODE WANTED [COOKIE]: the language of the sign-in's page, with a word of it
    local page
    page=$(curl -s -H "Accept-Language: $2" ${3:+-b "concord-language=$3"} "${DESK[THA]}/login")
    grep -q "<html lang=\"$1\">" <<<"$page" && { [ "$1" = en ] || ! grep -q 'Password' <<<"$page"; } &&
        { [ "$1" = en ] || grep -qF "$(sed -n '/^msgid "This translation has not/{n;s/msgstr "\(.*\)"/\1/p}' "client/page/po/$1.po")" <<<"$page"; }
}
for l in bn id th vi; do check "a browser that likes $l has it" in_language $l "xx, $l-XX;q=0.9, en;q=0.8"; done
check "whoever likes none of them has English" in_language en "fr-FR, de;q=0.8"
check "what was chosen goes before" in_language vi "th" vi
check "also English" in_language en "th" en
check "a choice that is none is none" in_language th "th" "../x"
chooses() { [ "$(curl -s -o /dev/null -D - "${DESK[THA]}/language/th?next=/login" | tr -d '\r' | grep -c '^Set-Cookie: concord-language=th;\|^Location: /login')" = 2 ]; }
check "it is chosen by a link" chooses
desk_stop THA
region_stop
desk_end
