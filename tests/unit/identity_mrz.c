/* Machine-readable zones: the specimens of Doc 9303, and every single character of them spoiled. */
#include "client/identity/mrz.h"

#include "client/identity/date.h"
#include "client/identity/document.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

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

/* Each character of the second line that a check digit stands over, replaced: told, and that field is left out. */
static void a_wrong_check_digit_costs_its_field(void **state)
{
    (void)state;
    char text[sizeof td3];
    struct mrz m;
    const char *reason;
    unsigned told = 0;
    for (size_t at = 45; at < sizeof td3 - 1; at++) {
        memcpy(text, td3, sizeof text);
        text[at] = text[at] == '7' ? '8' : '7';
        bool unchecked = (at >= 45 + 10 && at < 45 + 13) || at == 45 + 20; /* nationality, sex */
        if (!mrz_parse(&m, text, &reason))
            fail_msg("%s: %s", text, reason);
        assert_true((reason == NULL) == unchecked);
        told += reason != NULL;
        assert_string_equal(m.family, "ERIKSSON");
        if (at < 45 + 10)
            assert_string_equal(m.number, "");
        else
            assert_string_equal(m.number, "L898902C3");
        assert_int_equal(m.birth.year, at >= 45 + 13 && at < 45 + 20 ? 0 : 1974);
    }
    assert_int_equal(told, 40);
    memcpy(text, td3, sizeof text);
    text[45] = 'K';
    assert_true(mrz_parse(&m, text, &reason));
    assert_string_equal(reason, "the check digit of the document number is wrong");
}

/* A zone of TD3 with these fields and right check digits. */
static void zone_of(char out[400], const char *number, const char *birth, const char *expiry, const char *optional)
{
    char line[64], all[256];
    snprintf(line, sizeof line, "%-9s", number);
    for (char *c = line; *c != '\0'; c++)
        *c = *c == ' ' ? '<' : *c;
    char a = mrz_check_digit(line, 9), b = mrz_check_digit(birth, 6), e = mrz_check_digit(expiry, 6);
    char padded[15];
    snprintf(padded, sizeof padded, "%-14s", optional);
    for (char *c = padded; *c != '\0'; c++)
        *c = *c == ' ' ? '<' : *c;
    char o = mrz_check_digit(padded, 14);
    snprintf(all, sizeof all, "%s%c%s%c%s%c%s%c", line, a, birth, b, expiry, e, padded, o);
    snprintf(out, 400, "P<THAJAIDEE<<SOMCHAI<<<<<<<<<<<<<<<<<<<<<<<<%s%cTHA%s%cM%s%c%s%c%c", line, a, birth, b, expiry,
             e, padded, o, mrz_check_digit(all, strlen(all)));
}

static void a_day_that_is_none_is_partial(void **state)
{
    (void)state;
    char text[400];
    struct mrz m;
    const char *reason;
    zone_of(text, "AA1234567", "860231", "350101", "");
    assert_true(mrz_parse(&m, text, &reason));
    assert_string_equal(reason, "its date of birth is no date");
    assert_string_equal(m.number, "AA1234567");
    assert_int_equal(m.birth.year, 1986);
    assert_int_equal(m.birth.month, 2);
    assert_int_equal(m.birth.day, 0);
    zone_of(text, "AA1234567", "861331", "350101", "");
    assert_true(mrz_parse(&m, text, &reason));
    assert_non_null(reason);
    assert_int_equal(m.birth.year, 1986);
    assert_int_equal(m.birth.month, 0);
    zone_of(text, "AA1234567", "8<0101", "350101", "");
    assert_true(mrz_parse(&m, text, &reason));
    assert_non_null(reason);
    assert_int_equal(m.birth.year, 0);
    assert_string_equal(m.number, "AA1234567");
    zone_of(text, "AA1234567", "86<<<<", "350101", "");
    assert_true(mrz_parse(&m, text, &reason));
    assert_null(reason);
    assert_int_equal(m.birth.year, 1986);
}

/* A birth is never to come; where a holder may be very old or new-born, both centuries stand. */
static void centuries(void **state)
{
    (void)state;
    char text[400], birth[16], expiry[16];
    struct mrz m;
    const char *reason;
    struct person_date now, later;
    date_from_days(&now, (int32_t)(time(NULL) / 86400));
    date_from_days(&later, (int32_t)(time(NULL) / 86400) + 400);
    snprintf(expiry, sizeof expiry, "%02u0101", (now.year + 9) % 100);
    snprintf(birth, sizeof birth, "%02u%02u%02u", later.year % 100, later.month, 15u);
    zone_of(text, "AA1234567", birth, expiry, "");
    assert_true(mrz_parse(&m, text, &reason));
    assert_null(reason);
    assert_int_equal(m.birth.year, later.year - 100);
    assert_int_equal(m.birth_other.year, 0);
    snprintf(birth, sizeof birth, "%02u0115", (now.year - 1) % 100);
    snprintf(expiry, sizeof expiry, "%02u0101", (now.year + 3) % 100);
    zone_of(text, "AA1234567", birth, expiry, "");
    assert_true(mrz_parse(&m, text, &reason));
    assert_int_equal(m.birth.year, now.year - 1);
    assert_int_equal(m.birth_other.year, now.year - 101);
    zone_of(text, "AA1234567", "740812", "120415", "");
    assert_true(mrz_parse(&m, text, &reason));
    assert_int_equal(m.birth.year, 1974);
    assert_int_equal(m.birth_other.year, 0);
}

/* The number of the card stands whole in the optional data; of the person, behind it. */
static void optional_data(void **state)
{
    (void)state;
    struct mrz m;
    const char *reason;
    char text[400], all[256], line2[31] = "8703041M3501017VNM<<<<<<<<<<<?";
    const char *line1 = "IDVNM0930470641001093047064<<2";
    line2[6] = mrz_check_digit("870304", 6);
    line2[14] = mrz_check_digit("350101", 6);
    snprintf(all, sizeof all, "%.25s%.7s%.7s%.11s", line1 + 5, line2, line2 + 8, line2 + 18);
    line2[29] = mrz_check_digit(all, strlen(all));
    snprintf(text, sizeof text, "%s\n%s\nNGUYEN<<VAN<HUNG<<<<<<<<<<<<<<", line1, line2);
    if (!mrz_parse(&m, text, &reason) || reason != NULL)
        fail_msg("%s", reason);
    assert_string_equal(m.number, "001093047064");
    assert_string_equal(m.personal, "");
    zone_of(text, "AA1234567", "870304", "350101", "1101700203451");
    assert_true(mrz_parse(&m, text, &reason));
    assert_null(reason);
    assert_string_equal(m.number, "AA1234567");
    assert_string_equal(m.personal, "1101700203451");
}

/* The check digit of a number that runs on stands over the filler in its middle, or not. */
static void both_check_digits_of_long_numbers(void **state)
{
    (void)state;
    struct mrz m;
    const char *reason;
    for (int with = 0; with < 2; with++) {
        char text[400], all[256], line1[31] = "I<UTOD23145890<734?<<<<<<<<<<<",
                                  line2[31] = "3407127M9507122UTO<<<<<<<<<<<?";
        line1[18] = with ? mrz_check_digit("D23145890<734", 13) : mrz_check_digit("D23145890734", 12);
        snprintf(all, sizeof all, "%.25s%.7s%.7s%.11s", line1 + 5, line2, line2 + 8, line2 + 18);
        line2[29] = mrz_check_digit(all, strlen(all));
        snprintf(text, sizeof text, "%s%sSTEVENSON<<PETER<JOHN<<<<<<<<<", line1, line2);
        if (!mrz_parse(&m, text, &reason) || reason != NULL)
            fail_msg("%s: %s", text, reason);
        assert_string_equal(m.number, "D23145890734");
    }
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
        cmocka_unit_test(specimens_are_read),
        cmocka_unit_test(long_numbers_run_on),
        cmocka_unit_test(lines_may_be_parted_anyhow),
        cmocka_unit_test(incomplete_births_are_partial),
        cmocka_unit_test(a_wrong_check_digit_costs_its_field),
        cmocka_unit_test(what_is_no_zone),
        cmocka_unit_test(a_day_that_is_none_is_partial),
        cmocka_unit_test(centuries),
        cmocka_unit_test(optional_data),
        cmocka_unit_test(both_check_digits_of_long_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
