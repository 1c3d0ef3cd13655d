#!/bin/bash
# The training region: four agencies with their desks, custodians, matcher and an auditor's report, on loopback, with
# invented people. It runs until Ctrl-C. REGION_DIR=path keeps everything in path; docs/training/ has the exercises.
set -u -o pipefail
cd "$(dirname "$0")/../../.." || exit 1
. tests/e2e/lib/region.sh
RECORDS=${TRAINING_RECORDS:-300}
AGENCIES_HERE=(THA IDN BGD MYS)
PURPOSES="travel-documents persons issued-documents"
PASSWORD=training-region
ROLES=(officer supervisor border auditor)

if [ -n "${REGION_DIR:-}" ]; then
    [ -e "$REGION_DIR/region.json" ] && fail "$REGION_DIR holds a region already: name an empty directory, or remove it"
    DIR=$REGION_DIR
else
    DIR=$(mktemp -d "${TMPDIR:-/tmp}/concord-region-XXXXXX")
fi
end() {
    region_end
    [ -n "${REGION_DIR:-}" ] || rm -rf "$DIR"
}
trap 'end' EXIT
trap 'echo; echo "the region ends"; exit 0' INT TERM



accounts() { # AGENCY
    local role
    printf '%s\n' $PASSWORD >"$DIR/password"
    chmod 600 "$DIR/password"
    for role in "${ROLES[@]}"; do
        CONCORD_PASSPHRASE_FILE=$DIR/password quietly "$BIN/concord-client" account add "$role" --role "$role" --config "$DIR/agency-$1/client.conf"
    done
}

# The agency's daemon: desk, border interface, letters and judging by themselves.
desk() { # AGENCY
    local i
    DESK_PORT[$1]=$(next_port)
    BORDER_PORT[$1]=$(next_port)
    printf '\n[Border]\nListen = 127.0.0.1:%s\nPosts = posts\n\n[Desk]\nListen = 127.0.0.1:%s\n' "${BORDER_PORT[$1]}" "${DESK_PORT[$1]}" \
        >>"$DIR/agency-$1/client.conf"
    TOKEN[$1]=$("$BIN/concord-client" post airport --config "$DIR/agency-$1/client.conf" | grep -oE '[0-9a-f]{64}') || fail "no border post for $1"
    "$BIN/concord-client" run --config "$DIR/agency-$1/client.conf" 2>"$DIR/agency-$1/log" &
    PID[run-$1]=$!
    for i in {1..300}; do
        grep -q 'event=desk ' "$DIR/agency-$1/log" && return 0
        kill -0 $! 2>/dev/null || break
        sleep 0.05
    done
    fail "the desk of $1 did not start: $(tail -1 "$DIR/agency-$1/log")"
}
declare -A DESK_PORT BORDER_PORT TOKEN

echo "making invented people of ${AGENCIES_HERE[*]}, $RECORDS records each"
quietly "$BIN/concord-generate" --agencies "$(IFS=,; echo "${AGENCIES_HERE[*]}")" --records "$RECORDS" --overlap 20 --seed 7 --registers --out "$DIR/data"
echo "making the region: keys, the custodians' ceremony, the manifest"
region_create "$DIR" "${AGENCIES_HERE[@]}"
region_start
for a in "${AGENCIES_HERE[@]}"; do
    echo "$a enrols"
    quietly client "$a" enrol --quiet "$DIR/data/$a.csv"
    quietly client "$a" enrol --quiet --purpose issued-documents "$DIR/data/$a-register.csv"
    accounts "$a"
done
echo "partners' records are compared"
for _ in 1 2 3 4; do for a in "${AGENCIES_HERE[@]}"; do quietly client "$a" sync; done; done
for a in "${AGENCIES_HERE[@]}"; do desk "$a"; done

cat <<END

The region is in $DIR

  agency   desk in a browser          border interface                 its token
END
for a in "${AGENCIES_HERE[@]}"; do
    printf '  %-8s %-26s %-32s %s\n' "$a" "http://127.0.0.1:${DESK_PORT[$a]}/" "http://127.0.0.1:${BORDER_PORT[$a]}/v1/check" "${TOKEN[$a]}"
done
cat <<END

  accounts of every desk: ${ROLES[*]}; password: $PASSWORD

Exercises: docs/training/README.md. In another terminal:

  export PATH=$BIN:\$PATH; cd $DIR

The region runs until Ctrl-C.
END
while :; do sleep 1; done
