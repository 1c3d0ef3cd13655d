#!/bin/bash
# A disk that fails (errors/eio.c): whoever meets it refuses and names the file, nothing acknowledged is lost, and with the
# disk as it was all goes on; a daemon whose store cannot go on ends, so that its supervisor starts it anew.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons
EIO=$(preload eio.so)

wrap() { echo "env LD_PRELOAD=$EIO CONCORD_EIO=$SCRATCH/eio-$1"; } # NAME

breaks() { # NAME RULE: from now on; no RULE: it is whole again
    echo "${2:-}" >"$SCRATCH/eio-$1"
}

rise() { # DAEMON
    DAEMON_WRAP=$(wrap "$1") daemon_start "$1"
}

rows() { # the next ones: of other people than any before
    { head -1 "$SCRATCH/data/THA.csv"; sed -n "$((2 + records)),$((11 + records))p" "$SCRATCH/data/THA.csv"; } >"$SCRATCH/feed.csv"
    records=$((records + 10))
}

enrol() {
    $(wrap client) "$BIN/concord-client" enrol --config "$REGION/agency-THA/client.conf" --quiet "$SCRATCH/feed.csv"
}

holds() { # every record, and the matcher its entries
    client THA status --json | jq -e --argjson n "$records" '.vault[0].records == $n and .vault[0].unsent == 0 and
        .matcher.purposes[0].entries == .vault[0].tags + .vault[0].decoys' >/dev/null && return
    client THA status --json | jq -c '[.vault, .matcher.purposes]' | sed 's/^/# /'
    return 1
}

says() { # DAEMON PATTERN: in its log, soon
    for _ in {1..100}; do
        grep -Eq "$2" "$REGION/$1/log" && return
        sleep 0.1
    done
    tail -3 "$REGION/$1/log" | sed 's/^/# /'
    return 1
}

ended() { # DAEMON: by itself, with status 1
    local status
    wait "${PID[$1]}"
    status=$?
    unset "PID[$1]"
    [ $status -eq 1 ] || echo "# status $status"
    [ $status -eq 1 ]
}

region_create "$SCRATCH/region" THA IDN
"$BIN/concord-generate" --agencies THA --records 300 --seed 3 --out "$SCRATCH/data" || fail "concord-generate"
for name in matcher custodian-{1,2,3}; do rise $name; done
records=0
rows
quietly enrol

# --- daemons ---

rows
breaks matcher 'w /store/'
# A custodian's cosignature may come before the agency, and end it.
check "a matcher whose store cannot be written refuses" ends 1 'matcher refused PUT: it failed|matcher at .* cannot be reached' enrol
check "and ends" ended matcher
check "and names the file" says matcher 'event=store-failed reason="cannot write to the store: IO error: .*/state/store/[0-9]*\.log: Input/output error'
check "it does not start on such a disk, and names the file" ends 1 'state/(store/|).*Input/output error' timeout 20 \
    $(wrap matcher) "$BIN/concord-matcher" run --log-level error --config "$REGION/matcher/matcher.conf"
breaks matcher
rise matcher
check "started with the disk as it was, it goes on" quietly enrol
check "with every record" holds

rows
breaks matcher 'w /archive/'
check "a matcher whose archive cannot be written refuses" ends 1 'matcher refused PUT: it failed' enrol
check "and names the file" says matcher 'event=refused type=PUT .*cannot write to the archive, .*/archive/[0-9]*\.batches: Input/output error'
breaks matcher
check "with the disk as it was it goes on" quietly enrol
check "with every record" holds

rows
breaks matcher 'w /ledger/tile/'
check "one whose published ledger cannot be written serves" quietly enrol
check "and names the file" says matcher 'event=export-failed reason="cannot (write|sync) .*/ledger/tile/.*: Input/output error'
breaks matcher
check "and writes it once it can" says matcher 'event=export-failed recovered=yes'

for name in custodian-{1,2,3}; do breaks $name 'w /store/'; done
rows
check "where no custodian can write its store, the agency is told" ends 1 'too few custodians are left' enrol
failed() { grep -l 'event=store-failed .*/state/store/[0-9]*\.log: Input/output error' "$REGION"/custodian-*/log | grep -o 'custodian-[1-3]'; }
both_failed() { # who was asked
    for _ in {1..100}; do
        [ "$(failed | wc -l)" -ge 2 ] && return
        sleep 0.1
    done
    return 1
}
check "those that were asked end, and name the file" both_failed
for name in $(failed); do check "$name ended with status 1" ended $name; done
for name in custodian-{1,2,3}; do breaks $name; done
sleep 1.2 # one that was not asked for an evaluation may have failed by a cosignature: it ends within a second, too
for name in custodian-{1,2,3}; do
    ! grep -q 'event=store-failed' "$REGION/$name/log" || [ -z "${PID[$name]:-}" ] || ended $name
    [ -n "${PID[$name]:-}" ] || rise $name
done
check "started with the disk as it was, they go on" quietly enrol
check "with every record" holds

# --- daemons that cannot read what they have, while they run ---

corrects() { # the same rows with another sex: other slots under the tags that are there
    awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "sex") c = i }
        NR > 1 { $c = $c == "F" ? "M" : "F" } { print }' "$SCRATCH/feed.csv" >"$SCRATCH/corrected.csv"
    mv "$SCRATCH/corrected.csv" "$SCRATCH/feed.csv"
}
again() { # DAEMON: what it wrote lies in tables now, and nothing of it in memory
    daemon_stop "$1"
    rise "$1"
}

again matcher
corrects
breaks matcher 'r .sst'
check "a matcher that cannot read its store refuses" ends 1 'matcher refused PUT: it failed' enrol
check "and names the file" says matcher 'event=refused type=PUT .*cannot read from the store: .*/state/store/[0-9]*\.sst: Input/output error'
breaks matcher
check "with the disk as it was it goes on by itself" quietly enrol
check "with every record" holds

breaks check 'r .sst'
check "who checks the store on such a disk is told the file" ends 1 '[0-9]*\.sst: Input/output error' \
    $(wrap check) "$BIN/concord-matcher" check --config "$REGION/matcher/matcher.conf"

rows
for name in custodian-{1,2,3}; do
    breaks $name 'r .share'
    kill -HUP "${PID[$name]}"
    check "$name cannot read its share again, and names it" says $name 'event=reload-failed .*shares/.*\.share: Input/output error'
done
check "and serves by the one that it has" quietly enrol
for name in custodian-{1,2,3}; do breaks $name; done
check "with every record" holds

# --- an agency ---

VAULT=$REGION/agency-THA/vault.db
for rule in 'w vault.db/tables' 'r vault.db/tables' 'w .run' 'r .run' 'r vault.db/head'; do
    rows
    breaks client "$rule"
    file=${rule#? }
    check "an agency's disk, $rule: it says which file" ends 1 "${file#vault.db/}.*(I/O|Input/output) error" enrol
    breaks client
    check "with the disk as it was the same command goes on" quietly enrol
done
check "with every record" holds
check "and its vault is whole" quietly client THA check-vault

for name in matcher custodian-{1,2,3}; do daemon_stop $name; done
check "the ledgers verify" quietly "$BIN/concord-audit" verify --manifest "$REGION/region.json" "$REGION"/{matcher,custodian-1,custodian-2,custodian-3}/ledger
check "and what was delivered is what had to be" quietly "$BIN/concord-audit" replay --archive "$REGION/matcher/archive" --manifest "$REGION/region.json" "$REGION/matcher/ledger"
