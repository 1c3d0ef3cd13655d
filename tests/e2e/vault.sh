#!/bin/bash
# Looking after a vault: checking, backing up while enrolling, restoring, another identity, damage.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch

holdings() { client "$1" status | grep records; }

region_create "$SCRATCH/region" THA IDN
VAULT=$REGION/agency-THA/vault.db
"$BIN/concord-generate" --agencies THA,IDN --records 1500 --seed 5 --out "$SCRATCH/data" || fail "concord-generate"
region_start
quietly client IDN enrol --quiet "$SCRATCH/data/IDN.csv"
head -400 "$SCRATCH/data/THA.csv" >"$SCRATCH/some.csv"
quietly client THA enrol --quiet "$SCRATCH/some.csv"
quietly client THA sync
check "a vault is as it was written" ends 0 'every bit is as it was written' client THA check-vault

client THA enrol --quiet "$SCRATCH/data/THA.csv" >/dev/null 2>&1 &
ENROLLING=$!
check "backed up while it enrols" ends 0 'backup: .* every bit' client THA backup "$SCRATCH/backup"
wait $ENROLLING
check "into nothing that is there" ends 1 'cannot make .*backup.*new directory' client THA backup "$SCRATCH/backup"
kept() { ls "$VAULT"/*.kept 2>/dev/null | wc -l; }
# No file may get as large as the copied tables, so that copying is killed in the middle of them.
killed_copying() {
    (ulimit -f $(($(stat -c %s "$VAULT/tables") / 1024 - 16)) && client THA backup "$SCRATCH/half") >/dev/null 2>&1
    [ $? -gt 128 ] && [ "$(kept)" -gt 0 ]
}
check "a backup is killed" killed_copying
check "half a copy is no backup" ends 1 'no backup of a vault' client THA restore "$SCRATCH/half"
swept() { client THA check-vault >/dev/null && [ "$(kept)" = 0 ]; }
check "what it left goes with the next who works" swept
holdings THA >"$SCRATCH/whole"
client THA matches --csv | sort >"$SCRATCH/matches-before"

check "not restored over a vault" ends 1 'exists: move it away' client THA restore "$SCRATCH/backup"
mv "$VAULT" "$SCRATCH/lost"
check "what is no backup is refused" ends 1 'no backup of a vault' client THA restore "$SCRATCH/data"
check "restored, it says what must be done anew" ends 0 'enrol them again' client THA restore "$SCRATCH/backup"
check "it is whole" ends 0 'every bit' client THA check-vault
quietly client THA enrol --quiet --snapshot "$SCRATCH/data/THA.csv"
quietly client THA sync
holdings THA | cut -d, -f1,2 >"$SCRATCH/again"
check "what was judged in between it does not know" ends 0 'judged before .* does not know' client THA status
check "so an officer releases what may be judged" ends 0 '2 more records of IDN .*each record' client THA judge release IDN --count 2
check "the feed again makes it what it was" cmp -s <(cut -d, -f1,2 "$SCRATCH/whole") "$SCRATCH/again"

flip() { # FILE AT
    printf "\\x$(printf %02x $((0x$(xxd -s "$2" -l 1 -p "$1") ^ 4)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
RUN=$(ls -S "$VAULT"/*.run | head -1)
flip "$RUN" 70000
check "a flipped bit in a run is noticed" ends 1 'damaged' client THA check-vault
flip "$RUN" 70000
flip "$VAULT/tables" 60000
check "a flipped bit in the tables is noticed" ends 1 'damaged' client THA check-vault
flip "$VAULT/tables" 60000
flip "$VAULT/head" 60
check "a flipped bit in the head is noticed" ends 1 'damaged' client THA check-vault
flip "$VAULT/head" 60
flip "$VAULT/life" 3
check "a flipped bit in its life is noticed" ends 1 'life is not what its tables say' client THA check-vault
flip "$VAULT/life" 3
mv "$RUN" "$SCRATCH/away"
check "a run that is gone is named" ends 1 "a run is missing: .*$(basename "$RUN")" client THA check-vault
mv "$SCRATCH/away" "$RUN"
mv "$VAULT/tables" "$SCRATCH/away"
check "without its tables nothing is begun anew, and nothing else thrown away" ends 1 'tables is gone' client THA enrol --quiet "$SCRATCH/some.csv"
mv "$SCRATCH/away" "$VAULT/tables"
check "put back, all is well" ends 0 'every bit' client THA check-vault

# --- withdrawing: all or none, and again after a crash ---

TWO=$(sed -n '2,3p' "$SCRATCH/data/IDN.csv" | cut -d, -f1)
holdings IDN >"$SCRATCH/whole"
check "of records of which one is not there none is withdrawn" ends 1 'nothing is withdrawn, since 1 of 3 records' client IDN remove $TWO NOBODY
check "none is" cmp -s "$SCRATCH/whole" <(holdings IDN)
daemon_stop matcher
check "what the matcher cannot be told, it says" ends 1 'out of the vault; the same command' client IDN remove $TWO
daemon_start matcher
flock "$REGION/agency-IDN/vault.db/lock" sleep 1 &
sleep 0.2
check "the same command goes on, after who is at work" ends 0 '2 records withdrawn: [1-9]' client IDN remove $TWO
check "once" ends 1 'since 2 of 2 records are not enrolled' client IDN remove $TWO

# Another identity under the same name: the region does not know it, so only the vault is tried.
check "the vault of another identity says so" ends 1 'another identity' client IDN check-vault --vault "$VAULT"
check "taken over" ends 0 'belongs to the identity' client IDN rekey-vault --vault "$VAULT" --from "$REGION/agency-THA/identity.key"
check "it opens for the new one" ends 0 'every bit' client IDN check-vault --vault "$VAULT"
check "and not for the old one" ends 1 'another identity' client THA check-vault
