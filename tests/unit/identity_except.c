/* Whom a record is not for: what the row says, in its order, and which agencies are meant. */
#include "client/feed/check.h"
#include "client/identity/except.h"
#include "tests/unit/identity_test.h"

static const char *names(const char *not_for, const char *protected, const char *usual)
{
    static char out[EXCEPT_TEXT_MAX + 1];
    const char *value[FIELDS] = {[FIELD_NATIONALITY] = "afg",
                                 [FIELD_COUNTRY_OF_BIRTH] = "IRN",
                                 [FIELD_DOC_ISSUER] = "PAK",
                                 [FIELD_NOT_FOR] = not_for,
                                 [FIELD_PROTECTED] = protected};
    struct record r;
    record_of(&r, value);
    except_of(out, &r, usual);
    return out;
}

static void the_row_goes_before_the_purpose(void **state)
{
    (void)state;
    assert_string_equal(names("", "", ""), "");
    assert_string_equal(names("", "asylum-seeker", ""), "AFG,IRN,PAK");
    assert_string_equal(names("", "Yes", "THA"), "AFG,IRN,PAK");
    assert_string_equal(names("none", "yes", "protected"), "");
    assert_string_equal(names("tha", "yes", "protected"), "THA");
    assert_string_equal(names("", "no", "protected"), "");
    assert_string_equal(names("", "", "protected"), "AFG,IRN,PAK");
    assert_string_equal(names("", "", "IDN,MYS"), "IDN,MYS");
    assert_string_equal(names("", "", "none"), "");
}

static void a_zone_names_states_too(void **state)
{
    const char *value[FIELDS] = {
        [FIELD_MRZ] = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10",
        [FIELD_PROTECTED] = "minor"};
    char out[EXCEPT_TEXT_MAX + 1];
    struct record r;
    (void)state;
    record_of(&r, value);
    except_of(out, &r, "");
    assert_string_equal(out, "UTO");
}

static void a_state_means_its_agencies(void **state)
{
    (void)state;
    assert_true(except_means("AFG,MMR", "MMR"));
    assert_true(except_means("AFG,MMR", "mmr-police"));
    assert_true(except_means("MMR", "MMR.1"));
    assert_false(except_means("AFG,MMR", "MMRX"));
    assert_false(except_means("AFG,MMR", "MM"));
    assert_false(except_means("", "MMR"));
    assert_true(except_means("MMR-POLICE", "MMR-police"));
    assert_false(except_means("MMR-POLICE", "MMR"));
    assert_false(except_means("MMR-POLICE", "MMR-police-2"));
}

static const char *refused(const char *not_for, const char *protected)
{
    const char *value[FIELDS] = {[FIELD_NOT_FOR] = not_for, [FIELD_PROTECTED] = protected};
    struct record r;
    enum field field;
    record_of(&r, value);
    const char *reason = record_refused(&r, &field);
    return reason == NULL ? "" : record_field_name[field];
}

static void what_cannot_be_read_is_refused(void **state)
{
    (void)state;
    assert_string_equal(refused("", ""), "");
    assert_string_equal(refused("THA", "victim"), "");
    assert_string_equal(refused("everybody else", ""), "not_for");
    assert_string_equal(refused("THA,IDN", ""), "not_for");
    assert_string_equal(refused("", "perhaps"), "protected");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_row_goes_before_the_purpose), cmocka_unit_test(a_zone_names_states_too),
        cmocka_unit_test(a_state_means_its_agencies), cmocka_unit_test(what_cannot_be_read_is_refused)};
    return cmocka_run_group_tests_name("identity_except", tests, set_up_normaliser, tear_down_normaliser);
}
