/* What of HTTP is read by our own code: paths against patterns; and log lines made JSON, which quote strangers. */
#include "protocol/base/log_json.h"
#include "protocol/web/path.h"
#include "tests/fuzz/fuzz.h"

#include <jansson.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const patterns[] = {"/", "/*", "/a/*", "/*/b/*", "/*/*/*/*/*", "*"};
    char text[1024], json[LOG_JSON_MAX(sizeof text)];
    struct web_args args;
    const size_t len = size < sizeof text - 1 ? size : sizeof text - 1;
    memcpy(text, data, len);
    text[len] = '\0';
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        if (web_path_fits(patterns[i], text, &args)) {
            FUZZ_HOLDS(args.count <= WEB_ARGS_MAX);
            for (unsigned a = 0; a < args.count; a++)
                FUZZ_HOLDS(args.text[a][0] != '\0' && strchr(args.text[a], '/') == NULL &&
                           strlen(args.text[a]) < WEB_ARG_MAX);
        }
    const size_t made = log_json(json, text, len);
    FUZZ_HOLDS(made <= LOG_JSON_MAX(len));
    json_t *object = json_loadb(json, made, JSON_ALLOW_NUL, NULL);
    FUZZ_HOLDS(json_is_object(object));
    json_decref(object);
    return 0;
}
