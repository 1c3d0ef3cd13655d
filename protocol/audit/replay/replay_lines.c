#include "protocol/audit/replay/replay_lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 1024
#define LINES_MAX 131072
#define BYTES_MAX (1u << 30) /* of payloads of one line */
#define OWED_MAX 1024        /* omissions that a later delivery may make up for */

struct item {
    uint8_t tag[WIRE_TAG_SIZE];
    size_t at, len; /* of its payload in the line's bytes */
};

struct replay_line {
    struct replay_line_key key; /* numbers are -1 for a name that no manifest knows */
    uint64_t index;             /* of the event that says it; FINDING_NONE */
    uint64_t said, due;
    uint64_t held; /* couples that wait: due to nobody */
    bool settled;  /* a finding has named it */
    bool plain;    /* a count without digest */
    bool two;      /* agencies of one name, or the ledger has it twice */
    uint8_t salt[EVENT_SALT_SIZE], digest[EVENT_DIGEST_SIZE];
    struct item *item;
    size_t items, room;
    bool unsorted;
    struct buf bytes;
    int next; /* of the same bucket, -1 ends */
};

/* Something that was not delivered when it should have been. */
struct owed {
    struct replay_line_key key;
    uint64_t count, index;
};

struct replay_lines {
    const struct manifests *manifests;
    struct findings *findings;
    const char *origin;
    struct event cause;
    uint64_t index;
    struct replay_line *line;
    size_t count, room;
    int bucket[BUCKETS];
    struct owed owed[OWED_MAX];
    size_t owed_count;
};

int replay_lines_new(struct replay_lines **out, const struct manifests *manifests, struct findings *findings,
                     const char *origin, struct err *err)
{
    struct replay_lines *l = calloc(1, sizeof *l);
    if (l == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
    l->manifests = manifests;
    l->findings = findings;
    l->origin = origin;
    memset(l->bucket, -1, sizeof l->bucket);
    *out = l;
    return 0;
}

static void forget(struct replay_lines *l)
{
    for (size_t i = 0; i < l->count; i++) {
        free(l->line[i].item);
        buf_free(&l->line[i].bytes);
    }
    l->count = 0;
    memset(l->bucket, -1, sizeof l->bucket);
}

void replay_lines_free(struct replay_lines *lines)
{
    if (lines == NULL)
        return;
    forget(lines);
    free(lines->line);
    free(lines);
}

void replay_lines_begin(struct replay_lines *lines, uint64_t index, const struct event *cause)
{
    lines->cause = *cause;
    lines->index = index;
    forget(lines);
}

/* --- collecting --- */

/* A wait is of both, the one whose name comes first as party. */
static struct replay_line_key ordered(const struct replay_lines *l, const struct replay_line_key *key)
{
    struct replay_line_key out = *key;
    if (key->kind == EVENT_WAIT && key->party >= 0 && key->partner >= 0 &&
        strcmp(l->manifests->name[key->party], l->manifests->name[key->partner]) > 0) {
        out.party = key->partner;
        out.partner = key->party;
    }
    return out;
}

static bool same_key(const struct replay_line_key *a, const struct replay_line_key *b)
{
    return a->kind == b->kind && a->party == b->party && a->partner == b->partner && a->purpose == b->purpose &&
           a->epoch == b->epoch;
}

static size_t bucket_of(const struct replay_line_key *key)
{
    return ((size_t)(key->party + 1) * 31 + (size_t)(key->partner + 1) * 7 + (size_t)key->kind) % BUCKETS;
}

/* The line of this key; NULL if there is none. */
static struct replay_line *find_line(const struct replay_lines *l, const struct replay_line_key *key)
{
    for (int i = l->bucket[bucket_of(key)]; i >= 0; i = l->line[i].next)
        if (same_key(&l->line[i].key, key))
            return &l->line[i];
    return NULL;
}

/* The same, begun if there is none; NULL with err set. */
static struct replay_line *line_of(struct replay_lines *l, const struct replay_line_key *key, struct err *err)
{
    struct replay_line *line = find_line(l, key);
    if (line != NULL)
        return line;
    if (l->count == LINES_MAX) {
        err_set(err, ERR_INPUT, "more than %d lines follow entry %" PRIu64, LINES_MAX, l->index);
        return NULL;
    }
    if (l->count == l->room) {
        size_t room = l->room > 0 ? 2 * l->room : 64;
        struct replay_line *more = realloc(l->line, room * sizeof *more);
        if (more == NULL) {
            err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
            return NULL;
        }
        l->line = more;
        l->room = room;
    }
    int *bucket = &l->bucket[bucket_of(key)];
    line = &l->line[l->count];
    *line = (struct replay_line){.key = *key, .index = FINDING_NONE, .bytes = buf_of(BYTES_MAX), .next = *bucket};
    *bucket = (int)l->count++;
    return line;
}

int replay_lines_said(struct replay_lines *lines, uint64_t index, const struct event *event, struct err *err)
{
    const struct replay_line_key key = {.kind = event->kind,
                                        .party = manifests_number(lines->manifests, event->party),
                                        .partner = manifests_number(lines->manifests, event->partner),
                                        .purpose = manifests_number(lines->manifests, event->purpose),
                                        .epoch = (uint32_t)event->epoch};
    struct replay_line *line = line_of(lines, &key, err);
    if (line == NULL)
        return err_code(err);
    line->two = line->index != FINDING_NONE;
    line->index = index;
    line->said += event->count;
    memcpy(line->digest, event->digest, sizeof line->digest);
    memcpy(line->salt, event->salt, sizeof line->salt);
    return 0;
}

bool replay_lines_has(const struct replay_lines *lines, enum event_kind kind)
{
    for (size_t i = 0; i < lines->count; i++)
        if (lines->line[i].key.kind == kind && lines->line[i].said > 0)
            return true;
    return false;
}

static int keep_item(struct replay_line *line, const uint8_t tag[WIRE_TAG_SIZE], struct span payload, struct err *err)
{
    if (line->items == line->room) {
        size_t room = line->room > 0 ? 2 * line->room : 64;
        struct item *more = realloc(line->item, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
        line->item = more;
        line->room = room;
    }
    struct item *item = &line->item[line->items++];
    *item = (struct item){.at = line->bytes.len, .len = payload.len};
    memcpy(item->tag, tag, WIRE_TAG_SIZE);
    line->unsorted = line->unsorted || (line->items > 1 && memcmp(item[-1].tag, tag, WIRE_TAG_SIZE) > 0);
    return payload.len > 0 ? buf_put(&line->bytes, payload.data, payload.len, err) : 0;
}

/* Who it is. Two under one name are not told apart by the ledger. */
static void about(struct replay_line *line, const struct replay_line_key *key)
{
    line->two = line->two || (line->due > 0 && (line->key.to != key->to || line->key.from != key->from));
    line->key.to = key->to;
    line->key.from = key->from;
}

int replay_lines_due(struct replay_lines *lines, const struct replay_line_key *key, const uint8_t tag[WIRE_TAG_SIZE],
                     struct span payload, struct err *err)
{
    const struct replay_line_key sorted = ordered(lines, key);
    struct replay_line *line = line_of(lines, &sorted, err);
    if (line == NULL)
        return err_code(err);
    about(line, &sorted);
    line->due++;
    return line->index == FINDING_NONE ? 0 : keep_item(line, tag, payload, err);
}

int replay_lines_due_count(struct replay_lines *lines, const struct replay_line_key *key, uint64_t count,
                           struct err *err)
{
    struct replay_line *line = line_of(lines, key, err);
    if (line == NULL)
        return err_code(err);
    about(line, key);
    line->due += count;
    line->plain = true;
    return 0;
}

int replay_lines_held(struct replay_lines *lines, const struct replay_line_key *key, struct err *err)
{
    struct replay_line *line = line_of(lines, key, err);
    if (line == NULL)
        return err_code(err);
    line->held++;
    return 0;
}

/* --- comparing --- */

static const char *name_of(const struct replay_lines *l, int number)
{
    return number < 0 ? "somebody whom no manifest knows" : l->manifests->name[number];
}

static const char *purpose_of(const struct replay_lines *l, const struct replay_line *line)
{
    return line->key.purpose < 0 ? "no purpose" : l->manifests->name[line->key.purpose];
}

static const char *what_of(const struct replay_line *line)
{
    switch (line->key.kind) {
    case EVENT_DELIVER:
        return "matches";
    case EVENT_WITHDRAW:
        return "withdrawals";
    case EVENT_ASKED:
        return "questions";
    default:
        return "waiting couples";
    }
}

static struct replay_line_key of_the_same(const struct replay_line *line, enum event_kind kind, int party, int partner)
{
    struct replay_line_key out = line->key;
    out.kind = kind;
    out.party = party;
    out.partner = partner;
    return out;
}

/*
 * Couples that had to wait, for they were beyond the limit or others waited already, and were delivered. Where they
 * came to be, both sides were told and a wait is missing; else one side got a payload before it was due.
 */
static void find_early(struct replay_lines *l, struct replay_line *line)
{
    const struct replay_line_key back = of_the_same(line, EVENT_DELIVER, line->key.partner, line->key.party);
    const struct replay_line_key wait = of_the_same(line, EVENT_WAIT, line->key.party, line->key.partner);
    const struct replay_line_key sorted = ordered(l, &wait);
    uint64_t more = line->said - line->due;
    struct replay_line *other = find_line(l, &back), *waits = find_line(l, &sorted);
    if (line->key.kind != EVENT_DELIVER || line->said <= line->due || line->held < more)
        return;
    findings_add(l->findings, FINDING_MATCH_EARLY, l->origin, line->index,
                 "%" PRIu64 " matches of %s for %s went to %s that had to wait: beyond the limit, or before their turn",
                 more, name_of(l, line->key.partner), purpose_of(l, line), name_of(l, line->key.party));
    line->settled = true;
    if (waits != NULL && waits->due > waits->said && waits->due - waits->said == more)
        waits->settled = true;
    if (waits != NULL && waits->settled && other != NULL && other->said >= other->due &&
        other->said - other->due == more)
        other->settled = true;
}

/* Nothing of what was due to one agency was said, and as much of the same partner's was said to another to whom none
 * was due. */
static void find_misdirected(struct replay_lines *l, struct replay_line *due)
{
    for (size_t i = 0; due->said == 0 && i < l->count; i++) {
        struct replay_line *said = &l->line[i];
        if (said->due > 0 || said->settled || said->key.kind != due->key.kind ||
            said->key.partner != due->key.partner || said->key.purpose != due->key.purpose ||
            said->key.epoch != due->key.epoch || said->said != due->due)
            continue;
        findings_add(l->findings, FINDING_MATCH_MISDIRECTED, l->origin, said->index,
                     "%" PRIu64 " %s of %s for %s that were due to %s went to %s", said->said, what_of(said),
                     name_of(l, said->key.partner), purpose_of(l, said), name_of(l, due->key.party),
                     name_of(l, said->key.party));
        said->settled = due->settled = true;
        return;
    }
}

static void find_omitted(struct replay_lines *l, const struct replay_line *line)
{
    findings_add(l->findings, FINDING_MATCH_OMITTED, l->origin, l->index,
                 "%" PRIu64 " %s of %s for %s were due to %s when %s did this %s; %" PRIu64 " were told", line->due,
                 what_of(line), name_of(l, line->key.partner), purpose_of(l, line), name_of(l, line->key.party),
                 l->cause.party[0] != '\0' ? l->cause.party : "a manifest", event_kind_name(l->cause.kind), line->said);
    if (l->owed_count < OWED_MAX)
        l->owed[l->owed_count++] = (struct owed){line->key, line->due - line->said, l->index};
}

/* More than was due: what was owed since an earlier cause, or nothing that there is. */
static void find_more(struct replay_lines *l, const struct replay_line *line)
{
    uint64_t more = line->said - line->due;
    for (size_t i = 0; i < l->owed_count; i++) {
        struct owed *owed = &l->owed[i];
        struct replay_line_key key = owed->key;
        key.epoch = line->key.epoch;
        if (!same_key(&key, &line->key) || owed->count > more)
            continue;
        findings_add(l->findings, FINDING_MATCH_LATE, l->origin, line->index,
                     "%" PRIu64 " %s of %s for %s went to %s here that were due behind entry %" PRIu64, owed->count,
                     what_of(line), name_of(l, line->key.partner), purpose_of(l, line), name_of(l, line->key.party),
                     owed->index);
        more -= owed->count;
        *owed = l->owed[--l->owed_count];
        i--;
    }
    if (more > 0)
        findings_add(l->findings, FINDING_MATCH_INVENTED, l->origin, line->index,
                     "%" PRIu64 " %s of %s for %s went to %s that there are not: %" PRIu64 " were due", more,
                     what_of(line), name_of(l, line->key.partner), purpose_of(l, line), name_of(l, line->key.party),
                     line->due);
}

static int compare_items(const void *left, const void *right)
{
    return memcmp(((const struct item *)left)->tag, ((const struct item *)right)->tag, WIRE_TAG_SIZE);
}

static struct span payload_of(const struct replay_line *line, const struct item *item)
{
    return span_of(item->len > 0 ? line->bytes.data + item->at : NULL, item->len);
}

/* Couples meet as they waited and entries expire by age, while the tags of a line ascend. */
static void sort_items(struct replay_line *line)
{
    if (line->unsorted)
        qsort(line->item, line->items, sizeof *line->item, compare_items);
    line->unsorted = false;
}

static bool digest_is_right(struct replay_line *line)
{
    uint8_t digest[EVENT_DIGEST_SIZE];
    struct event_digest running;
    if (line->plain)
        return true;
    sort_items(line);
    event_digest_start(&running, line->salt);
    for (size_t i = 0; i < line->items; i++) {
        const struct span payload = payload_of(line, &line->item[i]);
        event_digest_add(&running, span_of(line->item[i].tag, WIRE_TAG_SIZE));
        if (payload.len > 0)
            event_digest_add(&running, payload);
    }
    event_digest_end(&running, digest);
    return memcmp(digest, line->digest, sizeof digest) == 0;
}

static void compare_line(struct replay_lines *l, struct replay_line *line, bool partly)
{
    if (line->due > line->said)
        find_omitted(l, line);
    else if (line->said > line->due && !partly)
        find_more(l, line);
    else if (!partly && line->said > 0 && !digest_is_right(line))
        findings_add(l->findings, FINDING_MATCH_OTHER, l->origin, line->index,
                     "%" PRIu64 " %s of %s for %s went to %s, as many as were due, but not these", line->said,
                     what_of(line), name_of(l, line->key.partner), purpose_of(l, line), name_of(l, line->key.party));
}

void replay_lines_compare(struct replay_lines *lines, bool partly)
{
    for (size_t i = 0; !partly && i < lines->count; i++)
        if (!lines->line[i].settled)
            find_early(lines, &lines->line[i]);
    for (size_t i = 0; !partly && i < lines->count; i++)
        if (lines->line[i].due > 0 && !lines->line[i].settled)
            find_misdirected(lines, &lines->line[i]);
    for (size_t i = 0; i < lines->count; i++)
        if (!lines->line[i].settled)
            compare_line(lines, &lines->line[i], partly);
}

/* --- mail --- */

/* Hits are in the answer, and who waits gets nothing. */
static bool is_mail(const struct replay_lines *l, const struct replay_line *line)
{
    return line->said > 0 && line->key.kind != EVENT_WAIT &&
           !(line->key.kind == EVENT_DELIVER && l->cause.kind == EVENT_QUERY);
}

static enum mailbox_kind mail_kind(const struct replay_line *line)
{
    return line->plain                        ? MAILBOX_COUNT
           : line->key.kind == EVENT_DELIVER  ? MAILBOX_MATCH
           : line->key.kind == EVENT_WITHDRAW ? MAILBOX_WITHDRAWN
                                              : MAILBOX_ASKED;
}

/* The time of a count is the first second of the day that it is of. */
static int mail_line(const struct replay_lines *l, const struct replay_line *line, struct replay_mail *mail,
                     const uint8_t partner[PARTY_DIGEST_SIZE], struct err *err)
{
    struct mailbox_message message = {.kind = mail_kind(line),
                                      .epoch = line->key.epoch,
                                      .time = line->plain ? l->cause.until - 86400 : l->cause.time,
                                      .leaf = line->index,
                                      .count = line->plain ? line->said : 0};
    memcpy(message.partner, partner, sizeof message.partner);
    snprintf(message.purpose, sizeof message.purpose, "%s", purpose_of(l, line));
    int rc = line->plain ? replay_mail_add(mail, line->key.to, &message, NULL, err) : 0;
    for (size_t i = 0; rc == 0 && i < line->items; i++) {
        memcpy(message.tag, line->item[i].tag, WIRE_TAG_SIZE);
        message.payload = payload_of(line, &line->item[i]);
        rc = replay_mail_add(mail, line->key.to, &message, NULL, err);
    }
    return rc;
}

int replay_lines_mail(struct replay_lines *lines, struct replay_mail *mail, const struct replay_world *world,
                      struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < lines->count; i++) {
        struct replay_line *line = &lines->line[i];
        if (!is_mail(lines, line))
            continue;
        if (line->due == line->said && !line->two && digest_is_right(line))
            rc = mail_line(lines, line, mail, world->digest[line->key.from], err);
        else
            rc = replay_mail_unknown(mail, name_of(lines, line->key.party), line->said, err);
    }
    return rc;
}
