#include "client/verbs/verbs.h"

#include "client/feed/check.h"
#include "client/identity/explain.h"
#include "client/verbs/fields.h"

#include <stdio.h>

static int check(struct call *call, struct err *err)
{
    return fields_check(call->options, "normalise", err);
}

/* As enrolment does: what cannot be read costs its field, or what of it cannot be. */
static void mend(struct record *record)
{
    struct field_problem told[RECORD_PROBLEMS_MAX];
    size_t count = record_mend(record, DATES_UNSAID, told);
    for (size_t i = 0; i < count; i++)
        printf("%s cannot be used as it is: %s\n", record_field_name[told[i].field], told[i].reason);
}

static int run(struct call *call, struct err *err)
{
    struct record record = fields_record(call->options);
    struct normaliser *normaliser = NULL;
    int rc = normaliser_new(&normaliser, err);
    if (rc == 0)
        mend(&record);
    if (rc == 0)
        rc = explain_record(stdout, normaliser, &record, err);
    normaliser_free(normaliser);
    return rc;
}

static const struct setting settings[] = {FIELDS_FLAGS};

const struct verb normalise_verb = {
    .name = "normalise",
    .brief = "show what a name, date, document or zone becomes",
    .operands = "",
    .summary = "Shows what a name, date, document or zone becomes, step by step. Nothing is sent or kept.",
    .more = "The fields are visible to others on this machine while the command runs; leave them out of shared shells.",
    SETTINGS(settings),
    .options_size = sizeof(struct fields),
    .check = check,
    .run = run,
};
