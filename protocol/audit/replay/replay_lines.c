#include "protocol/audit/replay/replay_lines.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 1024
#define LINES_MAX 131072
#define OWED_MAX 1024 /* omissions that a later delivery may make up for */

struct line {
    enum event_kind kind;
    int party, partner; /* -1: a name that no manifest knows */
    uint32_t epoch;
    uint64_t index; /* of the event that says it; FINDING_NONE */
    uint64_t said, due;
    bool settled; /* a finding has named it */
    uint8_t digest[EVENT_DIGEST_SIZE];
    struct event_digest running;
    int next; /* of the same bucket, -1 ends */
};

/* Something that was not delivered when it should have been. */
struct owed {
    enum event_kind kind;
    int party, partner;
    char purpose[PARTY_NAME_MAX + 1];
    uint64_t count, index;
};

struct replay_lines {
    const struct manifests *manifests;
    struct findings *findings;
    const char *origin;
    struct event cause;
    uint64_t index;
    struct line *line;
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
    *out = l;
    return 0;
}

void replay_lines_free(struct replay_lines *lines)
{
    if (lines == NULL)
        return;
    free(lines->line);
    free(lines);
}

void replay_lines_begin(struct replay_lines *lines, uint64_t index, const struct event *cause)
{
    lines->cause = *cause;
    lines->index = index;
    lines->count = 0;
    memset(lines->bucket, -1, sizeof lines->bucket);
}

/* The line of these facts; NULL if there is none. */
static struct line *find_line(const struct replay_lines *l, enum event_kind kind, int party, int partner,
                              uint32_t epoch, size_t *bucket)
{
    *bucket = ((size_t)(party + 1) * 31 + (size_t)(partner + 1) * 7 + (size_t)kind) % BUCKETS;
    for (int i = l->bucket[*bucket]; i >= 0; i = l->line[i].next) {
        struct line *line = &l->line[i];
        if (line->kind == kind && line->party == party && line->partner == partner && line->epoch == epoch)
            return line;
    }
    return NULL;
}

static struct line *new_line(struct replay_lines *l, size_t bucket, struct err *err)
{
    if (l->count == LINES_MAX) {
        err_set(err, ERR_INPUT, "more than %d lines follow entry %" PRIu64, LINES_MAX, l->index);
        return NULL;
    }
    if (l->count == l->room) {
        size_t room = l->room > 0 ? 2 * l->room : 64;
        struct line *more = realloc(l->line, room * sizeof *more);
        if (more == NULL) {
            err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
            return NULL;
        }
        l->line = more;
        l->room = room;
    }
    struct line *line = &l->line[l->count];
    *line = (struct line){.index = FINDING_NONE, .next = l->bucket[bucket]};
    l->bucket[bucket] = (int)l->count++;
    return line;
}

int replay_lines_said(struct replay_lines *lines, uint64_t index, const struct event *event, struct err *err)
{
    size_t bucket;
    int party = manifests_number(lines->manifests, event->party),
        partner = manifests_number(lines->manifests, event->partner);
    struct line *line = find_line(lines, event->kind, party, partner, (uint32_t)event->epoch, &bucket);
    if (line == NULL && (line = new_line(lines, bucket, err)) == NULL)
        return (int)err->code;
    line->kind = event->kind;
    line->party = party;
    line->partner = partner;
    line->epoch = (uint32_t)event->epoch;
    line->index = index;
    line->said += event->count;
    memcpy(line->digest, event->digest, sizeof line->digest);
    event_digest_start(&line->running, event->salt);
    return 0;
}

int replay_lines_due(struct replay_lines *lines, enum event_kind kind, int party, int partner, uint32_t epoch,
                     struct span tag, struct span payload, struct err *err)
{
    size_t bucket;
    struct line *line = find_line(lines, kind, party, partner, epoch, &bucket);
    if (line == NULL) {
        if ((line = new_line(lines, bucket, err)) == NULL)
            return (int)err->code;
        line->kind = kind;
        line->party = party;
        line->partner = partner;
        line->epoch = epoch;
    }
    line->due++;
    if (line->index == FINDING_NONE)
        return 0;
    event_digest_add(&line->running, tag);
    if (payload.len > 0)
        event_digest_add(&line->running, payload);
    return 0;
}

/* --- comparing --- */

static const char *name_of(const struct replay_lines *l, int number)
{
    return number < 0 ? "somebody whom no manifest knows" : l->manifests->name[number];
}

static const char *what_of(const struct line *line)
{
    return line->kind == EVENT_DELIVER ? "matches" : "withdrawals";
}

/* Nothing of what was due to one agency was said, and as much of the same partner's was said to another to whom none
 * was due. */
static void find_misdirected(struct replay_lines *l, struct line *due)
{
    for (size_t i = 0; due->said == 0 && i < l->count; i++) {
        struct line *said = &l->line[i];
        if (said->due > 0 || said->settled || said->kind != due->kind || said->partner != due->partner ||
            said->epoch != due->epoch || said->said != due->due)
            continue;
        findings_add(l->findings, FINDING_MATCH_MISDIRECTED, l->origin, said->index,
                     "%" PRIu64 " %s of %s for %s that were due to %s went to %s", said->said, what_of(said),
                     name_of(l, said->partner), l->cause.purpose, name_of(l, due->party), name_of(l, said->party));
        said->settled = due->settled = true;
        return;
    }
}

static void find_omitted(struct replay_lines *l, const struct line *line)
{
    findings_add(l->findings, FINDING_MATCH_OMITTED, l->origin, l->index,
                 "%" PRIu64 " %s of %s for %s were due to %s when %s did this %s; %" PRIu64 " were told", line->due,
                 what_of(line), name_of(l, line->partner), l->cause.purpose, name_of(l, line->party),
                 l->cause.party[0] != '\0' ? l->cause.party : "a manifest", event_kind_name(l->cause.kind), line->said);
    if (l->owed_count == OWED_MAX)
        return;
    struct owed *owed = &l->owed[l->owed_count++];
    *owed = (struct owed){line->kind, line->party, line->partner, "", line->due - line->said, l->index};
    memcpy(owed->purpose, l->cause.purpose, sizeof owed->purpose);
}

/* More than was due: what was owed since an earlier cause, or nothing that there is. */
static void find_more(struct replay_lines *l, const struct line *line)
{
    uint64_t more = line->said - line->due;
    for (size_t i = 0; i < l->owed_count; i++) {
        struct owed *owed = &l->owed[i];
        if (owed->kind != line->kind || owed->party != line->party || owed->partner != line->partner ||
            strcmp(owed->purpose, l->cause.purpose) != 0 || owed->count > more)
            continue;
        findings_add(l->findings, FINDING_MATCH_LATE, l->origin, line->index,
                     "%" PRIu64 " %s of %s for %s went to %s here that were due behind entry %" PRIu64, owed->count,
                     what_of(line), name_of(l, line->partner), l->cause.purpose, name_of(l, line->party), owed->index);
        more -= owed->count;
        *owed = l->owed[--l->owed_count];
        i--;
    }
    if (more > 0)
        findings_add(l->findings, FINDING_MATCH_INVENTED, l->origin, line->index,
                     "%" PRIu64 " %s of %s for %s went to %s that there are not: %" PRIu64 " were due", more,
                     what_of(line), name_of(l, line->partner), l->cause.purpose, name_of(l, line->party), line->due);
}

static bool digest_is_right(const struct line *line)
{
    uint8_t digest[EVENT_DIGEST_SIZE];
    struct event_digest running = line->running;
    event_digest_end(&running, digest);
    return memcmp(digest, line->digest, sizeof digest) == 0;
}

void replay_lines_compare(struct replay_lines *lines, bool partly)
{
    for (size_t i = 0; !partly && i < lines->count; i++)
        if (lines->line[i].due > 0)
            find_misdirected(lines, &lines->line[i]);
    for (size_t i = 0; i < lines->count; i++) {
        const struct line *line = &lines->line[i];
        if (line->settled)
            continue;
        if (line->due > line->said)
            find_omitted(lines, line);
        else if (line->said > line->due && !partly)
            find_more(lines, line);
        else if (!partly && !digest_is_right(line))
            findings_add(lines->findings, FINDING_MATCH_OTHER, lines->origin, line->index,
                         "%" PRIu64 " %s of %s for %s went to %s, as many as were due, but not these", line->said,
                         what_of(line), name_of(lines, line->partner), lines->cause.purpose,
                         name_of(lines, line->party));
    }
}
