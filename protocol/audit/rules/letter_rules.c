#include "protocol/audit/rules/letter_rules.h"

#include "protocol/base/clock.h"
#include "protocol/ledger/letters.h"
#include "protocol/wire/statement.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* What is known of a party, by the digest of its keys: a successor under a known name begins anew. */
struct writer {
    uint8_t identity[PARTY_DIGEST_SIZE];
    uint64_t prekey;                   /* number of the newest one; 0: none yet */
    uint8_t digest[EVENT_DIGEST_SIZE]; /* of that one */
    uint64_t came, lapsed;             /* letters to it */
    struct {
        char purpose[PARTY_NAME_MAX + 1];
        bool used, told;
        uint64_t day, units;
    } sent[REGION_PURPOSES_MAX + 1]; /* of the day's end; one that finds no place is not counted */
};

struct letter_rules {
    struct findings *findings;
    const char *origin;
    uint64_t index;
    struct writer *writer;
    size_t count, room;
};

#define FOUND(r, code, ...) findings_add((r)->findings, code, (r)->origin, (r)->index, __VA_ARGS__)

int letter_rules_new(struct letter_rules **out, struct findings *findings, const char *origin, struct err *err)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the rules of letters");
    **out = (struct letter_rules){.findings = findings, .origin = origin};
    return 0;
}

int letter_rules_copy(struct letter_rules **out, const struct letter_rules *rules, struct err *err)
{
    int rc = letter_rules_new(out, rules->findings, rules->origin, err);
    if (rc != 0 || rules->count == 0)
        return rc;
    struct writer *writer = malloc(rules->count * sizeof *writer);
    if (writer == NULL) {
        letter_rules_free(*out);
        *out = NULL;
        return err_set(err, ERR_NO_MEMORY, "out of memory for the rules of letters");
    }
    memcpy(writer, rules->writer, rules->count * sizeof *writer);
    (*out)->writer = writer;
    (*out)->count = (*out)->room = rules->count;
    return 0;
}

void letter_rules_free(struct letter_rules *rules)
{
    if (rules == NULL)
        return;
    free(rules->writer);
    free(rules);
}

/* NULL with err set where memory runs out. */
static struct writer *writer_of(struct letter_rules *r, const struct party *party, struct err *err)
{
    uint8_t identity[PARTY_DIGEST_SIZE];
    party_digest(identity, party);
    for (size_t i = 0; i < r->count; i++)
        if (memcmp(r->writer[i].identity, identity, sizeof identity) == 0)
            return &r->writer[i];
    if (r->count == r->room) {
        size_t room = r->room > 0 ? 2 * r->room : 64;
        struct writer *more = realloc(r->writer, room * sizeof *more);
        if (more == NULL) {
            err_set(err, ERR_NO_MEMORY, "out of memory for the rules of letters");
            return NULL;
        }
        r->writer = more;
        r->room = room;
    }
    struct writer *w = &r->writer[r->count++];
    *w = (struct writer){.prekey = 0};
    memcpy(w->identity, identity, sizeof identity);
    return w;
}

static const struct party *find_party(struct letter_rules *r, const struct manifest *now, const struct event *e,
                                      const char *name)
{
    const struct party *party = region_find_party(now->region, name);
    if (party == NULL)
        FOUND(r, FINDING_NOT_ALLOWED, "%s of %s, which is no party of manifest version %" PRIu64,
              event_kind_name(e->kind), name[0] != '\0' ? name : "nobody", now->region->version);
    return party;
}

/* --- prekeys --- */

/* As prekey_follows() says: the next number and digest, or a new beginning above it. */
static void check_chain(struct letter_rules *r, const struct writer *w, const struct event *e)
{
    if (e->sequence == w->prekey + 1 && memcmp(e->chain, w->digest, sizeof e->chain) == 0)
        return;
    if (e->sequence > w->prekey + 1 && sodium_is_zero(e->chain, sizeof e->chain) == 1)
        return;
    if (e->sequence == w->prekey && memcmp(e->digest, w->digest, sizeof e->digest) != 0)
        FOUND(r, FINDING_PREKEY, "two prekeys of %s have the number %" PRIu64, e->party, e->sequence);
    else
        FOUND(r, FINDING_PREKEY, "prekey %" PRIu64 " of %s does not follow on prekey %" PRIu64, e->sequence, e->party,
              w->prekey);
}

static int check_prekey(struct letter_rules *r, const struct manifest *now, const struct event *e, struct err *err)
{
    const struct party *party = find_party(r, now, e, e->party);
    struct writer *w = party != NULL ? writer_of(r, party, err) : NULL;
    if (w == NULL)
        return party != NULL ? err_code(err) : 0;
    check_chain(r, w, e);
    if (e->until <= e->time || e->until > e->time + WIRE_AGE_MAX + PREKEY_VALID + PREKEY_CLOCK_AHEAD)
        FOUND(r, FINDING_NOT_CONSISTENT, "a prekey of %s that was over, or is valid for too long", e->party);
    if (e->sequence > w->prekey) {
        w->prekey = e->sequence;
        memcpy(w->digest, e->digest, sizeof w->digest);
    }
    return 0;
}

/* --- letters --- */

static bool is_size(uint64_t size)
{
    return size > LETTER_OVERHEAD && size <= LETTER_SIZE_MAX && letter_size(size - LETTER_OVERHEAD) == size;
}

static uint64_t limit_of(const struct manifest *now, const struct event *e)
{
    const int agency = region_find_agency(now->region, e->party),
              purpose = region_find_purpose(now->region, e->purpose);
    return agency >= 0 && purpose >= 0 ? region_limits(now->region, agency, purpose)->letters : LETTERS_PLAIN;
}

static void count_sent(struct letter_rules *r, const struct manifest *now, struct writer *w, const struct event *e)
{
    const uint64_t day = clock_day(e->time);
    for (size_t i = 0; i < ARRAY_LEN(w->sent); i++) {
        if (w->sent[i].used && strcmp(w->sent[i].purpose, e->purpose) != 0)
            continue;
        if (!w->sent[i].used || w->sent[i].day != day) {
            w->sent[i].used = true;
            w->sent[i].told = false;
            w->sent[i].day = day;
            w->sent[i].units = 0;
            memcpy(w->sent[i].purpose, e->purpose, sizeof w->sent[i].purpose);
        }
        w->sent[i].units += letters_units(e->size);
        if (w->sent[i].units > limit_of(now, e) && !w->sent[i].told) {
            w->sent[i].told = true;
            FOUND(r, FINDING_NOT_ALLOWED, "%s sent more letters about %s on a day than the %" PRIu64 " that it may",
                  e->party, e->purpose[0] != '\0' ? e->purpose : "no purpose", limit_of(now, e));
        }
        return;
    }
}

static int check_letter(struct letter_rules *r, const struct manifest *now, const struct event *e, struct err *err)
{
    const struct party *from = find_party(r, now, e, e->party), *to = find_party(r, now, e, e->partner);
    if (from == NULL || to == NULL)
        return 0;
    const char *hindrance = region_letter_hindrance(now->region, from, to, e->purpose);
    if (hindrance != NULL)
        FOUND(r, FINDING_NOT_ALLOWED, "a letter of %s to %s: %s", e->party, e->partner, hindrance);
    if (!is_size(e->size))
        FOUND(r, FINDING_NOT_CONSISTENT, "a letter of %" PRIu64 " bytes, which is no size of letters", e->size);
    struct writer *w = writer_of(r, to, err);
    if (w == NULL)
        return err_code(err);
    w->came++;
    if (e->sequence == 0 || e->sequence > w->prekey)
        FOUND(r, FINDING_NOT_CONSISTENT, "a letter to prekey %" PRIu64 " of %s, which has published %" PRIu64,
              e->sequence, e->partner, w->prekey);
    if ((w = writer_of(r, from, err)) == NULL)
        return err_code(err);
    count_sent(r, now, w, e);
    return 0;
}

/* The party may have left the manifest since. */
static int check_lapse(struct letter_rules *r, const struct manifest *now, const struct event *e, struct err *err)
{
    const struct party *party = region_find_party(now->region, e->party);
    if (e->count == 0 || e->until == 0 || e->until + LETTERS_LIFE >= e->time)
        FOUND(r, FINDING_NOT_ALLOWED, "letters to %s lapsed while they could be opened", e->party);
    struct writer *w = party != NULL ? writer_of(r, party, err) : NULL;
    if (w == NULL)
        return party != NULL ? err_code(err) : 0;
    w->lapsed += e->count;
    if (w->lapsed > w->came)
        FOUND(r, FINDING_NOT_CONSISTENT, "%" PRIu64 " letters to %s lapsed, of %" PRIu64 " that were sent", w->lapsed,
              e->party, w->came);
    return 0;
}

int letter_rules_event(struct letter_rules *rules, const struct manifest *now, uint64_t index,
                       const struct event *event, struct err *err)
{
    rules->index = index;
    switch (event->kind) {
    case EVENT_PREKEY:
        return check_prekey(rules, now, event, err);
    case EVENT_LETTER:
        return check_letter(rules, now, event, err);
    case EVENT_LAPSE:
        return check_lapse(rules, now, event, err);
    default:
        return 0;
    }
}
