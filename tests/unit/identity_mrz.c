/* Machine-readable zones: the specimens of Doc 9303, and every single character of them spoiled. */
#include "client/identity/mrz.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Doc 9303 part 4 appendix B, part 5 appendix B, part 6 appendix B, part 7 appendices. */
static const char td3[] = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
static const char td1[] =
    "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";
static const char td2[] = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6";
static const char mrv_a[] =
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<";
static const char mrv_b[] = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL8988901C4XXX4009078F9612109<<<<<<<<";

static void specimen(const char *text, enum mrz_format format, const char *type, const char *number, unsigned year,
                     unsigned month, unsigned day)
{
    struct mrz m;
    const char *reason = "none";
    if (!mrz_parse(&m, text, &reason))
        fail_msg("%s: %s", text, reason);
    assert_int_equal(m.format, format);
    assert_string_equal(m.type, type);
    assert_string_equal(m.issuer, "UTO");
    assert_string_equal(m.number, number);
    assert_string_equal(m.family, "ERIKSSON");
    assert_string_equal(m.given, "ANNA MARIA");
    assert_int_equal(m.sex, 'F');
    assert_int_equal(m.birth.year, year);
    assert_int_equal(m.birth.month, month);
    assert_int_equal(m.birth.day, day);
}

static void specimens_are_read(void **state)
{
    (void)state;
    specimen(td3, MRZ_TD3, "P", "L898902C3", 1974, 8, 12);
    specimen(td1, MRZ_TD1, "I", "D23145890", 1974, 8, 12);
    specimen(td2, MRZ_TD2, "I", "D23145890", 1974, 8, 12);
    specimen(mrv_a, MRZ_MRV_A, "V", "L8988901C", 1940, 9, 7);
    specimen(mrv_b, MRZ_MRV_B, "V", "L8988901C", 1940, 9, 7);
    struct mrz m;
    const char *reason;
    assert_true(mrz_parse(&m, mrv_a, &reason));
    assert_string_equal(m.nationality, "XXX");
}

/* A number of more than nine characters runs on into the optional data: Doc 9303 part 5, note j. */
static void long_numbers_run_on(void **state)
{
    (void)state;
    struct mrz m;
    const char *reason;
    assert_true(mrz_parse(
        &m, "I<UTOD23145890<7349<<<<<<<<<<<3407127M9507122UTO<<<<<<<<<<<2STEVENSON<<PETER<JOHN<<<<<<<<<", &reason));
    assert_string_equal(m.number, "D23145890734");
    assert_string_equal(m.family, "STEVENSON");
    assert_int_equal(m.birth.year, 1934);
    assert_int_equal(m.sex, 'M');
}

static void lines_may_be_parted_anyhow(void **state)
{
    (void)state;
    char text[256];
    size_t n = 0;
    struct mrz m;
    const char *reason;
    for (const char *c = td3; *c != '\0'; c++) {
        text[n++] = (char)tolower((unsigned char)*c);
        if (c - td3 == 20)
            text[n++] = ' ';
    }
    text[n] = '\0';
    assert_true(mrz_parse(&m, text, &reason));
    assert_string_equal(m.given, "ANNA MARIA");
}

static void incomplete_births_are_partial(void **state)
{
    (void)state;
    struct mrz m;
    const char *reason;
    char text[sizeof td3];
    memcpy(text, mrv_b, sizeof mrv_b);
    memcpy(text + 37 + 13, "40<<<<", 6); /* 4 * 7 = 28 */
    text[37 + 19] = '8';
    assert_true(mrz_parse(&m, text, &reason));
    assert_int_equal(m.birth.year, 1940);
    assert_int_equal(m.birth.month, 0);
    assert_int_equal(m.birth.day, 0);
}

/* Each character of the second line that a check digit stands over, replaced by another: rejected with a reason. */
static void a_wrong_check_digit_is_told(void **state)
{
    (void)state;
    char text[sizeof td3];
    struct mrz m;
    const char *reason;
    unsigned refused = 0;
    for (size_t at = 45; at < sizeof td3 - 1; at++) {
        memcpy(text, td3, sizeof text);
        text[at] = text[at] == '7' ? '8' : '7';
        bool unchecked = (at >= 45 + 10 && at < 45 + 13) || at == 45 + 20; /* nationality, sex */
        bool good = mrz_parse(&m, text, &reason);
        if (good != unchecked)
            fail_msg("%s: %s", text, good ? "accepted" : reason);
        if (!good)
            assert_non_null(strstr(reason, "check digit"));
        refused += !good;
    }
    assert_int_equal(refused, 40);
    memcpy(text, td3, sizeof text);
    text[45] = 'K';
    assert_false(mrz_parse(&m, text, &reason));
    assert_string_equal(reason, "the check digit of the document number is wrong");
}

static void what_is_no_zone(void **state)
{
    (void)state;
    struct mrz m;
    const char *reason = NULL;
    char longer[200];
    assert_false(mrz_parse(&m, "", &reason));
    assert_non_null(reason);
    assert_false(mrz_parse(&m, "P<UTOERIKSSON<<ANNA", &reason));
    assert_string_equal(reason, "not of 90, 88 or 72 characters");
    assert_false(mrz_parse(&m, "P<UTOÉRIKSSON", &reason));
    assert_string_equal(reason, "a character that no machine-readable zone has");
    memset(longer, '<', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_false(mrz_parse(&m, longer, &reason));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(specimens_are_read),          cmocka_unit_test(long_numbers_run_on),
        cmocka_unit_test(lines_may_be_parted_anyhow),  cmocka_unit_test(incomplete_births_are_partial),
        cmocka_unit_test(a_wrong_check_digit_is_told), cmocka_unit_test(what_is_no_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
