/*
 * An agency at work: its settings, identity, manifest, vault and, per purpose, schema and connections. What every verb
 * that talks to the region opens first.
 */
#ifndef CLIENT_AGENCY_AGENCY_H
#define CLIENT_AGENCY_AGENCY_H

#include "client/schema/schema.h"
#include "client/vault/vault.h"
#include "protocol/base/settings.h"
#include "protocol/identity/identity.h"
#include "protocol/region/region.h"
#include "protocol/rpc/rpc.h"
#include "protocol/wire/statement.h"

#include <sys/stat.h>

struct agency_config {
    char identity[SETTINGS_TEXT_MAX], manifest[SETTINGS_TEXT_MAX], schemas[SETTINGS_TEXT_MAX], psks[SETTINGS_TEXT_MAX];
    char vault[SETTINGS_TEXT_MAX];
    struct setting_list purposes;
    struct setting_list
        not_for;   /* "purpose=protected" or "purpose=state,...": whom a row that does not say is not for */
    uint64_t jobs; /* cores to keep busy; 0: all */
};

/* The rows of a settings table that all verbs have; c is a struct agency_config in static storage. */
#define AGENCY_SETTINGS(c)                                                                                               \
    {"identity", "Agency", "Identity", SETTING_PATH, (c).identity, "FILE", "secret identity file of this agency"},       \
        {"manifest", "Agency", "Manifest", SETTING_PATH, (c).manifest, "FILE", "region.json, its signatures beside it"}, \
        {"schemas", "Agency", "SchemaDirectory", SETTING_PATH, (c).schemas, "DIR", "schemas, <purpose>.json"},           \
        {"preshared-keys", "Agency", "PresharedKeys", SETTING_PATH, (c).psks, "DIR", "pre-shared keys, <peer>.psk"},     \
        {"vault", "Agency", "Vault", SETTING_PATH, (c).vault, "FILE", "what this agency remembers (SQLite)"},            \
        {"purpose",                                                                                                      \
         NULL,                                                                                                           \
         NULL,                                                                                                           \
         SETTING_LIST,                                                                                                   \
         &(c).purposes,                                                                                                  \
         "NAME",                                                                                                         \
         "only this purpose; may be repeated (default: all)"},                                                           \
    {                                                                                                                    \
        "jobs", "Agency", "Jobs", SETTING_NUMBER, &(c).jobs, "N", "keep N cores busy (default: all of this machine)"     \
    }
#define AGENCY_SETTINGS_COUNT 7
#define AGENCY_CONFIG_DEFAULT "/etc/concord/client.conf"

/* What the configuration file may hold beside, for other verbs. */
extern const struct usage agency_known;

/* A purpose that this run is about, in its current epoch. */
struct agency_purpose {
    const struct region_purpose *region;
    const struct region_epoch *epoch;
    struct schema schema;
    int64_t domain;
};

struct agency {
    const struct agency_config *config; /* borrowed */
    const struct identity *identity;    /* borrowed */
    struct region *region;
    struct vault *vault;
    struct agency_purpose purpose[REGION_PURPOSES_MAX];
    size_t purposes;
    struct agency_purpose ending[REGION_PURPOSES_MAX]; /* in an epoch that is not current and not over yet */
    size_t endings;
    /*
     * In an epoch that is over, the last before the current one: what was found in it is shown until the current one
     * has it. Its schema has no keys where they were another's.
     */
    struct agency_purpose past[REGION_PURPOSES_MAX];
    struct region_epoch past_epoch[REGION_PURPOSES_MAX];
    size_t pasts;
    struct rpc_client *matcher;
    bool greeted;   /* the matcher's ledger was looked at over this connection */
    uint64_t shown; /* the second in which the matcher was asked whether it has our newest prekey; 0: not yet */
};

/*
 * Checks that the settings are there, and loads the identity: once in the life of a process, since it may ask for a
 * passphrase and then takes seconds. Secret: identity_wipe().
 */
int agency_identity(struct identity *out, const struct agency_config *config, struct err *err);

/*
 * Loads and checks everything else; connects to nobody yet. config and identity are borrowed. agency_close() is
 * harmless after a failure.
 */
int agency_open(struct agency *agency, const struct agency_config *config, const struct identity *identity,
                struct err *err);

/*
 * Whether the file of the manifest is another one than it was at *seen, which becomes what it is now. For who keeps an
 * agency open: it is opened anew then. Not where there is no such file.
 */
bool agency_manifest_changed(struct stat *seen, const struct agency_config *config);

/* The same for any party of the manifest: one that is no agency has a vault and no purposes. */
int agency_open_party(struct agency *agency, const struct agency_config *config, const struct identity *identity,
                      struct err *err);

/* The same without vault and purposes, for what only talks to the region. */
int agency_load(struct agency *agency, const struct agency_config *config, const struct identity *identity,
                struct err *err);
void agency_close(struct agency *agency);

/*
 * Whether feeds of this run go into the purpose: a register of valid documents is meant only by who names it, lest
 * others' records be taken for valid documents.
 */
bool agency_enrols(const struct agency *agency, const struct agency_purpose *purpose);

/* Whether the purpose is one of those in an earlier epoch; and which is the same in the current one, by position. */
bool agency_is_earlier(const struct agency_purpose *purpose);
size_t agency_current_of(const struct agency *agency, const struct agency_purpose *earlier);

/* By the vault's domain: a current purpose, or one in the epoch before, as agency_earlier_of() has it. NULL: none. */
const struct agency_purpose *agency_purpose_of(const struct agency *agency, int64_t domain);

/* By name and epoch: a current purpose, or one in an epoch that is not over yet. NULL: none. */
const struct agency_purpose *agency_purpose_in(const struct agency *agency, const char *name, uint32_t epoch);

/* A current purpose in the epoch before: in agency->ending, else in agency->past; NULL: there is none. */
const struct agency_purpose *agency_earlier_of(const struct agency *agency, const struct agency_purpose *purpose);
bool agency_is_over(const struct agency_purpose *earlier); /* it is in agency->past */

/* What not_for has for a purpose; "" if nothing. */
const char *agency_not_for(const struct agency *agency, const struct agency_purpose *purpose);

/* A connection to a party of the region. Owned: rpc_client_close(). timeout_ms 0: the default. */
int agency_connect(const struct agency *agency, const struct party *peer, const char *url, uint64_t timeout_ms,
                   struct rpc_client **out, struct err *err);

/*
 * The partner with this identity digest, by its position in the manifest; -1 if there is none in it that the agency and
 * it granted each other the purpose. Whatever comes of another party (mail, hits, letters) is refused.
 */
int agency_partner(const struct agency *agency, const uint8_t digest[PARTY_DIGEST_SIZE], const char *purpose);

/* Whether there is any: without one, a question about the purpose could reach nobody. */
bool agency_has_partner(const struct agency *agency, const struct agency_purpose *purpose);

#define AGENCY_MATCHER_TIMEOUT_MS 90000

/* Fills time and signature of a request of a signed type to this party; everything else of it is in place. */
void agency_sign(const struct agency *agency, const struct party *peer, struct wire_request *request);

/*
 * The same with the time that the request has: what is sent again under its id has to be what was sent, since the
 * receipt is about that.
 */
void agency_sign_again(const struct agency *agency, const struct party *peer, struct wire_request *request);

#endif
