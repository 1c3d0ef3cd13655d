#include "client/office/session.h"

#include "protocol/base/clock.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

void sessions_start(struct sessions *sessions, uint64_t idle_seconds, uint64_t most_seconds)
{
    memset(sessions, 0, sizeof *sessions);
    sessions->idle_ms = 1000 * idle_seconds;
    sessions->most_ms = 1000 * most_seconds;
    randombytes_buf(sessions->secret, sizeof sessions->secret);
}

static void key_of(uint8_t out[32], const char *cookie)
{
    crypto_generichash(out, 32, (const uint8_t *)cookie, strlen(cookie), NULL, 0);
}

static bool is_free(const struct sessions *s, const struct session *one, uint64_t now)
{
    return one->seen_ms == 0 || now - one->seen_ms > s->idle_ms || now - one->since_ms > s->most_ms;
}

void session_random(char cookie[SESSION_COOKIE_SIZE])
{
    uint8_t random[32];
    randombytes_buf(random, sizeof random);
    bytes_to_hex(cookie, random, sizeof random);
    sodium_memzero(random, sizeof random);
}

struct session *session_begin(struct sessions *sessions, const struct vault_account *account,
                              char cookie[SESSION_COOKIE_SIZE])
{
    const uint64_t now = clock_monotonic_ms();
    struct session *place = &sessions->session[0];
    for (size_t i = 0; i < SESSIONS_MAX && !is_free(sessions, place, now); i++)
        if (is_free(sessions, &sessions->session[i], now) || sessions->session[i].seen_ms < place->seen_ms)
            place = &sessions->session[i];
    session_random(cookie);
    *place = (struct session){.role = account->role, .since_ms = now, .seen_ms = now, .account_at = account->at};
    key_of(place->key, cookie);
    snprintf(place->name, sizeof place->name, "%s", account->name);
    return place;
}

struct session *session_find(struct sessions *sessions, const char *cookie)
{
    const uint64_t now = clock_monotonic_ms();
    struct session *found = NULL;
    uint8_t key[32];
    key_of(key, cookie);
    for (size_t i = 0; i < SESSIONS_MAX; i++)
        if (!is_free(sessions, &sessions->session[i], now) && sodium_memcmp(sessions->session[i].key, key, 32) == 0)
            found = &sessions->session[i];
    if (found != NULL)
        found->seen_ms = now;
    return found;
}

void session_end(struct session *session)
{
    sodium_memzero(session, sizeof *session);
}

void session_token(const struct sessions *sessions, const char *cookie, char out[SESSION_COOKIE_SIZE])
{
    uint8_t token[32];
    crypto_generichash(token, sizeof token, (const uint8_t *)cookie, strlen(cookie), sessions->secret,
                       sizeof sessions->secret);
    bytes_to_hex(out, token, sizeof token);
}

/* --- tries --- */

bool session_may_try(struct sessions *sessions)
{
    const uint64_t now = clock_monotonic_ms(), burst = TRIES_BURST * (uint64_t)TRIES_MS;
    if (sessions->tries_ms < now)
        sessions->tries_ms = now;
    if (sessions->tries_ms - now > burst - TRIES_MS)
        return false;
    sessions->tries_ms += TRIES_MS;
    return true;
}

void session_tried(struct sessions *sessions, uint64_t took_ms)
{
    if (took_ms * TRIES_PARTS > TRIES_MS)
        sessions->tries_ms += took_ms * TRIES_PARTS - TRIES_MS;
}

/* Of a name, by its hash under a secret; a name that has none takes the place of the one that failed longest ago. */
static struct failures *failures_of(struct sessions *s, const char *name)
{
    struct failures *oldest = &s->failures[0];
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, (const uint8_t *)name, strlen(name), s->secret);
    for (size_t i = 0; i < LOCKOUT_NAMES; i++) {
        if (s->failures[i].name == hash)
            return &s->failures[i];
        if (s->failures[i].last_ms < oldest->last_ms)
            oldest = &s->failures[i];
    }
    *oldest = (struct failures){.name = hash};
    return oldest;
}

static bool is_fresh(const struct failures *f)
{
    return f->count > 0 && clock_monotonic_ms() - f->last_ms < 1000 * (uint64_t)LOCKOUT_SECONDS;
}

bool session_is_out(struct sessions *sessions, const char *name)
{
    const struct failures *f = failures_of(sessions, name);
    return is_fresh(f) && f->count >= LOCKOUT_FAILURES;
}

bool session_failed(struct sessions *sessions, const char *name)
{
    struct failures *f = failures_of(sessions, name);
    f->count = is_fresh(f) ? f->count + 1 : 1;
    f->last_ms = clock_monotonic_ms();
    return f->count == LOCKOUT_FAILURES;
}

void session_worked(struct sessions *sessions, const char *name, uint64_t step)
{
    struct failures *f = failures_of(sessions, name);
    f->count = 0;
    f->last_ms = clock_monotonic_ms();
    f->step = step;
}

bool session_code_used(struct sessions *sessions, const char *name, uint64_t step)
{
    return step != 0 && failures_of(sessions, name)->step >= step;
}
