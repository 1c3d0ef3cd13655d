#include "protocol/rpc/sessions.h"

#include "protocol/base/clock.h"
#include "protocol/rpc/clocks.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct slot {
    bool used, confirmed;
    struct session session;
    char peer[PARTY_NAME_MAX + 1];
    uint8_t channel[NOISE_KEY];            /* the peer's */
    uint8_t ephemeral[NOISE_KEY];          /* of the handshake that made it */
    uint8_t answer[FRAME_HANDSHAKE2_SIZE]; /* what it was answered */
    int64_t ahead;                         /* seconds, of the peer's clock when it shook hands */
};

struct sessions {
    struct sessions_options options;
    pthread_mutex_t lock;
    struct slot slot[SESSIONS_MAX];
};

int sessions_new(struct sessions **out, const struct sessions_options *options, struct err *err)
{
    struct sessions *s = sodium_malloc(sizeof *s); /* locked into memory, wiped when freed */
    if (s == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the session table");
    memset(s, 0, sizeof *s);
    s->options = *options;
    pthread_mutex_init(&s->lock, NULL);
    *out = s;
    return 0;
}

void sessions_free(struct sessions *sessions)
{
    if (sessions == NULL)
        return;
    pthread_mutex_destroy(&sessions->lock);
    sodium_free(sessions);
}

static bool expired(const struct slot *slot, uint64_t now)
{
    return now - slot->session.born_ms > SESSION_REJECT_SECONDS * 1000u;
}

static bool is_older(const struct slot *a, const struct slot *b)
{
    return b == NULL || a->session.born_ms < b->session.born_ms;
}

/*
 * For a fresh session of this peer: its oldest fresh one if it has many, else a free slot, else the oldest fresh one of
 * anybody, else the oldest of all. A session's index is random above its slot, so that an old index does not reach the
 * slot's next session.
 */
static size_t choose_slot(const struct sessions *s, const uint8_t channel[NOISE_KEY], uint64_t now)
{
    const struct slot *own = NULL, *fresh = NULL, *oldest = NULL, *room = NULL;
    size_t own_fresh = 0;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        const struct slot *slot = &s->slot[i];
        if (!slot->used || expired(slot, now)) {
            room = room == NULL ? slot : room;
            continue;
        }
        if (is_older(slot, oldest))
            oldest = slot;
        if (!slot->confirmed && is_older(slot, fresh))
            fresh = slot;
        if (slot->confirmed || memcmp(slot->channel, channel, NOISE_KEY) != 0)
            continue;
        own_fresh++;
        if (is_older(slot, own))
            own = slot;
    }
    const struct slot *best = own_fresh >= SESSIONS_PEER_FRESH ? own
                              : room != NULL                   ? room
                              : fresh != NULL                  ? fresh
                                                               : oldest;
    return (size_t)(best - s->slot);
}

/* A session carried its first request: its peer may have too many of those. */
static void confirm(struct sessions *s, struct slot *slot, uint64_t now)
{
    struct slot *oldest = NULL;
    size_t count = 0;
    slot->confirmed = true;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct slot *other = &s->slot[i];
        if (!other->used || !other->confirmed || expired(other, now) ||
            memcmp(other->channel, slot->channel, NOISE_KEY) != 0)
            continue;
        count++;
        if (other != slot && is_older(other, oldest))
            oldest = other;
    }
    if (count > SESSIONS_PEER && oldest != NULL)
        sodium_memzero(oldest, sizeof *oldest);
}

static bool answer_again(struct sessions *s, const uint8_t ephemeral[NOISE_KEY], uint8_t answer[FRAME_HANDSHAKE2_SIZE])
{
    bool found = false;
    pthread_mutex_lock(&s->lock);
    uint64_t now = clock_monotonic_ms();
    for (size_t i = 0; i < SESSIONS_MAX && !found; i++) {
        const struct slot *slot = &s->slot[i];
        if (slot->used && !expired(slot, now) && memcmp(slot->ephemeral, ephemeral, NOISE_KEY) == 0) {
            memcpy(answer, slot->answer, FRAME_HANDSHAKE2_SIZE);
            found = true;
        }
    }
    pthread_mutex_unlock(&s->lock);
    return found;
}

int sessions_accept(struct sessions *sessions, struct span frame, uint8_t answer[FRAME_HANDSHAKE2_SIZE],
                    struct err *err)
{
    struct noise noise;
    struct slot fresh = {.used = true};
    uint8_t psk[32], hash[NOISE_HASH], hello[FRAME_HELLO2_SIZE];
    if (frame.len != FRAME_HANDSHAKE1_SIZE)
        return err_set(err, ERR_INPUT, "a handshake of %zu bytes, not %d", frame.len, FRAME_HANDSHAKE1_SIZE);
    memcpy(fresh.ephemeral, frame.data + 1, NOISE_KEY);
    if (answer_again(sessions, fresh.ephemeral, answer))
        return 0;
    noise_responder(&noise, NOISE_IKPSK2, SESSION_PROLOGUE, strlen(SESSION_PROLOGUE), sessions->options.secret, NULL);
    int rc = noise_read1(&noise, hello, frame.data + 1, frame.len - 1, err);
    if (rc == 0)
        rc = sessions->options.authorise(sessions->options.context, noise.remote_s, fresh.peer, psk, err);
    if (rc != 0)
        goto out;
    memcpy(fresh.channel, noise.remote_s, sizeof fresh.channel);
    fresh.ahead = clocks_ahead(bytes_get_u64be(hello));
    pthread_mutex_lock(&sessions->lock);
    uint64_t now = clock_monotonic_ms();
    size_t at = choose_slot(sessions, fresh.channel, now);
    fresh.session.index = randombytes_random() / SESSIONS_MAX * SESSIONS_MAX + (uint32_t)at;
    fresh.session.born_ms = now;
    bytes_put_u32be(hello, fresh.session.index);
    bytes_put_u64be(hello + 4, clock_now());
    answer[0] = FRAME_HANDSHAKE2;
    rc = noise_write2(&noise, answer + 1, psk, hello, sizeof hello, err);
    if (rc == 0) {
        noise_split(&noise, fresh.session.receive, fresh.session.send, hash);
        memcpy(fresh.answer, answer, FRAME_HANDSHAKE2_SIZE);
        sessions->slot[at] = fresh;
    }
    pthread_mutex_unlock(&sessions->lock);
out:
    sodium_memzero(&noise, sizeof noise);
    sodium_memzero(&fresh, sizeof fresh);
    sodium_memzero(psk, sizeof psk);
    return rc;
}

int sessions_open(struct sessions *sessions, struct span frame, struct buf *out, struct reply_key *key, struct err *err)
{
    uint32_t index;
    uint64_t counter;
    int rc = ERR_NOT_FOUND;
    if (!frame_parse(frame, &index, &counter))
        return err_set(err, ERR_INPUT, "not a transport frame");
    struct slot *slot = &sessions->slot[index % SESSIONS_MAX];
    pthread_mutex_lock(&sessions->lock);
    if (slot->used && slot->session.index == index && !expired(slot, clock_monotonic_ms()) &&
        window_check(&slot->session.window, counter) == WINDOW_NEW) {
        key->session = slot->session;
        memcpy(key->peer, slot->peer, sizeof key->peer);
        memcpy(key->channel, slot->channel, sizeof key->channel);
        rc = 0;
    }
    pthread_mutex_unlock(&sessions->lock);
    if (rc != 0)
        return err_set(err, ERR_NOT_FOUND, "no such session, or a frame seen before");
    key->counter = counter;
    size_t before = out->len;
    /* Decryption of a long frame runs outside the lock; the window is asked again afterwards. */
    rc = session_open(&key->session, frame, out, err);
    if (rc != 0)
        return rc;
    pthread_mutex_lock(&sessions->lock);
    bool still = slot->used && slot->session.index == index;
    int64_t ahead = 0; /* message 1 can be replayed: a peer's clock is believed once it has shown its key */
    if (!still || window_check(&slot->session.window, counter) != WINDOW_NEW) {
        rc = err_set(err, ERR_NOT_FOUND, "no such session, or a frame seen before");
        out->len = before;
    } else {
        window_update(&slot->session.window, counter);
        if (!slot->confirmed) {
            ahead = slot->ahead;
            confirm(sessions, slot, clock_monotonic_ms());
        }
    }
    pthread_mutex_unlock(&sessions->lock);
    clocks_say(key->peer, ahead);
    return rc;
}

size_t sessions_review(struct sessions *sessions)
{
    size_t ended = 0;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct slot *slot = &sessions->slot[i];
        char name[PARTY_NAME_MAX + 1] = "";
        uint8_t psk[32], channel[NOISE_KEY];
        pthread_mutex_lock(&sessions->lock);
        const bool used = slot->used;
        const uint32_t index = slot->session.index;
        memcpy(channel, slot->channel, sizeof channel);
        pthread_mutex_unlock(&sessions->lock);
        /* Asked without the lock: it may read a file. The slot may have another session by the time it is answered. */
        bool known =
            used && sessions->options.authorise(sessions->options.context, channel, name, psk, ERR_IGNORED) == 0;
        pthread_mutex_lock(&sessions->lock);
        if (used && slot->used && slot->session.index == index && (!known || strcmp(name, slot->peer) != 0)) {
            sodium_memzero(slot, sizeof *slot);
            ended++;
        }
        pthread_mutex_unlock(&sessions->lock);
        sodium_memzero(psk, sizeof psk);
    }
    return ended;
}
