#!/bin/bash
# Disks: full, also at the start, read-only, files that are gone. Whoever meets it says in one line which file and what to
# do; nothing acknowledged is lost; with the disk as it was, all goes on by itself. Small file systems need root.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons
MOUNTED=()
trap 'region_end; for m in "${MOUNTED[@]}"; do umount "$m"; done; rm -rf "$SCRATCH"' EXIT

disk() { # DIR SIZE: a small disk in the place of the directory, with what is in it
    mkdir -p "$1.disk" "$1"
    mount -t tmpfs -o "size=$2" tmpfs "$1.disk" 2>/dev/null || return 1
    cp -a "$1/." "$1.disk/"
    umount "$1.disk"
    rmdir "$1.disk"
    mv "$1" "$1.before"
    mkdir "$1"
    mount -t tmpfs -o "size=$2" tmpfs "$1" && MOUNTED+=("$1")
    cp -a "$1.before/." "$1/"
    rm -rf "$1.before"
}

fill_up() { # DIR: not a byte is free
    dd if=/dev/zero of="$1/filler" bs=4096 status=none 2>/dev/null
    dd if=/dev/zero of="$1/filler2" bs=1 status=none 2>/dev/null
    true
}

refuses_to_run() { # NAME PATTERN: in one line
    ends 1 "$2" timeout 120 "$BIN/concord-${1%-[0-9]*}" run --log-level error --config "$REGION/$1/${1%-[0-9]*}.conf" || return 1
    [ "$(wc -l <"$SCRATCH/out")" -le 2 ] || { sed 's/^/# /' "$SCRATCH/out"; return 1; }
}

within() { # TRIES COMMAND...: it succeeds a moment later
    local i tries=$1
    shift
    for ((i = 0; i < tries; i++)); do
        "$@" >"$SCRATCH/out" 2>&1 && return
        sleep 0.2
    done
    sed 's/^/# /' "$SCRATCH/out"
    return 1
}

rows() { # NUMBER of the feed that is enrolled next: of other people than any before
    { head -1 "$SCRATCH/data/THA.csv"; sed -n "$((2 + 60 * $1)),$((61 + 60 * $1))p" "$SCRATCH/data/THA.csv"; } >"$SCRATCH/feed.csv"
    echo "$SCRATCH/feed.csv"
}

holds() { # RECORDS: the vault, and the matcher its entries
    client THA status --json | jq -e --argjson n "$1" '.vault[0].records == $n and .vault[0].unsent == 0 and
        .matcher.purposes[0].entries == .vault[0].tags + .vault[0].decoys' >/dev/null && return
    client THA status --json | jq -c '[.vault, .matcher.purposes]' | sed 's/^/# /'
    return 1
}

gone() { # FILE PATTERN COMMAND...: refused without it; then it is put back
    local file=$1
    shift
    mv "$file" "$SCRATCH/gone"
    "$@"
    local status=$?
    rm -rf "$file"
    mv "$SCRATCH/gone" "$file"
    return $status
}

region_create "$SCRATCH/region" THA IDN
"$BIN/concord-generate" --agencies THA --records 700 --seed 3 --out "$SCRATCH/data" || fail "concord-generate"
region_start
quietly client THA enrol --quiet "$(rows 0)"

# --- what is gone ---

daemon_stop matcher
daemon_stop custodian-1
for name in matcher custodian-1; do
    dir=$REGION/$name
    check "$name without its identity" gone "$dir/identity.key" refuses_to_run $name 'identity.key.*No such file'
    check "$name without its manifest" gone "$REGION/region.json" refuses_to_run $name 'region.json.*No such file'
    check "$name without a table of its store" gone "$(ls -S "$dir"/state/store/*.sst | head -1)" refuses_to_run $name "damaged.*$(ls -S "$dir"/state/store/*.sst | head -1 | grep -o '[0-9]*\.sst' | cut -d. -f1)"
    check "$name without its store's list of tables" gone "$(ls "$dir"/state/store/MANIFEST-* | tail -1)" refuses_to_run $name 'store.*MANIFEST-'
done
check "the matcher without its archive" gone "$REGION/matcher/archive" refuses_to_run matcher 'archive'
check "a custodian without its shares" gone "$REGION/custodian-1/shares" refuses_to_run custodian-1 'shares.*No such file'
check "a custodian without a share" gone "$(ls "$REGION"/custodian-1/shares/*.share)" refuses_to_run custodian-1 'holds no share'
daemon_start matcher
daemon_start custodian-1
VAULT=$REGION/agency-THA/vault.db
says_gone() { ends 1 "$1" client THA check-vault; }
check "an agency without a run of its vault" gone "$(ls -S "$VAULT"/*.run | head -1)" says_gone '\.run'
check "without its tables" gone "$VAULT/tables" says_gone 'tables'
check "all put back, it goes on" within 5 client THA enrol --quiet "$(rows 1)"
check "with every record" holds 120

# --- small disks ---

if ! { mkdir "$SCRATCH/try" && mount -t tmpfs -o size=1m tmpfs "$SCRATCH/try"; } 2>/dev/null; then
    echo "# note: no file system can be mounted here: full and read-only disks were left out"
    exit 0
fi
umount "$SCRATCH/try"
records=120
feed=2
goes_on() { # WHAT: the next feed, whole
    check "$1" within 50 client THA enrol --quiet "$SCRATCH/feed.csv"
    records=$((records + 60)) feed=$((feed + 1))
    check "with every record" holds $records
}

for name in matcher custodian-1; do
    for part in state ledger; do
        dir=$REGION/$name/$part
        daemon_stop $name
        disk "$dir" 60m || fail "no disk"
        daemon_start $name
        fill_up "$dir"
        rows $feed >/dev/null
        if [ $name = matcher ] && [ $part = state ]; then
            check "no room below $name/$part: the agency is told" ends 1 'refused PUT.*([Nn]o space|full)' client THA enrol --quiet "$SCRATCH/feed.csv"
        else
            check "no room below $name/$part: agencies do not notice" quietly client THA enrol --quiet "$SCRATCH/feed.csv"
        fi
        rm -f "$dir"/filler*
        mount -o remount,size=400m "$dir"
        goes_on "with room it goes on by itself"
        daemon_kill $name
        fill_up "$dir"
        check "no room at the start: it says so" refuses_to_run $name '[Nn]o space|full'
        rm -f "$dir"/filler*
        mount -o remount,ro "$dir"
        check "read-only at the start: it says so" refuses_to_run $name '[Rr]ead-only'
        mount -o remount,rw "$dir"
        daemon_start $name
        rows $feed >/dev/null
        goes_on "with the disk as it was it goes on"
    done
done
for name in matcher custodian-{1,2,3}; do daemon_stop $name; done
check "the ledgers verify" quietly "$BIN/concord-audit" verify --manifest "$REGION/region.json" "$REGION"/{matcher,custodian-1,custodian-2,custodian-3}/ledger
check "and what was delivered is what had to be" quietly "$BIN/concord-audit" replay --archive "$REGION/matcher/archive" --manifest "$REGION/region.json" "$REGION/matcher/ledger"
