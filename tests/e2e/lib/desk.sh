# Desks of agencies, and browsers that are curl. Source it behind region.sh, then:
#
#   desk_start AGENCY OPTION...    concord-client (or DESK_CLIENT) run with a desk; its port is DESK_PORT, its log agency-X/desk.log
#   sign_in AGENCY NAME PASSWORD   prints the status; the cookies are in jar AGENCY-NAME
#   page AGENCY NAME PATH          what that session sees;  post AGENCY NAME PATH FIELD=VALUE...  prints the status
DESK_PASSWORD=correct-horse-battery
printf '%s\n' "$DESK_PASSWORD" >"${TMPDIR:-/tmp}/concord-desk-password-$$"
export CONCORD_PASSPHRASE_FILE=${TMPDIR:-/tmp}/concord-desk-password-$$
desk_end() { rm -f "$CONCORD_PASSPHRASE_FILE"; }
declare -A DESK

desk_verb() { # AGENCY FAMILY VERB ARGUMENT...
    "$BIN/concord-client" "$2" "$3" --config "$REGION/agency-$1/client.conf" "${@:4}"
}

desk_start() { # AGENCY OPTION...
    local agency=$1 i
    shift
    : >"$REGION/agency-$agency/desk.log"
    "${DESK_CLIENT:-$BIN/concord-client}" run --config "$REGION/agency-$agency/client.conf" --desk 127.0.0.1:0 "$@" \
        2>"$REGION/agency-$agency/desk.log" &
    PID[desk-$agency]=$!
    for i in {1..300}; do
        DESK_PORT=$(sed -n 's/.*event=desk .*port=\([0-9]*\).*/\1/p' "$REGION/agency-$agency/desk.log")
        [ -n "$DESK_PORT" ] && break
        sleep 0.05
    done
    [ -n "$DESK_PORT" ] || { sed 's/^/# /' "$REGION/agency-$agency/desk.log"; fail "no desk of $agency"; }
    DESK[$agency]=http://127.0.0.1:$DESK_PORT
}

desk_stop() { # AGENCY
    kill "${PID[desk-$1]}" 2>/dev/null
    wait "${PID[desk-$1]}" 2>/dev/null
    unset "PID[desk-$1]"
}

jar() { echo "$SCRATCH/jar-$1-$2"; }
browse() { # AGENCY NAME ARGUMENT...
    local jar
    jar=$(jar "$1" "$2")
    curl -s --max-time 30 -b "$jar" -c "$jar" "${@:3}"
}
page() { browse "$1" "$2" "${DESK[$1]}$3"; } # AGENCY NAME PATH
token_of() { page "$1" "$2" "$3" | sed -n 's/.*name="token" value="\([0-9a-f]*\)".*/\1/p' | head -1; }
sign_in() { # AGENCY NAME PASSWORD
    rm -f "$(jar "$1" "$2")"
    local token
    token=$(token_of "$1" "$2" /login)
    browse "$1" "$2" -o /dev/null -w '%{http_code}\n' --data-urlencode "name=$2" --data-urlencode "password=$3" \
        -d "token=$token" "${DESK[$1]}/login"
}
post() { # AGENCY NAME PATH FIELD=VALUE...: with the session's token
    local agency=$1 name=$2 path=$3 field args=()
    shift 3
    for field in "$@"; do args+=(--data-urlencode "$field"); done
    browse "$agency" "$name" -o "$SCRATCH/page" -w '%{http_code}\n' -d "token=$(token_of "$agency" "$name" "$path")" "${args[@]}" \
        "${DESK[$agency]}$path"
}

# --- what tests say ---
expect() { # EXPECTED GOT
    [ "$1" = "$2" ] || { echo "# $2, not $1"; return 1; }
}
has() { # PATTERN COMMAND...
    "${@:2}" | grep -q -e "$1" || { echo "# no $1"; return 1; }
}
redirected() { expect "${DESK[$1]}$3" "$(curl -s -o /dev/null -w '%{redirect_url}' "${DESK[$1]}$2")"; }             # AGENCY PATH TO
redirected_as() { expect "${DESK[$1]}$4" "$(browse "$1" "$2" -o /dev/null -w '%{redirect_url}' "${DESK[$1]}$3")"; } # AGENCY NAME PATH TO
signs_in() { expect "$4" "$(sign_in "$1" "$2" "$3")"; }                                                             # AGENCY NAME PASSWORD STATUS
shows_page() { has "$4" page "$1" "$2" "$3"; }                                                                      # AGENCY NAME PATH PATTERN
page_status() { expect "$4" "$(browse "$1" "$2" -o /dev/null -w '%{http_code}' "${DESK[$1]}$3")"; }                 # AGENCY NAME PATH STATUS
signed_page_status() { sign_in "$1" "$2" "$DESK_PASSWORD" >/dev/null && page_status "$@"; }
post_status() { expect "$4" "$(browse "$1" "$2" -o /dev/null -w '%{http_code}' -d "${5:-x=y}" "${DESK[$1]}$3")"; }  # AGENCY NAME PATH STATUS DATA
foreign_post() { # AGENCY NAME PATH STATUS
    expect "$4" "$(browse "$1" "$2" -o /dev/null -w '%{http_code}' -H 'Sec-Fetch-Site: cross-site' \
        -d "token=$(token_of "$1" "$2" /)" "${DESK[$1]}$3")"
}
guessed_cookie() { # AGENCY
    expect 303 "$(curl -s -o /dev/null -w '%{http_code}' -b "concord-session=$(head -c 32 /dev/urandom | xxd -p -c 64)" "${DESK[$1]}/")"
}
headers_strict() { # AGENCY
    curl -s -D - -o /dev/null "${DESK[$1]}/login" | tr -d '\r' >"$SCRATCH/headers"
    grep -q "^Content-Security-Policy: default-src 'none'; style-src 'self'; script-src 'self'" "$SCRATCH/headers" &&
        grep -q '^Set-Cookie: concord-visitor=[0-9a-f]*; Path=/; HttpOnly; SameSite=Strict' "$SCRATCH/headers" &&
        grep -q '^Cache-Control: no-store' "$SCRATCH/headers"
}
long_body() { # AGENCY
    expect 413 "$(head -c 100000 /dev/zero | curl -s -o /dev/null -w '%{http_code}' --data-binary @- "${DESK[$1]}/login")"
}
