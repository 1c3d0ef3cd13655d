#include "client/verbs/verbs.h"

#include "client/feed/check.h"
#include "client/task/question.h"
#include "client/verbs/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct fields fields;
    struct setting_list not_for;
};

/* What cannot be read costs its field alone, which is told before anything is asked. */
static int check(struct call *call, struct err *err)
{
    const struct options *o = call->options;
    struct record record = fields_record(&o->fields);
    struct field_problem told[RECORD_PROBLEMS_MAX];
    int rc = fields_check(&o->fields, "query", err);
    size_t count = rc == 0 ? record_mend(&record, told) : 0;
    if (count > 0 && record_is_empty(&record))
        return err_set(err, ERR_USAGE, "%s: %s", record_field_name[told[0].field], told[0].reason);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, "concord-client: warning: %s: %s; asking without it\n", record_field_name[told[i].field],
                told[i].reason);
    return rc;
}

/* --- partners that are not to know --- */

static int compare_digests(const void *a, const void *b)
{
    return memcmp(a, b, PARTY_DIGEST_SIZE);
}

static int find_excepted(const struct agency *a, const struct setting_list *names, uint8_t (*digest)[PARTY_DIGEST_SIZE],
                         size_t *count, struct err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < names->count; i++) {
        int at = region_find_agency(a->region, names->item[i]);
        if (at < 0)
            return err_set(err, ERR_USAGE, "--not-for %s: the manifest has no such agency", names->item[i]);
        memcpy(digest[i], a->region->digests[at], PARTY_DIGEST_SIZE);
    }
    qsort(digest, names->count, PARTY_DIGEST_SIZE, compare_digests);
    for (size_t i = 0; i < names->count; i++)
        if (n == 0 || memcmp(digest[n - 1], digest[i], PARTY_DIGEST_SIZE) != 0)
            memmove(digest[n++], digest[i], PARTY_DIGEST_SIZE);
    *count = n;
    return 0;
}

/* --- what is said --- */

static void print_match(const struct agency_purpose *p, const struct vault_match *m)
{
    char handle[2 * HANDLE_SIZE + 1];
    printf("hit   %-17s %-8s %3u%%  %-27s", p->region->name, m->partner, m->score,
           match_kind_name((enum match_kind)m->kind));
    for (size_t j = 0; j < p->schema.keys; j++)
        if ((m->keys >> j & 1) != 0)
            printf(" %s", p->schema.key[j].id);
    printf("\n      handle %s\n", bytes_to_hex(handle, m->handle, HANDLE_SIZE));
}

static const char *reason_text(enum query_reason reason)
{
    switch (reason) {
    case QUERY_ASKS_USED:
        return "the day's questions to it are used up";
    case QUERY_SUSPENDED:
        return "one of the two has suspended the other";
    case QUERY_EXCEPTED:
        return "it was not to be asked";
    case QUERY_REJOINING:
        return "the two are being joined anew; ask again soon";
    }
    return "the matcher gives a reason that this program does not know";
}

static bool has_hit(const struct answer *answer, const struct agency_purpose *purpose)
{
    for (size_t i = 0; i < answer->hits; i++)
        if (answer->hit[i].purpose == purpose)
            return true;
    return false;
}

static void print_answer(const struct agency *a, const struct answer *answer)
{
    for (size_t i = 0; i < answer->hits; i++)
        print_match(answer->hit[i].purpose, &answer->hit[i].match);
    for (size_t i = 0; i < a->purposes; i++)
        if (!has_hit(answer, &a->purpose[i]))
            printf("miss  %s%s\n", a->purpose[i].region->name,
                   answer->keyless[i] ? " was not asked about: none of the given fields makes a key of it" : "");
    for (size_t i = 0; i < answer->unasked_count; i++)
        printf("open  %-17s %s was not asked: %s\n", answer->unasked[i].purpose->region->name,
               answer->unasked[i].partner, reason_text(answer->unasked[i].reason));
    if (answer->cut)
        printf("open  there are more hits than one answer holds: ask with more fields\n");
    for (size_t i = 0; i < a->region->agency_count; i++)
        if (answer->unopened[i] > 0)
            fprintf(stderr, "%llu hits of %s did not open and were left aside\n",
                    (unsigned long long)answer->unopened[i], a->region->agencies[i].name);
    if (answer->strangers > 0)
        fprintf(stderr, "%llu hits came from agencies without a mutual grant and were refused\n",
                (unsigned long long)answer->strangers);
}

static int run(struct call *call, struct err *err)
{
    static uint8_t digest[REGION_AGENCIES_MAX][PARTY_DIGEST_SIZE];
    static struct answer answer;
    struct agency *agency = call->opened;
    const struct options *o = call->options;
    struct record record = fields_record(&o->fields);
    struct field_problem told[RECORD_PROBLEMS_MAX];
    struct question question = {.record = &record, .except = digest[0]};
    if (o->not_for.count > REGION_AGENCIES_MAX)
        return err_set(err, ERR_USAGE, "--not-for is given more than %d times", REGION_AGENCIES_MAX);
    record_mend(&record, told);
    int rc = find_excepted(agency, &o->not_for, digest, &question.except_count, err);
    if (rc != 0)
        return rc;
    rc = question_ask(agency, &question, &answer, err);
    if (rc == 0) {
        print_answer(agency, &answer);
        bool open = answer.unasked_count > 0 || answer.cut;
        call->status = answer.hits > 0 ? 0 : open ? EXIT_OPEN : EXIT_MISS;
    }
    answer_free(&answer);
    return rc;
}

static const struct setting settings[] = {
    FIELDS_FLAGS,
    {"not-for", NULL, NULL, SETTING_LIST, offsetof(struct options, not_for), "AGENCY",
     "do not ask this partner, who shall not know; may be repeated"},
};

const struct verb query_verb = {
    .name = "query",
    .brief = "a border check: ask without enrolling",
    .operands = "",
    .summary = "A border check: asks whether a partner has a record that matches these fields. Nothing is enrolled.",
    .more =
        "The fields are visible to others on this machine while the command runs; leave them out of shared shells.\n"
        "Partners that have a record of what was asked find the question among their notices.\n"
        "Exit status: 0 there is a hit, 4 there is none, 5 there is none where it was asked, and somebody was not asked\n"
        "(who and why is printed), 1 failed, 2 usage.",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES,
    .check = check,
    .run = run,
};
