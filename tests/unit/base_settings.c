/* Settings: file and flags, precedence, and what a mistake is told. */
#include "protocol/base/file.h"
#include "protocol/base/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct values {
    char text[SETTINGS_TEXT_MAX], path[SETTINGS_TEXT_MAX];
    uint64_t number, duration;
    bool on;
    struct setting_list list;
};

static char dir[] = "/tmp/concord-settings-XXXXXX";

#define DAEMON 1u

static const struct setting rows[] = {
    {"text", "Program", "Text", SETTING_TEXT, offsetof(struct values, text), "TEXT", ""},
    {"path", "Program", "Path", SETTING_PATH, offsetof(struct values, path), "FILE", ""},
    {"number", "Program", "Number", SETTING_NUMBER, offsetof(struct values, number), "N", "", .letter = 'n'},
    {"wait", "Program", "Wait", SETTING_DURATION, offsetof(struct values, duration), "TIME", "", DAEMON},
    {"on", "Program", "On", SETTING_SWITCH, offsetof(struct values, on), NULL, ""},
    {"item", "Program", "Item", SETTING_LIST, offsetof(struct values, list), "ITEM", ""},
};

/* As a verb that takes the flags of these bits. */
static int load(struct values *v, unsigned flags, const char *ini, int argc, char **argv, int *operands,
                struct err *err)
{
    char path[64];
    enum settings_request request;
    const struct settings table[SETTINGS_TABLES] = {{rows, ARRAY_LEN(rows), v, flags}};
    snprintf(path, sizeof path, "%s/program.conf", dir);
    assert_int_equal(file_write(path, ini, strlen(ini), 0600, err), 0);
    return settings_load(table, path, argc, argv, operands, &request, err);
}

static void flags_override_the_file(void **state)
{
    (void)state;
    struct values v = {.number = 7};
    struct err err;
    int operands;
    char *argv[] = {"verb", "-n", "3", "one", "--item", "b", "--on", "--", "--two", NULL};
    const char *ini = "[Program]\nText = from file ; comment\nNumber = 2\nWait = 15m\nItem = a\nPath = key\n";
    assert_int_equal(load(&v, DAEMON, ini, 9, argv, &operands, &err), 0);
    assert_string_equal(v.text, "from file");
    assert_int_equal(v.number, 3);
    assert_int_equal(v.duration, 900);
    assert_true(v.on);
    assert_int_equal(v.list.count, 2);
    assert_string_equal(v.list.item[0], "a");
    assert_string_equal(v.list.item[1], "b");
    assert_int_equal(operands, 2);
    assert_string_equal(argv[0], "one");
    assert_string_equal(argv[1], "--two");
    /* A path in a file is relative to that file. */
    char expected[64];
    snprintf(expected, sizeof expected, "%s/key", dir);
    assert_string_equal(v.path, expected);
    setting_list_free(&v.list);
}

static void mistakes_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *ini, *argument, *message;
    } cases[] = {
        {"[Program]\nTxet = a\n", NULL, ":2: unknown key 'Txet' in section [Program]"},
        {"[Program]\n\nNumber = many\n", NULL, ":3: Number: 'many' is not a whole number"},
        {"[Program]\nnonsense\n", NULL, ":2: neither a [Section] nor a 'Key = value'"},
        {"[Program]\nOn = perhaps\n", NULL, ":2: On: 'perhaps' is neither yes nor no"},
        {"[Program]\nText = a\n\n[Program\nNumber = many\n", NULL, ":4: neither a [Section] nor"},
        {"[Program]\nNumber = many\nnonsense\n", NULL, ":2: Number: 'many' is not a whole number"},
        {"[Program]\nText = a\n  Number = 1\n= 3\n", NULL, ":4: neither"},
        {"", "--nubmer=3", "unknown option --nubmer; see --help"},
        {"", "-x", "unknown option -x"},
        {"", "-n", "-n needs an argument"},
        {"", "--number", "--number needs an argument"},
        {"", "--number=-1", "--number: '-1' is not a whole number"},
        {"", "--wait=3w", "'3w' is not a duration"},
        {"", "--number=99999999999999999999", "is not a whole number"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct values v = {0};
        struct err err = {0};
        int operands;
        char argument[64];
        snprintf(argument, sizeof argument, "%s", cases[i].argument != NULL ? cases[i].argument : "x");
        char *argv[] = {"verb", argument, NULL};
        assert_int_equal(load(&v, DAEMON, cases[i].ini, 2, argv, &operands, &err), ERR_USAGE);
        if (strstr(err.text, cases[i].message) == NULL)
            fail_msg("expected '%s' in '%s'", cases[i].message, err.text);
    }
}

/* A line that is too long for its value is named, and so is the one that is wrong behind one that is long. */
static void lines_may_be_long(void **state)
{
    (void)state;
    char ini[3000], value[SETTINGS_TEXT_MAX + 1] = "";
    char *argv[] = {"verb", NULL};
    struct values v = {0};
    struct err err = {0};
    int operands;
    memset(value, 'x', SETTINGS_TEXT_MAX - 1);
    snprintf(ini, sizeof ini, "[Program]\n# %s\nText = %s\n", value, value);
    assert_int_equal(load(&v, 0, ini, 1, argv, &operands, &err), 0);
    assert_string_equal(v.text, value);
    value[SETTINGS_TEXT_MAX - 1] = 'x';
    snprintf(ini, sizeof ini, "[Program]\n# %.900s\nText = %s\n", value, value);
    assert_int_equal(load(&v, 0, ini, 1, argv, &operands, &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "program.conf:3: Text: longer than 1023 bytes"));
    snprintf(ini, sizeof ini, "[Program]\nText = %.1000s\nTxet = a\n", value);
    assert_int_equal(load(&v, 0, ini, 1, argv, &operands, &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "program.conf:3: unknown key 'Txet'"));
}

/* A file may hold what other verbs are about; their flags are refused. */
static void verbs_share_a_file(void **state)
{
    (void)state;
    struct values v = {0};
    struct err err = {0};
    int operands;
    char *argv[] = {"verb", "--wait=1h", NULL};
    const char *ini = "\xef\xbb\xbf[Program]\nWait = 15m\n";
    assert_int_equal(load(&v, DAEMON, ini, 2, argv, &operands, &err), 0);
    assert_int_equal(v.duration, 3600);
    assert_int_equal(load(&v, 0, ini, 1, argv, &operands, &err), 0);
    assert_int_equal(v.duration, 900);
    assert_int_equal(load(&v, 0, ini, 2, argv, &operands, &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "unknown option --wait"));
}

static void durations(void **state)
{
    (void)state;
    uint64_t seconds;
    assert_int_equal(settings_parse_duration("30d", &seconds, ERR_IGNORED), 0);
    assert_int_equal(seconds, 30 * 86400);
    assert_int_equal(settings_parse_duration("300000000000000000d", &seconds, ERR_IGNORED), ERR_USAGE);
    assert_int_equal(settings_parse_duration("", &seconds, ERR_IGNORED), ERR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_override_the_file),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(lines_may_be_long),
        cmocka_unit_test(verbs_share_a_file),
        cmocka_unit_test(durations),
    };
    if (mkdtemp(dir) == NULL)
        return 1;
    int failed = cmocka_run_group_tests_name("base_settings", tests, NULL, NULL);
    char path[64];
    snprintf(path, sizeof path, "%s/program.conf", dir);
    unlink(path);
    rmdir(dir);
    return failed;
}
