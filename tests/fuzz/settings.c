/* The INI files of all programs. */
#include "protocol/base/settings.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[SETTINGS_TEXT_MAX] = "", file[SETTINGS_TEXT_MAX] = "", path[64];
    uint64_t number = 1, duration = 2;
    bool flag = false, done;
    struct setting_list list = {0};
    const struct setting settings[] = {
        {"text", "S", "Text", SETTING_TEXT, text, "T", ""},
        {"path", "S", "Path", SETTING_PATH, file, "P", ""},
        {"number", "S", "Number", SETTING_NUMBER, &number, "N", ""},
        {"flag", "S", "Flag", SETTING_SWITCH, &flag, NULL, ""},
        {"for", "S", "For", SETTING_DURATION, &duration, "D", ""},
        {"list", "S", "List", SETTING_LIST, &list, "L", ""},
    };
    const struct usage usage = {"fuzz", "", "", NULL, settings, sizeof settings / sizeof settings[0]};
    snprintf(path, sizeof path, "%s", fuzz_file(data, size));
    char *argv[] = {"fuzz", "--config", path, NULL};
    int operands;
    struct err err = {0};
    if (settings_load(&usage, NULL, NULL, 3, argv, &operands, &done, &err) != 0)
        FUZZ_HOLDS(err.text[0] != '\0');
    FUZZ_HOLDS(strlen(text) < sizeof text && list.count <= SETTINGS_LIST_MAX);
    setting_list_free(&list);
    return 0;
}
