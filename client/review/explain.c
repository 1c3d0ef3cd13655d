#include "client/review/explain.h"

#include "client/review/list.h"
#include "client/review/text.h"

#include <sodium.h>
#include <string.h>

#define LABEL 16 /* columns */

/* --- the own record --- */

/* Finds the record in the feed; its values live until feed_free(). */
static int find_record(struct feed *feed, const char *id, struct record *out, struct err *err)
{
    bool end = false;
    int rc;
    while ((rc = feed_next(feed, out, &end, err)) == 0 && !end)
        if (strcmp(out->field[FIELD_RECORD_ID], id) == 0)
            return 0;
    return rc != 0 ? rc
                   : err_set(err, ERR_NOT_FOUND, "the feed has no row, or no usable one, for the record of this match");
}

static void print_record(const struct record *record)
{
    for (int f = FIELD_RECORD_ID + 1; f < FIELDS; f++) {
        if (record->field[f][0] == '\0')
            continue;
        printf("  ");
        text_put(stdout, record_field_name[f], LABEL);
        text_print(stdout, record->field[f], TEXT_COLUMNS - LABEL - 2);
        putchar('\n');
    }
}

static int print_own(const struct feed_options *options, const char *id, struct err *err)
{
    struct feed *feed = NULL;
    struct record record;
    int rc = feed_open(&feed, options, err);
    if (rc == 0)
        rc = find_record(feed, id, &record, err);
    if (rc == 0) {
        printf("\nthe own record, as the feed has it\n");
        print_record(&record);
    }
    feed_free(feed);
    return rc;
}

/* --- why --- */

static void print_keys(const struct schema *s, uint32_t own, uint32_t shared)
{
    printf("\nkeys of the own record, and whether the partner's record has the same\n");
    for (size_t j = 0; j < s->keys; j++)
        if ((own >> j & 1) != 0)
            printf("  %-3s %-32s weight %u\n", (shared >> j & 1) != 0 ? "yes" : "no", s->key[j].id, s->key[j].weight);
    printf("\nshared weight %u of %u; a handle opens from %u on\n", match_weight(s, shared), match_weight(s, own),
           s->threshold);
}

static void print_parties(const char *partner, uint32_t shared)
{
    printf("\nwhat each party saw\n");
    printf("  %-15s the keys above, that a record of %s shares them, and its\n  %15s handle; none of its fields\n",
           "this agency", partner, "");
    printf("  %-15s the same of this agency's record\n", partner);
    printf("  %-15s that %d tags of the two agencies are equal; not which keys,\n  %15s which record, or any value\n",
           "matcher", __builtin_popcount(shared), "");
    printf("  %-15s that this agency had so many blinded elements evaluated;\n  %15s nothing of what they hide\n",
           "custodians", "");
}

int explain(struct agency *agency, int64_t number, const struct feed_options *feed, struct err *err)
{
    struct vault_review review;
    const struct agency_purpose *purpose;
    uint32_t own = 0;
    int rc = list_show_head(agency, number, &review, &purpose, err);
    if (rc == 0)
        rc = vault_keys(agency->vault, review.match.record, &own, err);
    if (rc == 0 && feed->path != NULL)
        rc = print_own(feed, review.id, err);
    if (rc == 0) {
        print_keys(&purpose->schema, own, review.match.keys);
        print_parties(review.match.partner, review.match.keys);
    }
    sodium_memzero(&review, sizeof review);
    return rc;
}
