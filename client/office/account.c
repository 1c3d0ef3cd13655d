#include "client/office/account.h"

#include "protocol/base/clock.h"
#include "protocol/base/mark.h"

#include <liboath/oath.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* OWASP's second choice for Argon2id: 19 MiB, two passes; a server has many people to let in. */
#define PASSES 2
#define MEMORY (19u << 20)
#define WINDOW 1 /* steps that a clock may be wrong, either way */
#define DIGITS 6

const char *const account_role_name[ACCOUNT_ROLES] = {N_("officer"), N_("supervisor"), N_("border"), N_("auditor"),
                                                      N_("administrator")};

int account_role(enum account_role *out, const char *name, struct err *err)
{
    for (int i = 0; i < ACCOUNT_ROLES; i++)
        if (strcmp(account_role_name[i], name) == 0) {
            *out = (enum account_role)i;
            return 0;
        }
    return err_set(err, ERR_USAGE,
                   "\"%.40s\" is no role: there are officer, supervisor, border, auditor, administrator", name);
}

int account_name_check(const char *name, struct err *err)
{
    const size_t len = strlen(name);
    return len >= 1 && len <= ACCOUNT_NAME_MAX && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") == len
               ? 0
               : err_set(err, ERR_USAGE,
                         "a name has 1 to %d lower-case letters, digits, dots and hyphens, like s.malee",
                         ACCOUNT_NAME_MAX);
}

/* --- changes --- */

static int hash_password(char out[ACCOUNT_HASH_MAX], const char *password, struct err *err)
{
    const size_t len = strlen(password);
    if (len < PASSWORD_MIN || len > PASSWORD_MAX)
        return err_set(err, ERR_USAGE, "a password has %d to %d bytes", PASSWORD_MIN, PASSWORD_MAX);
    return crypto_pwhash_str(out, password, len, PASSES, MEMORY) == 0
               ? 0
               : err_set(err, ERR_NO_MEMORY, "out of memory for the hash of a password");
}

/* What is to be changed of an account. */
struct change {
    const char *name, *hash;
    const enum account_role *role;
    const bool *locked;
    const uint8_t *totp; /* ACCOUNT_TOTP_SIZE */
    bool no_totp, fresh;
};

static int apply(struct vault_account *a, const struct change *c, bool found, struct err *err)
{
    if (found == c->fresh)
        return c->fresh ? err_set(err, ERR_CONFLICT, "there is an account %s already", c->name)
                        : err_set(err, ERR_NOT_FOUND, "there is no account %s (see: account list)", c->name);
    if (c->fresh)
        snprintf(a->name, sizeof a->name, "%s", c->name);
    if (c->hash != NULL)
        snprintf(a->hash, sizeof a->hash, "%s", c->hash);
    if (c->role != NULL)
        a->role = *c->role;
    if (c->locked != NULL)
        a->locked = *c->locked;
    if (c->totp != NULL)
        memcpy(a->totp, c->totp, ACCOUNT_TOTP_SIZE);
    a->has_totp = c->totp != NULL || (a->has_totp && !c->no_totp);
    const uint64_t now = clock_now();
    a->at = now > a->at ? now : a->at + 1; /* two changes in a second are two: sessions are told apart by it */
    return 0;
}

static int change(struct vault *vault, const struct change *c, struct err *err)
{
    struct vault_account a = {.name = ""};
    bool found = false;
    int rc = vault_begin(vault, err);
    if (rc == 0)
        rc = vault_account_get(vault, c->name, &a, &found, err);
    if (rc == 0)
        rc = apply(&a, c, found, err);
    if (rc == 0)
        rc = vault_account_put(vault, &a, err);
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_rollback(vault);
    sodium_memzero(&a, sizeof a);
    return rc;
}

int account_add(struct vault *vault, const char *name, enum account_role role, const char *password, struct err *err)
{
    char hash[ACCOUNT_HASH_MAX];
    const struct change c = {.name = name, .hash = hash, .role = &role, .fresh = true};
    int rc = account_name_check(name, err);
    if (rc == 0)
        rc = hash_password(hash, password, err);
    if (rc == 0)
        rc = change(vault, &c, err);
    sodium_memzero(hash, sizeof hash);
    return rc;
}

int account_set_password(struct vault *vault, const char *name, const char *password, struct err *err)
{
    char hash[ACCOUNT_HASH_MAX];
    const struct change c = {.name = name, .hash = hash};
    int rc = hash_password(hash, password, err);
    if (rc == 0)
        rc = change(vault, &c, err);
    sodium_memzero(hash, sizeof hash);
    return rc;
}

int account_set_totp(struct vault *vault, const char *name, bool with_totp, char uri[TOTP_URI_MAX], struct err *err)
{
    uint8_t secret[ACCOUNT_TOTP_SIZE];
    char *base32 = NULL;
    const struct change c = {.name = name, .totp = with_totp ? secret : NULL, .no_totp = !with_totp};
    randombytes_buf(secret, sizeof secret);
    int rc = oath_base32_encode((const char *)secret, sizeof secret, &base32, NULL) == OATH_OK
                 ? 0
                 : err_set(err, ERR_NO_MEMORY, "out of memory for a secret of one-time codes");
    if (rc == 0)
        rc = change(vault, &c, err);
    if (rc == 0)
        snprintf(uri, TOTP_URI_MAX, "otpauth://totp/Concord:%s?secret=%s&issuer=Concord&digits=%d&period=%d", name,
                 base32, DIGITS, TOTP_STEP);
    if (base32 != NULL)
        sodium_memzero(base32, strlen(base32));
    free(base32);
    sodium_memzero(secret, sizeof secret);
    return rc;
}

int account_set_role(struct vault *vault, const char *name, enum account_role role, struct err *err)
{
    return change(vault, &(struct change){.name = name, .role = &role}, err);
}

int account_set_locked(struct vault *vault, const char *name, bool locked, struct err *err)
{
    return change(vault, &(struct change){.name = name, .locked = &locked}, err);
}

int account_remove(struct vault *vault, const char *name, struct err *err)
{
    bool found = false;
    int rc = vault_begin(vault, err);
    if (rc == 0)
        rc = vault_account_remove(vault, name, &found, err);
    if (rc == 0 && !found)
        rc = err_set(err, ERR_NOT_FOUND, "there is no account %s (see: account list)", name);
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_rollback(vault);
    return rc;
}

/* --- signing in --- */

/* What is hashed against where there is no such account, made at first. */
static const char *nobody(struct err *err)
{
    static char hash[ACCOUNT_HASH_MAX];
    uint8_t random[16];
    char password[33];
    randombytes_buf(random, sizeof random);
    return hash[0] != '\0' || hash_password(hash, bytes_to_hex(password, random, sizeof random), err) == 0 ? hash
                                                                                                           : NULL;
}

static bool code_is_right(const struct vault_account *a, const char *code, uint64_t *step)
{
    const uint64_t now = clock_now();
    int at = 0;
    const int rc = strlen(code) == DIGITS ? oath_totp_validate2((const char *)a->totp, ACCOUNT_TOTP_SIZE, (time_t)now,
                                                                TOTP_STEP, 0, WINDOW, &at, code)
                                          : -1;
    *step = (uint64_t)((int64_t)(now / TOTP_STEP) + at);
    return rc >= 0;
}

int account_check(struct vault *vault, const char *name, const char *password, const char *code,
                  struct vault_account *out, uint64_t *step, bool *good, struct err *err)
{
    bool found = false;
    const char *other = nobody(err);
    *good = false;
    *step = 0;
    int rc = other != NULL ? vault_account_get(vault, name, out, &found, err) : err_code(err);
    if (rc != 0)
        return rc;
    const bool right = crypto_pwhash_str_verify(found ? out->hash : other, password, strlen(password)) == 0;
    const bool code_right = !found || !out->has_totp || code_is_right(out, code, step);
    *good = found && right && code_right && !out->locked;
    if (!*good)
        sodium_memzero(out, sizeof *out);
    return 0;
}
