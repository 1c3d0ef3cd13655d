#include "client/review/notices.h"

#include "client/review/judged.h"
#include "client/review/key_text.h"
#include "protocol/base/clock.h"
#include "protocol/base/text.h"

#include <stdio.h>
#include <string.h>

struct printing {
    struct agency *agency;
    const struct agency_purpose *purpose;
    json_t *array; /* NULL: a table */
};

/* What judging came to, of what opened. */
static int find_pair(const struct printing *p, const struct vault_notice *n, struct vault_judging *out, bool *found,
                     struct err *err)
{
    static const uint8_t no_digest[32];
    struct vault_match match = {.number = 0};
    bool same;
    int rc = vault_record_find(p->agency->vault, p->purpose->domain, n->id, no_digest, &match.record, &same, err);
    *found = false;
    if (rc != 0)
        return rc == ERR_NOT_FOUND ? 0 : rc;
    memcpy(match.partner, n->partner, sizeof match.partner);
    memcpy(match.handle, n->handle, sizeof match.handle);
    return judged_find(p->agency, p->purpose->domain, &match, out, found, err);
}

static int add_object(const struct printing *p, const struct vault_notice *n, const struct vault_judging *pair,
                      struct err *err)
{
    char time[CLOCK_TEXT_SIZE], handle[2 * HANDLE_SIZE + 1];
    json_t *object = json_pack("{s:I, s:s, s:s, s:s, s:s, s:o, s:s, s:I, s:o}", "notice", (json_int_t)n->number, "time",
                               clock_text(time, n->at), "purpose", p->purpose->region->name, "partner", n->partner,
                               "record", n->id, "keys", key_array(&p->purpose->schema, n->keys), "handle",
                               bytes_to_hex(handle, n->handle, HANDLE_SIZE), "leaf", (json_int_t)n->leaf, "judged",
                               judged_object(pair));
    return object == NULL || json_array_append_new(p->array, object) != 0
               ? err_set(err, ERR_NO_MEMORY, "out of memory for a list")
               : 0;
}

static int print_notice(void *context, const struct vault_notice *n, struct err *err)
{
    const struct printing *p = context;
    char time[CLOCK_TEXT_SIZE], handle[2 * HANDLE_SIZE + 1], words[JUDGED_WORDS_MAX];
    struct vault_judging pair;
    bool found;
    int rc = find_pair(p, n, &pair, &found, err);
    if (rc == 0 && p->array != NULL)
        return add_object(p, n, found ? &pair : NULL, err);
    if (rc != 0)
        return rc;
    printf("%lld %s %-17s %-8s asked about %s:", (long long)n->number, clock_text(time, n->at),
           p->purpose->region->name, n->partner, n->id);
    for (size_t j = 0; j < p->purpose->schema.keys; j++)
        if ((n->keys >> j & 1) != 0)
            printf(" %s", p->purpose->schema.key[j].id);
    judged_in_words(words, found ? &pair : NULL);
    printf("\n    handle %s, %s", bytes_to_hex(handle, n->handle, HANDLE_SIZE), words);
    if (found && pair.state == JUDGE_JUDGED)
        printf(": %s, %u%%", pair.kind == MATCH_NONE ? "not the same" : match_kind_name((enum match_kind)pair.kind),
               pair.score);
    putchar('\n');
    return 0;
}

/* --- beside the matches --- */

static int print_unopened(void *context, const struct vault_unopened *u, struct err *err)
{
    (void)context;
    (void)err;
    printf("%s and %s of %s did not open and are in none of these\n", TEXT_COUNT(u->entries, "entry", "entries"),
           TEXT_COUNT(u->questions, "question", "questions"), u->partner);
    return 0;
}

static int print_beside(struct agency *agency, const struct agency_purpose *purpose, uint64_t *notices, struct err *err)
{
    struct vault_counts counts;
    int rc = vault_count(agency->vault, purpose->domain, &counts, err);
    *notices += rc == 0 ? counts.notices : 0;
    if (rc == 0)
        rc = vault_unopened(agency->vault, purpose->domain, print_unopened, NULL, err);
    return rc;
}

int notices_print_beside(struct agency *agency, struct err *err)
{
    uint64_t notices = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < agency->purposes; i++) {
        const struct agency_purpose *earlier = agency_earlier_of(agency, &agency->purpose[i]);
        rc = print_beside(agency, &agency->purpose[i], &notices, err);
        if (rc == 0 && earlier != NULL)
            rc = print_beside(agency, earlier, &notices, err);
    }
    if (rc == 0 && notices > 0)
        printf("partners asked about your records %s (see: matches asked)\n", TEXT_COUNT(notices, "time", "times"));
    return rc;
}

int notices_print(struct agency *agency, bool json, struct err *err)
{
    struct printing p = {.agency = agency, .array = json ? json_array() : NULL};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < agency->purposes; i++) {
        const struct agency_purpose *earlier = agency_earlier_of(agency, &agency->purpose[i]);
        p.purpose = &agency->purpose[i];
        rc = vault_notices(agency->vault, p.purpose->domain, print_notice, &p, err);
        p.purpose = earlier;
        if (rc == 0 && earlier != NULL)
            rc = vault_notices(agency->vault, earlier->domain, print_notice, &p, err);
    }
    if (rc == 0 && json) {
        json_dumpf(p.array, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(p.array);
    return rc;
}
