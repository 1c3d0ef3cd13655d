#!/bin/bash
# Fuzzes every parser, or those named as arguments, with libFuzzer for FUZZ_SECONDS (60) each; `make fuzz` calls it. Needs
# clang and its runtime (libclang-rt-dev). What it finds is left in build/fuzz/ and reproduced with: build/tests/fuzz/TARGET FILE
# Exit status 1 if anything was found.
set -eu
cd "$(dirname "$0")/.."
command -v clang++ >/dev/null || { echo "make fuzz needs clang: apt-get install clang libclang-rt-14-dev" >&2; exit 1; }
out=build/fuzz
build() {
    make -s -j"$(nproc)" BUILD=$out CC="${FUZZ_CC:-clang}" SANITIZE=fuzzer-no-link,address,undefined CFLAGS='-O1 -g' "$@"
}
archives=("$out"/lib{client,matcher,keys,protocol}.a)
build "${archives[@]}"
[ $# -gt 0 ] || set -- $(basename -s .c tests/fuzz/*.c | grep -vx driver)
found=0
for target; do
    build "$out/obj/tests/fuzz/$target.o"
    clang++ -fsanitize=fuzzer,address,undefined -o "$out/$target" "$out/obj/tests/fuzz/$target.o" "${archives[@]}" $FUZZ_LIBS -pthread
    mkdir -p "$out/corpus-$target"
    [ -d "tests/fuzz/seeds/$target" ] && cp -n tests/fuzz/seeds/"$target"/* "$out/corpus-$target/"
    if "$out/$target" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=1024 -max_len=16384 \
        -artifact_prefix="$out/$target-" -print_final_stats=1 "$out/corpus-$target" >"$out/$target.log" 2>&1; then
        printf '%-12s %s inputs, nothing found\n' "$target" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$target.log")"
    else
        found=1
        printf '%-12s FOUND:\n' "$target"
        grep -E 'does not hold|ERROR|SUMMARY|runtime error|Test unit written' "$out/$target.log" | sed 's/^/    /'
    fi
done
exit $found
