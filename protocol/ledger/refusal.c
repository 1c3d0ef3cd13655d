#include "protocol/ledger/refusal.h"

#include "protocol/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS (2 * REFUSALS_MAX) /* open addressing, at most half full */

struct refused {
    char party[PARTY_NAME_MAX + 1], purpose[PARTY_NAME_MAX + 1];
    enum refusal refusal; /* REFUSAL_NONE: free */
    uint64_t count;
};

struct refusals {
    uint32_t day;
    size_t count;
    struct refused slot[SLOTS];
};

const char *refusal_name(enum refusal refusal)
{
    static const char *const names[] = {NULL,      "grant",   "reciprocity", "epoch",  "generation", "purpose",
                                        "reused",  "party",   "load",        "daily",  "asks",       "entries",
                                        "mailbox", "letters", "resumes",     "behind", "spent",      "split"};
    return (unsigned)refusal < sizeof names / sizeof names[0] ? names[refusal] : NULL;
}

int refusals_new(struct refusals **out, struct err *err)
{
    *out = calloc(1, sizeof **out);
    return *out == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for refusals") : 0;
}

void refusals_free(struct refusals *refusals)
{
    free(refusals);
}

/* FNV-1a: names come from the manifest, nobody can choose them to collide. */
static size_t slot_of(const char *party, const char *purpose, enum refusal refusal)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *party != '\0'; party++)
        hash = (hash ^ (uint8_t)*party) * 0x100000001b3u;
    hash = (hash ^ (uint8_t)refusal) * 0x100000001b3u;
    for (; *purpose != '\0'; purpose++)
        hash = (hash ^ (uint8_t)*purpose) * 0x100000001b3u;
    return (size_t)(hash % SLOTS);
}

/* NULL if there is no slot yet and no room for one. */
static struct refused *find_slot(struct refusals *r, enum refusal refusal, const char *party, const char *purpose)
{
    size_t i = slot_of(party, purpose, refusal);
    for (; r->slot[i].refusal != REFUSAL_NONE; i = (i + 1) % SLOTS)
        if (r->slot[i].refusal == refusal && strcmp(r->slot[i].party, party) == 0 &&
            strcmp(r->slot[i].purpose, purpose) == 0)
            return &r->slot[i];
    if (r->count == REFUSALS_MAX)
        return NULL;
    r->count++;
    r->slot[i].refusal = refusal;
    snprintf(r->slot[i].party, sizeof r->slot[i].party, "%s", party);
    snprintf(r->slot[i].purpose, sizeof r->slot[i].purpose, "%s", purpose);
    return &r->slot[i];
}

struct metric refusals_metric = METRIC("concord_refusals_total", METRIC_COUNTER, "kind", "requests refused, by kind");

bool refusals_count(struct refusals *refusals, enum refusal refusal, const char *party, const char *purpose,
                    struct event *event)
{
    const char *name = refusal_name(refusal);
    metric_add(&refusals_metric, name != NULL ? name : "split", 1);
    event_init(event, EVENT_REFUSE);
    if (clock_day(event->time) != refusals->day) {
        memset(refusals, 0, sizeof *refusals);
        refusals->day = clock_day(event->time);
    }
    struct refused *slot = find_slot(refusals, refusal, party, purpose);
    if (slot == NULL)
        return false;
    event->count = ++slot->count;
    snprintf(event->party, sizeof event->party, "%s", party);
    snprintf(event->purpose, sizeof event->purpose, "%s", purpose);
    snprintf(event->note, sizeof event->note, "%s", refusal_name(refusal));
    return (slot->count & (slot->count - 1)) == 0;
}
