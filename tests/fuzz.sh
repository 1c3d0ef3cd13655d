#!/bin/bash
# Fuzzes every parser with libFuzzer for FUZZ_SECONDS (60) each. Needs clang and its runtime (libclang-rt-dev). A finding is
# left in build/fuzz/ and is reproduced with: build/tests/fuzz/TARGET FILE
set -eu
cd "$(dirname "$0")/.."
command -v clang >/dev/null || { echo "make fuzz needs clang: apt-get install clang libclang-rt-14-dev" >&2; exit 1; }
out=build/fuzz
make -s BUILD=$out CC=clang SANITIZE=fuzzer-no-link,address,undefined CFLAGS='-O1 -g' \
    $out/libclient.a $out/libmatcher.a $out/libkeys.a $out/libprotocol.a
for source in tests/fuzz/*.c; do
    target=$(basename "$source" .c)
    [ "$target" = replay ] && continue
    make -s BUILD=$out CC=clang SANITIZE=fuzzer-no-link,address,undefined CFLAGS='-O1 -g' "$out/obj/tests/fuzz/$target.o"
    clang++ -fsanitize=fuzzer,address,undefined -o "$out/$target" "$out/obj/tests/fuzz/$target.o" \
        $out/libclient.a $out/libmatcher.a $out/libkeys.a $out/libprotocol.a \
        $(pkg-config --libs libsodium nanomsg msgpack rocksdb sqlite3 icu-uc icu-i18n jansson inih) -lcsv -lm -pthread
    mkdir -p "$out/corpus-$target"
    [ -d "tests/fuzz/seeds/$target" ] && cp -n tests/fuzz/seeds/"$target"/* "$out/corpus-$target/"
    echo "$target"
    "$out/$target" -max_total_time="${FUZZ_SECONDS:-60}" -artifact_prefix="$out/$target-" -print_final_stats=1 \
        "$out/corpus-$target" 2>&1 | grep -E 'stat::number_of_executed|ERROR|SUMMARY' || true
done
