/*
 * A matcher groups the tags of one record: from the entries of an enrolment, by what is alike in one request; and from
 * 30 days of edits and withdrawals, by what comes and goes together. Who groups a record's tags sees a person, without
 * a name, and how many partners know it.
 *
 * The enrolment is what clients send, and so are the edits: what the client plans for them (client/vault/crowds.h) is
 * planned here, each edit alone, as a daemon sends it.
 */
#include "tests/attacks/attacks.h"
#include "tests/attacks/register.h"

#include "client/vault/vault.h"

#include <math.h>
#include <sodium.h>
#include <unistd.h>

enum { BATCH_SAMPLE = 1500, DAYS = 30, EDITS_A_DAY = 20, CHANGED = 3, TAGS = 5, RECORDS = 1000, GUESS_ONE_OF = 8 };

/* Four of a record's tags among the 63 others of a request: what its size allows, and something for chance. */
#define GROUPED_MOST (1.25 * 4 / 63)

/* --- enrolment --- */

struct stored {
    struct entry entry;
    uint32_t person;
};

static unsigned alike(const struct entry *a, const struct entry *b)
{
    uint64_t x[sizeof *a / 8], y[sizeof *b / 8];
    unsigned bits = 0;
    memcpy(x, a, sizeof x);
    memcpy(y, b, sizeof y);
    for (size_t i = 0; i < sizeof x / sizeof x[0]; i++)
        bits += (unsigned)__builtin_popcountll(~(x[i] ^ y[i]));
    return bits;
}

/* For each entry of the request the one that is most like it. Returns how many are of the same record. */
static size_t pair_entries(const struct stored *s, size_t n, double *chance, double *variance)
{
    size_t right = 0;
    *chance = *variance = 0;
    for (size_t i = 0; i < n; i++) {
        size_t best = i, siblings = 0;
        unsigned most = 0;
        for (size_t j = 0; j < n; j++) {
            const unsigned bits = j == i ? 0 : alike(&s[i].entry, &s[j].entry);
            siblings += j != i && s[j].person == s[i].person;
            if (bits > most) {
                most = bits;
                best = j;
            }
        }
        const double p = (double)siblings / (double)(n - 1);
        right += best != i && s[best].person == s[i].person;
        *chance += p;
        *variance += p * (1 - p);
    }
    return right;
}

/* All entries of the first people. */
static size_t enrol(struct stored *out, const struct people *people)
{
    size_t n = 0;
    const uint32_t some = people->count < BATCH_SAMPLE / TAGS ? (uint32_t)people->count : BATCH_SAMPLE / TAGS;
    for (uint32_t person = 0; person < some; person++) {
        struct value value[SCHEMA_TOKENS_MAX];
        struct entry entry[SCHEMA_TOKENS_MAX];
        size_t count = 0;
        for (size_t i = 0; i < people->values && count < SCHEMA_TOKENS_MAX; i++)
            if (people->value[i].person == person)
                value[count++] = people->value[i];
        register_entries(entry, value, count);
        for (size_t i = 0; i < count && n < 2 * BATCH_SAMPLE; i++)
            out[n++] = (struct stored){entry[i], person};
    }
    return n;
}

/* --- thirty days of edits --- */

/*
 * The vault of an agency of RECORDS records, and what its client plans for each edit: the very code of an enrolment,
 * but that tokens are made up. Of each tag the adversary sees in which walks it was added, put anew or removed.
 */
enum { WALKS = DAYS * EDITS_A_DAY, WALK_WORDS = (WALKS + 63) / 64, SIGHTS = 1 << 17 };

struct sight {
    uint8_t tag[WIRE_TAG_SIZE];
    int record; /* -1: of none, or invented */
    bool known;
    uint64_t walks[WALK_WORDS];
};

struct month {
    struct vault *vault;
    int64_t domain;
    struct sight *sight; /* by tag */
    char dir[64];
    size_t sent;
    const struct sight **seen; /* since the first load */
    size_t seen_count;
};

#define MUST_DO(call)                                                                                                  \
    do {                                                                                                               \
        struct err must = {.text = ""}, *err = &must;                                                                  \
        if ((call) != 0)                                                                                               \
            fail_msg("%s", must.text);                                                                                 \
    } while (0)

static struct sight *sight_of(struct month *m, const uint8_t tag[WIRE_TAG_SIZE])
{
    size_t at = bytes_get_u64le(tag) % SIGHTS;
    while (m->sight[at].known && memcmp(m->sight[at].tag, tag, WIRE_TAG_SIZE) != 0)
        at = (at + 1) % SIGHTS;
    struct sight *s = &m->sight[at];
    if (!s->known) {
        s->known = true;
        s->record = -1;
        memcpy(s->tag, tag, WIRE_TAG_SIZE);
    }
    return s;
}

/* The first CHANGED of a record's tags change with its version. */
static void put_record(struct month *m, int record, int version)
{
    struct vault_token token[TAGS];
    char id[32];
    struct vault_record values = {.id = id};
    struct vault_ref ref;
    snprintf(id, sizeof id, "R%d", record);
    for (int j = 0; j < TAGS; j++) {
        const int of[] = {record, j, j < CHANGED ? version : 0};
        token[j].key = (uint8_t)j;
        crypto_generichash(token[j].token.seal_key, SEAL_KEY_SIZE, (const uint8_t *)of, sizeof of, attack_key, 32);
        token_tag(token[j].token.tag, token[j].token.seal_key);
        sight_of(m, token[j].token.tag)->record = record;
    }
    MUST_DO(vault_record_put(m->vault, m->domain, &values, token, TAGS, &ref, err));
}

static void remove_record(struct month *m, int record)
{
    char id[32];
    const uint8_t none[32] = {0};
    struct vault_ref ref;
    bool same;
    snprintf(id, sizeof id, "R%d", record);
    MUST_DO(vault_record_find(m->vault, m->domain, id, none, &ref, &same, err));
    MUST_DO(vault_record_remove(m->vault, m->domain, &ref, err));
}

static void plan_walk(struct month *m, const struct vault_sending_options *options)
{
    struct vault_plan *plan = NULL;
    MUST_DO(vault_plan_new(&plan, m->vault, m->domain, options, err));
    if (plan == NULL)
        return;
    const size_t count = (size_t)vault_plan_invented(plan);
    struct token *token = people_alloc(count + 1, sizeof *token);
    randombytes_buf(token, count * sizeof *token);
    MUST_DO(vault_plan_store(plan, token, err));
    vault_plan_free(plan);
    free(token);
}

/* walk -1: the first load, in which everything is alike. */
static void send_walk(struct month *m, const struct vault_sending_options *options, int walk)
{
    struct vault_sending *w = NULL;
    struct vault_unsent *u = people_alloc(1, sizeof *u);
    bool end = false;
    MUST_DO(vault_settle(m->vault, err));
    if (!options->alone)
        plan_walk(m, options);
    MUST_DO(vault_sending_open(&w, m->vault, m->domain, options, err));
    for (;;) {
        MUST_DO(vault_sending_next(w, u, &end, err));
        if (end)
            break;
        m->sent++;
        if (walk >= 0)
            sight_of(m, u->tag)->walks[walk / 64] |= UINT64_C(1) << walk % 64;
    }
    MUST_DO(vault_sending_finish(w, err));
    vault_sending_close(w);
    free(u);
}

static unsigned together(const struct sight *a, const struct sight *b)
{
    unsigned n = 0;
    for (size_t i = 0; i < WALK_WORDS; i++)
        n += (unsigned)__builtin_popcountll(a->walks[i] & b->walks[i]);
    return n;
}

/* How likely a guess is right that takes any of those tags which were sent most often together with this one. */
static double guess_sibling(const struct month *m, const struct sight *of)
{
    unsigned most = 0;
    size_t like = 0, siblings = 0;
    for (size_t i = 0; i < m->seen_count; i++) {
        const struct sight *s = m->seen[i];
        const unsigned n = s != of ? together(of, s) : 0;
        if (n == 0 || n < most)
            continue;
        if (n > most)
            like = siblings = 0;
        most = n;
        like++;
        siblings += s->record == of->record;
    }
    return like > 0 ? (double)siblings / (double)like : 0;
}

/* Returns the part of the edited records' tags that are paired with one of the same record. */
static double thirty_days(bool alone, int records)
{
    const struct vault_sending_options options = {.cap = {4, 4, 4, 4, 4}, .alone = alone};
    const uint8_t secret[32] = {1};
    struct month m = {.sight = people_alloc(SIGHTS, sizeof *m.sight)};
    char path[96], command[96];
    double right = 0;
    size_t guesses = 0, first;
    strcpy(m.dir, access("/dev/shm", W_OK) == 0 ? "/dev/shm/concord-attack-XXXXXX" : "/tmp/concord-attack-XXXXXX");
    assert_non_null(mkdtemp(m.dir));
    snprintf(path, sizeof path, "%s/vault", m.dir);
    MUST_DO(vault_open(&m.vault, path, secret, err));
    MUST_DO(vault_domain(m.vault, "persons", 1, &m.domain, err));
    for (int i = 0; i < records; i++)
        put_record(&m, i, 0);
    send_walk(&m, &options, -1);
    first = m.sent;
    for (int i = 0; i < WALKS; i++) { /* as a daemon: each edit alone */
        if (i % 4 == 0)
            remove_record(&m, records - 1 - i / 4);
        else if (i % 4 == 1)
            put_record(&m, records + i, 0);
        else
            put_record(&m, (int)any_below((size_t)records / 2), i);
        send_walk(&m, &options, i);
    }
    m.seen = people_alloc(SIGHTS, sizeof *m.seen);
    for (size_t i = 0; i < SIGHTS; i++)
        if (m.sight[i].known && together(&m.sight[i], &m.sight[i]) > 0)
            m.seen[m.seen_count++] = &m.sight[i];
    for (size_t i = 0; i < m.seen_count; i++)
        if (m.seen[i]->record >= 0 && any_below(GUESS_ONE_OF) == 0) {
            right += guess_sibling(&m, m.seen[i]);
            guesses++;
        }
    free(m.seen);
    print_message("# %d edits in %d days, %s: of %zu tags %.1f %% are paired with one of the same record; "
                  "%.1f tags sent for an edit\n",
                  WALKS, DAYS, alone ? "what changed alone" : "as the client plans them", guesses,
                  100 * right / (double)guesses, (double)(m.sent - first) / WALKS);
    vault_close(m.vault);
    snprintf(command, sizeof command, "rm -rf '%s'", m.dir);
    assert_int_equal(system(command), 0);
    free(m.sight);
    return right / (double)guesses;
}

void attack_grouping(void **unused)
{
    struct people people;
    struct stored *stored = people_alloc(2 * BATCH_SAMPLE, sizeof *stored);
    double chance, variance;
    (void)unused;
    people_read(&people, attack_feeds, "THA");
    const size_t n = enrol(stored, &people), right = pair_entries(stored, n, &chance, &variance);
    const double bound = chance + 6 * sqrt(variance) + 4;
    print_message("# enrolment: %zu of %zu tags paired right, %.1f +- %.1f by chance\n", right, n, chance,
                  sqrt(variance));
    const double grouped = thirty_days(false, RECORDS), grouped_alone = thirty_days(true, RECORDS);
    for (size_t i = 0; i < n; i++) { /* control: what a record's pseudonym would do */
        uint8_t pseudonym[randombytes_SEEDBYTES] = {0};
        memcpy(pseudonym, &stored[i].person, sizeof stored[i].person);
        randombytes_buf_deterministic(stored[i].entry.payload, STAGE_PAYLOAD, pseudonym);
    }
    double unused_chance, unused_variance;
    const size_t control = pair_entries(stored, n, &unused_chance, &unused_variance);
    print_message("# control: with something equal in a record's payloads %zu of %zu\n", control, n);
    attack_counts.reidentified += (double)right > bound ? right - (size_t)chance : 0;
    attack_counts.control += control;
    assert_true((double)right <= bound);
    assert_true(grouped <= GROUPED_MOST);
    assert_true(grouped_alone > 0.9); /* control */
    assert_true(2 * control > n);
    free(stored);
    people_free(&people);
}
