#!/bin/bash
# The attacks of tests/attacks on registers of ATTACK_PEOPLE people (2,000): docs/attacks.md.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
scratch=$(mktemp -d /tmp/concord-attacks-XXXXXX) || exit 1
trap 'rm -rf "$scratch"' EXIT
"$BUILD/bin/concord-generate" --agencies THA,XAA,XBB --overlap 30 --records "${ATTACK_PEOPLE:-2000}" --out "$scratch" || exit 1
CMOCKA_MESSAGE_OUTPUT=TAP "$BUILD/tests/attacks" "$scratch"
