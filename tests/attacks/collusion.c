/*
 * Who works together: a matcher with t - 1 custodians; a matcher with a member that the partner granted nothing; two
 * members. Each learns what docs/threat-model.md says, and here it is run.
 */
#include "tests/attacks/attacks.h"
#include "tests/attacks/register.h"

#include "protocol/oprf/oprf.h"
#include "protocol/oprf/threshold.h"

#include <sodium.h>

enum { CUSTODIANS = 5, THRESHOLD = 3, NAMES = 256 };

static void check(int rc, const struct err *err)
{
    if (rc != 0)
        fail_msg("%s", err->text);
}

/* --- shares --- */

struct sharing {
    struct scalar share[CUSTODIANS + 1];
    struct element commitment[THRESHOLD], public_share[CUSTODIANS + 1];
};

static void sharing_make(struct sharing *s)
{
    struct err err = {0};
    struct scalar coefficient[THRESHOLD];
    struct point p[THRESHOLD];
    for (size_t j = 0; j < THRESHOLD; j++)
        crypto_core_ristretto255_scalar_random(coefficient[j].bytes);
    group_base_mul(p, group_generator(), coefficient, THRESHOLD);
    group_encode(s->commitment, p, THRESHOLD);
    for (int i = 1; i <= CUSTODIANS; i++) {
        threshold_polynomial_at(&s->share[i], coefficient, THRESHOLD, (uint8_t)i);
        check(threshold_public_share(&s->public_share[i], s->commitment, THRESHOLD, (uint8_t)i, &err), &err);
    }
}

/* What the shares of these custodians are a key of: the region's if they are enough. */
static void key_of(struct element *out, const struct element *share_key, size_t count)
{
    struct point sum, p;
    struct err err = {0};
    check(group_decode(&sum, &share_key[0], 1, NULL, &err), &err);
    for (size_t c = 1; c < count; c++) {
        check(group_decode(&p, &share_key[c], 1, NULL, &err), &err);
        group_add(&sum, &sum, &p, 1);
    }
    group_encode(out, &sum, 1);
}

/* The tags that these custodians compute of the names. */
static void compute_tags(uint8_t (*tag)[TAG_SIZE], const struct sharing *s, const struct coalition *coalition,
                         const struct span *name)
{
    static uint8_t output[NAMES][OPRF_OUTPUT_SIZE];
    static struct element blinded[NAMES], evaluated[OPRF_COALITION_MAX][NAMES];
    const struct element *answers[OPRF_COALITION_MAX];
    struct element share_key[OPRF_COALITION_MAX] = {0};
    struct oprf_proof proof[OPRF_COALITION_MAX];
    struct oprf_client *client;
    struct oprf_batch *batch;
    struct err err = {0};
    struct element key;
    size_t cheat;
    for (size_t c = 0; c < coalition->count; c++)
        check(threshold_share_key(&share_key[c], coalition, coalition->index[c], &s->public_share[coalition->index[c]],
                                  &err),
              &err);
    key_of(&key, share_key, coalition->count);
    check(oprf_client_new(&client, &key, &err), &err);
    check(oprf_client_blind(client, &batch, blinded, name, NAMES, NULL, &err), &err);
    for (size_t c = 0; c < coalition->count; c++) {
        const uint8_t index = coalition->index[c];
        struct scalar k;
        check(threshold_share_scalar(&k, coalition, index, &s->share[index], &err), &err);
        check(oprf_evaluate(evaluated[c], &proof[c], &k, &share_key[c], blinded, NAMES, &err), &err);
        answers[c] = evaluated[c];
    }
    check(oprf_client_finalise(client, batch, output, answers, proof, share_key, coalition->count, &cheat, &err), &err);
    for (size_t i = 0; i < NAMES; i++) {
        struct token token;
        token_cut(&token, output[i]);
        memcpy(tag[i], token.tag, TAG_SIZE);
    }
    oprf_batch_free(batch);
    oprf_client_free(client);
}

static size_t count_equal(uint8_t (*a)[TAG_SIZE], uint8_t (*b)[TAG_SIZE])
{
    size_t equal = 0;
    for (size_t i = 0; i < NAMES; i++)
        for (size_t j = 0; j < NAMES; j++)
            equal += memcmp(a[i], b[j], TAG_SIZE) == 0;
    return equal;
}

void attack_shares(void **unused)
{
    static uint8_t stored[NAMES][TAG_SIZE], computed[NAMES][TAG_SIZE];
    static char text[NAMES][16];
    struct span name[NAMES];
    struct sharing sharing;
    struct err err = {0};
    size_t fewer = 0;
    (void)unused;
    check(group_init(&err), &err);
    sharing_make(&sharing);
    for (size_t i = 0; i < NAMES; i++)
        name[i] = span_of(text[i], (size_t)snprintf(text[i], sizeof text[i], "name %zu", i));
    compute_tags(stored, &sharing, &(struct coalition){{1, 2, 3}, 3}, name);
    for (int i = 1; i <= CUSTODIANS; i++)
        for (int j = i + 1; j <= CUSTODIANS; j++) {
            compute_tags(computed, &sharing, &(struct coalition){{(uint8_t)i, (uint8_t)j}, 2}, name);
            fewer += count_equal(stored, computed);
        }
    compute_tags(computed, &sharing, &(struct coalition){{2, 4, 5}, 3}, name);
    const size_t control = count_equal(stored, computed);
    print_message("# matcher and t - 1 custodians, all pairs of 5: %zu of %d tags; control: t of them %zu\n", fewer,
                  NAMES, control);
    attack_counts.reidentified += fewer;
    attack_counts.control += control;
    assert_int_equal(fewer, 0);
    assert_int_equal(control, NAMES);
}

/* --- members --- */

struct member {
    const struct people *own;
    const struct enrolled *partner;
    struct book book;
    bool *known; /* of the partner's people */
};

static void member_learn(void *context, int purpose, uint32_t epoch, enum mailbox_kind kind, const uint8_t *tag,
                         struct span payload)
{
    struct member *m = context;
    size_t count;
    const struct book_row *row = book_find(&m->book, tag, &count);
    (void)purpose, (void)epoch;
    if (kind == MAILBOX_MATCH && count > 0)
        enrolled_open(m->partner, &m->own->value[row->value], tag, payload, m->known);
}

static size_t count_known(const struct member *m)
{
    size_t count = 0;
    for (size_t i = 0; i < m->partner->people->count; i++)
        count += m->known[i];
    return count;
}

static void member_new(struct member *out, const struct people *own, const struct enrolled *partner)
{
    *out = (struct member){own, partner, {0}, people_alloc(partner->people->count, 1)};
    book_make(&out->book, own->value, own->values, 0, 1);
}

static void member_free(struct member *m)
{
    book_free(&m->book);
    free(m->known);
}

static void ask_and_put(struct member *m, int agency, size_t asks)
{
    struct entry *entry = people_alloc(m->own->values, sizeof *entry);
    for (size_t i = 0; i < m->own->values; i++)
        memcpy(entry[i].tag, m->book.row[i].tag, WIRE_TAG_SIZE);
    if (asks > m->own->values)
        asks = m->own->values;
    stage_ask(agency, 0, 1, entry, asks, member_learn, m);
    stage_put(agency, 0, 1, entry, m->own->values);
    stage_upkeep();
    stage_mail(agency, member_learn, m);
    free(entry);
}

/* A member meets the partner, with a grant or without. Returns how many people it learns. */
static size_t meet_partner(const struct people *partner, const struct people *own, bool granted)
{
    const struct region_limits off = {.meets = UINT32_MAX, .asks = UINT32_MAX};
    struct enrolled enrolled;
    struct member member;
    stage_open(&off, granted);
    enrolled_make(&enrolled, partner, 0, 1);
    member_new(&member, own, &enrolled);
    ask_and_put(&member, STRANGER, 640);
    const size_t known = count_known(&member);
    member_free(&member);
    enrolled_free(&enrolled);
    stage_close();
    return known;
}

/* People of whom the member can compute a tag: what a matcher that gives it their entries lets it open. */
static size_t count_shared(const struct people *partner, const struct people *own)
{
    bool *shared = people_alloc(partner->count, 1);
    size_t count = 0;
    for (size_t i = 0, j = 0; i < partner->values && j < own->values;) {
        const int order = memcmp(partner->value[i].hash, own->value[j].hash, 32);
        if (order == 0)
            shared[partner->value[i].person] = true;
        i += order <= 0;
        j += order > 0;
    }
    for (size_t i = 0; i < partner->count; i++)
        count += shared[i];
    free(shared);
    return count;
}

void attack_stranger(void **unused)
{
    struct people partner, own;
    (void)unused;
    people_read(&partner, attack_feeds, "THA");
    people_read(&own, attack_feeds, "XAA");
    const size_t alone = meet_partner(&partner, &own, false), control = meet_partner(&partner, &own, true),
                 shared = count_shared(&partner, &own);
    print_message("# a member without grant: %zu of %zu people; with a matcher that hands it everything, as with a "
                  "grant (control): %zu, of whom it has a value itself: %zu\n",
                  alone, partner.count, control, shared);
    attack_counts.reidentified += alone;
    attack_counts.control += control;
    assert_int_equal(alone, 0);
    assert_true(control > 0);
    assert_int_equal(control, shared);
    people_free(&partner);
    people_free(&own);
}

void attack_two_members(void **unused)
{
    const struct region_limits limits = {.meets = 40, .asks = 64};
    const size_t most = (limits.meets + limits.asks) * attack_schema.slots;
    struct people partner, own, other;
    struct enrolled enrolled;
    struct member a, b;
    size_t both = 0, either = 0;
    (void)unused;
    people_read(&partner, attack_feeds, "THA");
    people_read(&own, attack_feeds, "XAA");
    people_read(&other, attack_feeds, "XBB");
    stage_open(&limits, true);
    enrolled_make(&enrolled, &partner, 0, 1);
    member_new(&a, &own, &enrolled);
    member_new(&b, &other, &enrolled);
    ask_and_put(&a, ATTACKER, limits.asks);
    ask_and_put(&b, STRANGER, limits.asks);
    for (size_t i = 0; i < partner.count; i++) {
        both += a.known[i] && b.known[i];
        either += a.known[i] || b.known[i];
    }
    print_message("# two members in a day, %d meetings and %d questions each: %zu and %zu people, together %zu; "
                  "%zu are known to both, by the same handle\n",
                  (int)limits.meets, (int)limits.asks, count_known(&a), count_known(&b), either, both);
    assert_true(count_known(&a) > 0 && count_known(&a) <= most && count_known(&b) <= most && either <= 2 * most);
    member_free(&a);
    member_free(&b);
    enrolled_free(&enrolled);
    stage_close();
    people_free(&partner);
    people_free(&own);
    people_free(&other);
}
