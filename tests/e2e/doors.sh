#!/bin/bash
# What strangers without a key cost a server: DOORS_STRANGERS (3,000) connections that are silent, partial, slow or
# garbage, from one address and from many. The same is done to a server of nanomsg's library, where it works. Prints the figures.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
DOORS=$(realpath "${BUILD:-build}")/tests/doors
SECONDS_EACH=${DOORS_SECONDS:-1}
MANY=${DOORS_STRANGERS:-3000}
[ "$(ulimit -Hn)" -ge $((MANY + 200)) ] || MANY=$(($(ulimit -Hn) - 200))
LIMIT=16384 # KiB
[[ ${BUILD:-} == *san ]] && LIMIT=131072 # a sanitizer keeps what was freed

CPU=5 # of a core
[[ ${BUILD:-} == *san ]] && CPU=100

figure() { # NAME FILE
    sed -n "s/^doors: .*\b$1=\([-0-9]*\).*/\1/p" "$SCRATCH/${2:-out}"
}

attacked() { # ARGUMENT...: as tests/doors/doors.c has them
    "$DOORS" "$@" "$SECONDS_EACH" >"$SCRATCH/out"
    local status=$?
    sed 's/^/# /' "$SCRATCH/out"
    return $status
}

# The controls, side by side; a partial one until all that is announced has come.
"$DOORS" --library greets 1500 1 "$SECONDS_EACH" >"$SCRATCH/greets" &
"$DOORS" --library partial 200 1 3 >"$SCRATCH/partial" &
"$DOORS" --library garbage 100 1 "$SECONDS_EACH" >"$SCRATCH/garbage" &
wait
sed 's/^/# /' "$SCRATCH"/{greets,partial,garbage}
check "silent connections are kept by the server of the library" test "$(figure files greets)" -ge 200
check "what is announced takes its memory" test "$(figure memory partial)" -gt 20000
check "and each handshake a line of log" test "$(figure log garbage)" -ge 2000

for addresses in 1 5000; do
    attacked mixed "$MANY" $addresses
    check "$MANY strangers from $addresses addresses cost less than 16 MiB" test "$(figure memory)" -lt $LIMIT
    check "and a bounded number of descriptors" test "$(figure files)" -lt 1200
    check "and few lines of log" test "$(figure log)" -lt 8000
    check "and a bounded share of a core" test "$(figure cpu | cut -d. -f1)" -lt "$CPU"
    check "while they tried it all" test "$(figure tried)" -ge $((MANY * 9 / 10))
    check "and no agency an answer" test "$(figure failed)" = 0
done
attacked greets 1500 1
check "silent connections are not kept" test "$(figure files)" -lt 200
attacked partial 200 1
check "what is announced takes no memory" test "$(figure memory)" -lt $LIMIT
attacked flood 64 1
check "one of 64 agencies floods" test "$(figure came)" -ge 300
check "and no other loses an answer" test "$(figure failed)" = 0
