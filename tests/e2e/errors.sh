#!/bin/bash
# What goes wrong for a new user: each time one line that says what failed, on what, and what to do.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch

# says STATUS PATTERN COMMAND...: the command ends with that status and one line on stderr that matches. That a custodian
# was left out is news, not the error: such lines may stand before it.
says() {
    local status=$1 pattern=$2 got
    shift 2
    "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null
    got=$?
    sed -i '/^left out custodian-/d' "$SCRATCH/err"
    if [ $got -eq "$status" ] && [ "$(wc -l <"$SCRATCH/err")" -eq 1 ] && grep -Eq -- "$pattern" "$SCRATCH/err"; then
        return 0
    fi
    echo "# status $got (wanted $status), stderr:"
    sed 's/^/#   /' "$SCRATCH/err"
    return 1
}

with() { # SECTION KEY VALUE FILE: a copy of a configuration with another value
    sed "/^\[$1\]/,/^\[/ s|^$2 = .*|$2 = $3|" "$4" >"${4%.conf}-changed.conf"
    echo "${4%.conf}-changed.conf"
}

enrol() { # CONFIG FILE
    timeout 120 "$BIN/concord-client" enrol --quiet --config "$1" "$2"
}

daemon() { # NAME CONFIG: one that is expected to end by itself
    timeout 20 "$BIN/concord-${1%-[0-9]*}" run --log-level error --config "$2"
}

region_create "$SCRATCH/region" THA IDN
region_start
THA=$REGION/agency-THA/client.conf
FEED=$SCRATCH/feed.csv
printf '%s\n' record_id,family_name,given_names,date_of_birth 'T1,Srisuwan,Somchai,1980-01-02' >"$FEED"

# --- the command line and the configuration ---

check "an unknown verb" says 2 "no verb 'enroll'.*--help" "$BIN/concord-client" enroll
check "an unknown option" says 2 'unknown option --fast' "$BIN/concord-client" enrol --fast
check "a configuration that does not exist" says 1 'nowhere.conf' "$BIN/concord-client" status --config "$SCRATCH/nowhere.conf"
printf '[Agency]\nIdentiy = x\n' >"$SCRATCH/typo.conf"
check "a verb without what it needs" says 2 'enrol takes FILE.*--help' "$BIN/concord-client" enrol
check "an option of another verb" says 2 'unknown option --purpose' "$BIN/concord-client" sync --purpose persons
check "a mistyped key" says 2 "typo.conf:2.*Identiy" "$BIN/concord-client" status --config "$SCRATCH/typo.conf"

printf '[Agency]\nIdentity\nIdentiy = x\n' >"$SCRATCH/two.conf"
check "the first of two mistakes, by its own line" says 2 "two.conf:2: neither" "$BIN/concord-client" status --config "$SCRATCH/two.conf"

# --- keys and manifest ---

quietly "$BIN/concord-keys" init --name THA "$SCRATCH/stranger.key"
check "another identity of the same name" says 1 'is no agency of' enrol "$(with Agency Identity "$SCRATCH/stranger.key" "$THA")" "$FEED"
cp "$REGION/region.json" "$SCRATCH/unsigned.json"
check "an unsigned manifest" says 1 'sign' enrol "$(with Agency Manifest "$SCRATCH/unsigned.json" "$THA")" "$FEED"
check "a daemon with an unsigned manifest" says 1 'sign' daemon matcher "$(with Matcher Manifest "$SCRATCH/unsigned.json" "$REGION/matcher/matcher.conf")"
mkdir "$SCRATCH/forged"
cp "$REGION"/region.json* "$SCRATCH/forged/"
sed -i 's/"daily": *[0-9]*/"daily": 1/' "$SCRATCH/forged/region.json"
check "a manifest changed after it was signed" says 1 'signature|sign' enrol "$(with Agency Manifest "$SCRATCH/forged/region.json" "$THA")" "$FEED"
chmod 644 "$REGION/agency-IDN/identity.key"
check "a secret file that others can read" says 1 'chmod' enrol "$REGION/agency-IDN/client.conf" "$FEED"
chmod 600 "$REGION/agency-IDN/identity.key"
cp -r "$REGION/agency-IDN/psk" "$SCRATCH/psk"
cp "$REGION/agency-THA/psk/matcher.psk" "$SCRATCH/psk/"
for i in 1 2 3; do cp "$REGION/agency-THA/psk/custodian-$i.psk" "$SCRATCH/psk/"; done
check "the pre-shared keys of somebody else" says 1 'custodian-[123].*pre-shared key' enrol "$(with Agency PresharedKeys "$SCRATCH/psk" "$REGION/agency-IDN/client.conf")" "$FEED"

# --- feeds ---

check "a feed that does not exist" says 1 'nowhere.csv.*No such file' enrol "$THA" "$SCRATCH/nowhere.csv"
check "a directory given for a feed" says 1 'directory' enrol "$THA" "$SCRATCH"
: >"$SCRATCH/empty.csv"
check "an empty feed" says 1 'empty.csv.*empty' enrol "$THA" "$SCRATCH/empty.csv"
head -c 100000 /dev/urandom >"$SCRATCH/garbage.csv"
check "binary garbage for a feed" says 1 'garbage.csv' enrol "$THA" "$SCRATCH/garbage.csv"
printf 'family_name\nSrisuwan\n' >"$SCRATCH/no-id.csv"
check "a feed without record ids" says 1 'record_id' enrol "$THA" "$SCRATCH/no-id.csv"
printf '%s\n' record_id,family_name,date_of_birth 'T2,Wongkul,1990-02-31' >"$SCRATCH/bad-row.csv"
check "a row that cannot be used" says 3 'rejects.csv' enrol "$THA" "$SCRATCH/bad-row.csv"
check "the rejects name line, record, field, fault and remedy" grep -q '^2,"T2",date_of_birth,"no way.*","write YYYY-MM-DD' "$SCRATCH/bad-row.csv.rejects.csv"
check "but not the value" bash -c "! grep -q '1990-02-31' '$SCRATCH/bad-row.csv.rejects.csv'"
cp "$FEED" "$SCRATCH/secret.csv"
chmod 0 "$SCRATCH/secret.csv"
# Root reads every file, unless it gives up the right to.
[ "$(id -u)" -eq 0 ] && without=(setpriv --bounding-set -dac_override,-dac_read_search) || without=()
check "a feed that may not be read" says 1 'secret.csv.*Permission denied' \
    "${without[@]}" timeout 120 "$BIN/concord-client" enrol --quiet --config "$THA" "$SCRATCH/secret.csv"

# --- peers ---

OTHER=$(with Matcher Ledger "$SCRATCH/other/ledger" "$(with Matcher State "$SCRATCH/other/state" "$REGION/matcher/matcher.conf")")
check "a port that is taken" says 1 "${URL[matcher]}.*in use" daemon matcher "$OTHER"
URL[other]=tcp://127.0.0.1:$(next_port)
check "a state directory that is in use" says 1 'state' daemon matcher "$(with Matcher Listen "${URL[other]}" "$REGION/matcher/matcher.conf")"
daemon_kill custodian-2
check "one custodian down: another coalition serves" quietly enrol "$THA" "$FEED"
daemon_kill custodian-3
printf '%s\n' 'T9,Wongkul,Malee,1991-01-02' >>"$FEED"
check "too few custodians" says 1 'custodian-[23].*cannot be reached: is it running' enrol "$THA" "$FEED"
daemon_start custodian-2
daemon_stop matcher
check "the matcher down" says 1 'matcher.*cannot be reached: is it running' enrol "$THA" "$FEED"
daemon_start matcher
check "the matcher back: the same command completes it" quietly enrol "$THA" "$FEED"
check "nothing is left to be sent" bash -c "'$BIN/concord-client' status --config '$THA' | grep -c '(0 to be sent)' | grep -qx 2"

# A server that can hear nobody any more ends by itself, and says why.
deafened() { # NAME
    local status
    daemon_stop "$1"
    DAEMON_WRAP="timeout 60 env LD_PRELOAD=$(preload deaf.so) CONCORD_DEAF=$SCRATCH/deaf" daemon_start "$1"
    quietly enrol "$THA" "$FEED"
    touch "$SCRATCH/deaf"
    wait "${PID[$1]}"
    status=$?
    unset "PID[$1]"
    rm "$SCRATCH/deaf"
    daemon_start "$1"
    [ $status -eq 1 ] && grep -q 'level=error event=receiving-failed reason="cannot receive on .*Bad file descriptor"' "$REGION/$1/log" &&
        return
    echo "# status $status; $(tail -3 "$REGION/$1/log")"
    return 1
}
check "a matcher whose receiving fails ends, loudly" deafened matcher
check "and a custodian" deafened custodian-2

# Clocks that differ are said by both sides of a handshake, before anything is refused.
shifted() { # SECONDS
    LD_PRELOAD=$(preload shift.so) CONCORD_SHIFT=$1 "$BIN/concord-client" status --config "$THA" >/dev/null 2>"$SCRATCH/said"
    grep -q "event=clock peer=matcher" "$SCRATCH/said" && grep -q "event=clock peer=custodian-1" "$SCRATCH/said"
}
check "a client whose clock is two days ahead says of whom it differs" shifted 172800
check "and so does the matcher" grep -q 'event=clock peer=THA ahead_s=172' "$REGION/matcher/log"
check "and a custodian" grep -q 'event=clock peer=THA ahead_s=172' "$REGION/custodian-1/log"

# A clock that is set while a program runs is said by that one, within a second or two.
set_clock() { # SECONDS
    echo "$1" >"$SCRATCH/shift.new"
    mv "$SCRATCH/shift.new" "$SCRATCH/shift"
}
says_set() { # PATTERN LOG...
    local try log
    for log in "${@:2}"; do
        for try in {1..100}; do
            grep -q "event=clock set_s=$1" "$log" && continue 2
            sleep 0.1
        done
        return 1
    done
}
set_clock 0
SETTABLE="env LD_PRELOAD=$(preload shift.so) CONCORD_SHIFT_FILE=$SCRATCH/shift"
for name in custodian-2 matcher; do
    daemon_stop $name
    DAEMON_WRAP=$SETTABLE daemon_start $name
done
$SETTABLE "$BIN/concord-client" run --config "$THA" 2>"$SCRATCH/run.log" &
PID[run]=$!
says_running() {
    for _ in {1..100}; do
        grep -q 'event=running' "$SCRATCH/run.log" && return
        sleep 0.1
    done
}
says_running
LOGS=("$REGION/custodian-2/log" "$REGION/matcher/log" "$SCRATCH/run.log")
set_clock 172800
check "a clock that is set two days ahead is said by custodian, matcher and client" says_set '17[23]' "${LOGS[@]}"
set_clock -172800
check "and one that is set back" says_set '-34' "${LOGS[@]}"
kill "${PID[run]}"
wait "${PID[run]}"
unset "PID[run]"
for name in custodian-2 matcher; do daemon_stop $name; done
set_clock 0
for name in custodian-2 matcher; do daemon_start $name; done

# --- what could be left in a core file ---

# A shell that allows core dumps starts a program that then waits for a passphrase: it allows none.
no_core() { # COMMAND...
    local pid limit
    [ "$(ulimit -Hc)" != 0 ] || { echo "# note: core dumps are forbidden here: that concord-keys forbids them was not tried"; return 0; }
    mkfifo "$SCRATCH/typed"
    (ulimit -Sc "$(ulimit -Hc)"; exec script -qec "echo \$\$ >'$SCRATCH/pid'; exec $*" /dev/null) <>"$SCRATCH/typed" >"$SCRATCH/asked" 2>&1 &
    for _ in {1..100}; do
        grep -q 'passphrase for' "$SCRATCH/asked" && break
        sleep 0.05
    done
    pid=$(cat "$SCRATCH/pid") && limit=$(awk '/^Max core file size/ { print $5 "/" $6 }' "/proc/$pid/limits")
    kill -KILL "$pid"
    wait $! 2>/dev/null
    [ "${limit:-}" = 0/0 ] && return
    echo "# limit ${limit:-not seen}: $(cat "$SCRATCH/asked")"
    return 1
}
check "concord-keys leaves no core file" no_core "$BIN/concord-keys" init --passphrase --name XYZ "$SCRATCH/xyz.key"

# --- disks ---

small_disk() {
    mkdir -p "$SCRATCH/disk"
    mount -t tmpfs -o size=1m tmpfs "$SCRATCH/disk" 2>/dev/null
}
if small_disk; then
    trap 'region_end; umount "$SCRATCH/disk"; rm -rf "$SCRATCH"' EXIT
    "$BIN/concord-generate" --agencies THA --records 1000 --out "$SCRATCH/many"
    FULL=$(with Agency Vault "$SCRATCH/disk/vault.db" "$THA")
    check "a full disk under the vault" says 1 'full.*make room' enrol "$FULL" "$SCRATCH/many/THA.csv"
    mount -o remount,size=200m "$SCRATCH/disk"
    check "with room again the same command goes on" quietly enrol "$FULL" "$FEED"
else
    echo "# note: no file system can be mounted here: a full disk was not tried"
fi
