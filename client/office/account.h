/*
 * People of the agency who may use the desk: a password (Argon2id, RFC 9106), a one-time code beside it where they have
 * one (RFC 6238), a role. Accounts lie in the vault (client/vault/office.h); each change here is a transaction.
 */
#ifndef CLIENT_OFFICE_ACCOUNT_H
#define CLIENT_OFFICE_ACCOUNT_H

#include "client/vault/office.h"

#define PASSWORD_MIN 10 /* bytes */
#define PASSWORD_MAX 256
#define TOTP_URI_MAX 256
#define TOTP_STEP 30 /* seconds */

/* "officer", "supervisor", "border", "auditor", "administrator". ERR_USAGE names them. */
extern const char *const account_role_name[ACCOUNT_ROLES];
int account_role(enum account_role *out, const char *name, struct err *err);

/* ERR_USAGE: names are lower-case letters, digits, dots, hyphens; 1 to ACCOUNT_NAME_MAX. */
int account_name_check(const char *name, struct err *err);

/* ERR_CONFLICT: there is one of this name. */
int account_add(struct vault *vault, const char *name, enum account_role role, const char *password, struct err *err);

/* Another password; with_totp: and a new secret for one-time codes, without: none any more. ERR_NOT_FOUND. */
int account_set_password(struct vault *vault, const char *name, const char *password, struct err *err);
int account_set_totp(struct vault *vault, const char *name, bool with_totp, char uri[TOTP_URI_MAX], struct err *err);
int account_set_role(struct vault *vault, const char *name, enum account_role role, struct err *err);
int account_set_locked(struct vault *vault, const char *name, bool locked, struct err *err);
int account_remove(struct vault *vault, const char *name, struct err *err);

/*
 * Whether name, password and one-time code are right, and the account is not locked. It takes as long for a name that
 * there is not. *step: the code's, so that the caller can refuse it the next time; 0: the account has none.
 */
int account_check(struct vault *vault, const char *name, const char *password, const char *code,
                  struct vault_account *out, uint64_t *step, bool *good, struct err *err);

#endif
