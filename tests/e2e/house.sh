#!/bin/bash
# The house is in order: folders include each other as docs/house.md declares, no files call each other in a circle, no
# function is longer than a screen, .clang-format is kept, and what docs/house.md names is there. Each of these is also
# shown a fault in a copy of the house, which it must find.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
TOPS="protocol keys client matcher"
OBJECTS=$(realpath "${BUILD:-build}")/obj
LONGEST=60

# --- what is looked for; each prints what is wrong in the house at ROOT ---

includes() { # ROOT: "FILE HEADER" lines
    (cd "$1" && grep -r --include='*.[ch]' '^#include "' $TOPS) | sed 's/:#include "/ /; s/".*//'
}

order_faults() { # ROOT
    includes "$1" | awk -v house="$1/docs/house.md" '
        function place(file,    f) { # the folder, or the one above it, that has a level
            for (f = file; sub(/\/[^\/]*$/, "", f); )
                if (f in level) return f
            return ""
        }
        BEGIN {
            while ((getline line <house) > 0) {
                if (line ~ /^```/) { inside = line == "```order"; continue }
                if (!inside) continue
                top = line; sub(/:.*/, "", top); sub(/^[^:]*: */, "", line)
                steps = split(line, step, / *< */)
                base = 0
                for (i = 1; i <= steps; i++) {
                    names = split(step[i], name, /, */)
                    for (n = 1; n <= names; n++) {
                        f = name[n] == "." ? top : top "/" name[n]
                        if (f in level) base = level[f] - i
                        level[f] = base + i
                        declared++
                    }
                }
            }
            if (declared == 0) print "docs/house.md declares no order"
        }
        {
            split($1, a, "/"); split($2, b, "/")
            if (b[1] != "protocol" && b[1] != "keys" && b[1] != "client" && b[1] != "matcher") next
            from = place($1); to = place($2)
            if (a[1] != b[1] && b[1] != "protocol") print $1 " includes " $2 ": of another top folder"
            else if ($1 ~ /\/concord-[a-z]*\.c$/) next
            else if (from == "") print $1 " lies in a folder that has no place in docs/house.md"
            else if (to == "") print $2 " lies in a folder that has no place in docs/house.md"
            else if (from != to && a[1] == b[1] && level[to] >= level[from]) print $1 " includes " $2 ": against the order"
        }'
}

circles() { # of "FROM TO" lines
    tsort 2>&1 >/dev/null | sed 's/^tsort: *//; /^-: /s/.*/a circle:/'
}

header_circles() { # ROOT
    includes "$1" | grep '\.h .*\.h$' | circles
}

calls() { # "FILE FILE" lines: the first uses a symbol of the second
    local o
    for top in $TOPS; do
        find "$top" -name '*.c' | while read -r o; do echo "$OBJECTS/${o%.c}.o"; done
    done | xargs nm -A -g | sed "s|^$OBJECTS/||" | awk '
        { sub(/\.o:.*/, "", $1) }
        $2 == "U" || $2 == "w" { used[$1 " " $3] }
        $2 ~ /[TDBRVWC]/ { home[$3] = $1 }
        END {
            for (u in used) {
                split(u, at, " ")
                if (at[2] in home && home[at[2]] != at[1]) print at[1], home[at[2]]
            }
        }'
}

long_functions() { # ROOT
    (cd "$1" && find $TOPS tests -name '*.[ch]' -print0 | xargs -0 awk -v longest=$LONGEST '
        FNR == 1 { began = 0 }
        /^{/ { began = FNR }
        /^}/ && began { if (FNR - began + 1 > longest) print FILENAME ":" began ": " FNR - began + 1 " lines"; began = 0 }')
}

format_faults() { # ROOT
    (cd "$1" && find $TOPS tests -name '*.[ch]' -not -path 'tests/generator/names/*' -print0 |
        xargs -0 -P 2 -n 40 clang-format --dry-run 2>&1 | grep 'warning:' | sed 's/: warning:.*//')
}

missing_paths() { # ROOT: paths on the page, in `backquotes`; a name in brackets behind one is a function of that file
    (cd "$1" && grep -o '`[a-z0-9_-]*/[a-zA-Z0-9_./-]*`\( ([a-z0-9_]*)\)*' docs/house.md | tr -d '`()' | sort -u |
        while read -r path function; do
            [ -e "$path" ] || echo "$path does not exist"
            [ -z "$function" ] || grep -q "\b$function(" "$path" 2>/dev/null || echo "$path has no $function()"
        done)
}

# --- checking ---

none() { # COMMAND: it prints nothing
    "$@" >"$SCRATCH/faults"
    sed 's/^/# /' "$SCRATCH/faults"
    [ ! -s "$SCRATCH/faults" ]
}

finds() { # WHAT COMMAND: it prints a line that has WHAT
    local what=$1
    shift
    "$@" | grep -q -e "$what" || { echo "# it was not found"; return 1; }
}

plant() { # FILE TEXT: at its end, in the copy
    printf '%s\n' "$2" >>"$COPY/$1"
}

call_circles() { calls | circles; }
turned() { # the calls, and one of them turned round
    calls >"$SCRATCH/calls"
    { cat "$SCRATCH/calls"; awk 'NR == 1 { print $2, $1 }' "$SCRATCH/calls"; } | circles
}
many_calls() { [ "$(calls | wc -l)" -gt 300 ]; }

check "folders include each other in the order of docs/house.md" none order_faults .
check "no two headers include each other" none header_circles .
check "the objects show who calls whom" many_calls
check "no files call each other in a circle" none call_circles
check "no function is longer than $LONGEST lines" none long_functions .
check "every file is as clang-format writes it" none format_faults .
check "every path in docs/house.md is there" none missing_paths .

COPY=$SCRATCH/house
mkdir "$COPY"
cp -r $TOPS docs tests .clang-format "$COPY"
plant protocol/base/err.h '#include "protocol/ledger/note.h"'
plant matcher/store/store.h '#include "client/vault/vault.h"'
plant protocol/kv/kv.h '#include "protocol/oprf/oprf.h"'
mkdir "$COPY/client/attic"
plant client/attic/attic.h '#include "protocol/base/err.h"'
plant protocol/base/buf.h '#include "protocol/base/bytes.h"'
plant protocol/base/bytes.h '#include "protocol/base/buf.h"'
plant keys/verbs.h '   int  ill_formed ( void ) ;'
plant protocol/base/log.c "$(echo 'static void endless(void)'; echo '{'; yes '    ;' | head -60; echo '}')"
plant docs/house.md 'Here is `protocol/base/nowhere.c` and `protocol/base/err.c` (err_nothing).'
check "an include against the order would be found" finds "base/err.h .*against the order" order_faults "$COPY"
check "an include of another top folder would be found" finds "store.h .*another top" order_faults "$COPY"
check "an include of a folder above would be found" finds "kv/kv.h .*against the order" order_faults "$COPY"
check "a folder without a place would be found" finds "client/attic" order_faults "$COPY"
check "a circle of headers would be found" finds "a circle" header_circles "$COPY"
check "a circle of files would be found" finds "a circle" turned
check "a long function would be found" finds "base/log.c" long_functions "$COPY"
check "a file that is not formatted would be found" finds "keys/verbs.h" format_faults "$COPY"
check "a path that is not there would be found" finds "nowhere.c does not exist" missing_paths "$COPY"
check "a function that is not there would be found" finds "has no err_nothing" missing_paths "$COPY"
