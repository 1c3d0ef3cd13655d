#include "keys/manifest/transcript.h"

#include "keys/ceremony/ceremony.h"
#include "keys/manifest/limits.h"
#include "protocol/base/file.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA_FILE_MAX (1u << 20)
#define RETENTION_DEFAULT (365ull * 86400)
#define SLOTS_DEFAULT REGION_SLOTS_MAX

static int read_name(char out[PARTY_NAME_MAX + 1], json_t *json, const char *path, struct err *err)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    if (name == NULL || strlen(name) > PARTY_NAME_MAX)
        return err_set(err, ERR_INPUT, "%s: a custodian or purpose has no name", path);
    strcpy(out, name);
    return 0;
}

static int read_custodian(struct party *p, json_t *json, const char *path, struct err *err)
{
    int rc = read_name(p->name, json, path, err);
    if (rc == 0)
        rc = json_get_hex(json, "channel", p->channel, 32, path, err);
    if (rc == 0)
        rc = json_get_hex(json, "sign", p->sign, 32, path, err);
    if (rc == 0)
        rc = json_get_hex(json, "log", p->log, 32, path, err);
    if (rc == 0)
        rc = json_get_hex(json, "witness", p->witness, 32, path, err);
    return rc;
}

static int read_purpose(struct region_purpose *p, json_t *json, size_t custodians, const char *path, struct err *err)
{
    struct region_epoch *e = &p->epochs[0];
    json_t *shares = json_object_get(json, "shares");
    json_int_t epoch = json_integer_value(json_object_get(json, "epoch"));
    int rc = read_name(p->name, json, path, err);
    if (rc == 0 && (json_array_size(shares) != custodians || epoch < 0 || epoch > UINT32_MAX))
        rc = err_set(err, ERR_INPUT, "%s: purpose %s is malformed", path, p->name);
    p->epoch_count = 1;
    e->epoch = (uint32_t)epoch;
    e->generation = 1;
    if (rc == 0)
        rc = json_get_hex(json, "key", e->key.bytes, 32, path, err);
    for (size_t i = 0; rc == 0 && i < custodians; i++)
        rc = json_get_hex(json_array_get(shares, i), NULL, e->share[i].bytes, 32, path, err);
    return rc;
}

int transcript_load(struct transcript *out, const char *path, struct err *err)
{
    json_t *json = NULL;
    memset(out, 0, sizeof *out);
    int rc = json_load_limited(&json, path, NULL, err);
    if (rc != 0)
        return rc;
    json_t *custodians = json_object_get(json, "custodians"), *purposes = json_object_get(json, "purposes");
    out->custodian_count = json_array_size(custodians);
    out->purpose_count = json_array_size(purposes);
    out->threshold = (size_t)json_integer_value(json_object_get(json, "threshold"));
    if (json_integer_value(json_object_get(json, "concord-transcript")) != 1 ||
        out->custodian_count > REGION_CUSTODIANS_MAX || out->purpose_count > REGION_PURPOSES_MAX)
        rc = err_set(err, ERR_INPUT, "%s is no transcript (concord-keys ceremony finish writes one)", path);
    for (size_t i = 0; rc == 0 && i < out->custodian_count; i++)
        rc = read_custodian(&out->custodian[i].party, json_array_get(custodians, i), path, err);
    for (size_t i = 0; rc == 0 && i < out->purpose_count; i++)
        rc = read_purpose(&out->purpose[i], json_array_get(purposes, i), out->custodian_count, path, err);
    json_decref(json);
    return rc;
}

const char *transcript_option(const struct setting_list *list, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < list->count; i++)
        if (strncmp(list->item[i], name, len) == 0 && list->item[i][len] == '=')
            return list->item[i] + len + 1;
    return NULL;
}

int transcript_set_url(struct region_custodian *custodian, const char *text, struct err *err)
{
    if (text == NULL || strlen(text) > REGION_URL_MAX)
        return err_set(err, ERR_USAGE, "give --custodian-url %s=URL", custodian->party.name);
    strcpy(custodian->url, text);
    return 0;
}

/* The schema says how many slots its entries have; one that does not has the most. */
static int read_schema(struct region_epoch *e, const char *path, struct err *err)
{
    json_error_t fault;
    struct buf text = buf_of(SCHEMA_FILE_MAX);
    int rc = file_read(&text, path, err);
    if (rc == 0) {
        json_t *json = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &fault);
        json_t *slots = json_object_get(json, "slots");
        e->slots = slots == NULL ? SLOTS_DEFAULT : (uint32_t)json_integer_value(slots);
        if (json == NULL || e->slots == 0 || e->slots > REGION_SLOTS_MAX)
            rc = err_set(err, ERR_INPUT, "%s is no schema with 1 to %d slots", path, REGION_SLOTS_MAX);
        json_decref(json);
        crypto_hash_sha256(e->schema, text.data, text.len);
    }
    buf_free(&text);
    return rc;
}

/* routine=14d, urgent=24h, emergency=4h, recall=3d, keep=365d, second-officer; *known false: none of these. */
static int set_disclosure(struct region_disclosure *d, const char *part, bool *known, struct err *err)
{
    uint64_t *const places[] = {&d->recall, &d->keep, &d->answer[REGION_ROUTINE], &d->answer[REGION_URGENT],
                                &d->answer[REGION_EMERGENCY]};
    static const char *const names[] = {"recall=", "keep=", "routine=", "urgent=", "emergency="};
    *known = true;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strncmp(part, names[i], strlen(names[i])) == 0)
            return settings_parse_duration(part + strlen(names[i]), places[i], err);
    *known = strcmp(part, "second-officer") == 0;
    d->second_officer = d->second_officer || *known;
    return 0;
}

/* The first one given takes the place of those that hold where nobody says otherwise. */
static int add_basis(struct region_disclosure *d, const char *code, struct err *err)
{
    if (d->bases == disclosure_default.bases && strcmp(d->basis[0], disclosure_default.basis[0]) == 0)
        d->bases = 0;
    if (d->bases == REGION_BASES_MAX)
        return err_set(err, ERR_USAGE, "a purpose has at most %d legal bases", REGION_BASES_MAX);
    int rc = party_name_check(code, err);
    if (rc == 0)
        snprintf(d->basis[d->bases++], PARTY_NAME_MAX + 1, "%s", code);
    return rc;
}

static int set_option(struct region_purpose *p, const char *part, struct err *err)
{
    bool known;
    int rc = set_disclosure(&p->disclosure, part, &known, err);
    if (rc != 0 || known)
        return rc;
    if (strncmp(part, "basis=", 6) == 0)
        return add_basis(&p->disclosure, part + 6, err);
    if (strncmp(part, "retention=", 10) == 0)
        return settings_parse_duration(part + 10, &p->retention, err);
    if (strcmp(part, "kind=match") == 0 || strcmp(part, "kind=issued") == 0) {
        p->kind = strcmp(part, "kind=issued") == 0 ? REGION_ISSUED : REGION_MATCH;
        return 0;
    }
    if (limits_knows(part))
        return limits_set(&p->limits, part, err);
    return err_set(
        err, ERR_USAGE,
        "--purpose %s: '%s' is none of retention=TIME, kind=KIND, LIMIT=N, routine=TIME, urgent=TIME, emergency=TIME, "
        "recall=TIME, keep=TIME, second-officer, basis=CODE",
        p->name, part);
}

int transcript_set_purpose(struct region_purpose *purpose, const char *text, struct err *err)
{
    struct region_purpose *p = purpose;
    char copy[SETTINGS_TEXT_MAX], *rest = NULL;
    if (text == NULL)
        return err_set(err, ERR_USAGE, "the transcript has a key for %s: give --purpose %s=SCHEMA.json", p->name,
                       p->name);
    if (strlen(text) >= sizeof copy)
        return err_set(err, ERR_USAGE, "--purpose %s: too long", p->name);
    strcpy(copy, text);
    p->kind = REGION_MATCH;
    p->retention = RETENTION_DEFAULT;
    p->limits = limits_default;
    p->disclosure = disclosure_default;
    char *part = strtok_r(copy, ",", &rest);
    int rc = part == NULL ? err_set(err, ERR_USAGE, "--purpose %s: a schema file is needed", p->name)
                          : read_schema(&p->epochs[0], part, err);
    while (rc == 0 && (part = strtok_r(NULL, ",", &rest)) != NULL)
        rc = set_option(p, part, err);
    return rc;
}
