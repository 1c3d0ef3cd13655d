# A real browser: Debian's Chromium, driven by its ChromeDriver (W3C WebDriver). Source it behind desk.sh, then:
#
#   browser_start                  a browser, with its session in BROWSER; starting one takes seconds of processor time.
#                                  False: none can be started here
#   scripts on|off, width PIXELS   what it runs, and how wide its pages are
#   go URL                         opens a page;  at  prints its address
#   fill CSS TEXT, press CSS       types into an element; clicks one (the page that comes of it is waited for)
#   sees CSS TEXT                  true when an element of the page holds the text, within some seconds
#   run SCRIPT                     what a script of the test's returns, as JSON
#   picture FILE                   the page as PNG
#   signs_in_as AGENCY NAME        whoever was signed in is forgotten first: all desks of a test are one host to a browser
#   browser_stop

DRIVER_PORT=0
driver_start() {
    [ $DRIVER_PORT = 0 ] || return 0
    DRIVER_PORT=$(next_port)
    chromedriver --port="$DRIVER_PORT" --log-level=SEVERE >"$SCRATCH/driver.log" 2>&1 &
    PID[driver]=$!
    for _ in {1..200}; do
        curl -s -m 5 "http://127.0.0.1:$DRIVER_PORT/status" | grep -q '"ready":true' && return 0
        sleep 0.05
    done
    echo "# the browser's driver did not start: $(tail -1 "$SCRATCH/driver.log")"
    return 1
}

wire() { # METHOD PATH [JSON]: the answer's value
    curl -s -m 60 -X "$1" -H 'Content-Type: application/json' ${3:+--data-binary "$3"} "http://127.0.0.1:$DRIVER_PORT/session$2" | jq -c .value
}

browser_start() {
    driver_start || return 1
    BROWSER=/$(wire POST "" "$(jq -cn --arg dir "--user-data-dir=$SCRATCH/browser" \
        '{capabilities: {alwaysMatch: {"goog:chromeOptions": {args: ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
          "--no-first-run", "--disable-extensions", "--disable-background-networking", "--window-size=1280,900", $dir]}}}}')" |
        jq -r '.sessionId // .message')
    case $BROWSER in
    /*[!0-9a-f]* | /)
        echo "# ${BROWSER:1:200}"
        BROWSER=
        return 1
        ;;
    esac
}
browser_stop() {
    [ -z "${BROWSER:-}" ] || wire DELETE "$BROWSER" >/dev/null
    [ $DRIVER_PORT = 0 ] || { kill "${PID[driver]}" 2>/dev/null; wait "${PID[driver]}" 2>/dev/null; }
    unset "PID[driver]"
}

devtools() { wire POST "$BROWSER/goog/cdp/execute" "{\"cmd\": \"$1\", \"params\": $2}" >/dev/null; } # COMMAND PARAMETERS
scripts() { devtools Emulation.setScriptExecutionDisabled "{\"value\": $([ "$1" = off ] && echo true || echo false)}"; }
width() { devtools Emulation.setDeviceMetricsOverride "{\"width\": $1, \"height\": 900, \"deviceScaleFactor\": 1, \"mobile\": false}"; }

go() { wire POST "$BROWSER/url" "$(jq -cn --arg u "$1" '{url: $u}')" >/dev/null; }
at() { wire GET "$BROWSER/url" | jq -r .; }
element_of() { # CSS: the element, "" where there is none
    wire POST "$BROWSER/element" "$(jq -cn --arg c "$1" '{using: "css selector", value: $c}')" | jq -r '.["element-6066-11e4-a52e-4f735466cecf"] // ""'
}
fill() { # CSS TEXT
    local element
    element=$(element_of "$1")
    [ -n "$element" ] || { echo "# no $1 on $(at)"; return 1; }
    wire POST "$BROWSER/element/$element/value" "$(jq -cn --arg t "$2" '{text: $t}')" | grep -qx null
}
press() { # CSS
    local element
    element=$(element_of "$1")
    [ -n "$element" ] || { echo "# no $1 on $(at)"; return 1; }
    wire POST "$BROWSER/element/$element/click" '{}' | grep -qx null
}
run() { wire POST "$BROWSER/execute/sync" "$(jq -cn --arg s "$1" '{script: $s, args: []}')"; }
text_of() { # CSS: of all that fit
    local script
    script="return [...document.querySelectorAll($(jq -cn --arg c "$1" '$c'))].map(e => e.innerText).join('\\n')"
    run "$script" | jq -r .
}
sees() { # CSS TEXT
    local i
    for i in {1..150}; do
        [[ $(text_of "$1") == *"$2"* ]] && return 0
        sleep 0.1
    done
    echo "# not \"$2\" in $1 of $(at): $(text_of "$1" | head -5)"
    return 1
}
sees_after_reload() { # CSS TEXT
    local i
    for i in {1..100}; do
        wire POST "$BROWSER/refresh" '{}' >/dev/null
        [[ $(text_of "$1") == *"$2"* ]] && return 0
        sleep 0.1
    done
    echo "# not \"$2\" in $1 of $(at): $(text_of "$1" | head -5)"
    return 1
}
picture() { wire GET "$BROWSER/screenshot" | jq -r . | base64 -d >"$1"; }

signs_in_as() {
    wire DELETE "$BROWSER/cookie" >/dev/null
    go "${DESK[$1]}/login" && fill '#name' "$2" && fill '#password' "$DESK_PASSWORD" && press 'form button' && sees header.top "$2"
}

# --- accessibility ---

# axe-core, from the npm registry, kept in the build; it is run in the page, which allows no foreign script, by the driver.
AXE_VERSION=4.14.1
AXE_SHA512=FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==
axe_fetch() { # into $AXE; false: it cannot be had
    AXE=$BUILD/axe-$AXE_VERSION.js
    [ -s "$AXE" ] && return 0
    curl -sf -m 60 -o "$SCRATCH/axe.tgz" "https://registry.npmjs.org/axe-core/-/axe-core-$AXE_VERSION.tgz" &&
        [ "$(openssl dgst -sha512 -binary "$SCRATCH/axe.tgz" | base64 -w 0)" = "$AXE_SHA512" ] &&
        tar -xzOf "$SCRATCH/axe.tgz" package/axe.min.js >"$SCRATCH/axe.js" && mv "$SCRATCH/axe.js" "$AXE"
}
accessible() { # of the page that is open: no violation
    local script
    jq -Rs '{script: (. + "; return axe.run({resultTypes: [\"violations\"]}).then(r => r.violations.map(v => v.id + \": \" + v.nodes[0].html))"), args: []}' \
        "$AXE" >"$SCRATCH/axe.json"
    curl -s -m 60 -X POST -H 'Content-Type: application/json' --data-binary "@$SCRATCH/axe.json" \
        "http://127.0.0.1:$DRIVER_PORT/session$BROWSER/execute/sync" | jq -r '.value | if type == "array" then .[] else .message end' >"$SCRATCH/violations"
    [ ! -s "$SCRATCH/violations" ] || { sed "s|^|# $(at): |" "$SCRATCH/violations"; return 1; }
}
fits() { [ "$(run 'return document.documentElement.scrollWidth <= window.innerWidth')" = true ]; } # nothing beside the screen
