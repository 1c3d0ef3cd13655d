/*
 * Who is signed in, and who tried too often. All of it is in memory and bounded: a restart signs everybody out. A
 * session is known by the hash of its cookie, so that what lies in memory lets nobody in.
 */
#ifndef CLIENT_OFFICE_SESSION_H
#define CLIENT_OFFICE_SESSION_H

#include "client/vault/office.h"

#define SESSIONS_MAX 512
#define SESSION_COOKIE_SIZE 65 /* 256 bits in hexadecimal, NUL */

struct session {
    uint8_t key[32]; /* zeros: this place is free */
    char name[ACCOUNT_NAME_MAX + 1];
    enum account_role role;
    uint64_t since_ms, seen_ms; /* of clock_monotonic_ms() */
    uint64_t account_at;        /* when the account was changed last: another change ends the session */
};

/*
 * Failures: of a name (a hash of it) within LOCKOUT_SECONDS of the last. After LOCKOUT_FAILURES nobody signs in under
 * it for LOCKOUT_SECONDS, whether there is such an account or not. All together may try TRIES_BURST times at once, then
 * once in TRIES_MS: each try costs the hash of a password. Where that takes long, on a busy machine, it is less often:
 * one part in TRIES_PARTS of the desk's time at most, since pages wait meanwhile.
 */
#define LOCKOUT_FAILURES 5
#define LOCKOUT_SECONDS 900u
#define LOCKOUT_NAMES 1024
#define TRIES_BURST 20
#define TRIES_MS 500u
#define TRIES_PARTS 5u

struct sessions {
    struct session session[SESSIONS_MAX];
    uint64_t idle_ms, most_ms; /* how long one lasts without a request, and in all */
    uint8_t secret[32];        /* of the tokens in forms */
    struct failures {
        uint64_t name, last_ms, step; /* step: of the last one-time code that was taken */
        unsigned count;
    } failures[LOCKOUT_NAMES];
    uint64_t tries_ms; /* when the next one is due, were they even */
};

void sessions_start(struct sessions *sessions, uint64_t idle_seconds, uint64_t most_seconds);

/* A new session in the place of the oldest, where there is no room; and its cookie, secret. */
struct session *session_begin(struct sessions *sessions, const struct vault_account *account,
                              char cookie[SESSION_COOKIE_SIZE]);

/* NULL: none has this cookie any more. Notes that it was seen. */
struct session *session_find(struct sessions *sessions, const char *cookie);
void session_end(struct session *session);

/* The token that forms of whoever has this cookie carry. */
void session_token(const struct sessions *sessions, const char *cookie, char out[SESSION_COOKIE_SIZE]);
void session_random(char cookie[SESSION_COOKIE_SIZE]);

/* Whether one more password may be tried now; and whether under this name. */
bool session_may_try(struct sessions *sessions);
bool session_is_out(struct sessions *sessions, const char *name);

/* How long it took. */
void session_tried(struct sessions *sessions, uint64_t took_ms);

/* What came of it. True: it was the failure with which the lock-out begins. step: account_check()'s. */
bool session_failed(struct sessions *sessions, const char *name);
void session_worked(struct sessions *sessions, const char *name, uint64_t step);

/* Whether a one-time code of this step, or a later one, was used already. */
bool session_code_used(struct sessions *sessions, const char *name, uint64_t step);

#endif
