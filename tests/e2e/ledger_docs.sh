#!/bin/bash
# The commands of docs/ledger.md, run as they stand there on the example: each says what the document says it does.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch

for tool in openssl jq xxd base64 sha256sum; do
    command -v $tool >/dev/null || missing="${missing:-}$tool "
done
if [ -n "${missing:-}" ]; then
    echo "ok - the documented commands # SKIP not installed: $missing"
    echo "# note: the commands of docs/ledger.md were not tried: ${missing}is not installed"
    exit 0
fi

# Block N of shell goes to N.sh, the text behind it, if any, to N.expected; the last line of each marks its end.
awk -v dir="$SCRATCH" '
    /^```sh$/ { n++; out = sprintf("%s/%d.sh", dir, n); printf "" >(dir "/" n ".expected"); next }
    /^```text$/ { out = sprintf("%s/%d.expected", dir, n); next }
    /^```/ { out = ""; next }
    out != "" { print >out }
    END { print n >(dir "/blocks") }' docs/ledger.md
blocks=$(cat "$SCRATCH/blocks")
cp -r docs/ledger-example "$SCRATCH/example"
for ((i = 1; i <= blocks; i++)); do echo "{ . ../$i.sh; } >../$i.said 2>&1"; done >"$SCRATCH/all.sh"
(cd "$SCRATCH/example" && bash ../all.sh)
check "the document has blocks of commands" test "$blocks" -ge 8
for ((i = 1; i <= blocks; i++)); do
    check "block $i of docs/ledger.md: $(tail -n 1 "$SCRATCH/$i.sh")" diff "$SCRATCH/$i.expected" "$SCRATCH/$i.said"
done
[ "${1:-}" != keep ] || cp "$SCRATCH"/*.said /tmp/
