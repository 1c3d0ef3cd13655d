/* For tests of normalising: a person from fields given by name. */
#ifndef TESTS_UNIT_IDENTITY_TEST_H
#define TESTS_UNIT_IDENTITY_TEST_H

#include "client/identity/person.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct normaliser *normaliser;

static int set_up_normaliser(void **state)
{
    (void)state;
    struct err err;
    return normaliser_new(&normaliser, &err);
}

static int tear_down_normaliser(void **state)
{
    (void)state;
    normaliser_free(normaliser);
    return 0;
}

/* value: a text for each field or NULL; a field of several has `more` set by the caller. */
static inline void record_of(struct record *r, const char *const value[FIELDS])
{
    memset(r, 0, sizeof *r);
    for (int f = 0; f < FIELDS; f++)
        r->field[f] = value[f] != NULL ? value[f] : "";
}

static inline void person_of(struct person *p, const char *const value[FIELDS])
{
    struct record r;
    struct err err;
    record_of(&r, value);
    assert_int_equal(person_from_record(normaliser, &r, p, &err), 0);
}

#endif
