#include "protocol/ledger/refusal.h"

#include "protocol/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS (2 * REFUSALS_MAX) /* open addressing, at most half full */

struct line {
    char party[PARTY_NAME_MAX + 1], purpose[PARTY_NAME_MAX + 1];
    enum refusal refusal; /* REFUSAL_NONE: free */
    uint64_t count;
};

struct refusals {
    uint32_t day;
    size_t count;
    struct line line[SLOTS];
};

const char *refusal_name(enum refusal refusal)
{
    static const char *const names[] = {NULL,      "grant",   "reciprocity", "epoch",   "generation",
                                        "purpose", "replay",  "party",       "load",    "daily",
                                        "asks",    "entries", "mailbox",     "letters", "split"};
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

/* NULL if there is no line yet and no room for one. */
static struct line *find_line(struct refusals *r, enum refusal refusal, const char *party, const char *purpose)
{
    size_t i = slot_of(party, purpose, refusal);
    for (; r->line[i].refusal != REFUSAL_NONE; i = (i + 1) % SLOTS)
        if (r->line[i].refusal == refusal && strcmp(r->line[i].party, party) == 0 &&
            strcmp(r->line[i].purpose, purpose) == 0)
            return &r->line[i];
    if (r->count == REFUSALS_MAX)
        return NULL;
    r->count++;
    r->line[i].refusal = refusal;
    snprintf(r->line[i].party, sizeof r->line[i].party, "%s", party);
    snprintf(r->line[i].purpose, sizeof r->line[i].purpose, "%s", purpose);
    return &r->line[i];
}

bool refusals_count(struct refusals *refusals, enum refusal refusal, const char *party, const char *purpose,
                    struct event *event)
{
    event_init(event, EVENT_REFUSE);
    if (clock_day(event->time) != refusals->day) {
        memset(refusals, 0, sizeof *refusals);
        refusals->day = clock_day(event->time);
    }
    struct line *line = find_line(refusals, refusal, party, purpose);
    if (line == NULL)
        return false;
    event->count = ++line->count;
    snprintf(event->party, sizeof event->party, "%s", party);
    snprintf(event->purpose, sizeof event->purpose, "%s", purpose);
    snprintf(event->note, sizeof event->note, "%s", refusal_name(refusal));
    return (line->count & (line->count - 1)) == 0;
}
