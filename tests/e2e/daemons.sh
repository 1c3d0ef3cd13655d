#!/bin/bash
# A daemon's life as a supervisor sees it: what its process may not do, who it is, how fast it ends, and the units that
# come along.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch

status_of() { # NAME FIELD
    awk -v field="$2:" '$1 == field { print $2 }' "/proc/${PID[$1]}/status"
}

ends_in_time() { # NAME
    local began=$SECONDS
    daemon_stop "$1" && [ $((SECONDS - began)) -le 5 ]
}

# What is answered on GET /PATH of a daemon, its head too.
http() { # PORT PATH
    exec 3<>"/dev/tcp/127.0.0.1/$1" || return
    printf 'GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n' "$2" >&3
    timeout 10 cat <&3 | tr -d '\r'
    exec 3<&-
}

region_create "$SCRATCH/region" THA IDN
METRICS_MATCHER=$(next_port)
METRICS_CUSTODIAN=$(next_port)
METRICS_CLIENT=$(next_port)
trap 'rmdir "$(port_mark "$METRICS_MATCHER")" "$(port_mark "$METRICS_CUSTODIAN")" "$(port_mark "$METRICS_CLIENT")"; region_end; rm -rf "$SCRATCH"' EXIT
echo "Metrics = 127.0.0.1:$METRICS_MATCHER" >>"$REGION/matcher/matcher.conf"
printf 'Metrics = 127.0.0.1:%s\nLog = json\n' "$METRICS_CUSTODIAN" >>"$REGION/custodian-1/custodian.conf"
ulimit -c unlimited || fail "no core may be written here at all"
region_start
[[ ${BUILD:-} == *san ]] && filter=0 || filter=2
core_of() { awk '/core file/ { print $5 }' "/proc/$1/limits"; }
for name in matcher custodian-1; do
    check "$name writes no core, though whoever starts it may" test "$(core_of $$)/$(core_of "${PID[$name]}")" = unlimited/0
    check "and locks its secrets in memory" test "$(status_of $name VmLck)" -gt 0
    check "$name takes no new privileges" test "$(status_of $name NoNewPrivs)" = 1
    check "and filters its system calls" test "$(status_of $name Seccomp)" = $filter
    check "and may open more files than are usual" test "$(awk '/open files/ { print $4 }' "/proc/${PID[$name]}/limits")" -ge 832
done

# --- figures ---

"$BIN/concord-generate" --agencies THA,IDN --records 60 --seed 5 --out "$SCRATCH/data" || fail "concord-generate"
client IDN enrol --quiet "$SCRATCH/data/IDN.csv" >"$SCRATCH/out" 2>&1 || fail "$(cat "$SCRATCH/out")"
sleep 1.5
http "$METRICS_MATCHER" /metrics >"$SCRATCH/matcher.metrics"
http "$METRICS_CUSTODIAN" /metrics >"$SCRATCH/custodian.metrics"

figure() { # FILE NAME LABELS
    sed -n "s/^$2${3:-} //p" "$SCRATCH/$1.metrics"
}

figures_exist() { # FILE: every metric that it names is shown by matcher, custodian or client
    grep -oE 'concord_[a-z_]+' "$1" | sed 's/_bucket$//; s/_count$//; s/_sum$//' | sort -u >"$SCRATCH/named"
    sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$SCRATCH"/{matcher,custodian,client}.metrics | sort -u >"$SCRATCH/shown"
    comm -23 "$SCRATCH/named" "$SCRATCH/shown" | sed 's/^/# not shown: /' >"$SCRATCH/missing"
    cat "$SCRATCH/missing"
    [ -s "$SCRATCH/named" ] && [ ! -s "$SCRATCH/missing" ]
}

figures_explained() { # every metric that is shown stands in a guide
    local name
    for name in $(sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$SCRATCH"/{matcher,custodian,client}.metrics | sort -u); do
        grep -q "\`$name\`" docs/operator.md docs/agency.md || { echo "# no guide explains $name"; return 1; }
    done
}

nothing_of_records() { # neither a field nor anything as long as a tag
    tail -n +2 "$SCRATCH/data/IDN.csv" | tr ',' '\n' | grep -E '.{5,}' | sort -u >"$SCRATCH/values"
    ! cat "$SCRATCH"/{matcher,custodian,client}.metrics | sed '1,/^$/d' | grep -qFf "$SCRATCH/values" &&
        ! grep -qE '[0-9a-f]{32}' "$SCRATCH"/{matcher,custodian,client}.metrics
}

is_true() { # of JSON
    jq -e "$@" >/dev/null
}

enrol_one() { # N: the Nth record; whether one was left out meanwhile
    { head -1 "$SCRATCH/data/THA.csv"; sed -n "$(($1 + 1))p" "$SCRATCH/data/THA.csv"; } >"$SCRATCH/one.csv"
    client THA enrol --quiet "$SCRATCH/one.csv" >"$SCRATCH/out" 2>&1 || { sed 's/^/# /' "$SCRATCH/out"; return 2; }
    grep -q 'left out custodian-2' "$SCRATCH/out"
}

evaluates() { # a request goes to two custodians of three: until this one was asked
    local row
    for row in {41..60}; do
        is_over_zero "$(figure custodian concord_evaluated_total "{agency=\"$1\"}")" && return
        enrol_one "$row"
        http "$METRICS_CUSTODIAN" /metrics >"$SCRATCH/custodian.metrics"
    done
    return 1
}

is_over_zero() { [ "${1:-0}" -gt 0 ]; }

# --- an agency's daemon ---

client_figures() { # once it enrolled and synchronised
    local i
    for i in {1..100}; do
        http "$METRICS_CLIENT" /metrics >"$SCRATCH/client.metrics" 2>/dev/null
        [ "$(figure client concord_rows_total '{kind="new"}')" = 10 ] && is_over_zero "$(figure client concord_sync_time_seconds)" && return
        sleep 0.1
    done
    sed 's/^/# /' "$SCRATCH/client.metrics"
    return 1
}
says_until() { # WHAT: /healthz does, soon
    local i
    for i in {1..150}; do
        http "$METRICS_CLIENT" /healthz >"$SCRATCH/health" 2>/dev/null
        grep -q "^$1" "$SCRATCH/health" && return
        sleep 0.1
    done
    sed 's/^/# /' "$SCRATCH/health"
    return 1
}
mkdir -p "$REGION/agency-THA/feed"
head -6 "$SCRATCH/data/THA.csv" >"$REGION/agency-THA/feed/five.csv"
touch -d '10 seconds ago' "$REGION/agency-THA/feed/five.csv"
"$BIN/concord-client" run --config "$REGION/agency-THA/client.conf" --feed-interval 1s --metrics "127.0.0.1:$METRICS_CLIENT" 2>"$REGION/agency-THA/log" &
PID[run-THA]=$!
check "an agency's daemon shows what it did, for two purposes" client_figures
sleep 5.5 # longer than a daemon may be silent
check "and that it works, though nothing comes" says_until ok
cp "$REGION/region.json" "$SCRATCH/region.json"
echo '{}' >"$REGION/region.json"
kill -HUP "${PID[run-THA]}"
check "what fails it says" says_until '\(synchronising fails\|feeds cannot be enrolled\)'
cp "$SCRATCH/region.json" "$REGION/region.json"
kill -HUP "${PID[run-THA]}"
check "until it does no more" says_until ok
check "it ends in good order" daemon_stop run-THA

# --- figures of all ---

check "the matcher shows its figures" grep -q '^HTTP/1.1 200' "$SCRATCH/matcher.metrics"
check "how often it put" is_over_zero "$(figure matcher concord_answer_seconds_count '{type="PUT"}')"
check "what it holds" is_over_zero "$(figure matcher concord_entries '{purpose="persons"}')"
check "the size of its ledger" is_over_zero "$(figure matcher concord_ledger_entries)"
check "a custodian, what it evaluated for whom" evaluates THA
check "and nothing of a record" nothing_of_records
check "a daemon that works says so" test "$(http "$METRICS_MATCHER" /healthz | tail -1)" = ok
check "there is nothing else" grep -q '^HTTP/1.1 404' <(http "$METRICS_MATCHER" /../../etc/passwd)
check "the dashboard is JSON" is_true '.panels | length > 5' docs/examples/monitoring/grafana.json
check "and shows figures that there are" figures_exist docs/examples/monitoring/grafana.json
check "so do the rules for alerts" figures_exist docs/examples/monitoring/alerts.yml
check "the guide explains each" figures_explained
check "a log is JSON where asked" is_true -s 'length > 2 and all(.level == "info" or .level == "warn")' "$REGION/custodian-1/log"

# --- status ---

status_says() { # STATUS PATTERN KIND NAME
    ends "$1" "$2" "$BIN/concord-$3" status --config "$REGION/$4/$3.conf"
}
check "status of the matcher says that it serves" status_says 0 '^daemon    ok$' matcher matcher
check "and that of a custodian, whether its shares are the manifest's" \
    status_says 0 '^share     persons, epoch [0-9]+: as in the manifest$' custodian custodian-1
check "and what is not known is said" status_says 0 '^daemon    not asked' custodian custodian-2
check "another identity is not taken for it" ends 1 "not the matcher of" "$BIN/concord-matcher" status \
    --config "$REGION/matcher/matcher.conf" --identity "$REGION/custodian-1/identity.key"
mkdir "$SCRATCH/no-shares"
check "a share that is missing fails it" ends 1 'holds no share' "$BIN/concord-custodian" status \
    --config "$REGION/custodian-1/custodian.conf" --shares "$SCRATCH/no-shares"
other_ceremony() { # into $SCRATCH/other-shares: what it gives custodian-1
    local dir
    for dir in "$REGION"/{ceremony-1,custodian-{1,2,3}/shares}; do mv "$dir" "$dir.kept"; done
    region_ceremony 1
    mv "$REGION/custodian-1/shares" "$SCRATCH/other-shares"
    rm -r "$REGION"/{ceremony-1,custodian-{2,3}/shares}
    for dir in "$REGION"/{ceremony-1,custodian-{1,2,3}/shares}; do mv "$dir.kept" "$dir"; done
}
other_ceremony
check "and so does one of another ceremony" ends 1 'is of another ceremony' "$BIN/concord-custodian" status \
    --config "$REGION/custodian-1/custodian.conf" --shares "$SCRATCH/other-shares"
check "and so does a daemon that does not answer" ends 1 '^daemon    does not answer' "$BIN/concord-matcher" status \
    --config "$REGION/matcher/matcher.conf" --metrics 127.0.0.1:1

# An agency that waits for mail keeps nobody from ending.
client THA matches >/dev/null
"$BIN/concord-client" run --config "$REGION/agency-THA/client.conf" >/dev/null 2>&1 &
waiting=$!
sleep 2
check "the matcher ends within five seconds, while it is asked for mail" ends_in_time matcher
check "and so does a custodian" ends_in_time custodian-1
kill $waiting
wait $waiting 2>/dev/null

# --- a custodian that is down ---

daemon_start matcher
daemon_start custodian-1
daemon_kill custodian-2
enrol_until_left_out() {
    for row in {1..20}; do enrol_one $row && return; done
    return 1
}
nobody_left_out() { # in ten runs
    for row in {21..30}; do
        enrol_one $row
        [ $? -eq 1 ] || return 1
    done
}
check "a custodian that is down is left out, and said" enrol_until_left_out
check "and is remembered by the next runs" nobody_left_out
daemon_kill custodian-3
daemon_start custodian-2
enrol_one 31
check "one that is up again is asked when it is needed" test $? -eq 1 # custodian-3 is the one left out now
daemon_start custodian-3
daemon_stop custodian-1

# --- what it tells its supervisor, and what SIGHUP does ---

supervise() { # a supervisor's socket: what is told stands in $SCRATCH/told, a line each
    perl -MSocket -e '$| = 1; socket(S, PF_UNIX, SOCK_DGRAM, 0) && bind(S, sockaddr_un($ARGV[0])) or die;
        while (defined(recv(S, $told, 4096, 0))) { print join(" ", split("\n", $told)), "\n" }' "$SCRATCH/notify" >"$SCRATCH/told" &
    SUPERVISOR=$!
    for _ in {1..100}; do [ -S "$SCRATCH/notify" ] && return; sleep 0.05; done
}

within() { # SECONDS COMMAND...
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $until ] || return 1
        sleep 0.1
    done
}

told_alive() { [ "$(grep -c '^WATCHDOG=1$' "$SCRATCH/told")" -ge "$1" ]; }
said() { tail -1 "$REGION/$1/log" | grep -Eq "$2"; } # NAME PATTERN: in its last line
told_reload() { grep -A1 -E '^RELOADING=1 MONOTONIC_USEC=[0-9]+$' "$SCRATCH/told" | grep -qx 'READY=1'; }

supervise
export NOTIFY_SOCKET="$SCRATCH/notify"
daemon_start custodian-1
unset NOTIFY_SOCKET
check "a supervisor is told when it listens, and nothing before" within 10 test "$(head -1 "$SCRATCH/told")" = READY=1
check "and every second that it is alive" within 20 told_alive 3
mv "$REGION/custodian-1/shares" "$REGION/custodian-1/shares.away"
cp -r "$SCRATCH/other-shares" "$REGION/custodian-1/shares"
kill -HUP "${PID[custodian-1]}"
check "SIGHUP reads the shares again: of another ceremony they are refused" \
    within 10 grep -q 'reload-failed.*is of another ceremony' "$REGION/custodian-1/log"
rm -r "$REGION/custodian-1/shares"
mv "$REGION/custodian-1/shares.away" "$REGION/custodian-1/shares"
enrol_one 32
check "and those that were in force serve" test $? -ne 2
check "a supervisor is told when it reads, and when it has" within 10 told_reload
daemon_stop custodian-1
check "and when it ends" within 10 grep -qx 'STOPPING=1' "$SCRATCH/told"
kill $SUPERVISOR
wait $SUPERVISOR 2>/dev/null

# A custodian moves: its witness and its agencies find it where the next manifest says.
behind() { http "$METRICS_MATCHER" /metrics | sed -n 's/^concord_witness_behind_entries{witness="custodian-1"} //p'; }
is_behind() { [ "$(behind)" -gt 0 ]; }
is_abreast() { [ "$(behind)" = 0 ]; }
rmdir "$(port_mark "${URL[custodian-1]##*:}")"
URL[custodian-1]=tcp://127.0.0.1:$(next_port)
sed -i "s|^Listen = .*|Listen = ${URL[custodian-1]}|; s|^Log = .*||" "$REGION/custodian-1/custodian.conf"
daemon_start custodian-1
enrol_one 33
check "a witness that moved away falls behind" within 20 is_behind
quietly "$BIN/concord-keys" manifest limits --purpose persons --set asks=999999 "$REGION/region.json"
jq --arg url "${URL[custodian-1]}" '(.custodians[] | select(.name == "custodian-1")).url = $url' "$REGION/region.json" >"$SCRATCH/region.json" &&
    cp "$SCRATCH/region.json" "$REGION/region.json"
region_sign
check "SIGHUP reads the manifest and its limits" region_in_force
check "and where the witnesses are" within 20 is_abreast
daemon_stop custodian-1

# --- the ledger behind a web server of another user ---

as_nobody() { setpriv --reuid nobody --regid nogroup --clear-groups "$@"; }
served() { # FILE, of the matcher
    /usr/bin/python3 -c 'import sys, urllib.request as r; sys.stdout.buffer.write(r.urlopen(sys.argv[1]).read())' \
        "http://127.0.0.1:$WEB/$1" 2>/dev/null | cmp -s - "$REGION/matcher/$1"
}
tile_served() {
    served "$(cd "$REGION/matcher" && find ledger/tile -type f | head -1)"
}
if [ "$(id -u)" = 0 ] && [ -x /usr/bin/python3 ] && as_nobody true 2>/dev/null; then
    WEB=$(next_port)
    chmod 711 "$SCRATCH"
    (exec setpriv --reuid nobody --regid nogroup --clear-groups /usr/bin/python3 -m http.server --bind 127.0.0.1 \
        --directory "$REGION/matcher" "$WEB") >/dev/null 2>&1 & # exec: what is killed below is the server
    PID[web]=$!
    check "a web server of another user shows the checkpoint" within 20 served ledger/checkpoint
    check "and the tiles" within 20 tile_served # one that grows is written anew meanwhile, under another name
    kept=$(cd "$REGION/matcher" && find state -type f -size +0 | head -1)
    ! served "$kept"
    check "and not what the matcher keeps" test $? = 0
    kill "${PID[web]}"
    unset 'PID[web]'
    rmdir "$(port_mark "$WEB")"
else
    echo "# note: not root here, or no python3: the ledger behind a web server of another user was not tried"
fi

if [ "$(id -u)" = 0 ] && id nobody >/dev/null 2>&1; then
    echo "User = nobody" >>"$REGION/custodian-1/custodian.conf"
    chmod 755 "$SCRATCH"
    chown -R nobody "$REGION/custodian-1"
    daemon_start custodian-1
    check "started by root, it becomes the user that is set" test "$(status_of custodian-1 Uid)" = "$(id -u nobody)"
    check "and cannot be traced by that user" test "$(stat -c %U "/proc/${PID[custodian-1]}/mem")" = root
    check "and ends in good order" ends_in_time custodian-1
else
    echo "# note: not root here: that a daemon becomes another user was not tried"
fi

if command -v systemd-analyze >/dev/null; then
    for unit in docs/examples/systemd/*.service; do
        # The programs and pages of a machine where they are installed are not here.
        sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|; /^Documentation=/d' "$unit" >"$SCRATCH/$(basename "$unit")"
        systemd-analyze verify "$SCRATCH/$(basename "$unit")" >"$SCRATCH/out" 2>&1
        check "$(basename "$unit") is a unit" test ! -s "$SCRATCH/out"
        check "and its sandbox is tight" bash -c "systemd-analyze security --offline=yes --threshold=20 '$unit' >/dev/null 2>&1"
    done
else
    echo "# note: no systemd-analyze here: the units were not verified"
fi
