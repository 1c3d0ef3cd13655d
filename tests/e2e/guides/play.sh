#!/bin/bash
# The guides are played as they are printed: every fenced command of install.md and of the operator's, custodian's, agency's
# and auditor's guide is run, verbatim and in order, by the party that the fence names, on a machine of that party's own.
# A machine is a root of its own: this one's below, what `make install` put into place above it. Addresses are those of the
# guides, in a network of their own.
#
# A fence says: ```sh|console|ini [root] [PARTY] [STATUS...] [unplayed] [FILE]. Commands are run by the user
# concord, or root; a guide's own party (THA, custodian-iom) is played by the others of its kind with their names in place.
set -u
cd "$(dirname "$0")/../../.." || exit 1
. tests/e2e/lib/region.sh
. tests/e2e/guides/standins.sh

GUIDES="install operator custodian agency auditor"
CUSTODIANS="custodian-iom custodian-unodc custodian-roc"
AGENCIES="THA IDN MMR"
SERVED="matcher $CUSTODIANS $AGENCIES"

if [ "${1:-}" != inside ]; then
    scratch
    if [ "$(id -u)" -ne 0 ] || ! unshare --mount --net --pid --fork true 2>/dev/null; then
        echo "# note: the guides are played by root alone, who can make machines of namespaces"
        echo "ok - guides: not played"
        exit 0
    fi
    quietly "${MAKE:-make}" -s install BUILD="${BUILD:-build}" DESTDIR="$SCRATCH/installed" PREFIX=/usr
    "$BIN/concord-generate" --agencies THA,IDN,MMR --records 60 --out "$SCRATCH/feeds" >/dev/null
    unshare --mount --net --pid --fork --kill-child "$0" inside "$SCRATCH"
    exit
fi
SCRATCH=$2
M=$SCRATCH/machines OUT=$SCRATCH/out

# --- machines --------------------------------------------------------------------------------------------------

home() { case $1 in coordinator-* | auditor) echo /root ;; *) echo /home/concord ;; esac; }

machine() { # NAME
    local r=$M/$1/root lower=$SCRATCH/standins:$SCRATCH/installed:/
    mkdir -p "$M/$1"/{up,work,root}
    mount -t overlay overlay -o "lowerdir=$lower,upperdir=$M/$1/up,workdir=$M/$1/work" "$r" || return
    mount --rbind /dev "$r/dev" && mount -t proc proc "$r/proc" && mount -t tmpfs tmpfs "$r/run" && mount -t tmpfs tmpfs "$r/tmp"
    mkdir -p "$r$(home "$1")" "$r/root"
    echo "words that open it" >"$r/run/passphrase"
}

# Runs commands there; "root", or as who works there.
on() { # NAME USER COMMANDS
    local as=(setpriv --reuid concord --regid concord --clear-groups)
    [ "$2" = root ] || [ "$(home "$1")" = /root ] && as=()
    chroot "$M/$1/root" /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin HOME="$(home "$1")" LC_ALL=C.UTF-8 \
        LD_PRELOAD=/usr/local/lib/quick.so CONCORD_PASSPHRASE_FILE=/run/passphrase "${as[@]}" \
        bash -c "cd $([ "$2" = root ] && echo /root || home "$1") || exit; set -eu -o pipefail; $3" </dev/null
}

# What parties send each other: after each step everything that is new goes its way.
mail() { # FROM FILE TO FILE
    local from=$M/$1/root$2 to=$M/$3/root$4
    [ -e "$from" ] && ! cmp -s "$from" "$to" || return 0
    mkdir -p "$(dirname "$to")"
    cp "$from" "$to" && chown --reference="$M/$3/root$(home "$3")" "$to"
}

post() {
    local p q f
    for p in $SERVED; do mail $p /etc/concord/identity.key.pub coordinator-1 /root/$p.pub; done
    mail coordinator-2 /root/coordinator-2.key.pub coordinator-1 /root/coordinator-2.pub
    mail THA /home/concord/normaliser coordinator-1 /root/normaliser
    for p in $CUSTODIANS; do
        mail coordinator-1 /root/ceremony.json $p /home/concord/ceremony.json
        for q in $CUSTODIANS; do mail $p /home/concord/contribution-$p.json $q /home/concord/contribution-$p.json; done
    done
    mail custodian-iom /home/concord/transcript.json coordinator-1 /root/transcript.json
    if [ -e "$M/coordinator-1/root/root/region.json" ] && ! cmp -s "$M"/coordinator-{1,2}/root/root/region.json; then
        rm -f "$M"/coordinator-2/root/root/region.json.coordinator-2.minisig
    fi
    for f in "$M"/coordinator-1/root/root/region.json*; do mail coordinator-1 /root/${f##*/} coordinator-2 /root/${f##*/}; done
    mail coordinator-2 /root/region.json.coordinator-2.minisig coordinator-1 /root/region.json.coordinator-2.minisig
    for p in $SERVED; do
        mail coordinator-1 /root/invitations/$p.invitation $p /home/concord/$p.invitation
        mail $p /home/concord/$p-grants.json coordinator-1 /root/$p-grants.json
    done
}

# --- the guides ------------------------------------------------------------------------------------------------

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

# One fence; what the guide prints for party OWN is run by party AS.
step() { # BLOCK AS
    local block=$1 own="" user=concord file="" allowed="" word text status
    for word in $(sed -n 2p "$block"); do
        case $word in
        sh | console | ini) kind=$word ;;
        root) user=root ;;
        /*) file=$word ;;
        [0-9]*) allowed="$allowed $word" ;;
        *) own=$word ;;
        esac
    done
    [ -n "$own" ] || own=$2
    local as=${2:-$own}
    case $own in
    coordinator-* | matcher | auditor) # there is one of each: its steps are not repeated for others
        [ "$as" = "$own" ] || [ ! -e "$block.played" ] || return 0
        as=$own ;;
    esac
    text=$(tail -n +3 "$block")
    [ "$own" = "$as" ] || text=$(sed "s/\b$as\b/@@/g; s/\b$own\b/$as/g; s/@@/$own/g" <<<"$text")
    [ "$as" != custodian-unodc ] || text=${text//192.0.2.21/192.0.2.22}
    [ "$as" != custodian-roc ] || text=${text//192.0.2.21/192.0.2.23}
    [ "$kind" != console ] || text=$(awk '/^\$ / || more { more = /\\$/; sub(/^\$ /, ""); print }' <<<"$text")
    : >"$block.played"
    if [ "$kind" = ini ]; then
        on "$as" concord "cat >$file <<'END'
$text
END"
        return
    fi
    on "$as" $user "$text" >"$OUT" 2>&1
    status=$?
    cat "$OUT" >>"$SCRATCH/log.$as"
    [[ " ${allowed:-0} " == *" $status "* ]] || {
        echo "# docs/${block##*/}: $as: status $status of: $text"
        sed 's/^/# /' "$OUT"
        return 1
    }
    post
}

play() { # GUIDE HEADING [AS]
    local block found=0
    for block in "$SCRATCH/blocks/$1".????; do
        [ "$(head -1 "$block")" = "$2" ] && ! sed -n 2p "$block" | grep -qw unplayed || continue
        found=1
        step "$block" "${3:-}" || { echo "not ok - $1.md, $2${3:+, as $3}"; exit 1; }
    done
    [ $found = 1 ] || { echo "not ok - $1.md has no commands under $2"; exit 1; }
}

each() { # PARTIES GUIDE HEADING
    local p
    for p in $1; do play "$2" "$3" $p; done
}

unplayed() {
    local block
    for block in "$SCRATCH"/blocks/*.????; do
        [ -e "$block.played" ] || sed -n 2p "$block" | grep -qw unplayed || { echo "# docs/${block##*/} was never played: $(sed -n 3p "$block")"; return 0; }
    done
    for g in $GUIDES; do
        awk -v g=$g '/^ *```/ { open = !open; plain = /^ *```$/ } open && plain && /^ *(\$ )?concord-/ {
            print "# docs/" g ".md:" NR ": a command in a fence that nobody plays: " $0; bad = 1 } END { exit !bad }' "docs/$g.md" && return 0
    done
    return 1
}

# --- the region ------------------------------------------------------------------------------------------------

mount -t proc proc /proc
mkdir -p "$M" && mount -t tmpfs tmpfs "$M"
ip link set lo up
for a in 10 21 22 23; do ip addr add 192.0.2.$a/32 dev lo; done
standins "$SCRATCH/standins" "words that open it"
mkdir -p "$SCRATCH/standins/usr/local/lib" && cp "${BUILD:-build}/tests/quick.so" "$SCRATCH/standins/usr/local/lib/"
cut_guides
for p in coordinator-1 coordinator-2 auditor $SERVED; do machine $p || fail "no machine for $p"; done

for p in $SERVED; do
    play install Installing $p
    chroot "$M/$p/root" chown concord:concord /home/concord /run/passphrase
done
for p in THA IDN MMR; do
    install -m 644 "$SCRATCH/feeds/$p.csv" "$M/$p/root/home/concord/records.csv"
done
each "$CUSTODIANS" custodian "Before the ceremony"
each "THA IDN MMR" agency "1. Your identity"
each "$SERVED" install "The passphrase"
play operator "1. Identities"
check "every party has an identity, and its public half is with a coordinator" test -s "$M/coordinator-1/root/root/MMR.pub"
each "custodian-iom custodian-unodc custodian-roc" custodian "The key ceremony"
each "$CUSTODIANS" custodian Contributing
each "$CUSTODIANS" custodian Finishing
play operator "2. The manifest"
play operator Limits
play operator "3. Signing"
play operator "4. Invitations"
play operator "Running the matcher"
each "$CUSTODIANS" custodian Serving
each matcher install Clocks
each custodian-unodc install Upgrading
each "THA IDN" agency "2. The invitation"
each "THA IDN" agency "3. Whom you grant what"
play operator "5. Grants"
play operator "Handing a manifest out"
each "$CUSTODIANS" custodian "A new manifest"
each "THA IDN" agency "4. The manifest with the grants"
check "a region was set up by the guides alone, and its second version is in force everywhere" \
    ends 0 'manifest +version 2 of asia-pacific, signed' on custodian-roc concord 'concord-custodian status'
each "IDN THA" agency Enrolling
each "IDN THA" agency "Finding matches"
check "two agencies find what they have in common" ends 0 ' IDN ' on THA concord 'concord-client matches'
play agency "A border check" THA
each "IDN THA" agency "As a daemon"
play operator "Watching it"
play operator Backups
if unplayed; then echo "not ok - every command of the guides is played"; else echo "ok - every command of the guides is played"; fi
grep -lw unplayed "$SCRATCH"/blocks/*.???? | wc -l | sed 's/$/ fences are marked as unplayed/; s/^/# note: /'
