/*
 * What the vault remembers for the desk: the accounts of the agency's people, and the log of what they did. Neither
 * needs the vault's lock; each change is a transaction of the caller's.
 */
#ifndef CLIENT_VAULT_OFFICE_H
#define CLIENT_VAULT_OFFICE_H

#include "client/vault/vault.h"

#define ACCOUNT_NAME_MAX 63  /* bytes */
#define ACCOUNT_HASH_MAX 128 /* of a password's hash, text, with its terminating NUL */
#define ACCOUNT_TOTP_SIZE 20

/* Numbers stand in the tables. */
enum account_role { ROLE_OFFICER, ROLE_SUPERVISOR, ROLE_BORDER, ROLE_AUDITOR, ROLE_ADMINISTRATOR, ACCOUNT_ROLES };

/* Secret: hash and totp. */
struct vault_account {
    char name[ACCOUNT_NAME_MAX + 1], hash[ACCOUNT_HASH_MAX];
    enum account_role role;
    bool locked, has_totp;
    uint8_t totp[ACCOUNT_TOTP_SIZE];
    uint64_t at; /* of the last change, seconds since 1970; each change has a later one */
};

int vault_account_get(struct vault *vault, const char *name, struct vault_account *out, bool *found, struct err *err);
int vault_account_put(struct vault *vault, const struct vault_account *account, struct err *err);
int vault_account_remove(struct vault *vault, const char *name, bool *found, struct err *err);

/* By name. */
typedef int vault_visit_account(void *context, const struct vault_account *account, struct err *err);
int vault_accounts(struct vault *vault, vault_visit_account *visit, void *context, struct err *err);

#define ACTIVITY_WORD_MAX 32   /* bytes of a role, an act */
#define ACTIVITY_ABOUT_MAX 300 /* of what it was about */
#define ACTIVITY_DETAIL_MAX 300
#define ACTIVITY_HASH_SIZE 32
#define ACTIVITY_SIGNATURE_SIZE 64

struct vault_activity {
    int64_t number; /* from 1, without a gap */
    uint64_t at;    /* seconds since 1970 */
    char by[ACCOUNT_NAME_MAX + 1], role[ACTIVITY_WORD_MAX + 1], act[ACTIVITY_WORD_MAX + 1];
    char about[ACTIVITY_ABOUT_MAX + 1], detail[ACTIVITY_DETAIL_MAX + 1]; /* may have ids of records */
    uint8_t hash[ACTIVITY_HASH_SIZE], signature[ACTIVITY_SIGNATURE_SIZE];
};

/* The last one; number 0 and zeros: there is none. */
int vault_activity_last(struct vault *vault, struct vault_activity *out, struct err *err);
int vault_activity_put(struct vault *vault, const struct vault_activity *entry, struct err *err);

/* From a number up; or, newest first, from a number down (0: from the newest). At most `most` of them. */
typedef int vault_visit_activity(void *context, const struct vault_activity *entry, struct err *err);
int vault_activities(struct vault *vault, int64_t from, bool newest_first, size_t most, vault_visit_activity *visit,
                     void *context, struct err *err);

/* Another number whenever another process changed something: what was read before may be old. */
int vault_version(struct vault *vault, int64_t *out, struct err *err);

#endif
