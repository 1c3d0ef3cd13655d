#!/bin/bash
# The checks of `make lint` that look at the tree as a whole; clang-tidy, file by file, is in the Makefile.
# Arguments: the flags of the compiler. Ends with 1 if anything was found.
set -u
cd "$(dirname "$0")/.." || exit 1
BUILD=${BUILD:-build}
failed=0

mapfile -t files < <(git ls-files '*.c' '*.h' | grep -v '^tests/generator/names/')

# Suppressed, each for a reason:
#   normalCheckLevelMaxBranches and its like are remarks about cppcheck itself.
#   readdir, getpwuid: each directory stream has one thread; the user's name is asked for by a verb, which has one.
#   varFuncNullUB: NULL is a pointer in every C library that this builds with, and gcc checks the sentinel.
#   protocol/group/lanes: without 128-bit integers and vectors, cppcheck reads other widths than the compiler.
#   ctuuninitvar in two files: a tag is filled by replay_state_tag(), a request by its decoder, which it does not follow.
#   rule_files.c, openapi.c: cannot follow an #include within an initialiser.
echo '  CPPCHECK'
mkdir -p "$BUILD/lint/cppcheck"
flags=()
for flag in "$@"; do
    case $flag in -I*|-D*) flags+=("$flag") ;; esac
done
cppcheck -q -j"$(nproc)" --cppcheck-build-dir="$BUILD/lint/cppcheck" --error-exitcode=1 --std=c11 --inline-suppr \
    --enable=warning,performance,portability --library=posix,gnu,sqlite3 \
    --template='{file}:{line}: {severity}: {message} [{id}]' \
    --suppress=readdirCalled --suppress=getpwuidCalled --suppress=varFuncNullUB \
    --suppress=ctuuninitvar:protocol/audit/replay/replay_couple.c --suppress=ctuuninitvar:protocol/wire/evaluate.c \
    --suppress='*:protocol/group/lanes/*' --suppress='internalAstError:client/identity/rule_files.c' \
    --suppress='internalAstError:client/border/openapi.c' \
    -I. -D_GNU_SOURCE -D__x86_64__ --include=tests/cppcheck.h \
    protocol keys client matcher || failed=1

echo '  FORMAT'
clang-format --dry-run -Werror "${files[@]}" || failed=1

# clang-format breaks code, but leaves comments as they are.
echo '  COLUMNS'
wide=$(LC_ALL=C.UTF-8 grep -nE '^.{121,}' "${files[@]}" | grep -E '^[^:]+:[0-9]+: *\*|/\*' | cut -c1-160)
if [ -n "$wide" ]; then
    printf '%s\n' "$wide" 'comments of more than 120 columns' >&2
    failed=1
fi
exit $failed
