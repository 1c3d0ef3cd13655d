/* The INI files of all programs. */
#include "protocol/base/file.h"
#include "protocol/base/settings.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char path[64];
    if (path[0] == '\0') {
        snprintf(path, sizeof path, "/dev/shm/concord-fuzz-XXXXXX");
        int fd = mkstemp(path);
        if (fd < 0)
            return 0;
        close(fd);
    }
    char text[SETTINGS_TEXT_MAX] = "", file[SETTINGS_TEXT_MAX] = "";
    uint64_t number = 1, duration = 2;
    bool flag = false, done;
    struct setting_list list = {0};
    const struct setting settings[] = {
        {"text", "S", "Text", SETTING_TEXT, text, "T", ""},    {"path", "S", "Path", SETTING_PATH, file, "P", ""},
        {"number", "S", "Number", SETTING_NUMBER, &number, "N", ""}, {"flag", "S", "Flag", SETTING_SWITCH, &flag, NULL, ""},
        {"for", "S", "For", SETTING_DURATION, &duration, "D", ""},   {"list", "S", "List", SETTING_LIST, &list, "L", ""},
    };
    const struct usage usage = {"fuzz", "", "", NULL, settings, sizeof settings / sizeof settings[0]};
    FILE *f = fopen(path, "wb");
    if (f == NULL)
        return 0;
    fwrite(data, 1, size, f);
    fclose(f);
    char *argv[] = {"fuzz", "--config", path, NULL};
    int operands;
    struct err err;
    if (settings_load(&usage, NULL, NULL, 3, argv, &operands, &done, &err) != 0 && err.text[0] == '\0')
        abort(); /* a failure without a reason */
    setting_list_free(&list);
    unlink(path);
    return 0;
}
