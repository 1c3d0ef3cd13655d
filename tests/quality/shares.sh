#!/bin/bash
# Prints client/measure/shares.c: how frequent names are among invented people, 20,000 of each country, in the forms of which
# keys are made.
set -u
cd "$(dirname "$0")/../.." || exit 1
BIN=${BUILD:-build}/bin
COUNTRIES=AFG,BGD,CHN,HKG,IDN,IND,JPN,KAZ,KHM,KOR,LAO,LKA,MMR,MNG,MYS,NPL,PAK,PHL,SGP,THA,TWN,UZB,VNM
WORK=$(mktemp -d) || exit 1
trap 'rm -rf "$WORK"' EXIT
"$BIN/concord-generate" --agencies $COUNTRIES --records 30000 --overlap 0 --seed 101 --out "$WORK" >/dev/null || exit 1
python3 - "$WORK/schema.json" <<'END'
import json, sys
schema = json.load(open("client/schema/persons.json"))
evidence, keys = {"birth_date.full": 14}, []
for part in ["name.all.root", "name.all.sound", "name.all.skeleton", "name.all.prefix", "name.all.suffix",
             "name.each.root", "name.each.sound", "name.each.prefix", "name.pair.root", "name.pair.sound"]:
    keys.append({"id": part.replace(".", "-"), "class": "person", "weight": 2, "parts": [part, "birth_date.full"]})
    evidence[part] = 10
schema["keys"], schema["evidence"] = [schema["keys"][0]] + keys, evidence
json.dump(schema, open(sys.argv[1], "w"))
END
args=()
for file in "$WORK"/???.csv; do args+=(--register "$file"); done
"$BIN/concord-client" schema check --json "${args[@]}" "$WORK/schema.json" | python3 -c '
import json, sys
print("#include \"client/measure/shares.h\"\n\nconst struct yield_shares shares_invented[] = {")
for country, parts in sorted(json.load(sys.stdin)[0]["shares"].items()):
    for part, shares in sorted(parts.items()):
        print("    {\"%s\", \"%s\", {%s}}," % (country, part, ", ".join("%.4g" % s for s in shares)))
print("};\n\nconst size_t shares_invented_count = sizeof shares_invented / sizeof shares_invented[0];")'
