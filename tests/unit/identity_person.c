/* From a record to a person: alternatives, bounds, what is kept of each field. */
#include "tests/unit/identity_test.h"

#include "client/identity/latin.h"

static void family_name_comes_first(void **state)
{
    (void)state;
    const char *value[FIELDS] = {[FIELD_FAMILY_NAME] = "Dela Peña",
                                 [FIELD_GIVEN_NAMES] = "Ana Ñusta",
                                 [FIELD_SEX] = "f",
                                 [FIELD_DATE_OF_BIRTH] = "1984-01-01",
                                 [FIELD_NATIONALITY] = "phl"};
    struct person p;
    person_of(&p, value);
    assert_int_equal(p.names, 1);
    assert_int_equal(p.name[0].tokens, 3);
    assert_int_equal(p.name[0].family, 1);
    assert_string_equal(p.name[0].token[0].text, "PENA");
    assert_string_equal(p.name[0].token[1].text, "ANA");
    assert_string_equal(p.name[0].token[2].text, "NUSTA");
    assert_int_equal(p.sex, 'F');
    assert_string_equal(p.nationality[0], "PHL");
    assert_int_equal(p.dates, 1);
    assert_int_equal(p.date[0].year, 1984);
    assert_true(p.date[0].assumed);
}

/* With optimisation, libc ends the process where what is wiped is longer than what there is. */
static void a_name_that_is_too_long_is_refused(void **state)
{
    (void)state;
    static char name[LATIN_INPUT_MAX + 2];
    const char *value[FIELDS] = {[FIELD_FAMILY_NAME] = name, [FIELD_GIVEN_NAMES] = "Ana"};
    struct record r;
    struct person p;
    struct err err;
    memset(name, 'A', sizeof name - 1);
    record_of(&r, value);
    assert_int_equal(person_from_record(normaliser, &r, &p, &err), ERR_INPUT);
    assert_non_null(strstr(err.text, "longer than"));
}

static void aliases_are_names_once(void **state)
{
    (void)state;
    const char *value[FIELDS] = {[FIELD_FAMILY_NAME] = "Suharto", [FIELD_ALIASES] = "SUHARTO\0Pak Harto"};
    struct record r;
    struct person p;
    struct err err;
    record_of(&r, value);
    r.more[FIELD_ALIASES] = 1;
    assert_int_equal(person_from_record(normaliser, &r, &p, &err), 0);
    assert_int_equal(p.names, 2);
    assert_int_equal(p.name[0].tokens, 1);
    assert_int_equal(p.name[0].family, 0);
    assert_int_equal(p.name[1].source, NAME_ALIAS);
    assert_string_equal(p.name[1].token[p.name[1].tokens - 1].text, "HARTO");
    assert_string_equal(p.name[1].token[p.name[1].tokens - 1].skeleton, "HRT");
}

static void documents_keep_their_issuer(void **state)
{
    (void)state;
    const char *value[FIELDS] = {
        [FIELD_DOC_TYPE] = "passport\0id card", [FIELD_DOC_ISSUER] = "tha", [FIELD_DOC_NUMBER] = "ab-123 456\0x9"};
    struct record r;
    struct person p;
    struct err err;
    record_of(&r, value);
    r.more[FIELD_DOC_TYPE] = r.more[FIELD_DOC_NUMBER] = 1;
    assert_int_equal(person_from_record(normaliser, &r, &p, &err), 0);
    assert_int_equal(p.documents, 2);
    assert_string_equal(p.document[0].issuer, "THA");
    assert_string_equal(p.document[0].number, "AB123456");
    assert_string_equal(p.document[0].type, "PASSPORT");
    assert_string_equal(p.document[1].type, "ID");
    assert_string_equal(p.document[1].issuer, "THA"); /* one for all */
    assert_string_equal(p.document[1].number, "X9");
    person_wipe(&p);
    assert_int_equal(p.documents, 0);
}

static void a_zone_adds_what_it_says(void **state)
{
    (void)state;
    const char *value[FIELDS] = {
        [FIELD_FAMILY_NAME] = "Eriksson",
        [FIELD_GIVEN_NAMES] = "Anna",
        [FIELD_DOC_NUMBER] = "L898902C3",
        [FIELD_DOC_TYPE] = "Passport",
        [FIELD_DOC_ISSUER] = "UTO",
        [FIELD_MRZ] = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"};
    struct person p;
    person_of(&p, value);
    assert_int_equal(p.names, 2);
    assert_int_equal(p.name[1].source, NAME_MRZ);
    assert_int_equal(p.name[1].tokens, 3);
    assert_int_equal(p.name[1].family, 1);
    assert_int_equal(p.documents, 1); /* the same as in the columns */
    assert_int_equal(p.dates, 1);
    assert_int_equal(p.date[0].year, 1974);
    assert_int_equal(p.sex, 'F');
    assert_string_equal(p.nationality[0], "UTO");
}

/* The issuer that a feed leaves out is the one nationality, of what the holder's own state issues. */
static void an_issuer_is_the_nationality(void **state)
{
    (void)state;
    const char *value[FIELDS] = {[FIELD_NATIONALITY] = "VNM", [FIELD_DOC_NUMBER] = "B1234567"};
    struct person p;
    person_of(&p, value);
    assert_string_equal(p.document[0].issuer, "VNM");
    value[FIELD_DOC_TYPE] = "visa";
    person_of(&p, value);
    assert_string_equal(p.document[0].issuer, "");
    value[FIELD_DOC_TYPE] = "P";
    value[FIELD_DOC_ISSUER] = "THA";
    person_of(&p, value);
    assert_string_equal(p.document[0].issuer, "THA");
}

static void what_differs_is_kept_side_by_side(void **state)
{
    (void)state;
    const char *value[FIELDS] = {[FIELD_DATE_OF_BIRTH] = ("1984-02-03\0"
                                                          "1984\0"
                                                          "03/02/1984"),
                                 [FIELD_SEX] = "F\0M",
                                 [FIELD_NATIONALITY] = "THA\0LAO\0THA",
                                 [FIELD_FAMILY_NAME] = "Tan Ah Kow @ Tan Kok"};
    struct record r;
    struct person p;
    struct err err;
    record_of(&r, value);
    r.more[FIELD_DATE_OF_BIRTH] = r.more[FIELD_NATIONALITY] = 2;
    r.more[FIELD_SEX] = 1;
    assert_int_equal(person_from_record(normaliser, &r, &p, &err), 0);
    assert_int_equal(p.dates, 2);
    assert_int_equal(p.date[1].month, 0);
    assert_int_equal(p.nationalities, 2);
    assert_int_equal(p.sex, 0);
    assert_int_equal(p.names, 2);
    assert_int_equal(p.name[1].source, NAME_ALIAS);
}

/* More of everything than fits, and names of any length: nothing beyond the bounds. */
static void bounds_hold(void **state)
{
    (void)state;
    char many[FIELD_VALUES_MAX][2], words[FIELD_SIZE_MAX + 1];
    const char *value[FIELDS] = {[FIELD_FAMILY_NAME] = words,
                                 [FIELD_GIVEN_NAMES] = words,
                                 [FIELD_ALIASES] = many[0],
                                 [FIELD_DOC_NUMBER] = many[0]};
    struct record r;
    struct person p;
    struct err err;
    for (size_t i = 0; i < FIELD_VALUES_MAX; i++)
        memcpy(many[i], (const char[]){(char)('A' + i), '\0'}, 2);
    for (size_t i = 0; i < FIELD_SIZE_MAX; i++)
        words[i] = i % 40 == 39 ? ' ' : 'X';
    words[FIELD_SIZE_MAX] = '\0';
    record_of(&r, value);
    r.more[FIELD_ALIASES] = r.more[FIELD_DOC_NUMBER] = FIELD_VALUES_MAX - 1;
    assert_int_equal(person_from_record(normaliser, &r, &p, &err), 0);
    assert_int_equal(p.names, PERSON_NAMES_MAX);
    assert_int_equal(p.documents, PERSON_DOCUMENTS_MAX);
    assert_in_range(p.name[0].tokens, 1, NAME_TOKENS_MAX);
    assert_int_equal(strlen(p.name[0].token[0].text), TOKEN_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(family_name_comes_first),
        cmocka_unit_test(a_name_that_is_too_long_is_refused),
        cmocka_unit_test(aliases_are_names_once),
        cmocka_unit_test(documents_keep_their_issuer),
        cmocka_unit_test(a_zone_adds_what_it_says),
        cmocka_unit_test(an_issuer_is_the_nationality),
        cmocka_unit_test(what_differs_is_kept_side_by_side),
        cmocka_unit_test(bounds_hold),
    };
    return cmocka_run_group_tests(tests, set_up_normaliser, tear_down_normaliser);
}
