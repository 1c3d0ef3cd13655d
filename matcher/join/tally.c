#include "matcher/join/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void forget(struct tally *tally)
{
    for (size_t i = 0; i < tally->count; i++) {
        free(tally->line[i].item);
        buf_free(&tally->line[i].bytes);
    }
    tally->count = tally->bytes = 0;
    tally->waiting = 0;
    memset(tally->bucket, -1, sizeof tally->bucket);
}

void tally_init(struct tally *tally)
{
    *tally = (struct tally){0};
    forget(tally);
}

void tally_free(struct tally *tally)
{
    forget(tally);
    free(tally->line);
    tally->line = NULL;
    tally->room = 0;
}

/* --- counting --- */

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

static bool is_line(const struct tally_line *line, const struct tally_key *key)
{
    return line->kind == key->kind && line->party == key->party && line->partner == key->partner &&
           line->purpose == key->purpose && line->epoch == key->epoch;
}

/* The line of these facts, begun if there is none yet. */
static struct tally_line *find_line(struct tally *tally, const struct tally_key *key, struct err *err)
{
    int *bucket = &tally->bucket[(key->party * 31u + key->partner * 7u + (unsigned)key->kind) % TALLY_BUCKETS];
    for (int i = *bucket; i >= 0; i = tally->line[i].next)
        if (is_line(&tally->line[i], key))
            return &tally->line[i];
    struct tally_line *line = new_line(tally, err);
    if (line == NULL)
        return NULL;
    *line = (struct tally_line){.kind = key->kind,
                                .mail = key->mail,
                                .party = key->party,
                                .partner = key->partner,
                                .purpose = key->purpose,
                                .epoch = key->epoch,
                                .bytes = buf_of(STORE_WRITE_BYTES_MAX),
                                .next = *bucket};
    *bucket = (int)tally->count++;
    return line;
}

static int make_room(struct tally_line *line, struct err *err)
{
    if (line->count < line->room)
        return 0;
    size_t room = line->room > 0 ? 2 * line->room : 16;
    struct tally_item *more = realloc(line->item, room * sizeof *more);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for mail");
    line->item = more;
    line->room = room;
    return 0;
}

int tally_add(struct tally *tally, const struct tally_key *key, const uint8_t tag[WIRE_TAG_SIZE], struct span payload,
              struct err *err)
{
    struct tally_key sorted = *key;
    if (key->kind == EVENT_WAIT && key->party > key->partner) {
        sorted.party = key->partner;
        sorted.partner = key->party;
    }
    struct tally_line *line = find_line(tally, &sorted, err);
    if (line == NULL)
        return err_code(err);
    int rc = make_room(line, err);
    if (rc == 0 && payload.len > 0)
        rc = buf_put(&line->bytes, payload.data, payload.len, err);
    if (rc != 0)
        return rc;
    struct tally_item *item = &line->item[line->count];
    *item = (struct tally_item){.at = line->bytes.len - payload.len, .len = payload.len};
    memcpy(item->tag, tag, WIRE_TAG_SIZE);
    line->unordered |= line->count > 0 && memcmp(item[-1].tag, tag, WIRE_TAG_SIZE) > 0;
    line->count++;
    tally->bytes += sizeof *item + payload.len;
    tally->waiting += key->kind == EVENT_WAIT;
    return 0;
}

int tally_add_count(struct tally *tally, const struct tally_key *key, uint64_t asked, struct err *err)
{
    struct tally_line *line = find_line(tally, key, err);
    if (line == NULL)
        return err_code(err);
    line->asked += asked;
    return 0;
}

/* --- writing --- */

static void name_of(char out[PARTY_NAME_MAX + 1], struct store *store, uint16_t id)
{
    const char *name = store_name(store, id);
    snprintf(out, PARTY_NAME_MAX + 1, "%s", name != NULL ? name : "");
}

static int compare_items(const void *left, const void *right)
{
    return memcmp(((const struct tally_item *)left)->tag, ((const struct tally_item *)right)->tag, WIRE_TAG_SIZE);
}

static struct span payload_of(const struct tally_line *line, const struct tally_item *item)
{
    return span_of(item->len > 0 ? line->bytes.data + item->at : NULL, item->len);
}

static void describe(struct tally_line *line, struct store *store, uint64_t time)
{
    struct event *event = &line->event;
    struct event_digest digest;
    event_init(event, line->kind);
    name_of(event->party, store, line->party);
    name_of(event->partner, store, line->partner);
    name_of(event->purpose, store, line->purpose);
    if (line->kind == EVENT_WAIT && strcmp(event->party, event->partner) > 0) {
        name_of(event->party, store, line->partner);
        name_of(event->partner, store, line->party);
    }
    event->time = time;
    event->epoch = line->epoch;
    event->count = line->count + line->asked;
    if (line->unordered)
        qsort(line->item, line->count, sizeof *line->item, compare_items);
    if (line->count == 0)
        return;
    event_digest_start(&digest, event->salt);
    for (size_t i = 0; i < line->count; i++) {
        event_digest_add(&digest, span_of(line->item[i].tag, WIRE_TAG_SIZE));
        if (line->item[i].len > 0)
            event_digest_add(&digest, payload_of(line, &line->item[i]));
    }
    event_digest_end(&digest, event->digest);
}

/* As event.h says; of agencies of one name the one that came first. */
static int compare_lines(const void *left, const void *right)
{
    const struct tally_line *l = left, *r = right;
    const struct event *a = &l->event, *b = &r->event;
    int order = strcmp(a->party, b->party);
    if (order == 0)
        order = strcmp(a->partner, b->partner);
    if (order == 0)
        order = (a->kind > b->kind) - (a->kind < b->kind);
    if (order == 0)
        order = strcmp(a->purpose, b->purpose);
    if (order == 0)
        order = (a->epoch > b->epoch) - (a->epoch < b->epoch);
    if (order == 0)
        order = (l->party > r->party) - (l->party < r->party);
    return order != 0 ? order : (l->partner > r->partner) - (l->partner < r->partner);
}

static enum mailbox_kind mail_kind(const struct tally_line *line)
{
    return line->asked > 0                ? MAILBOX_COUNT
           : line->kind == EVENT_DELIVER  ? MAILBOX_MATCH
           : line->kind == EVENT_WITHDRAW ? MAILBOX_WITHDRAWN
                                          : MAILBOX_ASKED;
}

/* The time of a count is the first second of the day that it is of. */
static int put_mail(const struct tally_line *line, struct store_write *write, uint64_t leaf, const struct event *cause,
                    struct err *err)
{
    struct store_message message = {.kind = mail_kind(line),
                                    .purpose = line->purpose,
                                    .partner = line->partner,
                                    .epoch = line->epoch,
                                    .time = line->asked > 0 ? cause->until - 86400 : cause->time,
                                    .leaf = leaf,
                                    .count = line->asked};
    int rc = line->asked > 0 ? store_mailbox_append(write, line->party, &message, NULL, err) : 0;
    for (size_t i = 0; rc == 0 && i < line->count; i++) {
        memcpy(message.tag, line->item[i].tag, WIRE_TAG_SIZE);
        message.payload = payload_of(line, &line->item[i]);
        rc = store_mailbox_append(write, line->party, &message, NULL, err);
    }
    return rc;
}

static void put_waiting(const struct tally_line *line, struct store_write *write, uint64_t cause)
{
    const struct store_pair pair = {.purpose = line->purpose, .low = line->party, .high = line->partner};
    struct store_waiting waiting = {.leaf = cause, .epoch = line->epoch};
    for (size_t i = 0; i < line->count; i++) {
        memcpy(waiting.tag, line->item[i].tag, WIRE_TAG_SIZE);
        store_waiting_put(write, &pair, &waiting);
    }
}

int tally_write(struct tally *tally, struct store_write *write, const struct event *cause, uint64_t *index,
                struct buf *encoded, struct err *err)
{
    uint64_t first = 0, leaf = 0;
    int rc = store_event(write, cause, &first, encoded, err);
    if (index != NULL)
        *index = first;
    for (size_t i = 0; i < tally->count; i++)
        describe(&tally->line[i], store_of(write), cause->time);
    if (tally->count > 1)
        qsort(tally->line, tally->count, sizeof *tally->line, compare_lines);
    for (size_t i = 0; rc == 0 && i < tally->count; i++) {
        const struct tally_line *line = &tally->line[i];
        rc = store_event(write, &line->event, &leaf, NULL, err);
        if (rc == 0 && line->kind == EVENT_WAIT)
            put_waiting(line, write, first);
        else if (rc == 0 && line->mail)
            rc = put_mail(line, write, leaf, cause, err);
    }
    forget(tally);
    return rc;
}
