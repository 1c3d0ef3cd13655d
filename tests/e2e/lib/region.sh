# A whole region on loopback, for the demo and the end-to-end tests. Source it, then:
#
#   region_create DIR AGENCY...   identities, 2-of-3 ceremony, signed manifest, configurations
#   region_start                  three custodians and the matcher, ready when this returns
#   daemon_start NAME / daemon_stop NAME / daemon_kill NAME     one of: custodian-1 .. custodian-3, matcher
#   region_in_force               every daemon takes the manifest that lies there, signed
#   region_limits PURPOSE AGENCY LIMIT=VALUE...     changes the limits of an agency, or of all ("")
#   client AGENCY VERB ...        concord-client of that agency
#   region_stop                   stops what runs
#   region_end                    the same, and gives back the ports; for a trap on EXIT
#
# Everything lies in DIR: region.json, schema/, custodian-N/, matcher/, agency-XXX/; each party's directory holds its
# identity, configuration, log, state and, for matcher and custodians, ledger/.

BIN=$PWD/${BUILD:-build}/bin
[[ ${BUILD:-build} == /* ]] && BIN=$BUILD/bin
export BIN
REGION_NAME=${REGION_NAME:-asia-pacific}
PURPOSES=${PURPOSES:-travel-documents persons}
REGION_LIMITS=${REGION_LIMITS:-daily=150000000,meets=1000000,asks=10000000} # of every purpose
declare -A PID URL

fail() {
    echo "not ok - $*" >&2
    exit 1
}

# One test: prints "ok - what" if the command succeeds, "not ok - what" if not.
check() { # WHAT COMMAND...
    local what=$1
    shift
    if "$@"; then echo "ok - $what"; else echo "not ok - $what"; fi
}

# Runs a command; shows what it said only if it fails.
quietly() {
    local out
    out=$("$@" 2>&1) || fail "$* said: $out"
}

# Fails unless the command ends with this status and says what the pattern asks for; then shows what it said.
ends() { # STATUS PATTERN COMMAND...
    local status=$1 pattern=$2 got
    shift 2
    "$@" >"$SCRATCH/out" 2>&1 </dev/null
    got=$?
    [ $got -eq "$status" ] && grep -Eq -- "$pattern" "$SCRATCH/out" && return 0
    echo "# status $got, not $status:"
    sed 's/^/# /' "$SCRATCH/out"
    return 1
}

port_free() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Tests run side by side: a directory says that a port is taken, before anybody listens there.
port_mark() { echo "${TMPDIR:-/tmp}/concord-port-$1"; }

next_port() {
    local p
    for _ in {1..200}; do
        p=$((20000 + RANDOM % 12000))
        mkdir "$(port_mark $p)" 2>/dev/null || continue
        port_free $p && { echo $p; return; }
        rmdir "$(port_mark $p)"
    done
    fail "no free port between 20000 and 32000"
}

region_keys() { # identities and pairwise pre-shared keys
    local party client server
    for party in coordinator-1 coordinator-2 matcher custodian-{1,2,3} "${AGENCIES[@]/#/agency-}"; do
        mkdir -p "$REGION/$party/psk"
        quietly "$BIN/concord-keys" init --name "${party#agency-}" "$REGION/$party/identity.key"
    done
    for server in matcher custodian-{1,2,3}; do
        for client in matcher custodian-{1,2,3} "${AGENCIES[@]/#/agency-}"; do
            [[ $client < $server || $client == agency-* ]] || continue
            quietly "$BIN/concord-keys" psk "$REGION/$client/psk/$server.psk"
            cp -p "$REGION/$client/psk/$server.psk" "$REGION/$server/psk/${client#agency-}.psk"
        done
    done
}

region_ceremony() { # EPOCH: transcripts to ceremony-EPOCH/, shares to the custodians
    local i p args=() dir=$REGION/ceremony-$1
    mkdir -p "$dir"
    for i in 1 2 3; do args+=(--custodian "$REGION/custodian-$i/identity.key.pub"); done
    for p in $PURPOSES; do args+=(--purpose "$p:$1"); done
    quietly "$BIN/concord-keys" ceremony start --threshold 2 "${args[@]}" --out "$dir/ceremony.json"
    for i in 1 2 3; do
        quietly "$BIN/concord-keys" ceremony contribute --identity "$REGION/custodian-$i/identity.key" \
            --out "$dir/contribution-$i.json" "$dir/ceremony.json"
    done
    for i in 1 2 3; do
        mkdir -p "$REGION/custodian-$i/shares"
        quietly "$BIN/concord-keys" ceremony finish --identity "$REGION/custodian-$i/identity.key" \
            --out "$REGION/custodian-$i/shares/epoch-$1.share" --transcript "$dir/transcript-$i.json" \
            "$dir/ceremony.json" "$dir"/contribution-{1,2,3}.json
    done
    cmp -s "$dir/transcript-1.json" "$dir/transcript-2.json" && cmp -s "$dir/transcript-1.json" "$dir/transcript-3.json" ||
        fail "the custodians ended the ceremony with different transcripts"
}

region_sign() {
    local c
    for c in 1 2; do
        quietly "$BIN/concord-keys" manifest sign --identity "$REGION/coordinator-$c/identity.key" "$REGION/region.json"
    done
}

region_manifest() {
    local i p a kind args=()
    mkdir -p "$REGION/schema"
    cp client/schema/*.json "$REGION/schema/"
    for i in 1 2 3; do
        URL[custodian-$i]=tcp://127.0.0.1:$(next_port)
        args+=(--custodian-url "custodian-$i=${URL[custodian-$i]}")
    done
    URL[matcher]=tcp://127.0.0.1:$(next_port)
    for p in $PURPOSES; do
        kind=match
        [ "$p" = issued-documents ] && kind=issued
        args+=(--purpose "$p=$REGION/schema/$p.json,retention=365d,kind=$kind,$REGION_LIMITS")
    done
    quietly "$BIN/concord-keys" manifest new --name "$REGION_NAME" --transcript "$REGION/ceremony-1/transcript-1.json" \
        --coordinator "$REGION/coordinator-1/identity.key.pub" --coordinator "$REGION/coordinator-2/identity.key.pub" \
        --quorum 2 --matcher "$REGION/matcher/identity.key.pub" --matcher-url "${URL[matcher]}" "${args[@]}" \
        --normaliser "$("$BIN/concord-client" fingerprint)" --witnesses 2 --out "$REGION/region.json"
    for a in "${AGENCIES[@]}"; do
        quietly "$BIN/concord-keys" manifest add-agency --agency "$REGION/agency-$a/identity.key.pub" "$REGION/region.json"
    done
    for a in "${AGENCIES[@]}"; do
        [ -n "${DUTY_HOURS:-}" ] || break
        quietly "$BIN/concord-keys" manifest duty --purpose "${PURPOSES%% *}" --agency "$a" --contact "duty desk of $a" --hours "$DUTY_HOURS" "$REGION/region.json"
    done
    for a in "${AGENCIES[@]}"; do
        [[ " $PURPOSES " == *" issued-documents "* ]] || break
        quietly "$BIN/concord-keys" manifest register --purpose issued-documents --issuer "${a:0:3}" --agency "$a" "$REGION/region.json"
    done
    for a in "${AGENCIES[@]}"; do
        quietly "$BIN/concord-keys" manifest grant --identity "$REGION/agency-$a/identity.key" --all \
            --out "$REGION/agency-$a/grants.json" "$REGION/region.json"
    done
    for a in "${AGENCIES[@]}"; do
        quietly "$BIN/concord-keys" manifest grant --add "$REGION/agency-$a/grants.json" "$REGION/region.json"
    done
    region_sign
}

region_configure() {
    local i a
    for i in 1 2 3; do
        cat >"$REGION/custodian-$i/custodian.conf" <<-END
		[Custodian]
		Identity = identity.key
		Manifest = ../region.json
		Shares = shares
		PresharedKeys = psk
		State = state
		Ledger = ledger
		Listen = ${URL[custodian-$i]}
		END
    done
    cat >"$REGION/matcher/matcher.conf" <<-END
	[Matcher]
	Identity = identity.key
	Manifest = ../region.json
	PresharedKeys = psk
	State = state
	Ledger = ledger
	Archive = archive
	Listen = ${URL[matcher]}
	END
    for a in "${AGENCIES[@]}"; do
        mkdir -p "$REGION/agency-$a/feed"
        cat >"$REGION/agency-$a/client.conf" <<-END
		[Agency]
		Identity = identity.key
		Manifest = ../region.json
		SchemaDirectory = ../schema
		PresharedKeys = psk
		Vault = vault.db

		[Feed]
		Directory = feed
		END
    done
}

region_create() { # DIR AGENCY...
    REGION=$1
    shift
    AGENCIES=("$@")
    mkdir -p "$REGION"
    REGION=$(cd "$REGION" && pwd)
    region_keys
    region_ceremony 1
    region_manifest
    region_configure
}

# What LD_PRELOAD must be for a library of the tests: a sanitizer's own comes before it.
preload() { # NAME.so
    local own
    own=$(ldd "$BIN/concord-matcher" | grep -oE '/[^ ]*lib[at]san[^ ]*' | head -1)
    echo "${own:+$own:}${BIN%/bin}/tests/$1"
}

daemon_start() { # NAME
    local kind=${1%-[0-9]*} dir=$REGION/$1 lines
    touch "$dir/log"
    lines=$(wc -l <"$dir/log")
    ${DAEMON_WRAP:-} "$BIN/concord-$kind" run --config "$dir/$kind.conf" 2>>"$dir/log" </dev/null &
    PID[$1]=$!
    for _ in {1..200}; do
        tail -n +$((lines + 1)) "$dir/log" | grep -Eq 'event("?[:=]"?)listening' && return
        kill -0 "${PID[$1]}" 2>/dev/null || fail "$1 ended: $(tail -1 "$dir/log")"
        sleep 0.05
    done
    fail "$1 is not listening after 10 seconds: $(tail -1 "$dir/log")"
}

daemon_stop() { # NAME: in good order
    kill -TERM "${PID[$1]}" 2>/dev/null
    wait "${PID[$1]}"
    local status=$?
    unset "PID[$1]"
    return $status
}

daemon_kill() { # NAME: as a power cut would
    kill -KILL "${PID[$1]}" 2>/dev/null
    wait "${PID[$1]}" 2>/dev/null
    unset "PID[$1]"
}

region_start() {
    local name
    for name in custodian-{1,2,3} matcher; do daemon_start $name; done
}

region_stop() {
    local name
    for name in "${!PID[@]}"; do kill -TERM "${PID[$name]}" 2>/dev/null; done
    for name in "${!PID[@]}"; do wait "${PID[$name]}" 2>/dev/null; done
    PID=()
}

# The last thing: also gives back the ports.
region_end() {
    local url
    region_stop
    for url in "${URL[@]}"; do rmdir "$(port_mark "${url##*:}")" 2>/dev/null; done
}

region_in_force() { # every daemon reads the manifest again, custodians their shares
    local name version
    version=$(grep -o '"version": [0-9]*' "$REGION/region.json" | cut -d' ' -f2)
    for name in custodian-{1,2,3} matcher; do
        kill -HUP "${PID[$name]}"
        for _ in {1..200}; do
            tail -3 "$REGION/$name/log" | grep -q "event=manifest.*version=$version" && continue 2
            sleep 0.05
        done
        echo "# $name did not take version $version: $(tail -1 "$REGION/$name/log")"
        return 1
    done
}

region_limits() { # PURPOSE AGENCY LIMIT=VALUE...: "" for all agencies; in force when this returns
    local args=(--purpose "$1") limit
    [ -z "$2" ] || args+=(--agency "$2")
    for limit in "${@:3}"; do args+=(--set "$limit"); done
    quietly "$BIN/concord-keys" manifest limits "${args[@]}" "$REGION/region.json"
    region_sign
    region_in_force
}

client() { # AGENCY VERB ...
    local agency=$1 verb=$2
    shift 2
    "$BIN/concord-client" "$verb" --config "$REGION/agency-$agency/client.conf" "$@"
}

# A scratch directory that is removed on exit, daemons stopped first.
scratch() {
    SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/concord-XXXXXX")
    trap 'region_end; rm -rf --one-file-system "$SCRATCH"' EXIT
    trap 'exit 1' INT TERM
}
