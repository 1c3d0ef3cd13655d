#include "matcher/join/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void forget(struct tally *tally)
{
    tally->count = 0;
    memset(tally->bucket, -1, sizeof tally->bucket);
}

void tally_init(struct tally *tally)
{
    *tally = (struct tally){0};
    forget(tally);
}

void tally_free(struct tally *tally)
{
    free(tally->line);
    tally->line = NULL;
    tally->room = 0;
    forget(tally);
}

/* Room for one more line; NULL with err set if there is none. */
static struct tally_line *new_line(struct tally *tally, struct err *err)
{
    if (tally->count == TALLY_LINES_MAX) {
        err_set(err, ERR_INTERNAL, "too many pairs of agencies in one write");
        return NULL;
    }
    if (tally->count == tally->room) {
        size_t room = tally->room > 0 ? 2 * tally->room : 16;
        struct tally_line *more = realloc(tally->line, room * sizeof *more);
        if (more == NULL) {
            err_set(err, ERR_NO_MEMORY, "out of memory for ledger events");
            return NULL;
        }
        tally->line = more;
        tally->room = room;
    }
    return &tally->line[tally->count];
}

/* The line of these facts, begun if there is none yet. */
static struct tally_line *find_line(struct tally *tally, enum event_kind kind, uint16_t party, uint16_t partner,
                                    uint16_t purpose, uint32_t epoch, struct err *err)
{
    int *bucket = &tally->bucket[(party * 31u + partner * 7u + (unsigned)kind) % TALLY_BUCKETS];
    for (int i = *bucket; i >= 0; i = tally->line[i].next) {
        struct tally_line *line = &tally->line[i];
        if (line->kind == kind && line->party == party && line->partner == partner && line->purpose == purpose &&
            line->epoch == epoch)
            return line;
    }
    struct tally_line *line = new_line(tally, err);
    if (line == NULL)
        return NULL;
    *line = (struct tally_line){
        .kind = kind, .party = party, .partner = partner, .purpose = purpose, .epoch = epoch, .next = *bucket};
    event_init(&line->event, kind);
    event_digest_start(&line->digest, line->event.salt);
    *bucket = (int)tally->count++;
    return line;
}

int tally_add(struct tally *tally, enum event_kind kind, uint16_t party, uint16_t partner, uint16_t purpose,
              uint32_t epoch, const uint8_t tag[WIRE_TAG_SIZE], struct span payload, struct err *err)
{
    struct tally_line *line = find_line(tally, kind, party, partner, purpose, epoch, err);
    if (line == NULL)
        return (int)err->code;
    line->count++;
    event_digest_add(&line->digest, span_of(tag, WIRE_TAG_SIZE));
    if (payload.len > 0)
        event_digest_add(&line->digest, payload);
    return 0;
}

static void name_of(char out[PARTY_NAME_MAX + 1], struct store *store, uint16_t id)
{
    const char *name = store_name(store, id);
    snprintf(out, PARTY_NAME_MAX + 1, "%s", name != NULL ? name : "");
}

static int compare_lines(const void *left, const void *right)
{
    const struct event *a = &((const struct tally_line *)left)->event, *b = &((const struct tally_line *)right)->event;
    int order = strcmp(a->party, b->party);
    if (order == 0)
        order = strcmp(a->partner, b->partner);
    if (order == 0)
        order = (a->kind > b->kind) - (a->kind < b->kind);
    return order != 0 ? order : (a->epoch > b->epoch) - (a->epoch < b->epoch);
}

int tally_write(struct tally *tally, struct store_write *write, const struct event *cause, uint64_t *index,
                struct buf *encoded, struct err *err)
{
    struct store *store = store_of(write);
    int rc = store_event(write, cause, index, encoded, err);
    for (size_t i = 0; i < tally->count; i++) {
        struct tally_line *line = &tally->line[i];
        name_of(line->event.party, store, line->party);
        name_of(line->event.partner, store, line->partner);
        name_of(line->event.purpose, store, line->purpose);
        line->event.time = cause->time;
        line->event.epoch = line->epoch;
        line->event.count = line->count;
        event_digest_end(&line->digest, line->event.digest);
    }
    if (tally->count > 1)
        qsort(tally->line, tally->count, sizeof *tally->line, compare_lines);
    for (size_t i = 0; rc == 0 && i < tally->count; i++)
        rc = store_event(write, &tally->line[i].event, NULL, NULL, err);
    forget(tally);
    return rc;
}
