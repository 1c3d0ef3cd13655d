#!/bin/bash
# The documents say what the programs do: every verb and flag has its place in the manual, every key in an example
# configuration, examples are accepted, links lead somewhere, and `make install` puts everything where it belongs.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch

verbs() { # PROGRAM [VERB]: what its --help lists
    "$@" --help | sed -n '/^usage:/d; s/^  \([a-z][a-z-]*\)  *[a-zA-Z].*/\1/p'
}

# Calls FUNCTION PROGRAM VERB... for every verb that takes options.
each_verb() { # FUNCTION
    local p v w
    for p in keys custodian matcher client audit; do
        for v in $(verbs "$BIN/concord-$p"); do
            if "$BIN/concord-$p" "$v" --help | head -1 | grep -q ' VERB '; then
                for w in $(verbs "$BIN/concord-$p" "$v"); do $1 $p "$v" "$w"; done
            else
                $1 $p "$v"
            fi
        done
    done
}

missing_in_manual() { # PROGRAM VERB...
    local p=$1 flag
    shift
    "$BIN/concord-$p" "$@" --help >/dev/null || echo "# concord-$p $* --help fails"
    grep -q -e "^\.\(Cm\|It Cm\) .*\b${*: -1}\b" "docs/man/concord-$p.1" || echo "# concord-$p.1 does not have the verb $*"
    for flag in $("$BIN/concord-$p" "$@" --help | grep -o '^  --[a-z-]*' | tr -d ' '); do
        grep -q -e "Fl -${flag#--}\( \|$\)" "docs/man/concord-$p.1" || echo "# concord-$p.1 does not have $flag of $*"
    done
}

missing_in_example() { # PROGRAM VERB...
    local p=$1 key
    shift
    "$BIN/concord-$p" "$@" --help | sed -n 's/^ *(file: \[\(.*\)\] \(.*\))$/\1 \2/p' | while read -r section key; do
        awk -v s="[$section]" -v k="$key" '$0 == s { in_it = 1; next } /^\[/ { in_it = 0 }
            in_it && ($1 == k || $2 == k) { found = 1 } END { exit !found }' "docs/examples/$p.conf" ||
            echo "# docs/examples/$p.conf does not explain [$section] $key"
    done
}

nothing_missing() { # FUNCTION
    each_verb "$1" >"$SCRATCH/missing"
    cat "$SCRATCH/missing"
    [ ! -s "$SCRATCH/missing" ]
}

example_accepted() { # PROGRAM VERB [OPERAND...]: fails for want of an identity, not for a key of the file
    "$BIN/concord-$1" "${@:2}" --config "docs/examples/$1.conf" >"$SCRATCH/out" 2>&1
    [ $? -eq 1 ] && grep -q 'docs/examples/identity.key' "$SCRATCH/out" || { sed 's/^/# /' "$SCRATCH/out"; return 1; }
}

example_passed_over() { # VERB [OPERAND...]: a verb that opens nothing reads the file, finds no fault with it, and works
    "$BIN/concord-client" "$@" --config docs/examples/client.conf >"$SCRATCH/out" 2>&1 &&
        ! "$BIN/concord-client" "$@" --config "$SCRATCH/broken.conf" >"$SCRATCH/broken" 2>&1 &&
        grep -q 'broken.conf:2' "$SCRATCH/broken" || { sed 's/^/# /' "$SCRATCH/out" "$SCRATCH/broken"; return 1; }
}

# What each verb of concord-client is called with, so that nothing but the configuration can be in its way.
client_verb() { # VERB
    case $1 in
    check | enrol | remove | backup | restore | release | suspend | resume) example_accepted client "$1" one ;;
    account) example_accepted client account list ;;
    activity) example_accepted client activity export ;;
    ask | answer | recall | dossier) example_accepted client "$1" 1 ;;
    outcome) example_accepted client outcome 1 undecided ;;
    rekey-vault) example_accepted client rekey-vault --from old.key ;;
    load) example_accepted client load close ;;
    query) example_accepted client query --family-name Srisuwan --date-of-birth 1980-01-02 ;;
    post) example_passed_over post one --border-posts "$SCRATCH/posts" ;;
    fingerprint) example_passed_over fingerprint ;;
    normalise) example_passed_over normalise --family-name Srisuwan ;;
    schema) example_passed_over schema check persons ;;
    evaluate) example_passed_over evaluate --quiet "$SCRATCH"/{THA,IDN}.csv ;;
    *) example_accepted client "$1" </dev/null ;;
    esac
}

every_client_verb() {
    local v
    printf '[Agency]\nIdentiy = x\n' >"$SCRATCH/broken.conf"
    "$BIN/concord-generate" --agencies THA,IDN --records 50 --out "$SCRATCH" >/dev/null
    for v in $(verbs "$BIN/concord-client"); do client_verb "$v" || return 1; done
}

links_lead() {
    local file target bad=0
    for file in README.md docs/*.md; do
        while read -r target; do
            [ -e "$(dirname "$file")/$target" ] || { echo "# $file: $target does not exist"; bad=1; }
        done < <(grep -o '](\([^)#]*\)' "$file" | sed 's/^](//; /^http/d; /^$/d')
    done
    return $bad
}

installed() {
    local p f
    "${MAKE:-make}" -s install BUILD="${BUILD:-build}" DESTDIR="$SCRATCH/root" PREFIX=/usr >"$SCRATCH/out" 2>&1 ||
        { sed 's/^/# /' "$SCRATCH/out"; return 1; }
    for p in keys custodian matcher client audit; do
        for f in bin/concord-$p share/man/man1/concord-$p.1; do
            [ -s "$SCRATCH/root/usr/$f" ] || { echo "# $f is not installed"; return 1; }
        done
    done
    [ -s "$SCRATCH/root/usr/share/concord/schema/persons.json" ] && "$SCRATCH/root/usr/bin/concord-client" --version >/dev/null
}

check "every verb and flag has its place in the manual" nothing_missing missing_in_manual
check "every key of the configuration is explained in an example" nothing_missing missing_in_example
for p in custodian matcher; do check "the example for concord-$p is accepted" example_accepted $p run; done
check "the example for concord-client is accepted by every verb" every_client_verb
check "links between the documents lead somewhere" links_lead
check "make install puts programs, manual and schemas into place" installed
