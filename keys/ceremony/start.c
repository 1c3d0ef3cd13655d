#include "keys/ceremony/ceremony.h"
#include "keys/verbs.h"
#include "protocol/base/file.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int add_custodian(json_t *list, const char *path, struct err *err)
{
    struct party p;
    int rc = party_load(&p, path, err);
    if (rc != 0)
        return rc;
    size_t i;
    json_t *other;
    json_array_foreach(list, i, other) if (strcmp(json_string_value(json_object_get(other, "name")), p.name) ==
                                           0) return err_set(err, ERR_INPUT, "two custodians are called %s", p.name);
    json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:o, s:o}", "name", p.name, "channel",
                                          json_hex(p.channel, 32), "sign", json_hex(p.sign, 32), "log",
                                          json_hex(p.log, 32), "witness", json_hex(p.witness, 32)));
    return 0;
}

/* "NAME" or "NAME:EPOCH" */
static int add_purpose(json_t *list, const char *text, struct err *err)
{
    char name[PARTY_NAME_MAX + 1];
    unsigned long epoch = 1;
    size_t len = strcspn(text, ":");
    char *end = NULL;
    if (len > PARTY_NAME_MAX)
        return err_set(err, ERR_USAGE, "the purpose's name is too long: %s", text);
    memcpy(name, text, len);
    name[len] = '\0';
    int rc = party_name_check(name, err);
    if (rc != 0)
        return rc;
    if (text[len] == ':') {
        epoch = strtoul(text + len + 1, &end, 10);
        if (end == text + len + 1 || *end != '\0' || epoch > UINT32_MAX)
            return err_set(err, ERR_USAGE, "'%s' is not NAME:EPOCH", text);
    }
    json_array_append_new(list, json_pack("{s:s, s:I}", "name", name, "epoch", (json_int_t)epoch));
    return 0;
}

static int write_ceremony(const char *path, uint64_t threshold, json_t *custodians, json_t *purposes, struct err *err)
{
    uint8_t salt[16];
    randombytes_buf(salt, sizeof salt);
    json_t *json = json_pack("{s:i, s:I, s:o, s:O, s:O}", "concord-ceremony", 2, "threshold", (json_int_t)threshold,
                             "salt", json_hex(salt, sizeof salt), "custodians", custodians, "purposes", purposes);
    char *text = json_dumps(json, JSON_INDENT(2) | JSON_SORT_KEYS);
    int rc =
        text == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory") : file_create(path, text, strlen(text), 0644, err);
    free(text);
    json_decref(json);
    return rc;
}

struct options {
    uint64_t threshold;
    struct setting_list custodian, purpose;
    char out[SETTINGS_TEXT_MAX];
};

static int check(struct call *call, struct err *err)
{
    const struct options *o = call->options;
    if (o->custodian.count > REGION_CUSTODIANS_MAX || o->purpose.count > REGION_PURPOSES_MAX || o->threshold < 1 ||
        o->threshold > o->custodian.count)
        return err_set(err, ERR_USAGE,
                       "a ceremony needs 1 to %d custodians, 1 to %d purposes and a threshold of at most the "
                       "number of custodians",
                       REGION_CUSTODIANS_MAX, REGION_PURPOSES_MAX);
    return 0;
}

static int run(struct call *call, struct err *err)
{
    const struct options *o = call->options;
    json_t *custodians = json_array(), *purposes = json_array();
    struct ceremony ceremony;
    char groups[BYTES_GROUPED(32)];
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < o->custodian.count; i++)
        rc = add_custodian(custodians, o->custodian.item[i], err);
    for (size_t i = 0; rc == 0 && i < o->purpose.count; i++)
        rc = add_purpose(purposes, o->purpose.item[i], err);
    if (rc == 0)
        rc = write_ceremony(o->out, o->threshold, custodians, purposes, err);
    if (rc == 0)
        rc = ceremony_load(&ceremony, o->out, err);
    if (rc == 0)
        printf("%s: %llu of %zu custodians, for each of whom it is the same\ndigest %s\n", o->out,
               (unsigned long long)o->threshold, o->custodian.count, bytes_to_groups(groups, ceremony.digest, 32));
    json_decref(custodians);
    json_decref(purposes);
    return rc;
}

static const struct options defaults = {.threshold = 2, .out = "ceremony.json"};

static const struct setting settings[] = {
    {"threshold", NULL, NULL, SETTING_NUMBER, offsetof(struct options, threshold), "T",
     "custodians needed for an evaluation (2)"},
    {"custodian", NULL, NULL, SETTING_LIST, offsetof(struct options, custodian), "FILE.pub",
     "a custodian's public identity; repeat", .required = true},
    {"purpose", NULL, NULL, SETTING_LIST, offsetof(struct options, purpose), "NAME[:EPOCH]",
     "a purpose that needs a key (epoch 1); repeat", .required = true},
    {"out", NULL, NULL, SETTING_PATH, offsetof(struct options, out), "FILE",
     "where to write the ceremony (ceremony.json)"},
};

const struct verb ceremony_start_verb = {
    .name = "start",
    .brief = "describe a ceremony: threshold, custodians, purposes",
    .operands = "",
    .summary = "Describes a ceremony. Hand the file to every custodian; each compares its SHA-256\n"
               "with the others by telephone before it contributes.",
    SETTINGS(settings),
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .check = check,
    .run = run,
};
