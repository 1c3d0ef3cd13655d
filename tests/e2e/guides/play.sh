#!/bin/bash
# The guides are played as they are printed: every fenced command of install.md and of the operator's, custodian's, agency's
# and auditor's guide is run, verbatim and in order, by the party that the fence names, on a machine of that party's own.
# A machine is a root of its own, with one of these below it:
#
#   play.sh                  this machine's root, and what `make install` puts into place
#   play.sh ROOT PACKAGES    a root with nothing of Concord in it, and a directory with its Debian packages
#
# Addresses are those of the guides, in a network of their own. A fence says: ```sh|console|ini WORD..., where a word is
#
#   THA, custodian-iom, ...  whose commands these are; others of its kind play them with their own names in place
#   root                     they are run by root, else by the user concord
#   0 4 5                    the exit statuses that there may be; without any, 0
#   /FILE                    what the lines are to be written to (ini)
#   source, packages         played in that form alone
#   tree                     in the checkout, once
#   unplayed                 by nobody; the text says why
#
# Lines of a console fence that are no command are what one sees: they must come, in order, whatever the numbers in them.
set -u
cd "$(dirname "$0")/../../.." || exit 1
. tests/e2e/lib/region.sh
. tests/e2e/lib/pages.sh
. tests/e2e/guides/standins.sh

GUIDES="install operator custodian agency auditor"
COORDINATORS="coordinator-1 coordinator-2"
CUSTODIANS="custodian-iom custodian-unodc custodian-roc"
AGENCIES="THA IDN MMR"
SERVED="matcher $CUSTODIANS $AGENCIES"

# Writes each fence that has an info string as BLOCKS/<guide>.<line>: its heading, its info string, its lines.
cut_guides() {
    local g
    mkdir -p "$SCRATCH/blocks"
    for g in $GUIDES; do
        awk -v to="$SCRATCH/blocks/$g." '
            match($0, /^ *```/) && !open { open = 1; pad = index($0, "`") - 1; info = substr($0, pad + 4)
                if (info != "") { file = sprintf("%s%04d", to, NR); print heading "\n" info >file } else file = ""
                next }
            match($0, /^ *```$/) && open { open = 0; if (file != "") close(file); next }
            open && file != "" { print substr($0, pad + 1) >file; next }
            !open && /^##/ { heading = $0; sub(/^#+ /, "", heading) }' "docs/$g.md"
    done
}

says() { sed -n 2p "$1" | grep -qw -- "$2"; } # BLOCK WORD

# What is done in the checkout, once: what is installed goes into a directory.
in_the_tree() {
    local block
    for block in "$SCRATCH"/blocks/*.????; do
        says "$block" tree && says "$block" $FORM || continue
        DESTDIR=$SCRATCH/installed bash -eu -c "$(tail -n +3 "$block")" >"$SCRATCH/out" 2>&1 ||
            { sed 's/^/# /' "$SCRATCH/out"; fail "docs/${block##*/}: $(tail -n +3 "$block")"; }
        : >"$block.played"
    done
}

if [ "${1:-}" != inside ]; then
    scratch
    if [ "$(id -u)" -ne 0 ] || ! unshare --mount --net --pid --fork true 2>/dev/null; then
        echo "# note: the guides are played by root alone, who can make machines of namespaces"
        echo "ok - guides: not played"
        exit 0
    fi
    FORM=$([ $# -eq 0 ] && echo source || echo packages)
    cut_guides
    in_the_tree
    "$BIN/concord-generate" --agencies THA,IDN,MMR --records 60 --out "$SCRATCH/feeds" >/dev/null || fail "no feeds"
    unshare --mount --net --pid --fork --kill-child "$0" inside "$SCRATCH" "$@"
    exit
fi
SCRATCH=$2 ROOT=${3:-/} PACKAGES=${4:-}
FORM=$([ $# -eq 2 ] && echo source || echo packages)
M=$SCRATCH/machines OUT=$SCRATCH/out

# --- machines --------------------------------------------------------------------------------------------------

home() { case $1 in coordinator-* | auditor) echo /root ;; *) echo /var/lib/concord ;; esac; }

machine() { # NAME
    local r=$M/$1/root lower=$M/standins
    [ $FORM = packages ] || lower=$lower:$M/installed
    mkdir -p "$M/$1"/{up,work,root}
    mount -t overlay overlay -o "lowerdir=$lower:$ROOT,upperdir=$M/$1/up,workdir=$M/$1/work" "$r" || return
    devices "$r" && mount -t proc proc "$r/proc" && mount -t tmpfs tmpfs "$r/run" && mount -t tmpfs tmpfs "$r/tmp"
    mkdir -p "$r/root"
    [ $FORM = source ] || cp "$PACKAGES"/concord-*.deb "$r/root/" || return
    install -m 644 /dev/stdin "$r/run/passphrase" <<<"words that open it"
}

# Runs commands there; "root", or as who works there.
on() { # NAME USER COMMANDS
    local as=(setpriv --reuid concord --regid concord --clear-groups) home
    home=$(home "$1")
    [ "$2" = root ] && home=/root
    [ $home = /root ] && as=()
    chroot "$M/$1/root" /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin HOME=$home LC_ALL=C.UTF-8 \
        LD_PRELOAD=/usr/local/lib/quick.so CONCORD_PASSPHRASE_FILE=/run/passphrase "${as[@]}" \
        bash -c "cd; set -eu -o pipefail; $3" </dev/null
}

# What parties send each other: after each step everything that is new goes its way.
mail() { # FROM FILE TO FILE
    local from=$M/$1/root$2 to=$M/$3/root$4
    [ "$from" -nt "$to" ] || return 0
    mkdir -p "${to%/*}"
    cp "$from" "$to" && chown --reference="${to%/*}" "$to"
}

post() {
    local p q f at=/var/lib/concord one=$M/coordinator-1/root/root/region.json signed=/root/region.json.coordinator-2.minisig
    for p in $SERVED; do
        mail $p /etc/concord/identity.key.pub coordinator-1 /root/$p.pub
        mail $p $at/$p-grants.json coordinator-1 /root/$p-grants.json
        mail coordinator-1 /root/invitations/$p.invitation $p $at/$p.invitation
    done
    mail coordinator-2 /root/coordinator-2.key.pub coordinator-1 /root/coordinator-2.pub
    mail THA $at/normaliser coordinator-1 /root/normaliser
    for f in ceremony.json ceremony-2.json; do
        for p in $CUSTODIANS; do mail coordinator-1 /root/$f $p $at/$f; done
    done
    for f in contribution contribution-2; do
        for p in $CUSTODIANS; do
            for q in $CUSTODIANS; do mail $p $at/$f-$p.json $q $at/$f-$p.json; done
        done
    done
    for f in transcript.json transcript-2.json; do mail custodian-iom $at/$f coordinator-1 /root/$f; done
    [ ! "$one" -nt "$M/coordinator-2/root/root/region.json" ] || rm -f "$M/coordinator-2/root$signed"
    for f in "$one"*; do [ "$f" = "$M/coordinator-1/root$signed" ] || mail coordinator-1 /root/${f##*/} coordinator-2 /root/${f##*/}; done
    mail coordinator-2 $signed coordinator-1 $signed
}

# What the auditor copies, from daemons that stand still: a ledger that is met in the middle of an export has to be copied again.
to_the_auditor() {
    local p to=$M/auditor/root/root
    for p in $AGENCIES; do on $p root "systemctl stop concord-client"; done
    on matcher root "systemctl stop concord-matcher"
    for p in $CUSTODIANS; do on $p root "systemctl stop concord-custodian"; done
    cp "$M"/coordinator-1/root/root/region.json* "$to/"
    for p in matcher $CUSTODIANS; do
        mkdir -p "$to/$p" && cp -r "$M/$p/root/var/lib/concord/ledger" "$to/$p/"
    done
    cp -r "$M/matcher/root/var/lib/concord/archive" "$to/matcher/" && cp -r "$M/THA/root/var/lib/concord/receipts" "$to/"
}

# --- the guides ------------------------------------------------------------------------------------------------

kind() { case $1 in custodian-*) echo custodian ;; [A-Z]*) echo agency ;; *) echo "$1" ;; esac; }

# Who runs what the fence prints for the parties OWN when AS plays: as "PARTY OWN" lines.
players() { # AS OWN...
    local as=$1 p
    shift
    [ $# -gt 0 ] || { echo "$as $as"; return; }
    for p in "$@"; do [ "$p" != "$as" ] || { echo "$as $as"; return; }; done
    [ -z "$as" ] || [ "$(kind "$as")" != "$(kind "$1")" ] || { echo "$as $1"; return; }
    [ -z "$as" ] || [ ! -e "$block.played" ] || return
    for p in "$@"; do echo "$p $p"; done
}

# What is typed, and what is seen, of a fence that is printed for OWN and played by AS.
typed() { # BLOCK AS OWN
    local as=$2 own=$3
    tail -n +3 "$1" | if [ "$own" = "$as" ]; then cat; else sed "s/\b$as\b/@@/g; s/\b$own\b/$as/g; s/@@/$own/g"; fi |
        case $as in custodian-unodc) sed 's/192\.0\.2\.21/192.0.2.22/' ;; custodian-roc) sed 's/192\.0\.2\.21/192.0.2.23/' ;; *) cat ;; esac
}

plain() { sed -E 's/[0-9]+/0/g; s/ +/ /g' "$1"; } # whatever the numbers

step() { # BLOCK AS OWN
    local block=$1 as=$2 own=$3 user=concord file="" allowed="" word kind text status
    for word in $(sed -n 2p "$block"); do
        case $word in
        sh | console | ini) kind=$word ;;
        root) user=root ;;
        /*) file=$word ;;
        [0-9]*) allowed="$allowed $word" ;;
        esac
    done
    text=$(typed "$block" "$as" "$own")
    : >"$block.played"
    : >"$SCRATCH/expected"
    [ $kind != ini ] || text="cat >$file <<'END'"$'\n'"$text"$'\n'END
    if [ $kind = console ]; then
        awk '!/^\$ / && !more { print } { more = (/^\$ / || more) && /\\$/ }' <<<"$text" >"$SCRATCH/expected"
        text=$(awk '/^\$ / || more { more = /\\$/; sub(/^\$ /, ""); print }' <<<"$text")
    fi
    on "$as" $user "$text" >"$OUT" 2>&1
    status=$?
    [ -z "${GUIDES_LOG:-}" ] || { echo "--- ${EPOCHREALTIME} ${block##*/} $as: $text"; cat "$OUT"; } >>"$GUIDES_LOG"
    [[ " ${allowed:-0} " == *" $status "* ]] && agrees <(plain "$SCRATCH/expected") <(plain "$OUT") || {
        echo "# docs/${block##*/}: $as: status $status of: $text"
        sed 's/^/# /' "$OUT"
        return 1
    }
    post
}

play() { # GUIDE HEADING [AS]
    local block found=0 as own parties
    for block in "$SCRATCH/blocks/$1".????; do
        [ "$(head -1 "$block")" = "$2" ] && ! says "$block" 'unplayed\|tree' || continue
        ! says "$block" 'source\|packages' || says "$block" $FORM || continue
        found=1
        parties=$(sed -n 2p "$block" | grep -owE 'coordinator-[12]|matcher|auditor|custodian-[a-z]+|[A-Z]{3}')
        while read -r as own; do
            step "$block" "$as" "$own" || { echo "not ok - $1.md, $2, as $as"; exit 1; }
        done < <(players "${3:-}" $parties)
    done
    [ $found = 1 ] || { echo "not ok - $1.md has no commands under $2"; exit 1; }
}

each() { # PARTIES GUIDE HEADING
    local p
    for p in $1; do play "$2" "$3" $p; done
}

unplayed() {
    local block g
    for block in "$SCRATCH"/blocks/*.????; do
        [ -e "$block.played" ] || says "$block" unplayed || { says "$block" 'source\|packages' && ! says "$block" $FORM; } ||
            { echo "# docs/${block##*/} was never played: $(sed -n 3p "$block")"; return 0; }
    done
    for g in $GUIDES; do
        awk -v g=$g '/^ *```/ { open = !open; plain = /^ *```$/ } open && plain && /^ *(\$ )?concord-[a-z]+ / {
            print "# docs/" g ".md:" NR ": a command in a fence that nobody plays: " $0; bad = 1 } END { exit !bad }' "docs/$g.md" && return 0
    done
    return 1
}

# --- the region ------------------------------------------------------------------------------------------------

mount -t proc proc /proc
mkdir -p "$M" && mount -t tmpfs tmpfs "$M"
ip link set lo up
for a in 10 21 22 23; do ip addr add 192.0.2.$a/32 dev lo; done
# Layers of one machine must not lie in each other: what is above this machine's root is on a file system of its own.
standins "$M/standins" "words that open it" $FORM
install -D "${BUILD:-build}/tests/quick.so" "$M/standins/usr/local/lib/quick.so"
[ $FORM = packages ] || mv "$SCRATCH/installed" "$M/"
for p in $COORDINATORS auditor $SERVED; do machine $p || fail "no machine for $p"; done

handed_out() { # AGENCIES
    play operator "Handing a manifest out"
    each "$CUSTODIANS" custodian "A new manifest"
    each "$1" agency "4. The manifest with the grants"
}

each "$SERVED" install Installing
for p in $AGENCIES; do
    install -m 600 -o "$(stat -c %u "$M/$p/root/var/lib/concord")" "$SCRATCH/feeds/$p.csv" "$M/$p/root/var/lib/concord/records.csv"
done
each "$CUSTODIANS" custodian "Before the ceremony"
each "$AGENCIES" agency "1. Your identity"
each "$SERVED" install "The passphrase"
play operator "1. Identities"
check "every party has an identity, and its public half is with a coordinator" test -s "$M/coordinator-1/root/root/MMR.pub"
each "$CUSTODIANS" custodian "The key ceremony"
each "$CUSTODIANS" custodian Contributing
each "$CUSTODIANS" custodian Finishing
play operator "2. The manifest"
play operator Limits
play operator "3. Signing"
play operator "4. Invitations"
play operator "Running the matcher"
each "$CUSTODIANS" custodian Serving
each matcher install Clocks
each "THA IDN" agency "2. The invitation"
each "THA IDN" agency "3. Whom you grant what"
play operator "5. Grants"
handed_out "THA IDN"
check "a region was set up by the guides alone, and its second version is in force everywhere" \
    ends 0 'manifest +version 2 of asia-pacific, signed' on custodian-roc concord 'concord-custodian status'
each "IDN THA" agency Enrolling
each "IDN THA" agency "Finding matches"
check "two agencies find what they have in common" ends 0 ' IDN ' on THA concord 'concord-client matches'
play agency "A border check" THA
each "IDN THA" agency "As a daemon"
play operator "Watching it"
play operator "Another agency"
handed_out "THA IDN"
each MMR agency "2. The invitation"
play operator Backups
play operator "A state is lost"
each custodian-iom custodian Backups
each custodian-unodc install Upgrading
play agency "Backup and restore" THA
play operator "Taking a grant back"
handed_out "THA IDN MMR"
each "$CUSTODIANS" custodian "Another ceremony"
each "$CUSTODIANS" custodian "Finishing it"
play operator "A new epoch"
handed_out "THA IDN MMR"
each "THA IDN" agency "When a purpose gets a new key"
play agency Receipts THA
to_the_auditor
play auditor "A first audit"
play auditor verify
play auditor reconcile
if unplayed; then echo "not ok - every command of the guides is played"; else echo "ok - every command of the guides is played"; fi
grep -lw unplayed "$SCRATCH"/blocks/*.???? | wc -l | sed 's/$/ fences are marked as unplayed/; s/^/# note: /'
