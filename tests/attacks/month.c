#include "tests/attacks/month.h"

#include <sodium.h>
#include <unistd.h>

#define MUST_DO(call)                                                                                                  \
    do {                                                                                                               \
        struct err must = {.text = ""}, *err = &must;                                                                  \
        if ((call) != 0)                                                                                               \
            fail_msg("%s", must.text);                                                                                 \
    } while (0)

static struct sight *sight_of(struct month *m, const uint8_t tag[WIRE_TAG_SIZE])
{
    size_t at = bytes_get_u64le(tag) % MONTH_SIGHTS;
    while (m->sight[at].known && memcmp(m->sight[at].tag, tag, WIRE_TAG_SIZE) != 0)
        at = (at + 1) % MONTH_SIGHTS;
    struct sight *s = &m->sight[at];
    if (!s->known) {
        s->known = true;
        s->record = -1;
        memcpy(s->tag, tag, WIRE_TAG_SIZE);
    }
    return s;
}

static void put_record(struct month *m, int record, int version)
{
    struct vault_token token[TAGS + 1];
    char id[32];
    struct vault_record values = {.id = id};
    struct vault_ref ref;
    snprintf(id, sizeof id, "R%d", record);
    for (int j = 0; j <= SHARED_KEY; j++) {
        const int of[] = {j == SHARED_KEY ? record / SHARED : record, j, j < CHANGED ? version : 0};
        token[j].key = (uint8_t)j;
        crypto_generichash(token[j].token.seal_key, SEAL_KEY_SIZE, (const uint8_t *)of, sizeof of, attack_key, 32);
        token_tag(token[j].token.tag, token[j].token.seal_key);
        struct sight *s = sight_of(m, token[j].token.tag);
        s->record = record;
        s->key = j;
    }
    MUST_DO(vault_record_put(m->vault, m->domain, &values, token, TAGS + 1, &ref, err));
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
    uint8_t *tag = people_alloc(count + 1, WIRE_TAG_SIZE);
    randombytes_buf(tag, count * WIRE_TAG_SIZE);
    MUST_DO(vault_plan_store(plan, tag, err));
    vault_plan_free(plan);
    free(tag);
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
        if (walk < 0)
            continue;
        m->sent++;
        sight_of(m, u->tag)->walks[walk / 64] |= UINT64_C(1) << walk % 64;
    }
    MUST_DO(vault_sending_finish(w, err));
    vault_sending_close(w);
    free(u);
}

unsigned month_together(const struct sight *a, const struct sight *b)
{
    unsigned n = 0;
    for (size_t i = 0; i < WALK_WORDS; i++)
        n += (unsigned)__builtin_popcountll(a->walks[i] & b->walks[i]);
    return n;
}

void month_live(struct month *out, bool alone)
{
    const struct vault_sending_options options = {.cap = {8, 8, 8, 8, 8, 8}, .slots = 4, .alone = alone};
    const uint8_t secret[32] = {1};
    struct month *m = out;
    char path[96];
    *m = (struct month){.sight = people_alloc(MONTH_SIGHTS, sizeof *m->sight)};
    strcpy(m->dir, access("/dev/shm", W_OK) == 0 ? "/dev/shm/concord-attack-XXXXXX" : "/tmp/concord-attack-XXXXXX");
    assert_non_null(mkdtemp(m->dir));
    snprintf(path, sizeof path, "%s/vault", m->dir);
    MUST_DO(vault_open(&m->vault, path, secret, err));
    MUST_DO(vault_domain(m->vault, "persons", 1, &m->domain, err));
    for (int i = 0; i < MONTH_RECORDS; i++)
        put_record(m, i, 0);
    send_walk(m, &options, -1);
    for (int i = 0; i < WALKS; i++) {
        if (i % 4 == 0)
            remove_record(m, MONTH_RECORDS - 1 - i / 4);
        else if (i % 4 == 1)
            put_record(m, MONTH_RECORDS + i, 0);
        else
            put_record(m, (int)any_below(MONTH_RECORDS / 2), i);
        send_walk(m, &options, i);
    }
    m->sent /= WALKS;
    m->seen = people_alloc(MONTH_SIGHTS, sizeof *m->seen);
    for (size_t i = 0; i < MONTH_SIGHTS; i++)
        if (m->sight[i].known && month_together(&m->sight[i], &m->sight[i]) > 0)
            m->seen[m->seen_count++] = &m->sight[i];
}

void month_free(struct month *month)
{
    char command[96];
    free(month->seen);
    vault_close(month->vault);
    snprintf(command, sizeof command, "rm -rf '%s'", month->dir);
    assert_int_equal(system(command), 0);
    free(month->sight);
}
