#!/bin/bash
# How a region comes together, by the tools alone: digests read aloud, invitations, what a new version changes, grants in
# two steps; and what is said to who hands over the wrong file.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
PURPOSES=persons
keys() { "$BIN/concord-keys" "$@"; }

aloud() { # FILE: the digest in groups is what sha256sum prints
    [ "$(keys digest "$1" | sed 's/  [^ ].*//; s/ //g')" = "$(sha256sum "$1" | cut -d' ' -f1)" ]
}

changed() { # what `manifest diff` prints has these lines
    local line
    for line; do grep -Fq -- "$line" "$SCRATCH/out" || { sed 's/^/# /' "$SCRATCH/out"; return 1; }; done
}

region_create "$SCRATCH/region" THA IDN
M=$REGION/region.json

check "a digest in groups is that of sha256sum" aloud "$M"
check "of a file that is not there it says so" ends 1 'nothing.json' keys digest "$SCRATCH/nothing.json"

# --- invitations ---

quietly keys psk "$SCRATCH/region.secret"
check "a coordinator writes an invitation" ends 0 'IDN.invitation' keys invite --identity "$REGION/coordinator-1/identity.key" \
    --secret "$SCRATCH/region.secret" --schemas "$REGION/schema" --to IDN --out "$SCRATCH" "$M"
NEW=$SCRATCH/new
mkdir -m 700 "$NEW"
cp "$REGION/agency-IDN/identity.key" "$NEW"
join() { # IDENTITY [INVITATION]
    keys join --identity "$1" --directory "$NEW" "${2:-$SCRATCH/IDN.invitation}"
}
check "another party cannot open it" ends 1 'invitation' join "$REGION/agency-THA/identity.key"
bend() { # a bit in the middle of it is flipped
    local byte
    cp "$SCRATCH/IDN.invitation" "$SCRATCH/bent"
    byte=$(xxd -s 600 -l 1 -p "$SCRATCH/bent")
    printf '%x: %02x' 600 $((0x$byte ^ 1)) | xxd -r - "$SCRATCH/bent"
}
bend
check "nor anybody one that was changed" ends 1 'bent' join "$NEW/identity.key" "$SCRATCH/bent"
check "neither has left a file" test "$(ls "$NEW")" = identity.key
check "whom it is for joins" ends 0 'region.json' join "$NEW/identity.key"
check "and has the manifest, signed" ends 0 '2 signatures, 2 needed' keys manifest verify "$NEW/region.json"
check "its schemas and keys" test -s "$NEW/schema/persons.json" -a -s "$NEW/psk/matcher.psk"
check "once more changes nothing" ends 0 '' join "$NEW/identity.key"
echo other >"$NEW/schema/persons.json"
check "a file that says something else is left, and named" ends 1 'schema/persons.json is there and is not what the invitation has: move it away' join "$NEW/identity.key"
rm "$NEW/schema/persons.json"

# --- grants, and what a version changes ---

check "grants that are there are not overwritten" ends 1 'grants.json is there already: name another file with --out' \
    keys manifest grant --identity "$REGION/agency-THA/identity.key" --all --out "$REGION/agency-THA/grants.json" "$M"
check "who is no agency grants nothing" ends 1 'matcher is no agency' \
    keys manifest grant --identity "$REGION/matcher/identity.key" --all --out "$SCRATCH/grants.json" "$M"
check "what is no file of grants is not added" ends 1 'no file of grants' keys manifest grant --add "$REGION/schema/persons.json" "$M"
quietly keys manifest revoke --from THA --to IDN "$M"
check "a version says what it changes" ends 0 '^1 line differs' keys manifest diff "$M"
check "line by line" changed '- grant of THA to IDN for persons'
check "one that does not come of the other is told apart" ends 1 . keys manifest diff "$M" "$M.v1"
check "a grant that is not returned is shown" ends 0 'IDN.*THA' keys manifest show "$M"
check "an agency takes no version that nobody signed" ends 1 'signature' client THA status
check "a grant is put back as it was signed" ends 0 'to be signed by 2 of 2' keys manifest grant --add "$REGION/agency-THA/grants.json" "$M"
region_sign
check "and needs a new invitation, which brings the next version" ends 0 . bash -c "'$BIN/concord-keys' invite --identity '$REGION/coordinator-1/identity.key' \
    --secret '$SCRATCH/region.secret' --schemas '$REGION/schema' --to IDN --out '$SCRATCH' '$M' && '$BIN/concord-keys' join --identity '$NEW/identity.key' --directory '$NEW' '$SCRATCH/IDN.invitation'"
check "the one before is kept beside it" test -e "$NEW/region.json.v1"

# --- the wrong file ---

CONF=$REGION/agency-THA/client.conf
check "a public key where the secret one is wanted" ends 2 'the public half of THA.s identity: name the secret file' "$BIN/concord-client" status --config "$CONF" --identity "$REGION/agency-THA/identity.key.pub"
check "a secret key where a public one is wanted" ends 1 . keys manifest add-agency --agency "$REGION/agency-THA/identity.key" "$M"
check "no such identity" ends 1 'nobody.key' "$BIN/concord-client" status --config "$CONF" --identity "$SCRATCH/nobody.key"
check "a passphrase file that is not there" ends 1 'nowhere.txt' env CONCORD_PASSPHRASE_FILE="$SCRATCH/nowhere.txt" "$BIN/concord-keys" init --passphrase --name X "$SCRATCH/x.key"
check "a feed directory that is not there is made" ends 124 'event=running' timeout 2 "$BIN/concord-client" run --config "$CONF" --feed "$SCRATCH/feeds"
check "for its owner alone" test "$(stat -c %a "$SCRATCH/feeds")" = 700
check "a file is none" ends 1 "$CONF" "$BIN/concord-client" run --config "$CONF" --feed "$CONF"
mkdir "$SCRATCH/unreadable"
check "what cannot be read as a passphrase is named" ends 1 'unreadable is a directory' env CONCORD_PASSPHRASE_FILE="$SCRATCH/unreadable" "$BIN/concord-keys" init --passphrase --name X "$SCRATCH/x.key"
