#!/bin/bash
# What only whole processes show: a region on loopback, an agency enrols invented rows. Prints numbers on one line.
#
#   region.sh tokens ROWS   tokens a second, from feed to receipt, all daemons on this machine; then the processor time of
#                           client, custodians and matcher for a token, microseconds; bytes of the vault for a token
#   region.sh sync ROWS     one purpose: processor time of a client that begins no judging, for a message of its mailbox, and wall time,
#                           microseconds; what judging all that opened takes for a message, processor time of a side, microseconds
#   region.sh judged ROWS   an agency enrols ROWS against another's ROWS, both with daemons that begin judging each second: seconds of the
#                           enrolment, until all pairs are judged on both sides in times of that, pairs judged
#   region.sh checks ROWS   a border post of an agency asks about strangers, two purposes, its partner holding ROWS: median and 99th percentile of
#                           100 checks a second while the partner enrols as many more, milliseconds; checks a second sustained of 300
#                           without that; seconds until a hit is judged, the median of five
#   region.sh recovery ROWS a client with ROWS records is killed (kill -9) and started: seconds until its border interface answers a check in full,
#                           the median and the longest of nine
#   region.sh inbox ROWS    two agencies hold the same ROWS records, one has synchronised; its desk runs, and an officer turns pages of the inbox while
#                           the vault changes: matches; median and 99th percentile of the time until the first byte of 500 pages, milliseconds
#   region.sh million ROWS  one agency alone: wall and processor seconds, peak megabytes; wall and processor seconds of the same feed
#                           again, one row in a hundred changed; bytes of the vault for a token; the worst error of the time left that it
#                           printed, in parts of what truly was left, between a tenth and nine tenths of each step
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/e2e/lib/region.sh
scratch
WHAT=$1 ROWS=$2

# Runs the command, its output to report and, behind the time when they came, messages; then FILE has wall, user and system
# seconds, peak kilobytes.
measured() { # FILE COMMAND...
    local file=$1 status
    shift
    /usr/bin/env time -f '%e %U %S %M' -o "$file" "$@" 2>&1 >"$SCRATCH/report" |
        while IFS= read -r line; do echo "$EPOCHREALTIME $line"; done >"$SCRATCH/messages"
    status=${PIPESTATUS[0]}
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || fail "$2 said: $(tail -1 "$SCRATCH/messages" | cut -d ' ' -f 2-)"
    sed -i '/^Command exited/d' "$file"
}

# The worst error of "N s left", in parts of what was left until the step was "done in"; half a second is rounding.
foreseen() { # FILE
    tac "$1" | awk '
        { at = $1; sub(/^[^ ]* /, "") }
        match($0, /: done in /) { step = substr($0, 1, RSTART - 1); ended[step] = at; next }
        match($0, /: [0-9]+%, /) && / s left$/ {
            step = substr($0, 1, RSTART - 1); split(substr($0, RSTART + 2), percent, "%"); left = $(NF - 2)
            if (!(step in ended) || percent[1] < 10 || percent[1] > 90) next
            truly = ended[step] - at; error = ((left > truly ? left - truly : truly - left) - 0.5) / truly
            if (error > worst) { worst = error; which = step ": at " percent[1] "% " left " s left, truly " truly }
            seen++
        }
        END { if (seen == 0) exit 1; print "# worst foreseen: " which > "/dev/stderr"; print worst }'
}

tokens_of_report() { grep -o '[0-9]* tokens' "$SCRATCH/report" | awk '{ n += $1 } END { print n }'; }

# Seconds of processor time that daemons have taken.
spent() { # NAME...
    local name
    for name; do cut -d ' ' -f 14,15 "/proc/${PID[$name]}/stat"; done |
        awk -v hz="$(getconf CLK_TCK)" '{ ticks += $1 + $2 } END { print ticks / hz }'
}

[ "$WHAT" = sync ] && PURPOSES=persons
region_create "$SCRATCH/region" THA IDN
quietly "$BIN/concord-generate" --agencies THA,IDN --records "$ROWS" --out "$SCRATCH/feeds"
CONF=$REGION/agency-THA/client.conf VAULT=$REGION/agency-THA/vault.db FEED=$SCRATCH/feeds/THA.csv
region_start
case $WHAT in
checks)
    "$BIN/concord-generate" --agencies IDN,THA,BGD --records "$ROWS" --seed 5 --out "$SCRATCH/more" >"$SCRATCH/messages" 2>&1 || fail "no feeds"
    PORT=$(next_port)
    URL[border]=tcp://127.0.0.1:$PORT
    printf '[Border]\nListen = 127.0.0.1:%s\nPosts = posts\nRate = 100000\n' "$PORT" >>"$CONF"
    TOKEN=$(client THA post bench)
    quietly client THA enrol --quiet "$FEED"
    quietly client IDN enrol --quiet "$SCRATCH/feeds/IDN.csv"
    "$BIN/concord-client" run --config "$CONF" >/dev/null 2>>"$REGION/agency-THA/log" &
    PID[agency-THA]=$!
    until grep -q event=border "$REGION/agency-THA/log"; do sleep 0.1; done
    load() { python3 tests/bench/checks.py "$PORT" "$TOKEN" "$SCRATCH/more/BGD.csv" "$@"; }
    load 20 2 >"$SCRATCH/warm"
    load 300 10 >"$SCRATCH/rate"
    echo "# $(cat "$SCRATCH/rate") at 300 a second" >&2
    client IDN enrol --quiet "$SCRATCH/more/IDN.csv" >"$SCRATCH/report" 2>&1 &
    PID[enrol]=$!
    load 100 15 >"$SCRATCH/beside"
    kill -0 "${PID[enrol]}" 2>/dev/null || echo "# the enrolment ended before the checks" >&2
    echo "# $(cat "$SCRATCH/beside") at 100 beside an enrolment" >&2
    wait "${PID[enrol]}"
    unset "PID[enrol]"
    "$BIN/concord-client" run --config "$REGION/agency-IDN/client.conf" >/dev/null 2>>"$REGION/agency-IDN/log" &
    PID[agency-IDN]=$!
    sleep 2
    python3 - "$PORT" "$TOKEN" "$SCRATCH/feeds/IDN.csv" >"$SCRATCH/judged" <<-'END'
	import csv, http.client, json, sys, time
	port, token, feed = sys.argv[1:]
	fields = ("family_name", "given_names", "sex", "date_of_birth", "nationality", "doc_type", "doc_issuer", "doc_number")
	def call(method, path, body=None):
	    to = http.client.HTTPConnection("127.0.0.1", int(port))
	    to.request(method, path, body, {"Authorization": "Bearer " + token})
	    return json.load(to.getresponse())
	took = []
	for row in csv.DictReader(open(feed, encoding="utf-8")):
	    if not row["doc_number"] or not row["family_name"]:
	        continue
	    began = time.monotonic()
	    check = call("POST", "/v1/check", json.dumps({f: row[f] for f in fields if row[f]}))
	    if check["final"]:
	        continue
	    while not call("GET", "/v1/checks/" + check["ref"])["final"] and time.monotonic() - began < 20:
	        time.sleep(0.02)
	    took.append(time.monotonic() - began)
	    if len(took) == 5:
	        break
	print(sorted(took)[2])
	END
    echo "$(cut -d ' ' -f 1,2 "$SCRATCH/beside") $(cut -d ' ' -f 3 "$SCRATCH/rate") $(cat "$SCRATCH/judged")"
    ;;
recovery)
    PORT=$(next_port)
    URL[border]=tcp://127.0.0.1:$PORT
    printf '[Border]\nListen = 127.0.0.1:%s\nPosts = posts\n' "$PORT" >>"$CONF"
    TOKEN=$(client THA post bench)
    quietly client THA enrol --quiet "$FEED"
    for i in {0..9}; do
        "$BIN/concord-client" run --config "$CONF" >/dev/null 2>>"$REGION/agency-THA/log" &
        PID[agency-THA]=$!
        started=$EPOCHREALTIME
        until curl -s -m 10 -H "Authorization: Bearer $TOKEN" "http://127.0.0.1:$PORT/v1/check" \
            --data '{"doc_type": "PASSPORT", "doc_issuer": "BGD", "doc_number": "XX'$i'", "family_name": "Nobody", "given_names": "Nemo", "date_of_birth": "1990-01-02"}' |
            grep -q '"answer":"[hm]i'; do sleep 0.01; done
        [ "$i" = 0 ] || awk -v s="$started" -v e="$EPOCHREALTIME" 'BEGIN { print e - s }' >>"$SCRATCH/times" # the first made the tables
        kill -9 "${PID[agency-THA]}"
        wait "${PID[agency-THA]}" 2>/dev/null
    done
    unset "PID[agency-THA]"
    sort -n "$SCRATCH/times" | awk '{ t[NR] = $1 } END { print t[int((NR + 1) / 2)], t[NR] }'
    ;;
inbox)
    . tests/e2e/lib/desk.sh
    trap 'desk_end; region_end; rm -rf "$SCRATCH"' EXIT
    for a in THA IDN; do quietly client $a enrol --quiet "$FEED"; done
    for _ in 1 2; do for a in IDN THA; do quietly client $a sync; done; done
    desk_verb THA account add malee --role officer >/dev/null
    desk_start THA --sync-interval 1s
    sign_in THA malee "$DESK_PASSWORD" >/dev/null
    count=$(page THA malee '/?state=' | grep -o 'of <bdi>[0-9]*' | grep -o '[0-9]*$' | head -1)
    python3 - "${DESK[THA]}" "$(jar THA malee)" "$CONF" "$BIN/concord-client" >"$SCRATCH/inbox" <<-'END'
	import http.client, re, sys, time, urllib.parse, subprocess
	base, jar, conf, client = sys.argv[1:]
	cookie = "; ".join("=".join(l.split("\t")[5:7]) for l in open(jar).read().split("\n") if l.count("\t") == 6)
	to = http.client.HTTPConnection(urllib.parse.urlparse(base).netloc)
	path, took = "/", []
	starts = ["/", "/?state=&sort=newest", "/?state=&partner=IDN", "/?sort=newest&partner=IDN"]
	for i in range(500):
	    if i % 50 == 0: # somebody else writes
	        subprocess.run([client, "sync", "--config", conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
	    began = time.monotonic()
	    to.request("GET", path, headers={"Cookie": cookie})
	    reply = to.getresponse() # its head is there
	    took.append((time.monotonic() - began) * 1e3)
	    text = reply.read().decode()
	    assert reply.status == 200 and "<h1>Inbox" in text, (path, reply.status)
	    link = re.search(r'href="(/\?[^"]*after=[^"]*)"', text)
	    path = link.group(1).replace("&amp;", "&") if link and i % 25 else starts[i // 25 % len(starts)]
	took.sort()
	print(took[len(took) // 2], took[len(took) * 99 // 100])
	END
    echo "$count $(cat "$SCRATCH/inbox")"
    ;;
tokens)
    quietly client IDN enrol --quiet "$SCRATCH/feeds/IDN.csv"
    before=("$(spent custodian-{1,2,3})" "$(spent matcher)")
    started=$(date +%s.%N)
    { TIMEFORMAT='%U %S'; time client THA enrol "$FEED" >"$SCRATCH/report" 2>"$SCRATCH/messages"; } 2>"$SCRATCH/time"
    ended=$(date +%s.%N)
    grep -q 'tokens' "$SCRATCH/report" || fail "enrolling said: $(tail -1 "$SCRATCH/messages")"
    awk -v wall="$started $ended" -v client="$(cat "$SCRATCH/time")" -v custodians="${before[0]} $(spent custodian-{1,2,3})" \
        -v matcher="${before[1]} $(spent matcher)" -v bytes="$(du -sb "$VAULT" | cut -f 1)" '
        { for (i = 2; i <= NF; i++) if ($i ~ /^tokens/) tokens += $(i - 1) }
        END {
            split(wall, w, " "); split(client, c, " "); split(custodians, k, " "); split(matcher, m, " ")
            print tokens / (w[2] - w[1]), (c[1] + c[2]) / tokens * 1e6, (k[2] - k[1]) / tokens * 1e6, (m[2] - m[1]) / tokens * 1e6, bytes / tokens
        }' "$SCRATCH/report"
    ;;
sync)
    # Synchronises; says seconds of processor time, of wall time, messages taken in, pairs about which judging was begun.
    synchronise() { # AGENCY
        measured "$SCRATCH/time" "$BIN/concord-client" sync --config "$REGION/agency-$1/client.conf"
        awk -v time="$(cat "$SCRATCH/time")" '/^mail:/ { m = $2 } /^judging: begun/ { b = $4 }
            END { split(time, t, " "); print t[2] + t[3], t[1], m + 0, b + 0 }' "$SCRATCH/report"
    }
    still_judging() { client THA status | awk '/pairs:/ { n += $6 } END { exit n == 0 }'; }
    # With few rows: prekeys are there, and it shows which of the two begins; it is measured what the other takes in.
    for a in IDN THA; do
        head -n 201 "$SCRATCH/feeds/$a.csv" >"$SCRATCH/few.csv"
        quietly client $a enrol --quiet "$SCRATCH/few.csv"
    done
    read -r _ _ _ begun < <(synchronise THA)
    if [ "$begun" -gt 0 ]; then begins=THA takes=IDN; else begins=IDN takes=THA; fi
    for a in IDN THA IDN THA IDN THA; do quietly client $a sync; done
    for a in $begins $takes; do quietly client $a enrol --quiet "$SCRATCH/feeds/$a.csv"; done
    taken=$(synchronise $takes)
    rest=""
    for _ in {1..20}; do
        for a in $begins $takes; do rest+="$(synchronise $a) "; done
        still_judging || break
    done
    still_judging && fail "pairs are not judged after 20 rounds"
    awk -v taken="$taken" -v rest="$rest" 'BEGIN {
        split(taken, t, " "); n = split(rest, r, " ")
        for (i = 1; i < n; i += 4) { s += r[i]; m += r[i + 2] }
        print t[1] / t[3] * 1e6, t[2] / t[3] * 1e6, (s - m * t[1] / t[3]) / (m + t[3]) * 1e6 }'
    ;;
judged)
    judges() { # AGENCY: its daemon
        "$BIN/concord-client" run --config "$REGION/agency-$1/client.conf" --judge-interval 1s 2>>"$REGION/agency-$1/log" &
        PID[run-$1]=$!
    }
    pairs() { # AGENCY: judged, different, waiting
        client "$1" status | awk '/pairs:/ { j += $2; d += $4; w += $6 } END { print j + 0, d + 0, w + 0 }'
    }
    all_judged() {
        local a
        a=$(pairs THA)
        [[ $a == *[1-9]*" "*" 0" ]] && [ "$a" = "$(pairs IDN)" ]
    }
    quietly client IDN enrol --quiet "$SCRATCH/feeds/IDN.csv"
    for a in THA IDN; do quietly client $a sync; done
    judges IDN
    started=$EPOCHREALTIME
    quietly client THA enrol --quiet "$FEED"
    enrolled=$EPOCHREALTIME
    judges THA
    for _ in {1..3000}; do
        all_judged && break
        sleep 0.1
    done
    ended=$EPOCHREALTIME
    all_judged || fail "pairs are not judged: THA $(pairs THA), IDN $(pairs IDN)"
    awk -v s="$started" -v e="$enrolled" -v t="$ended" -v p="$(pairs THA)" 'BEGIN { split(p, n, " "); print e - s, (t - s) / (e - s), n[1] + n[2] }'
    ;;
million)
    measured "$SCRATCH/first" "$BIN/concord-client" enrol --config "$CONF" "$FEED"
    wrong=$(foreseen "$SCRATCH/messages") || fail "enrolling said nothing of the time left"
    tokens=$(tokens_of_report)
    bytes=$(du -sb "$VAULT" | cut -f 1)
    awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "date_of_birth") d = i }
        NR > 1 && NR % 100 == 0 { $d = "1971-02-03" } { print }' "$FEED" >"$SCRATCH/changed.csv"
    measured "$SCRATCH/again" "$BIN/concord-client" enrol --config "$CONF" --quiet "$SCRATCH/changed.csv"
    awk -v first="$(cat "$SCRATCH/first")" -v again="$(cat "$SCRATCH/again")" -v bytes="$bytes" -v tokens="$tokens" \
        -v wrong="$wrong" 'BEGIN {
        split(first, f, " "); split(again, a, " ")
        print f[1], f[2] + f[3], f[4] / 1024, a[1], a[2] + a[3], bytes / tokens, wrong }'
    ;;
esac
