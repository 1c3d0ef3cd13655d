/* The configuration files of all programs. */
#include "protocol/base/settings.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

struct values {
    char text[SETTINGS_TEXT_MAX], file[SETTINGS_TEXT_MAX];
    uint64_t number, duration;
    bool flag;
    struct setting_list list;
};

static const struct setting rows[] = {
    {"text", "S", "Text", SETTING_TEXT, offsetof(struct values, text), "T", ""},
    {"path", "S", "Path", SETTING_PATH, offsetof(struct values, file), "P", ""},
    {"number", "S", "Number", SETTING_NUMBER, offsetof(struct values, number), "N", ""},
    {"flag", "S", "Flag", SETTING_SWITCH, offsetof(struct values, flag), NULL, ""},
    {"for", "S", "For", SETTING_DURATION, offsetof(struct values, duration), "D", ""},
    {"list", "S", "List", SETTING_LIST, offsetof(struct values, list), "L", ""},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct values v = {.number = 1};
    const struct settings table[SETTINGS_TABLES] = {{rows, ARRAY_LEN(rows), &v, 0}};
    char path[64];
    snprintf(path, sizeof path, "%s", fuzz_file(data, size));
    char *argv[] = {"fuzz", "--config", path, NULL};
    int operands;
    enum settings_request request;
    struct err err = {0};
    if (settings_load(table, "", 3, argv, &operands, &request, &err) != 0)
        FUZZ_HOLDS(err.text[0] != '\0');
    FUZZ_HOLDS(strlen(v.text) < sizeof v.text && v.list.count <= SETTINGS_LIST_MAX);
    settings_free(&table[0]);
    return 0;
}
