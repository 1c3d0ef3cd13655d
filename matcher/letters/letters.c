#include "matcher/letters/letters.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAPSE_STEP 256
#define DAY 86400

/* --- prekeys --- */

static int check_statement(struct prekey *prekey, const struct letters_job *job, struct err *err)
{
    int rc = prekey_decode(prekey, job->prekey.statement, err);
    if (rc == 0)
        rc = prekey_verify(prekey, job->world->region->name, *job->from_digest, job->from->sign, err);
    if (rc == 0 && prekey->valid_until <= job->time)
        rc = err_set(err, ERR_INPUT, "prekey %" PRIu64 " is over", prekey->number);
    return rc;
}

int letters_check_prekey(struct letters_job *job, struct store *store, struct event *event, struct err *err)
{
    struct store_prekey known;
    struct prekey prekey, before;
    struct buf bytes = buf_of(8 + STORE_PREKEY_MAX);
    int rc = check_statement(&prekey, job, err);
    bool found = false;
    if (rc == 0 && (rc = store_prekey_get(store, job->from_id, &known, &bytes, err)) == 0) {
        found = true;
        rc = prekey_decode(&before, known.statement, err);
    } else if (rc == ERR_NOT_FOUND) {
        rc = 0;
    }
    if (rc == 0 && prekey_follows(&prekey, found ? &before : NULL, err) != 0)
        rc = err_set(err, ERR_CONFLICT, "prekey %" PRIu64 " does not follow on your newest one, %" PRIu64,
                     prekey.number, found ? before.number : 0);
    if (rc == 0)
        rc = letters_describe_prekey(event, &prekey, err);
    buf_free(&bytes);
    return rc;
}

int letters_take_prekey(const struct letters_job *job, struct store_write *write, uint64_t leaf, struct err *err)
{
    return store_prekey_put(write, job->from_id, &(struct store_prekey){leaf, job->prekey.statement}, err);
}

/* --- letters --- */

static int refuse(struct letters_job *job, enum refusal refusal, bool full)
{
    job->refusal = refusal;
    job->full = full;
    return ERR_DENIED;
}

static const char *purpose_of(const struct letters_job *job)
{
    return job->scope != NULL ? job->scope->purpose : "";
}

static int find_recipient(struct letters_job *job, struct store *store, const struct party **to, struct err *err)
{
    const struct region *r = job->world->region;
    *to = region_find_party_by_digest(r, job->letter.recipient);
    job->to_id = store_agency(store, job->letter.recipient);
    if (*to == NULL || job->to_id == 0) {
        err_set(err, ERR_DENIED, "the recipient is no party of the manifest in force");
        return refuse(job, REFUSAL_PARTY, false);
    }
    const char *hindrance = region_letter_hindrance(r, job->from, *to, purpose_of(job));
    if (hindrance == NULL)
        return 0;
    err_set(err, ERR_DENIED, "no letter goes from you to %s: %s", (*to)->name, hindrance);
    return refuse(job, REFUSAL_GRANT, false);
}

/* The recipient has published that one, or a newer one since. */
static int check_prekey(const struct letters_job *job, struct store *store, const struct party *to, struct err *err)
{
    struct store_prekey known;
    struct prekey newest = {.number = 0};
    uint64_t number = 0;
    struct buf bytes = buf_of(8 + STORE_PREKEY_MAX);
    int rc = letter_prekey(&number, job->letter.letter, err);
    if (rc == 0 && (rc = store_prekey_get(store, job->to_id, &known, &bytes, err)) == 0)
        rc = prekey_decode(&newest, known.statement, err);
    else if (rc == ERR_NOT_FOUND)
        rc = 0;
    if (rc == 0 && (number == 0 || number > newest.number))
        rc = err_set(err, ERR_CONFLICT, "%s has published no prekey %" PRIu64, to->name, number);
    buf_free(&bytes);
    return rc;
}

/* Positions of an agency and a purpose; NULL for whom no limits are set. */
static const struct region_limits *limits_of(const struct letters_job *job, const struct party *party)
{
    const struct region *r = job->world->region;
    const int agency = region_find_agency(r, party->name), purpose = region_find_purpose(r, purpose_of(job));
    return agency >= 0 && purpose >= 0 ? world_limits(job->world, (size_t)purpose, (size_t)agency) : NULL;
}

static int check_sent(struct letters_job *job, struct store *store, struct err *err)
{
    const int purpose = region_find_purpose(job->world->region, purpose_of(job));
    const uint16_t id = purpose >= 0 ? job->world->purpose_id[purpose] : 0;
    const struct region_limits *limits = limits_of(job, job->from);
    const uint64_t limit = limits != NULL ? limits->letters : LETTERS_PLAIN, day = job->time / DAY;
    int rc = store_sent_get(store, job->from_id, id, &job->sent, err);
    if (rc != 0)
        return rc;
    if (job->sent.day != day)
        job->sent = (struct store_sent){day, 0};
    job->sent.units += letters_units(job->letter.letter.len);
    if (job->sent.units <= limit)
        return 0;
    err_set(err, ERR_DENIED, "the day's letters about %s are used up: the limit is %" PRIu64 " of %u bytes",
            id != 0 ? purpose_of(job) : "no purpose", limit, LETTERS_UNIT);
    return refuse(job, REFUSAL_LETTERS, true);
}

static int check_room(struct letters_job *job, struct store *store, const struct party *to, struct err *err)
{
    const struct store_mailbox box = store_mailbox_now(store, job->to_id);
    const struct region_limits *limits = limits_of(job, to);
    const uint64_t limit = limits != NULL ? limits->mailbox : LETTERS_PLAIN, waiting = box.last - box.acknowledged;
    if (waiting <= limit)
        return 0;
    err_set(err, ERR_DENIED,
            "%s has %" PRIu64 " messages waiting, the limit is %" PRIu64 ": try again when it was there", to->name,
            waiting, limit);
    return refuse(job, REFUSAL_MAILBOX, true);
}

int letters_check_letter(struct letters_job *job, struct store *store, struct event *event, struct err *err)
{
    const struct party *to = NULL;
    int rc = find_recipient(job, store, &to, err);
    if (rc == 0)
        rc = check_prekey(job, store, to, err);
    if (rc == 0)
        rc = check_sent(job, store, err);
    if (rc == 0)
        rc = check_room(job, store, to, err);
    if (rc != 0)
        return rc;
    snprintf(event->partner, sizeof event->partner, "%s", to->name);
    if (job->scope != NULL) {
        snprintf(event->purpose, sizeof event->purpose, "%s", job->scope->purpose);
        event->epoch = job->scope->epoch;
    }
    letters_describe(event, job->letter.letter);
    memcpy(job->digest, event->digest, sizeof job->digest);
    return 0;
}

int letters_take_letter(const struct letters_job *job, struct store_write *write, uint64_t leaf, struct err *err)
{
    const int purpose = region_find_purpose(job->world->region, purpose_of(job));
    const uint16_t id = purpose >= 0 ? job->world->purpose_id[purpose] : 0;
    const struct store_message message = {.kind = MAILBOX_LETTER,
                                          .purpose = id,
                                          .partner = job->from_id,
                                          .epoch = job->scope != NULL ? job->scope->epoch : 0,
                                          .time = job->time,
                                          .leaf = leaf,
                                          .payload = job->letter.letter,
                                          .letter = job->digest};
    struct store_lying lying = {.time = job->time, .party = job->to_id};
    int rc = store_mailbox_append(write, job->to_id, &message, &lying.sequence, err);
    if (rc != 0)
        return rc;
    store_lying_put(write, &lying);
    store_sent_put(write, job->from_id, id, &job->sent);
    return 0;
}

/* --- what nobody fetched --- */

/* The letters to the one at `first`, with one event; those are marked by party 0. */
static int lapse_party(struct store_write *write, uint64_t now, struct store_lying *list, size_t first, size_t count,
                       struct err *err)
{
    const uint16_t party = list[first].party;
    struct event event;
    event_init(&event, EVENT_LAPSE);
    event.time = now;
    snprintf(event.party, sizeof event.party, "%s", store_name(store_of(write), party));
    for (size_t i = first; i < count; i++) {
        if (list[i].party != party)
            continue;
        if (store_lying_end(write, &list[i])) {
            event.count++;
            event.until = list[i].time;
        }
        list[i].party = 0;
    }
    return event.count > 0 ? store_event(write, &event, NULL, NULL, err) : 0;
}

int letters_lapse(struct store_write *write, uint64_t now, bool *more, struct err *err)
{
    struct store_lying list[LAPSE_STEP];
    size_t count = 0;
    int rc = now < LETTERS_LIFE ? 0 : store_lying(write, now - LETTERS_LIFE, list, LAPSE_STEP, &count, err);
    *more = *more || count == LAPSE_STEP;
    for (size_t i = 0; rc == 0 && i < count; i++)
        if (list[i].party != 0)
            rc = lapse_party(write, now, list, i, count, err);
    return rc;
}
