#!/bin/bash
# An auditor accuses the guilty alone, and misses none: a sample of what `make audit-histories` does a thousand times.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
HISTORIES=$(realpath "${BUILD:-build}")/tests/histories
SEED=${HISTORY_SEED:-1}

sample() {
    "$HISTORIES" -s "$SEED" -n 6 -c 1 >"$SCRATCH/out" 2>/dev/null
    local status=$?
    sed 's/^/# /' "$SCRATCH/out"
    return $status
}
check "honest histories have no findings, and each cheat its own (HISTORY_SEED=$SEED)" sample
check "the closing line says so" grep -qx "histories: ok n=6 findings=0 seed=$SEED" "$SCRATCH/out"

# --- the attacks in docs/auditor.md are those that are tried ---

# Each name in the last column of the table: *a cheat*, `a_test` or `a_script.sh`; "-" for a row without.
tried() {
    awk -F'|' '/^\| attack \|/ { on = 1; getline; next } on && !/^\|/ { exit } on' docs/auditor.md | while read -r row; do
        local last=${row%|}
        last=${last##*|}
        grep -oE '\*[^*]+\*|`[^`]+`' <<<"$last" || echo -
    done
}
is_tried() { # NAME
    case $1 in
        \**) local name=${1#\*} && grep -qxF "${name%\*}" "$SCRATCH/cheats" ;;
        \`*.sh\`) grep -qs 'check "' "tests/e2e/$(tr -d '`' <<<"$1")" ;;
        \`*) grep -qE "^static void $(tr -d '`' <<<"$1")\(" tests/unit/*.c ;;
        *) false ;;
    esac
}
each_attack_is_tried() {
    local name status=0
    while read -r name; do
        is_tried "$name" || { echo "# docs/auditor.md: $name is no cheat and no test"; status=1; }
    done <"$SCRATCH/tried"
    return $status
}
each_cheat_is_told() {
    ! sed -n 's/^\*\(.*\)\*$/\1/p' "$SCRATCH/tried" | sort -u | comm -3 - <(sort "$SCRATCH/cheats") | sed 's/^\t*/# not in both: /' | grep .
}
"$HISTORIES" -l >"$SCRATCH/cheats"
tried >"$SCRATCH/tried"
check "the table of attacks is read" test "$(wc -l <"$SCRATCH/tried")" -ge 50
check "each attack in docs/auditor.md names what tries it" each_attack_is_tried
check "each cheat has its row there" each_cheat_is_told
check "and their number is right" grep -q "each of $(wc -l <"$SCRATCH/cheats") cheats" docs/auditor.md
