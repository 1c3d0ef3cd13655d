#include "keys/ceremony/ceremony.h"
#include "keys/manifest/draft.h"
#include "keys/verbs.h"
#include "protocol/base/file.h"
#include "protocol/base/settings.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCHEMA_FILE_MAX (1u << 20)
#define RETENTION_DEFAULT (365ull * 86400)
#define BUDGET_DEFAULT 1000000

static struct options {
    char name[SETTINGS_TEXT_MAX], transcript[SETTINGS_TEXT_MAX], matcher[SETTINGS_TEXT_MAX], matcher_url[SETTINGS_TEXT_MAX];
    char normaliser[SETTINGS_TEXT_MAX], out[SETTINGS_TEXT_MAX];
    struct setting_list coordinator, custodian_url, purpose;
    uint64_t quorum, witnesses;
} o = {.out = "region.json", .quorum = 1};

static const struct setting settings[] = {
    {"name", NULL, NULL, SETTING_TEXT, o.name, "REGION", "the region's name"},
    {"transcript", NULL, NULL, SETTING_PATH, o.transcript, "FILE", "the key ceremony's transcript"},
    {"coordinator", NULL, NULL, SETTING_LIST, &o.coordinator, "FILE.pub", "a coordinator who signs manifests; repeat"},
    {"quorum", NULL, NULL, SETTING_NUMBER, &o.quorum, "N", "coordinators that must sign (1)"},
    {"matcher", NULL, NULL, SETTING_PATH, o.matcher, "FILE.pub", "the matcher's public identity"},
    {"matcher-url", NULL, NULL, SETTING_TEXT, o.matcher_url, "URL", "where it listens: tcp://ADDRESS:PORT"},
    {"custodian-url", NULL, NULL, SETTING_LIST, &o.custodian_url, "NAME=URL", "where a custodian listens; repeat"},
    {"purpose", NULL, NULL, SETTING_LIST, &o.purpose, "NAME=SCHEMA.json[,retention=30d][,budget=N]",
     "a purpose of the ceremony and its schema; repeat"},
    {"normaliser", NULL, NULL, SETTING_TEXT, o.normaliser, "HEX", "normaliser fingerprint (concord-client fingerprint)"},
    {"witnesses", NULL, NULL, SETTING_NUMBER, &o.witnesses, "K", "cosignatures a final checkpoint needs (0)"},
    {"out", NULL, NULL, SETTING_PATH, o.out, "FILE", "where to write the manifest (region.json)"},
};
static const struct usage usage = {
    "concord-keys manifest new", "", "Writes the first manifest of a region, version 1, unsigned and without agencies.",
    "The purposes, their keys and the custodians come from the transcript; each needs its --purpose and --custodian-url.",
    settings, sizeof settings / sizeof settings[0]};

/* The text behind "NAME=" of the list member with that name; NULL if there is none. */
static const char *value_of(const struct setting_list *list, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < list->count; i++)
        if (strncmp(list->item[i], name, len) == 0 && list->item[i][len] == '=')
            return list->item[i] + len + 1;
    return NULL;
}

static int schema_digest(uint8_t out[32], const char *path, struct err *err)
{
    struct buf text = buf_of(SCHEMA_FILE_MAX);
    int rc = file_read(&text, path, err);
    if (rc == 0)
        crypto_hash_sha256(out, text.data, text.len);
    buf_free(&text);
    return rc;
}

/* "SCHEMA.json,retention=30d,budget=N" */
static int read_purpose_option(struct region_purpose *p, const char *text, struct err *err)
{
    char copy[SETTINGS_TEXT_MAX], *rest = NULL;
    if (strlen(text) >= sizeof copy)
        return err_set(err, ERR_USAGE, "--purpose %s: too long", p->name);
    strcpy(copy, text);
    p->retention = RETENTION_DEFAULT;
    p->budget = BUDGET_DEFAULT;
    char *part = strtok_r(copy, ",", &rest);
    int rc = part == NULL ? err_set(err, ERR_USAGE, "--purpose %s: a schema file is needed", p->name)
                          : schema_digest(p->schema, part, err);
    while (rc == 0 && (part = strtok_r(NULL, ",", &rest)) != NULL) {
        if (strncmp(part, "retention=", 10) == 0)
            rc = settings_parse_duration(part + 10, &p->retention, err);
        else if (strncmp(part, "budget=", 7) == 0 && strspn(part + 7, "0123456789") == strlen(part + 7) && part[7] != '\0')
            p->budget = strtoull(part + 7, NULL, 10);
        else
            rc = err_set(err, ERR_USAGE, "--purpose %s: '%s' is neither retention=TIME nor budget=N", p->name, part);
    }
    return rc;
}

static int read_purpose(struct region_purpose *p, json_t *json, size_t custodians, struct err *err)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    json_t *shares = json_object_get(json, "shares");
    const char *option = name != NULL ? value_of(&o.purpose, name) : NULL;
    if (name == NULL || strlen(name) > PARTY_NAME_MAX || json_array_size(shares) != custodians)
        return err_set(err, ERR_INPUT, "%s: a purpose is malformed", o.transcript);
    if (option == NULL)
        return err_set(err, ERR_USAGE, "the transcript has a key for %s: give --purpose %s=SCHEMA.json", name, name);
    strcpy(p->name, name);
    p->epoch = (uint32_t)json_integer_value(json_object_get(json, "epoch"));
    int rc = json_get_hex(json, "key", p->key.bytes, 32, o.transcript, err);
    for (size_t i = 0; rc == 0 && i < custodians; i++)
        rc = json_get_hex(json_array_get(shares, i), NULL, p->share[i].bytes, 32, o.transcript, err);
    return rc != 0 ? rc : read_purpose_option(p, option, err);
}

static int read_custodian(struct region_custodian *c, json_t *json, struct err *err)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    const char *url = name != NULL ? value_of(&o.custodian_url, name) : NULL;
    if (name == NULL || strlen(name) > PARTY_NAME_MAX)
        return err_set(err, ERR_INPUT, "%s: a custodian is malformed", o.transcript);
    if (url == NULL || strlen(url) > REGION_URL_MAX)
        return err_set(err, ERR_USAGE, "give --custodian-url %s=URL", name);
    strcpy(c->party.name, name);
    strcpy(c->url, url);
    int rc = json_get_hex(json, "channel", c->party.channel, 32, o.transcript, err);
    if (rc == 0)
        rc = json_get_hex(json, "sign", c->party.sign, 32, o.transcript, err);
    if (rc == 0)
        rc = json_get_hex(json, "log", c->party.log, 32, o.transcript, err);
    return rc != 0 ? rc : json_get_hex(json, "witness", c->party.witness, 32, o.transcript, err);
}

static int read_transcript(struct region *r, struct err *err)
{
    json_t *json = NULL;
    int rc = json_load_limited(&json, o.transcript, NULL, err);
    if (rc != 0)
        return rc;
    json_t *custodians = json_object_get(json, "custodians"), *purposes = json_object_get(json, "purposes");
    r->custodian_count = json_array_size(custodians);
    r->purpose_count = json_array_size(purposes);
    r->threshold = (size_t)json_integer_value(json_object_get(json, "threshold"));
    if (json_integer_value(json_object_get(json, "concord-transcript")) != 1 ||
        r->custodian_count > REGION_CUSTODIANS_MAX || r->purpose_count > REGION_PURPOSES_MAX)
        rc = err_set(err, ERR_INPUT, "%s is no transcript (concord-keys ceremony finish writes one)", o.transcript);
    for (size_t i = 0; rc == 0 && i < r->custodian_count; i++)
        rc = read_custodian(&r->custodians[i], json_array_get(custodians, i), err);
    for (size_t i = 0; rc == 0 && i < r->purpose_count; i++)
        rc = read_purpose(&r->purposes[i], json_array_get(purposes, i), r->custodian_count, err);
    json_decref(json);
    return rc;
}

static int fill(struct region *r, struct err *err)
{
    if (o.name[0] == '\0' || o.transcript[0] == '\0' || o.matcher[0] == '\0' || o.matcher_url[0] == '\0' ||
        o.coordinator.count == 0 || !bytes_from_hex(r->normaliser, 32, o.normaliser))
        return err_set(err, ERR_USAGE, "new needs --name, --transcript, --coordinator, --matcher, --matcher-url and "
                       "--normaliser; see --help");
    int rc = party_name_check(o.name, err);
    if (rc == 0 && (strlen(o.matcher_url) > REGION_URL_MAX || o.coordinator.count > REGION_COORDINATORS_MAX))
        rc = err_set(err, ERR_USAGE, "the matcher's URL is too long, or there are too many coordinators");
    if (rc != 0)
        return rc;
    strcpy(r->name, o.name);
    strcpy(r->matcher_url, o.matcher_url);
    r->version = 1;
    r->quorum = o.quorum;
    r->witnesses = o.witnesses;
    rc = identity_public_load(&r->matcher, o.matcher, err);
    for (; rc == 0 && r->coordinator_count < o.coordinator.count; r->coordinator_count++)
        rc = identity_public_load(&r->coordinators[r->coordinator_count], o.coordinator.item[r->coordinator_count], err);
    return rc != 0 ? rc : read_transcript(r, err);
}

int manifest_new_main(int argc, char **argv)
{
    struct err err;
    struct draft draft = {.region = NULL};
    bool done;
    int operands;
    int rc = settings_load(&usage, NULL, NULL, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && access(o.out, F_OK) == 0)
        rc = err_set(&err, ERR_CONFLICT, "%s exists already: change it with add-agency and grant, or choose another --out",
                     o.out);
    if (rc == 0 && (draft.region = calloc(1, sizeof *draft.region)) == NULL)
        rc = err_set(&err, ERR_NO_MEMORY, "out of memory");
    if (rc == 0)
        rc = fill(draft.region, &err);
    if (rc == 0) {
        memcpy(draft.path, o.out, sizeof draft.path);
        rc = draft_save(&draft, &err);
    }
    draft_close(&draft);
    setting_list_free(&o.coordinator);
    setting_list_free(&o.custodian_url);
    setting_list_free(&o.purpose);
    return verb_end("concord-keys", rc, &err);
}
