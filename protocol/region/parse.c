/* The manifest's JSON, read strictly: every member known, present, of its type and within its limit. */
#include "protocol/base/buf.h"
#include "protocol/region/check.h"

#include <jansson.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the reader is, for messages: "agencies[3].name". */
struct place {
    char path[160];
    struct err *err;
};

static int wrong(const struct place *at, const char *member, const char *what)
{
    return err_set(at->err, ERR_INPUT, "manifest: %s%s%s: %s", at->path, at->path[0] != '\0' ? "." : "", member, what);
}

/* Refuses what is not in the NULL-ended list of names. */
static int only(const struct place *at, json_t *object, ...)
{
    const char *key;
    json_t *value;
    if (!json_is_object(object))
        return wrong(at, "", "an object is needed");
    json_object_foreach(object, key, value)
    {
        va_list names;
        const char *name;
        bool known = false;
        va_start(names, object);
        while (!known && (name = va_arg(names, const char *)) != NULL)
            known = strcmp(name, key) == 0;
        va_end(names);
        if (!known)
            return wrong(at, key, "unknown member");
    }
    return 0;
}

static int get_text(const struct place *at, json_t *object, const char *member, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(object, member));
    if (text == NULL || strlen(text) == 0 || strlen(text) >= size)
        return wrong(at, member, "text is needed, not empty, not too long");
    memcpy(out, text, strlen(text) + 1);
    return 0;
}

static int get_name(const struct place *at, json_t *object, const char *member, char out[PARTY_NAME_MAX + 1])
{
    struct err err;
    int rc = get_text(at, object, member, out, PARTY_NAME_MAX + 1);
    if (rc == 0 && party_name_check(out, &err) != 0)
        rc = wrong(at, member, err.text);
    return rc;
}

static int get_number(const struct place *at, json_t *object, const char *member, uint64_t max, uint64_t *out)
{
    json_t *number = json_object_get(object, member);
    if (!json_is_integer(number) || json_integer_value(number) < 0 || (uint64_t)json_integer_value(number) > max)
        return wrong(at, member, "a whole number within its range is needed");
    *out = (uint64_t)json_integer_value(number);
    return 0;
}

static int get_hex(const struct place *at, json_t *object, const char *member, uint8_t *out, size_t len)
{
    const char *hex = json_string_value(json_object_get(object, member));
    if (hex == NULL || !bytes_from_hex(out, len, hex))
        return wrong(at, member, "hexadecimal of the right length is needed");
    return 0;
}

static int get_array(const struct place *at, json_t *object, const char *member, size_t max, json_t **out,
                     size_t *count)
{
    *out = json_object_get(object, member);
    if (!json_is_array(*out) || json_array_size(*out) > max)
        return wrong(at, member, "an array within its limit is needed");
    *count = json_array_size(*out);
    return 0;
}

static struct place place_of(struct err *err, const char *array, size_t i)
{
    struct place at = {.err = err};
    snprintf(at.path, sizeof at.path, "%s[%zu]", array, i);
    return at;
}

static int get_party(const struct place *at, json_t *object, struct party *out)
{
    int rc = get_name(at, object, "name", out->name);
    if (rc == 0)
        rc = get_hex(at, object, "channel", out->channel, 32);
    if (rc == 0)
        rc = get_hex(at, object, "sign", out->sign, 32);
    if (rc == 0)
        rc = get_hex(at, object, "log", out->log, 32);
    if (rc == 0)
        rc = get_hex(at, object, "witness", out->witness, 32);
    return rc;
}

static int get_custodian(const struct place *at, json_t *object, struct region_custodian *out)
{
    int rc = only(at, object, "name", "channel", "sign", "log", "witness", "url", NULL);
    if (rc == 0)
        rc = get_party(at, object, &out->party);
    if (rc == 0)
        rc = get_text(at, object, "url", out->url, sizeof out->url);
    return rc;
}

static int get_purpose(const struct place *at, json_t *object, const struct region *region, struct region_purpose *out)
{
    json_t *shares;
    size_t count;
    uint64_t epoch = 0;
    int rc = only(at, object, "name", "schema", "epoch", "retention", "budget", "key", "shares", NULL);
    if (rc == 0)
        rc = get_name(at, object, "name", out->name);
    if (rc == 0)
        rc = get_hex(at, object, "schema", out->schema, sizeof out->schema);
    if (rc == 0)
        rc = get_number(at, object, "epoch", UINT32_MAX, &epoch);
    if (rc == 0)
        rc = get_number(at, object, "retention", INT64_MAX, &out->retention);
    if (rc == 0)
        rc = get_number(at, object, "budget", INT64_MAX, &out->budget);
    if (rc == 0)
        rc = get_hex(at, object, "key", out->key.bytes, 32);
    if (rc == 0)
        rc = get_array(at, object, "shares", REGION_CUSTODIANS_MAX, &shares, &count);
    if (rc != 0)
        return rc;
    out->epoch = (uint32_t)epoch;
    if (count != region->custodian_count)
        return wrong(at, "shares", "one public share per custodian is needed");
    for (size_t i = 0; i < count; i++) {
        const char *hex = json_string_value(json_array_get(shares, i));
        if (hex == NULL || !bytes_from_hex(out->share[i].bytes, 32, hex))
            return wrong(at, "shares", "64 hexadecimal digits each are needed");
    }
    return 0;
}

static int get_grant(const struct place *at, json_t *object, const struct region *region, struct region_grant *out)
{
    char from[PARTY_NAME_MAX + 1], to[PARTY_NAME_MAX + 1], purpose[PARTY_NAME_MAX + 1];
    int rc = only(at, object, "from", "to", "purpose", "signature", NULL);
    if (rc == 0)
        rc = get_name(at, object, "from", from);
    if (rc == 0)
        rc = get_name(at, object, "to", to);
    if (rc == 0)
        rc = get_name(at, object, "purpose", purpose);
    if (rc == 0)
        rc = get_hex(at, object, "signature", out->signature, sizeof out->signature);
    if (rc != 0)
        return rc;
    int f = region_find_agency(region, from), t = region_find_agency(region, to);
    int p = region_find_purpose(region, purpose);
    if (f < 0 || t < 0 || p < 0 || f == t)
        return wrong(at, "from, to, purpose", "must name two agencies and a purpose of this manifest");
    out->from = (uint16_t)f;
    out->to = (uint16_t)t;
    out->purpose = (uint16_t)p;
    struct buf text = buf_of(1024);
    rc = region_grant_text(&text, region->name, purpose, from, to, at->err);
    if (rc == 0 && crypto_sign_verify_detached(out->signature, text.data, text.len, region->agencies[f].sign) != 0)
        rc = err_set(at->err, ERR_VERIFY, "manifest: %s: the grant from %s to %s for %s is not signed by %s", at->path,
                     from, to, purpose, from);
    buf_free(&text);
    return rc;
}

static int get_parties(struct region *r, json_t *json, struct err *err)
{
    json_t *array;
    const struct place top = {.err = err};
    int rc = get_array(&top, json, "coordinators", REGION_COORDINATORS_MAX, &array, &r->coordinator_count);
    for (size_t i = 0; rc == 0 && i < r->coordinator_count; i++) {
        struct place at = place_of(err, "coordinators", i);
        rc = only(&at, json_array_get(array, i), "name", "channel", "sign", "log", "witness", NULL);
        if (rc == 0)
            rc = get_party(&at, json_array_get(array, i), &r->coordinators[i]);
    }
    if (rc == 0)
        rc = get_array(&top, json, "custodians", REGION_CUSTODIANS_MAX, &array, &r->custodian_count);
    for (size_t i = 0; rc == 0 && i < r->custodian_count; i++) {
        struct place at = place_of(err, "custodians", i);
        rc = get_custodian(&at, json_array_get(array, i), &r->custodians[i]);
    }
    if (rc == 0) {
        struct place at = {.path = "matcher", .err = err};
        struct region_custodian matcher;
        rc = get_custodian(&at, json_object_get(json, "matcher"), &matcher);
        if (rc == 0) {
            r->matcher = matcher.party;
            memcpy(r->matcher_url, matcher.url, sizeof r->matcher_url);
        }
    }
    return rc;
}

static int get_members(struct region *r, json_t *json, struct err *err)
{
    json_t *array;
    const struct place top = {.err = err};
    int rc = get_array(&top, json, "purposes", REGION_PURPOSES_MAX, &array, &r->purpose_count);
    for (size_t i = 0; rc == 0 && i < r->purpose_count; i++) {
        struct place at = place_of(err, "purposes", i);
        rc = get_purpose(&at, json_array_get(array, i), r, &r->purposes[i]);
    }
    if (rc == 0)
        rc = get_array(&top, json, "agencies", REGION_AGENCIES_MAX, &array, &r->agency_count);
    if (rc != 0)
        return rc;
    if (r->agency_count > 0 && (r->agencies = calloc(r->agency_count, sizeof *r->agencies)) == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the manifest");
    for (size_t i = 0; rc == 0 && i < r->agency_count; i++) {
        struct place at = place_of(err, "agencies", i);
        rc = only(&at, json_array_get(array, i), "name", "channel", "sign", "log", "witness", NULL);
        if (rc == 0)
            rc = get_party(&at, json_array_get(array, i), &r->agencies[i]);
    }
    if (rc == 0)
        rc = get_array(&top, json, "grants", REGION_GRANTS_MAX, &array, &r->grant_count);
    if (rc != 0)
        return rc;
    if (r->grant_count > 0 && (r->grants = calloc(r->grant_count, sizeof *r->grants)) == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the manifest");
    for (size_t i = 0; rc == 0 && i < r->grant_count; i++) {
        struct place at = place_of(err, "grants", i);
        rc = get_grant(&at, json_array_get(array, i), r, &r->grants[i]);
    }
    return rc;
}

int region_parse(struct region **out, const void *text, size_t len, struct err *err)
{
    json_error_t fault;
    const struct place top = {.err = err};
    uint64_t format = 0, quorum = 0, threshold = 0, witnesses = 0;
    struct region *r = calloc(1, sizeof *r);
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &fault);
    int rc = 0;
    if (r == NULL)
        rc = err_set(err, ERR_NO_MEMORY, "out of memory for the manifest");
    else if (json == NULL)
        rc = err_set(err, ERR_INPUT, "manifest: line %d: not JSON: %s", fault.line, fault.text);
    if (rc == 0)
        rc = only(&top, json, "concord", "name", "version", "previous", "normaliser", "coordinators", "quorum",
                  "matcher", "witnesses", "custodians", "threshold", "purposes", "agencies", "grants", NULL);
    if (rc == 0)
        rc = get_number(&top, json, "concord", 1, &format);
    if (rc == 0)
        rc = format == 1 ? 0 : wrong(&top, "concord", "this program reads format 1");
    if (rc == 0)
        rc = get_name(&top, json, "name", r->name);
    if (rc == 0)
        rc = get_number(&top, json, "version", INT64_MAX, &r->version);
    if (rc == 0)
        rc = get_hex(&top, json, "previous", r->previous, 32);
    if (rc == 0)
        rc = get_hex(&top, json, "normaliser", r->normaliser, 32);
    if (rc == 0)
        rc = get_number(&top, json, "quorum", REGION_COORDINATORS_MAX, &quorum);
    if (rc == 0)
        rc = get_number(&top, json, "threshold", REGION_CUSTODIANS_MAX, &threshold);
    if (rc == 0)
        rc = get_number(&top, json, "witnesses", REGION_CUSTODIANS_MAX, &witnesses);
    if (rc != 0)
        goto out;
    r->quorum = quorum;
    r->threshold = threshold;
    r->witnesses = witnesses;
    crypto_hash_sha256(r->digest, text, len);
    rc = get_parties(r, json, err);
    if (rc == 0)
        rc = get_members(r, json, err);
    if (rc == 0)
        rc = region_check(r, err);
out:
    json_decref(json);
    if (rc != 0)
        region_free(r);
    else
        *out = r;
    return rc;
}
