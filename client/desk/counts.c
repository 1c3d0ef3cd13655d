/* How soon questions and recalls are answered, on both sides: figures for whoever coordinates the region. */
#include "client/desk/show.h"

#include "protocol/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct counting {
    const struct agency *agency;
    json_t *array; /* NULL: for people */
    uint64_t rows;
};

static int take(void *context, const struct vault_inquiry_counts *c, struct err *err)
{
    struct counting *k = context;
    const struct party *p = region_find_party_by_digest(k->agency->region, c->peer);
    const char *partner = p != NULL ? p->name : "unknown", *way = c->ours ? "out" : "in";
    const char *what = c->recalls ? "recall" : c->urgency < REGION_URGENCIES ? region_urgency_names[c->urgency] : "?";
    if (k->array != NULL)
        return json_array_append_new(
                   k->array, json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I}", "party", partner, "purpose",
                                       c->purpose, "way", way, "what", what, "letters", (json_int_t)c->letters,
                                       "in_time", (json_int_t)c->in_time, "late", (json_int_t)c->late, "open",
                                       (json_int_t)c->open, "open_late", (json_int_t)c->open_late)) == 0
                   ? 0
                   : err_set(err, ERR_NO_MEMORY, "out of memory for the counts");
    if (k->rows++ == 0)
        printf("%-12s %-17s %-4s %-10s %8s %8s %8s %8s %10s\n", "partner", "purpose", "way", "what", "letters",
               "in time", "late", "open", "open, late");
    printf("%-12s %-17s %-4s %-10s %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %10" PRIu64 "\n", partner,
           c->purpose, way, what, c->letters, c->in_time, c->late, c->open, c->open_late);
    return 0;
}

int show_counts(struct agency *agency, uint64_t since, bool json, struct err *err)
{
    char from[CLOCK_TEXT_SIZE], until[CLOCK_TEXT_SIZE];
    const uint64_t now = clock_now();
    struct counting k = {.agency = agency, .array = json ? json_array() : NULL};
    int rc = vault_inquiries_count(agency->vault, since, now, take, &k, err);
    json_t *all = json ? json_pack("{s:s, s:s, s:s, s:s, s:o}", "agency", agency->identity->party.name, "region",
                                   agency->region->name, "since", clock_text(from, since), "until",
                                   clock_text(until, now), "counts", k.array)
                       : NULL;
    if (rc == 0 && json && (all == NULL || json_dumpf(all, stdout, JSON_INDENT(2)) != 0 || putchar('\n') == EOF))
        rc = err_set(err, ERR_IO, "cannot print the counts");
    if (rc == 0 && !json && k.rows == 0)
        printf("nothing was asked or recalled\n");
    json_decref(all);
    return rc;
}
