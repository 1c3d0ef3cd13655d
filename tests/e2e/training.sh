#!/bin/bash
# The training region comes up, and every exercise of docs/training/ goes as its page says.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
. tests/e2e/lib/pages.sh
scratch
PAGES=$PWD/docs/training
TRAINING_RECORDS=60 REGION_DIR=$SCRATCH/region tests/e2e/lib/training.sh >"$SCRATCH/said" 2>&1 &
PID[training]=$!
for _ in {1..1200}; do
    grep -q 'until Ctrl-C' "$SCRATCH/said" && break
    kill -0 ${PID[training]} 2>/dev/null || break
    sleep 0.1
done
check "the training region is there, with its addresses" grep -q 'until Ctrl-C' "$SCRATCH/said"
export PATH=$BIN:$PATH
BORDER=$(grep -oE 'http://[^ ]*/v1/check' "$SCRATCH/said" | head -1)
TOKEN=$(grep -oE '[0-9a-f]{64}' "$SCRATCH/said" | head -1)
DESK=$(grep -oE 'http://[0-9.:]*/ ' "$SCRATCH/said" | head -1)
export BORDER TOKEN
check "its desks are" test "$(curl -s -o /dev/null -w '%{http_code}' "${DESK% }login")" = 200
cd "$SCRATCH/region" || exit 1

# A page's commands, each with the lines below it: "COMMAND" then "| EXPECTED" lines.
blocks() { # PAGE
    awk '/^```console/ { in_block = 1; next } /^```/ { in_block = 0 } in_block' "$1"
}

play() { # COMMAND, with what is expected in $SCRATCH/expected: it goes as the page says
    local status wanted
    wanted=$(sed -n 's/^\[\([0-9]*\)\]$/\1/p' "$SCRATCH/expected")
    sed -i '/^\[[0-9]*\]$/d' "$SCRATCH/expected"
    bash -c "$1" >"$SCRATCH/out" 2>&1 </dev/null
    status=$?
    [ $status = "${wanted:-0}" ] && agrees "$SCRATCH/expected" "$SCRATCH/out" && return 0
    echo "# $1: status $status"
    head -40 "$SCRATCH/out" | sed 's/^/# /'
    return 1
}

page() { # NAME
    local line command="" faults=0
    : >"$SCRATCH/expected"
    while IFS= read -r line; do
        if [[ $line == '$ '* ]]; then
            [ -z "$command" ] || play "$command" || faults=$((faults + 1))
            command=${line#'$ '}
            : >"$SCRATCH/expected"
        else
            echo "$line" >>"$SCRATCH/expected"
        fi
    done < <(blocks "$PAGES/$1.md")
    [ -n "$command" ] && { play "$command" || faults=$((faults + 1)); }
    [ $faults = 0 ]
}
page_when_at_rest() { # NAME: ledgers may be met in the middle of an export, as the page says
    local i
    for i in {1..5}; do
        page "$1" >"$SCRATCH/faults" && return 0
        grep -q 'export was interrupted' "$SCRATCH/faults" || break
        sleep 1
    done
    cat "$SCRATCH/faults"
    return 1
}
for name in auditor custodian officer border-post operator; do
    check "the exercise of the $name goes as printed" page_when_at_rest $name
done
kill ${PID[training]}
check "it ends in good order" wait ${PID[training]}
unset "PID[training]"
