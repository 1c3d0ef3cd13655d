#!/bin/bash
# The desk: accounts, sessions, roles, what strangers try, the log of activity.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
. tests/e2e/lib/desk.sh
scratch
PURPOSES=persons
region_create "$SCRATCH/region" THA IDN
region_start

short_password() {
    echo short >"$SCRATCH/short"
    CONCORD_PASSPHRASE_FILE=$SCRATCH/short desk_verb THA account add malee --role officer
}
curl_fails() { # URL: soon
    local i
    for i in {1..50}; do
        curl -s -o /dev/null "$1" || return 0
        sleep 0.1
    done
    return 1
}
account() { # AGENCY NAME ROLE
    desk_verb "$1" account add "$2" --role "$3" >/dev/null
}
check "an account needs a role" ends 2 "say what the account may do" desk_verb THA account add malee
check "one that there is" ends 2 "is no role" desk_verb THA account add malee --role chief
check "and a name that is one" ends 2 "lower-case" desk_verb THA account add "Malee!" --role officer
check "and a password that is long enough" ends 2 "a password has" short_password
check "it is made" ends 0 "may use the desk as officer" desk_verb THA account add malee --role officer
check "once" ends 1 "already" desk_verb THA account add malee --role officer
for a in supervisor border auditor administrator; do account THA $a $a; done
check "accounts are listed" ends 0 "supervisor +supervisor +no +open" desk_verb THA account list

desk_start THA --desk-idle 1h
check "no page without a session" redirected THA / "/login?next=/"
check "nor a page that there may be" redirected THA /activity "/login?next=/activity"
check "a wrong password lets nobody in" signs_in THA malee wrong-password 401
check "nor an unknown name" signs_in THA nobody wrong-password 401
check "the right one does" signs_in THA malee "$DESK_PASSWORD" 303
check "and the inbox is there" shows_page THA malee / "Inbox"
check "not other roles' pages" page_status THA malee /activity 403
check "a border post sees no inbox" signed_page_status THA border / 303
check "nor anything but its own pages" page_status THA border /status 403
check "an auditor sees the log" signed_page_status THA auditor /activity 200
check "a guessed cookie is nobody's" guessed_cookie THA
check "a change without the session's token is refused" post_status THA malee /logout 403
check "with another session's, too" post_status THA malee /logout 403 "token=$(token_of THA auditor /status)"
check "and from another site" foreign_post THA malee /logout 403
check "answers allow nothing from elsewhere" headers_strict THA
check "a body that is too long is refused" long_body THA
check "one-time codes can be asked for" ends 0 "otpauth://totp/" desk_verb THA account password malee --totp
check "a changed account is signed out" redirected_as THA malee / "/login?next=/"
check "and needs a code" signs_in THA malee "$DESK_PASSWORD" 401
quietly desk_verb THA account password malee --no-totp
quietly desk_verb THA account lock border
check "a locked one does not get in, even with its password" signs_in THA border "$DESK_PASSWORD" 401
guess() { # COUNT: status codes of failed sign-ins, one session
    local i
    for ((i = 0; i < $1; i++)); do sign_in THA supervisor wrong-password-$i; done | sort | uniq -c
}
check "after five failures a name is out" has "429" guess 8
check "also with its password" signs_in THA supervisor "$DESK_PASSWORD" 429
resident() { awk '/VmRSS/ { print $2 }' "/proc/$(desk_process)/status"; } # of the desk, kilobytes
children() { cat "/proc/$1/task/$1/children"; }
desk_process() {
    local keeper desk
    keeper=$(children "${PID[desk-THA]}") desk=$(children "${keeper% }")
    echo "${desk% }"
}
many_failures() { # ten thousand names, each once: few are tried, nothing grows, nobody who may is kept out
    local i before
    before=$(resident)
    seq 10000 | awk -v url="${DESK[THA]}/login" -v jar="$(jar THA nobody)" -v token="$(token_of THA nobody /login)" '
        NR > 1 { print "next" }
        { printf "silent\nurl = \"%s\"\ncookie = \"%s\"\ndata = \"token=%s&name=u%d&password=wrong-password\"\n", url, jar, token, $1
          print "output = \"/dev/null\"\nwrite-out = \"%{http_code}\\n\"" }' >"$SCRATCH/guesses"
    curl -s --parallel --parallel-max 16 -K "$SCRATCH/guesses" | sort | uniq -c >"$SCRATCH/codes"
    sed 's/^/# /' "$SCRATCH/codes"
    [ "$(awk '{ n += $1 } $2 != 401 && $2 != 429 { bad = 1 } END { print n, bad + 0 }' "$SCRATCH/codes")" = "10000 0" ] &&
        [ "$(awk '$2 == 401 { print $1 }' "$SCRATCH/codes")" -lt 2000 ] && [ $(($(resident) - before)) -lt 16384 ] || return 1
    for i in {1..50}; do
        [ "$(sign_in THA auditor "$DESK_PASSWORD")" = 303 ] && return 0
        sleep 0.2
    done
    return 1
}
check "ten thousand failures cost little, and keep nobody else out" many_failures
desk_stop THA

check "the log has what was done" ends 0 "locked-out" desk_verb THA activity export
quietly desk_verb THA activity export --out "$SCRATCH/activity.jsonl"
pub=$REGION/agency-THA/identity.key.pub
check "it verifies" ends 0 "entries, chained and signed by THA" "$BIN/concord-client" activity verify --agency "$pub" "$SCRATCH/activity.jsonl"
sed 's/"malee"/"budi"/' "$SCRATCH/activity.jsonl" >"$SCRATCH/changed.jsonl"
check "not if it was changed" ends 1 "was changed" "$BIN/concord-client" activity verify --agency "$pub" "$SCRATCH/changed.jsonl"
sed 2d "$SCRATCH/activity.jsonl" >"$SCRATCH/shorter.jsonl"
check "nor if an entry was taken out" ends 1 "missing" "$BIN/concord-client" activity verify --agency "$pub" "$SCRATCH/shorter.jsonl"
check "nor by another key" ends 1 "not signed by IDN" "$BIN/concord-client" activity verify --agency "$REGION/agency-IDN/identity.key.pub" "$SCRATCH/activity.jsonl"
desk_start THA --desk-idle 1s
sign_in THA malee "$DESK_PASSWORD" >/dev/null
sleep 2.1
check "a session ends by itself" redirected_as THA malee / "/login?next=/"
check "a desk that cannot listen says so at the start" ends 1 "cannot serve HTTP" client THA run --desk "127.0.0.1:$DESK_PORT"
check "nothing personal is in the log lines" bash -c "! grep -q 'malee\|$DESK_PASSWORD' '$REGION/agency-THA/desk.log'"

quietly client THA post airport-1 --border-posts "$SCRATCH/posts"
desk_stop THA
desk_start THA --border-listen 127.0.0.1:0 --border-posts "$SCRATCH/posts"
check "border posts are answered by the same server" has '"openapi": *"3.1.0"' curl -s "${DESK[THA]}/v1/openapi.json"
check "by their tokens alone" expect 401 "$(curl -s -o /dev/null -w '%{http_code}' "${DESK[THA]}/v1/matches")"
check "and a certificate of their own is refused" ends 2 "speaks TLS by" client THA run --desk 127.0.0.1:0 --border-listen 127.0.0.1:0 \
    --border-posts "$SCRATCH/posts" --border-certificate x --border-key y
keeper=$(children "${PID[desk-THA]}") desk=$(children "${keeper% }")
kill -9 $desk
for i in {1..100}; do
    again=$(sed -n 's/.*event=desk .*port=\([0-9]*\).*/\1/p' "$REGION/agency-THA/desk.log" | tail -1)
    [ "$again" != "$DESK_PORT" ] && break
    sleep 0.1
done
DESK[THA]=http://127.0.0.1:$again
check "a desk that ended is begun anew" signs_in THA malee "$DESK_PASSWORD" 303
kill -9 $keeper
ended() { # STATUS NAME: the daemon
    wait "${PID[$2]}"
    expect "$1" $?
}
check "the daemon does not go on where nobody sees to that" ended 1 desk-THA
check "and says why" has "keeps the desk running was ended" cat "$REGION/agency-THA/desk.log"
check "nobody is left at the desk" curl_fails "${DESK[THA]}/login"
unset "PID[desk-THA]"
region_stop
desk_end
