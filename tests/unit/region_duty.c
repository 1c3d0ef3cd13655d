/* Hours of duty: how they are written, and when somebody is there. */
#include "protocol/region/duty.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MONDAY 1795392000u /* 2026-11-23 00:00 UTC */
#define HOUR 3600u
#define DAY (24 * HOUR)

static bool there(const char *hours, uint64_t time)
{
    struct duty_hours h;
    assert_int_equal(duty_hours_parse(&h, hours, ERR_IGNORED), 0);
    return duty_hours_have(&h, time);
}

static void an_office_is_open_in_its_own_time(void **state)
{
    (void)state;
    const char *office = "mon-fri 08:30-16:30 +07:00";
    assert_false(there(office, MONDAY + HOUR));       /* 08:00 there */
    assert_true(there(office, MONDAY + HOUR + 1800)); /* 08:30 */
    assert_true(there(office, MONDAY + 9 * HOUR));    /* 16:00 */
    assert_false(there(office, MONDAY + 9 * HOUR + 1800));
    assert_true(there(office, MONDAY + 4 * DAY + 5 * HOUR));
    assert_false(there(office, MONDAY + 5 * DAY + 5 * HOUR)); /* Saturday */
    assert_true(there("sun-thu 09:00-17:00 +06:00", MONDAY - DAY + 5 * HOUR));
    assert_false(there("sun-thu 09:00-17:00 +06:00", MONDAY + 4 * DAY + 5 * HOUR));
    assert_true(there("mon-mon 20:00-24:00 -03:30", MONDAY + DAY + HOUR)); /* 21:30 of Monday there */
}

static void a_night_belongs_to_the_day_it_begins(void **state)
{
    (void)state;
    const char *night = "fri-sat 22:00-06:00 +00:00";
    assert_false(there(night, MONDAY + 4 * DAY + 5 * HOUR));
    assert_true(there(night, MONDAY + 4 * DAY + 23 * HOUR));
    assert_true(there(night, MONDAY + 6 * DAY + 5 * HOUR)); /* Sunday morning */
    assert_false(there(night, MONDAY + 6 * DAY + 23 * HOUR));
    assert_true(there("always", MONDAY));
}

static void what_is_written_otherwise_is_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        "daily",
                                        "mon-fri",
                                        "mon-fri 08:30-16:30",
                                        "mon-fri 08:30-16:30 +07:0",
                                        "mon-fri 08:30-16:30 +07:000",
                                        "mon-xyz 08:30-16:30 +07:00",
                                        "mon-fri 08:30-16:30 +15:00",
                                        "mon-fri 24:00-16:30 +07:00",
                                        "mon-fri 08:60-16:30 +07:00",
                                        "mon-fri 08:30-08:30 +07:00",
                                        "mon-fri 08:30-25:00 +07:00",
                                        "mon-fri 8:300-16:30 +07:00",
                                        "mon-fri 08:30-16:30 ~07:00",
                                        "Mon-Fri 08:30-16:30 +07:00"};
    struct duty_hours h;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(duty_hours_parse(&h, wrong[i], ERR_IGNORED), ERR_INPUT);
}

static void a_contact_is_printable(void **state)
{
    char contact[REGION_CONTACT_MAX + 2];
    (void)state;
    memset(contact, 'x', sizeof contact);
    contact[REGION_CONTACT_MAX + 1] = '\0';
    assert_false(duty_contact_is_fine(contact));
    assert_true(duty_contact_is_fine(contact + 1));
    assert_true(duty_contact_is_fine("duty desk <duty@police.example>, +66 2 555 0100"));
    assert_false(duty_contact_is_fine(""));
    assert_false(duty_contact_is_fine("a\"b"));
    assert_false(duty_contact_is_fine("a\\b"));
    assert_false(duty_contact_is_fine("a\nb"));
    assert_false(duty_contact_is_fine("\xc3\xa9"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_office_is_open_in_its_own_time),
        cmocka_unit_test(a_night_belongs_to_the_day_it_begins),
        cmocka_unit_test(what_is_written_otherwise_is_refused),
        cmocka_unit_test(a_contact_is_printable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
