#!/bin/bash
# Letters end to end: between agencies, to a custodian and a coordinator, from somebody who sleeps; what each sees of it, and what the ledger says.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons

party() { # DIRECTORY VERB ...: concord-client of a party that is no agency
    local dir=$1 verb=$2
    shift 2
    "$BIN/concord-client" "$verb" --config "$REGION/$dir/client.conf" "$@"
}

configure_party() { # DIRECTORY
    cat >"$REGION/$1/client.conf" <<-END
	[Agency]
	Identity = identity.key
	Manifest = ../region.json
	PresharedKeys = psk
	Vault = vault.db
	END
}

unread() { # AGENCY: number of the newest letter that nobody has read
    client "$1" letters --json | jq '[.threads[].unread_number] | max'
}

reads() { # AGENCY FILE: its newest letter is this file
    client "$1" letters read "$(unread "$1")" >"$SCRATCH/read" && cmp -s "$2" "$SCRATCH/read"
}

state() { # AGENCY STATE: how many letters of all threads are in it
    client "$1" letters --json | jq "[.threads[].$2] | add // 0"
}

is() { # EXPECTED COMMAND...
    local expected=$1 got
    shift
    got=$("$@")
    [ "$got" = "$expected" ] || { echo "# $got, not $expected"; return 1; }
}

events() { # KIND: how many the matcher's ledger has
    sleep 1.2
    "$BIN/concord-audit" show --csv --kind "$1" "$REGION/matcher/ledger" | grep -c ",$1," || true
}

# Killed at every third step of what others notice, and each time a moment later, an agency goes on with the same command: the
# next run begins with what the last left.
FUSED=$(preload fuse.so):$(preload shift.so)
killed_and_again() { # AGENCY VERB
    local step status
    for ((step = 1; step < 1000; step += 3)); do
        LD_PRELOAD=$FUSED CONCORD_FUSE=$step CONCORD_SHIFT=$step client "$1" "$2" >"$SCRATCH/out" 2>&1
        status=$?
        [ $status -ne 0 ] || { echo "# $((step / 3)) kills"; return 0; }
        [ $status -eq 137 ] || break
    done
    sed "s/^/# killed before step $step: /" "$SCRATCH/out"
    return 1
}

region_create "$SCRATCH/region" THA IDN MYS
configure_party custodian-1
configure_party coordinator-1
region_start
echo "the vessel left on Tuesday" >"$SCRATCH/note"

check "who is not there yet is waited for" ends 0 "waits" client THA letters send IDN --purpose persons "$SCRATCH/note"
check "and the list says why" ends 0 "has not published a prekey yet" client THA letters
check "whatever is killed while it comes for the first time, the same command goes on" killed_and_again IDN sync
check "once the recipient was there, it goes, whatever is killed on the way" killed_and_again THA sync
check "it comes" ends 0 "1 came" client IDN sync
check "and is read as it was written" reads IDN "$SCRATCH/note"
check "its recipient has acknowledged it" ends 0 "1 acknowledged" client THA sync
check "so the sender's list says" is 1 state THA acknowledged
check "and the recipient's that it was read" is 1 state IDN read

check "an agency writes about a purpose" ends 1 "two agencies write about a purpose" client THA letters send IDN "$SCRATCH/note"
check "nobody writes to a stranger" ends 2 "no party XXX" client THA letters send XXX "$SCRATCH/note"
check "a custodian can be written to" ends 0 "waits" client THA letters send custodian-1 "$SCRATCH/note"
quietly party custodian-1 sync
quietly party coordinator-1 sync
quietly client THA sync
check "it gets the letter" ends 0 "1 came" party custodian-1 sync
check "a custodian writes to a coordinator" ends 0 "on its way" party custodian-1 letters send coordinator-1 "$SCRATCH/note"
check "who gets it" ends 0 "1 came" party coordinator-1 sync
check "but enrols nothing" ends 1 "no agency" party coordinator-1 status

head -c 2500000 /dev/urandom >"$SCRATCH/large"
check "a body of 2.5 million bytes goes in three letters" ends 0 "on its way" \
    client THA letters send IDN --purpose persons "$SCRATCH/large"
check "and comes" ends 0 "3 came" client IDN sync
check "whole" reads IDN "$SCRATCH/large"

check "the ledger has every letter and no more" is 10 events letter
check "and every prekey" is 4 events prekey
check "an audit finds nothing" ends 0 "" "$BIN/concord-audit" verify --manifest "$REGION/region.json" "$REGION/matcher/ledger"
region_stop
check "nor does a replay" ends 0 "" "$BIN/concord-audit" replay --manifest "$REGION/region.json" --archive "$REGION/matcher/archive" "$REGION/matcher/ledger"

# --- two prekeys of one number: a party that signs both, and a matcher that shows one to each sender ---

matcher() { # [CHEAT]: another one, on the same state
    [ $# -eq 0 ] || BIN=$CHEATING
    CONCORD_CHEAT=${1:-} daemon_start matcher
    BIN=$HONEST
}

TESTS=$PWD/${BUILD:-build}/tests
[[ ${BUILD:-build} == /* ]] && TESTS=$BUILD/tests
HONEST=$BIN CHEATING=$SCRATCH/bin
mkdir "$CHEATING"
ln -s "$HONEST"/* "$CHEATING/"
ln -sf "$TESTS/cheating-matcher" "$CHEATING/concord-matcher"
for name in custodian-{1,2,3}; do daemon_start $name; done
rm -r "$REGION/agency-IDN/vault.db"
matcher prekey
check "a party that begins its chain of prekeys anew, and a matcher that lets it" ends 0 "" client IDN sync
daemon_stop matcher
matcher
check "who was shown the first one refuses the second" ends 0 "does not follow on it" client THA letters send IDN --purpose persons "$SCRATCH/note"
check "and keeps both as evidence" ends 0 "prekeys .*IDN" client THA evidence
check "another sender, who was shown none before, cannot tell" ends 0 "on its way" client MYS letters send IDN --purpose persons "$SCRATCH/note"
region_stop
check "the auditor finds the two" ends 1 "two prekeys of IDN have the number 1" \
    "$BIN/concord-audit" verify --manifest "$REGION/region.json" "$REGION/matcher/ledger"
check "nothing of a letter lies at the matcher unsealed" bash -c "! grep -ra 'left on Tuesday' '$REGION/matcher'"
