/* From a record to a person: alternatives, bounds, what is kept of each field. */
#include "client/identity/person.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct normaliser *normaliser;

static int set_up(void **state)
{
    (void)state;
    struct err err;
    return normaliser_new(&normaliser, &err);
}

static int tear_down(void **state)
{
    (void)state;
    normaliser_free(normaliser);
    return 0;
}

/* A record of single values, as field, value pairs up to FIELDS. */
static void fill(struct record *r, const char *const value[FIELDS])
{
    memset(r, 0, sizeof *r);
    for (int f = 0; f < FIELDS; f++)
        r->field[f] = value[f] != NULL ? value[f] : "";
}

static void family_name_comes_first(void **state)
{
    (void)state;
    const char *value[FIELDS] = {[FIELD_FAMILY_NAME] = "Dela Peña", [FIELD_GIVEN_NAMES] = "Ana Ñusta", [FIELD_SEX] = "f",
                                 [FIELD_DATE_OF_BIRTH] = "1984-01-01", [FIELD_NATIONALITY] = "phl"};
    struct record r;
    struct person p;
    struct err err;
    fill(&r, value);
    assert_int_equal(person_from_record(normaliser, &r, &p, &err), 0);
    assert_int_equal(p.names, 1);
    assert_true(p.name[0].family > 0 && p.name[0].family == p.name[0].tokens - 2);
    assert_string_equal(p.name[0].token[p.name[0].family].text, "ANA");
    assert_string_equal(p.name[0].token[p.name[0].family + 1].text, "NUSTA");
    assert_int_equal(p.sex, 'F');
    assert_string_equal(p.nationality[0], "PHL");
    assert_int_equal(p.dates, 1);
    assert_int_equal(p.date[0].year, 1984);
    assert_true(p.date[0].assumed);
}

static void aliases_are_names_once(void **state)
{
    (void)state;
    const char *value[FIELDS] = {[FIELD_FAMILY_NAME] = "Suharto", [FIELD_ALIASES] = "SUHARTO\0Pak Harto\0", };
    struct record r;
    struct person p;
    struct err err;
    fill(&r, value);
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
    const char *value[FIELDS] = {[FIELD_DOC_TYPE] = "passport\0id card", [FIELD_DOC_ISSUER] = "tha",
                                 [FIELD_DOC_NUMBER] = "ab-123 456\0x9"};
    struct record r;
    struct person p;
    struct err err;
    fill(&r, value);
    r.more[FIELD_DOC_TYPE] = r.more[FIELD_DOC_NUMBER] = 1;
    assert_int_equal(person_from_record(normaliser, &r, &p, &err), 0);
    assert_int_equal(p.documents, 2);
    assert_string_equal(p.document[0].issuer, "THA");
    assert_string_equal(p.document[0].number, "AB123456");
    assert_string_equal(p.document[1].issuer, "");
    person_wipe(&p);
    assert_int_equal(p.documents, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(family_name_comes_first),
        cmocka_unit_test(aliases_are_names_once),
        cmocka_unit_test(documents_keep_their_issuer),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
