/* Dates of birth: ways of writing, calendars. ICU's calendars are the judges of our arithmetic. */
#include "client/identity/date.h"
#include "client/identity/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unicode/ucal.h>

#include <cmocka.h>

static void reads(const char *text, enum calendar calendar, unsigned year, unsigned month, unsigned day)
{
    struct person_date d;
    if (!date_parse(&d, text, calendar))
        fail_msg("%s is not read", text);
    if (d.year != year || d.month != month || d.day != day)
        fail_msg("%s is read as %u-%u-%u", text, d.year, d.month, d.day);
}

static void ways_of_writing(void **state)
{
    (void)state;
    reads("1984-01-02", CALENDAR_GREGORIAN, 1984, 1, 2);
    reads("19840102", CALENDAR_GREGORIAN, 1984, 1, 2);
    reads("1984-01", CALENDAR_GREGORIAN, 1984, 1, 0);
    reads("1984", CALENDAR_GREGORIAN, 1984, 0, 0);
    reads("1984/1/2", CALENDAR_GREGORIAN, 1984, 1, 2);
    reads("02.01.1984", CALENDAR_GREGORIAN, 1984, 1, 2);
    reads("2/1/1984", CALENDAR_GREGORIAN, 1984, 1, 2);
    reads("12/25/1984", CALENDAR_GREGORIAN, 1984, 12, 25);
    reads("01/1984", CALENDAR_GREGORIAN, 1984, 1, 0);
    reads("1984-00-00", CALENDAR_GREGORIAN, 1984, 0, 0);
    reads("1984-XX-XX", CALENDAR_GREGORIAN, 1984, 0, 0);
    reads("XX/05/1984", CALENDAR_GREGORIAN, 1984, 5, 0);
    reads("19840000", CALENDAR_GREGORIAN, 1984, 0, 0);
    reads("2000-02-29", CALENDAR_GREGORIAN, 2000, 2, 29);
    reads("๑๙๘๔-๐๑-๐๒", CALENDAR_GREGORIAN, 1984, 1, 2);
    reads("১৯৮৪-০১-০২", CALENDAR_GREGORIAN, 1984, 1, 2);
    reads("2540-02-28", CALENDAR_GREGORIAN, 1997, 2, 28); /* plainly of the Buddhist era */
}

/* One day as the region writes it: by the names of months, eras, spreadsheets. */
static void dates_in_words(void **state)
{
    (void)state;
    static const char *const same[] = {"03 MAR 1987",
                                       "3-Mar-1987",
                                       "3.mar.1987",
                                       "March 3, 1987",
                                       "3rd of March 1987",
                                       "Mar 3 1987",
                                       "3 Maret 1987",
                                       "3 Mac 1987",
                                       "3 de março de 1987",
                                       "3 Marso 1987",
                                       "3 marzo 1987",
                                       "ngày 3 tháng 3 năm 1987",
                                       "3 tháng ba 1987",
                                       "3 มีนาคม 2530",
                                       "3 มี.ค. 2530",
                                       "3 มี.ค. 30",
                                       "วันที่ 3 เดือน มีนาคม พ.ศ. 2530",
                                       "๓ มีนาคม ๒๕๓๐",
                                       "3 ມີນາ 1987",
                                       "៣ មីនា ១៩៨៧",
                                       "၁၉၈၇ ခုနှစ် မတ်လ ၃ ရက်",
                                       "३ मार्च १९८७",
                                       "৩ মার্চ ১৯৮৭",
                                       "3 மார்ச் 1987",
                                       "1987 මාර්තු 3",
                                       "۳ مارچ ۱۹۸۷",
                                       "٣ مارس ١٩٨٧",
                                       "3 آذار 1987",
                                       "۱۲ اسفند ۱۳۶۵",
                                       "۱۲ حوت ۱۳۶۵",
                                       "12 Esfand 1365",
                                       "१९ फागुन २०४३",
                                       "19 Falgun 2043",
                                       "1987年3月3日",
                                       "1987년 3월 3일",
                                       "民國76年3月3日",
                                       "民国七十六年三月三日",
                                       "昭和62年3月3日",
                                       "S62.3.3",
                                       "一九八七年三月三日",
                                       "3 марта 1987 г.",
                                       "1987 оны 3-р сарын 3",
                                       "1987-03-03 00:00:00",
                                       "1987-03-03T00:00:00Z",
                                       "3/3/1987 0:00",
                                       "31839",
                                       "03031987",
                                       "3031987",
                                       "0760303",
                                       "3-Mar-87"};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        reads(same[i], CALENDAR_GREGORIAN, 1987, 3, 3);
}

static void dates_of_other_days_in_words(void **state)
{
    (void)state;
    reads("6 มิถุนายน 2554", CALENDAR_GREGORIAN, 2011, 6, 6);
    reads("0760304", CALENDAR_MINGUO, 1987, 3, 4);
    reads("760304", CALENDAR_MINGUO, 1987, 3, 4);
    reads("1040304", CALENDAR_MINGUO, 2015, 3, 4);
    reads("3 MAR 2530", CALENDAR_BUDDHIST, 1987, 3, 3);
    reads("平成元年1月8日", CALENDAR_GREGORIAN, 1989, 1, 8);
    reads("令和2年5月1日", CALENDAR_GREGORIAN, 2020, 5, 1);
    reads("Mar 1987", CALENDAR_GREGORIAN, 1987, 3, 0);
    reads("มีนาคม 2530", CALENDAR_GREGORIAN, 1987, 3, 0);
    reads("XX MAR 1987", CALENDAR_GREGORIAN, 1987, 3, 0);
    reads("3 رجب 1407", CALENDAR_GREGORIAN, 1987, 3, 4);
    reads("12 Mar 12", CALENDAR_GREGORIAN, 2012, 3, 12);
    reads("Sat, 15 Aug 1987", CALENDAR_GREGORIAN, 1987, 8, 15);
    reads("Sabtu, 15 Agustus 1987", CALENDAR_GREGORIAN, 1987, 8, 15);
    reads("วันเสาร์ที่ 15 สิงหาคม 2530", CALENDAR_GREGORIAN, 1987, 8, 15);
    reads("20 Zul-Hijja 1407", CALENDAR_GREGORIAN, 1987, 8, 16);
}

static void what_is_no_date(void **state)
{
    (void)state;
    static const char *const none[] = {"",
                                       "1990-02-31",
                                       "1990-13-01",
                                       "31/04/1990",
                                       "1849",
                                       "2151",
                                       "840102",
                                       "84-1-2-3",
                                       "1984-01-02-03",
                                       "1984-01-02x",
                                       "today",
                                       "3 Marx 1987",
                                       "31 FEB 1987",
                                       "MAR 12",
                                       "3 Mar Apr 1987",
                                       "3 4 Mar 1987",
                                       "民國76年13月4日",
                                       "ฟหก 2530",
                                       "1984-1-33",
                                       "99999999999999999999",
                                       "12"};
    struct person_date d;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (date_parse(&d, none[i], CALENDAR_GREGORIAN))
            fail_msg("\"%s\" is read as %u-%u-%u", none[i], d.year, d.month, d.day);
}

static void the_first_day_of_a_year_is_doubted(void **state)
{
    (void)state;
    struct person_date d;
    assert_true(date_parse(&d, "1984-01-01", CALENDAR_GREGORIAN) && d.assumed);
    assert_true(date_parse(&d, "1984-01-02", CALENDAR_GREGORIAN) && !d.assumed);
    assert_true(date_parse(&d, "1370-01-01", CALENDAR_PERSIAN) && d.assumed && d.month == 3);
}

static void other_calendars(void **state)
{
    (void)state;
    reads("2540-02-28", CALENDAR_BUDDHIST, 1997, 2, 28);
    reads("29/02/2543", CALENDAR_BUDDHIST, 2000, 2, 29);
    reads("86-10-31", CALENDAR_MINGUO, 1997, 10, 31);
    reads("086-10-31", CALENDAR_MINGUO, 1997, 10, 31);
    reads("1375-08-09", CALENDAR_PERSIAN, 1996, 10, 30);
    reads("1399-12-30", CALENDAR_PERSIAN, 2021, 3, 20);
    reads("1410-09-01", CALENDAR_HIJRI, 1990, 3, 28);
    reads("1375", CALENDAR_PERSIAN, 1996, 0, 0);
    reads("1375-08", CALENDAR_PERSIAN, 1996, 11, 0);
    reads("2047-01-01", CALENDAR_BIKRAM_SAMBAT, 1990, 4, 14);
    reads("2000-01-01", CALENDAR_BIKRAM_SAMBAT, 1943, 4, 14);
    reads("2057-01-01", CALENDAR_BIKRAM_SAMBAT, 2000, 4, 13);
    reads("2080-01-01", CALENDAR_BIKRAM_SAMBAT, 2023, 4, 14);
    reads("2081-01-01", CALENDAR_BIKRAM_SAMBAT, 2024, 4, 13);
    reads("2082-01-01", CALENDAR_BIKRAM_SAMBAT, 2025, 4, 14);
    reads("2073-12-15", CALENDAR_BIKRAM_SAMBAT, 2017, 3, 28);
    reads("2090-05-05", CALENDAR_BIKRAM_SAMBAT, 2033, 0, 0); /* its months are not known yet */
    struct person_date d;
    assert_false(date_parse(&d, "1375-12-30", CALENDAR_GREGORIAN));
    assert_false(date_parse(&d, "1400-12-30", CALENDAR_PERSIAN)); /* no leap year */
    assert_false(date_parse(&d, "1984-01-02", CALENDAR_BUDDHIST));
    assert_false(date_parse(&d, "2047-01-32", CALENDAR_BIKRAM_SAMBAT));
}

/* Every day of two centuries: ICU's date in its calendar reads back as that day. */
static void agree_with_icu(const char *locale, enum calendar calendar, double from, int days)
{
    UErrorCode code = U_ZERO_ERROR;
    UChar zone[8];
    u_charsToUChars("Etc/GMT", zone, 8);
    UCalendar *icu = ucal_open(zone, 7, locale, UCAL_TRADITIONAL, &code);
    assert_true(U_SUCCESS(code));
    for (int i = 0; i < days; i++) {
        char text[32];
        struct person_date d;
        ucal_setMillis(icu, (from + i) * 86400000.0, &code);
        snprintf(text, sizeof text, "%04d-%02d-%02d", ucal_get(icu, UCAL_YEAR, &code),
                 ucal_get(icu, UCAL_MONTH, &code) + 1, ucal_get(icu, UCAL_DATE, &code));
        assert_true(U_SUCCESS(code));
        if (!date_parse(&d, text, calendar))
            fail_msg("%s of %s is no date to us", text, locale);
        if (date_to_days(d.year, d.month, d.day) != (int32_t)from + i)
            fail_msg("%s of %s is read as %u-%u-%u", text, locale, d.year, d.month, d.day);
    }
    ucal_close(icu);
}

static void icu_agrees(void **state)
{
    (void)state;
    agree_with_icu("en@calendar=gregorian", CALENDAR_GREGORIAN, -36500, 73000);
    agree_with_icu("en@calendar=buddhist", CALENDAR_BUDDHIST, -36500, 73000);
    agree_with_icu("en@calendar=islamic-civil", CALENDAR_HIJRI, -36500, 73000);
    agree_with_icu("en@calendar=persian", CALENDAR_PERSIAN, -36500, 73000);
    agree_with_icu("en@calendar=roc", CALENDAR_MINGUO, -20000, 50000);
}

/* Years of 365 or 366 days, each beginning in the middle of April. */
static void years_of_nepal_are_whole(void **state)
{
    (void)state;
    uint8_t days[12];
    int32_t begins, expected = 0;
    for (unsigned year = BIKRAM_SAMBAT_FIRST; year <= BIKRAM_SAMBAT_LAST; year++) {
        struct person_date d;
        int32_t sum = 0;
        assert_true(rules_bikram_sambat(year, days, &begins));
        assert_true(year == BIKRAM_SAMBAT_FIRST || begins == expected);
        for (int m = 0; m < 12; m++) {
            assert_in_range(days[m], 29, 32);
            sum += days[m];
        }
        assert_in_range(sum, 365, 366);
        date_from_days(&d, begins);
        assert_true(d.year == year - 57 && d.month == 4 && (d.day == 13 || d.day == 14));
        expected = begins + sum;
    }
    assert_false(rules_bikram_sambat(BIKRAM_SAMBAT_FIRST - 1, days, &begins));
    assert_false(rules_bikram_sambat(BIKRAM_SAMBAT_LAST + 1, days, &begins));
}

static void calendars_have_names(void **state)
{
    (void)state;
    enum calendar calendar;
    assert_true(calendar_named(&calendar, "") && calendar == CALENDAR_GREGORIAN);
    assert_true(calendar_named(&calendar, "Buddhist") && calendar == CALENDAR_BUDDHIST);
    assert_true(calendar_named(&calendar, "nepali") && calendar == CALENDAR_BIKRAM_SAMBAT);
    assert_false(calendar_named(&calendar, "julian"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ways_of_writing),
        cmocka_unit_test(dates_in_words),
        cmocka_unit_test(dates_of_other_days_in_words),
        cmocka_unit_test(what_is_no_date),
        cmocka_unit_test(the_first_day_of_a_year_is_doubted),
        cmocka_unit_test(other_calendars),
        cmocka_unit_test(icu_agrees),
        cmocka_unit_test(years_of_nepal_are_whole),
        cmocka_unit_test(calendars_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
