/* The manifest's JSON, read strictly: every member known, present, of its type and within its limit. */
#include "protocol/base/buf.h"
#include "protocol/region/check.h"

#include <jansson.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT 2

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

static int get_u32(const struct place *at, json_t *object, const char *member, uint32_t *out)
{
    uint64_t number = 0;
    int rc = get_number(at, object, member, UINT32_MAX, &number);
    *out = (uint32_t)number;
    return rc;
}

static int get_limits(const struct place *at, json_t *object, struct region_limits *out)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < REGION_LIMITS; i++)
        rc = get_number(at, object, region_limit_names[i], INT64_MAX, region_limit(out, region_limit_names[i]));
    return rc;
}

static int get_shares(const struct place *at, json_t *object, const struct region *region, struct region_epoch *out)
{
    json_t *shares;
    size_t count = 0;
    int rc = get_array(at, object, "shares", REGION_CUSTODIANS_MAX, &shares, &count);
    if (rc == 0 && count != region->custodian_count)
        rc = wrong(at, "shares", "one public share per custodian is needed");
    for (size_t i = 0; rc == 0 && i < count; i++) {
        const char *hex = json_string_value(json_array_get(shares, i));
        if (hex == NULL || !bytes_from_hex(out->share[i].bytes, 32, hex))
            rc = wrong(at, "shares", "64 hexadecimal digits each are needed");
    }
    return rc;
}

static int get_epoch(const struct place *at, json_t *object, const struct region *region, struct region_epoch *out)
{
    int rc = only(at, object, "epoch", "generation", "until", "schema", "normaliser", "slots", "key", "shares", NULL);
    if (rc == 0)
        rc = get_u32(at, object, "epoch", &out->epoch);
    if (rc == 0)
        rc = get_u32(at, object, "generation", &out->generation);
    if (rc == 0)
        rc = get_number(at, object, "until", INT64_MAX, &out->until);
    if (rc == 0)
        rc = get_hex(at, object, "schema", out->schema, sizeof out->schema);
    if (rc == 0)
        rc = get_hex(at, object, "normaliser", out->normaliser, sizeof out->normaliser);
    if (rc == 0)
        rc = get_u32(at, object, "slots", &out->slots);
    if (rc == 0)
        rc = get_hex(at, object, "key", out->key.bytes, 32);
    if (rc == 0)
        rc = get_shares(at, object, region, out);
    return rc;
}

static int get_bases(const struct place *at, json_t *object, struct region_disclosure *out)
{
    struct err err = {0};
    json_t *bases = NULL;
    int rc = get_array(at, object, "bases", REGION_BASES_MAX, &bases, &out->bases);
    for (size_t i = 0; rc == 0 && i < out->bases; i++) {
        const char *code = json_string_value(json_array_get(bases, i));
        if (code == NULL || strlen(code) > PARTY_NAME_MAX || party_name_check(code, &err) != 0)
            rc = wrong(at, "bases", "a code has letters, digits, dots, hyphens, as names of parties have");
        else
            strcpy(out->basis[i], code);
    }
    return rc;
}

static int get_disclosure(const struct place *at, json_t *object, struct region_disclosure *out)
{
    json_t *second = json_object_get(object, "second_officer");
    int rc = only(at, object, "routine", "urgent", "emergency", "recall", "keep", "second_officer", "bases", NULL);
    for (int i = 0; rc == 0 && i < REGION_URGENCIES; i++)
        rc = get_number(at, object, region_urgency_names[i], INT32_MAX, &out->answer[i]);
    if (rc == 0)
        rc = get_number(at, object, "recall", INT32_MAX, &out->recall);
    if (rc == 0)
        rc = get_number(at, object, "keep", INT32_MAX, &out->keep);
    if (rc == 0 && !json_is_boolean(second))
        rc = wrong(at, "second_officer", "true or false is needed");
    out->second_officer = json_is_true(second);
    return rc == 0 ? get_bases(at, object, out) : rc;
}

static int get_kind(const struct place *at, json_t *object, enum region_kind *out)
{
    const char *kind = json_string_value(json_object_get(object, "kind"));
    if (kind == NULL || (strcmp(kind, "match") != 0 && strcmp(kind, "issued") != 0))
        return wrong(at, "kind", "\"match\" or \"issued\" is needed");
    *out = strcmp(kind, "issued") == 0 ? REGION_ISSUED : REGION_MATCH;
    return 0;
}

static int get_purpose(const struct place *at, json_t *object, const struct region *region, struct region_purpose *out)
{
    json_t *epochs = NULL, *limits = json_object_get(object, "limits");
    struct place within = *at;
    int rc = only(at, object, "name", "kind", "retention", "limits", "disclosure", "epochs", NULL);
    if (rc == 0)
        rc = get_name(at, object, "name", out->name);
    if (rc == 0)
        rc = get_kind(at, object, &out->kind);
    if (rc == 0)
        rc = get_number(at, object, "retention", INT64_MAX, &out->retention);
    snprintf(within.path, sizeof within.path, "%.120s.limits", at->path);
    if (rc == 0)
        rc = only(&within, limits, "load", "load_until", "daily", "meets", "asks", "judgements", "entries", "mailbox",
                  "letters", NULL);
    if (rc == 0)
        rc = get_limits(&within, limits, &out->limits);
    snprintf(within.path, sizeof within.path, "%.120s.disclosure", at->path);
    if (rc == 0)
        rc = get_disclosure(&within, json_object_get(object, "disclosure"), &out->disclosure);
    if (rc == 0)
        rc = get_array(at, object, "epochs", REGION_EPOCHS_MAX, &epochs, &out->epoch_count);
    for (size_t i = 0; rc == 0 && i < out->epoch_count; i++) {
        snprintf(within.path, sizeof within.path, "%.120s.epochs[%zu]", at->path, i);
        rc = get_epoch(&within, json_array_get(epochs, i), region, &out->epochs[i]);
    }
    return rc;
}

/* Whom a member of a list is about. */
static int get_whose(const struct place *at, json_t *object, const struct region *region, uint16_t *agency,
                     uint16_t *purpose)
{
    char agency_name[PARTY_NAME_MAX + 1], purpose_name[PARTY_NAME_MAX + 1];
    int rc = get_name(at, object, "agency", agency_name);
    if (rc == 0)
        rc = get_name(at, object, "purpose", purpose_name);
    if (rc != 0)
        return rc;
    int a = region_find_agency(region, agency_name), p = region_find_purpose(region, purpose_name);
    if (a < 0 || p < 0)
        return wrong(at, "agency, purpose", "must name an agency and a purpose of this manifest");
    *agency = (uint16_t)a;
    *purpose = (uint16_t)p;
    return 0;
}

static int get_override(const struct place *at, json_t *object, const struct region *region, void *out)
{
    struct region_override *override = out;
    int rc = only(at, object, "agency", "purpose", "load", "load_until", "daily", "meets", "asks", "judgements",
                  "entries", "mailbox", "letters", NULL);
    if (rc == 0)
        rc = get_whose(at, object, region, &override->agency, &override->purpose);
    return rc == 0 ? get_limits(at, object, &override->limits) : rc;
}

static int get_grant(const struct place *at, json_t *object, const struct region *region, void *out)
{
    struct region_grant *grant = out;
    char from[PARTY_NAME_MAX + 1], to[PARTY_NAME_MAX + 1], purpose[PARTY_NAME_MAX + 1];
    int rc = only(at, object, "from", "to", "purpose", "signature", NULL);
    if (rc == 0)
        rc = get_name(at, object, "from", from);
    if (rc == 0)
        rc = get_name(at, object, "to", to);
    if (rc == 0)
        rc = get_name(at, object, "purpose", purpose);
    if (rc == 0)
        rc = get_hex(at, object, "signature", grant->signature, sizeof grant->signature);
    if (rc != 0)
        return rc;
    int f = region_find_agency(region, from), t = region_find_agency(region, to);
    int p = region_find_purpose(region, purpose);
    if (f < 0 || t < 0 || p < 0 || f == t)
        return wrong(at, "from, to, purpose", "must name two agencies and a purpose of this manifest");
    grant->from = (uint16_t)f;
    grant->to = (uint16_t)t;
    grant->purpose = (uint16_t)p;
    struct buf text = buf_of(1024);
    rc = region_grant_text(&text, region->name, purpose, &region->agencies[f], &region->agencies[t], at->err);
    if (rc == 0 && crypto_sign_verify_detached(grant->signature, text.data, text.len, region->agencies[f].sign) != 0)
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

/* Room for the members of an array, and one more, so that it is never nothing. */
static int make_room(void *list, size_t count, size_t size, struct err *err)
{
    void *room = calloc(count + 1, size);
    memcpy(list, &room, sizeof room);
    /* cppcheck-suppress memleak ; the list has it */
    return room != NULL ? 0 : err_set(err, ERR_NO_MEMORY, "out of memory for the manifest");
}

static int get_purposes(struct region *r, json_t *json, struct err *err)
{
    json_t *array = NULL;
    const struct place top = {.err = err};
    int rc = get_array(&top, json, "purposes", REGION_PURPOSES_MAX, &array, &r->purpose_count);
    for (size_t i = 0; rc == 0 && i < r->purpose_count; i++) {
        struct place at = place_of(err, "purposes", i);
        rc = get_purpose(&at, json_array_get(array, i), r, &r->purposes[i]);
    }
    return rc;
}

static int get_agencies(struct region *r, json_t *json, struct err *err)
{
    json_t *array = NULL;
    const struct place top = {.err = err};
    int rc = get_array(&top, json, "agencies", REGION_AGENCIES_MAX, &array, &r->agency_count);
    if (rc == 0)
        rc = make_room(&r->agencies, r->agency_count, sizeof *r->agencies, err);
    if (rc == 0)
        rc = make_room(&r->digests, r->agency_count, sizeof *r->digests, err);
    for (size_t i = 0; rc == 0 && i < r->agency_count; i++) {
        struct place at = place_of(err, "agencies", i);
        rc = only(&at, json_array_get(array, i), "name", "channel", "sign", "log", "witness", NULL);
        if (rc == 0)
            rc = get_party(&at, json_array_get(array, i), &r->agencies[i]);
        if (rc == 0)
            party_digest(r->digests[i], &r->agencies[i]);
    }
    return rc;
}

static int get_register(const struct place *at, json_t *object, const struct region *region, void *out)
{
    struct region_register *reg = out;
    int rc = only(at, object, "agency", "purpose", "issuer", "fresh", NULL);
    if (rc == 0)
        rc = get_whose(at, object, region, &reg->agency, &reg->purpose);
    if (rc == 0)
        rc = get_text(at, object, "issuer", reg->issuer, sizeof reg->issuer);
    return rc == 0 ? get_number(at, object, "fresh", INT32_MAX, &reg->fresh) : rc;
}

static int get_duty(const struct place *at, json_t *object, const struct region *region, void *out)
{
    struct region_duty *duty = out;
    int rc = only(at, object, "agency", "purpose", "contact", "hours", NULL);
    if (rc == 0)
        rc = get_whose(at, object, region, &duty->agency, &duty->purpose);
    if (rc == 0)
        rc = get_text(at, object, "contact", duty->contact, sizeof duty->contact);
    if (rc == 0)
        rc = get_text(at, object, "hours", duty->hours, sizeof duty->hours);
    return rc;
}

/* What elements of a list are read by; they name agencies and purposes, so these are read before. */
typedef int get_element(const struct place *at, json_t *object, const struct region *region, void *out);

/* list: where the elements' address goes, each of so many bytes. */
static int get_list(struct region *r, json_t *json, const char *member, size_t max, get_element *get, void *list,
                    size_t size, size_t *count, struct err *err)
{
    json_t *array = NULL;
    uint8_t *element = NULL;
    const struct place top = {.err = err};
    int rc = get_array(&top, json, member, max, &array, count);
    if (rc == 0)
        rc = make_room(list, *count, size, err);
    if (rc == 0)
        memcpy(&element, list, sizeof element);
    for (size_t i = 0; rc == 0 && i < *count; i++) {
        struct place at = place_of(err, member, i);
        rc = get(&at, json_array_get(array, i), r, element + i * size);
    }
    return rc;
}

static int get_lists(struct region *r, json_t *json, struct err *err)
{
    int rc = get_list(r, json, "limits", REGION_OVERRIDES_MAX, get_override, &r->overrides, sizeof *r->overrides,
                      &r->override_count, err);
    if (rc == 0)
        rc = get_list(r, json, "registers", REGION_REGISTERS_MAX, get_register, &r->registers, sizeof *r->registers,
                      &r->register_count, err);
    if (rc == 0)
        rc = get_list(r, json, "duties", REGION_DUTIES_MAX, get_duty, &r->duties, sizeof *r->duties, &r->duty_count,
                      err);
    if (rc == 0)
        rc = get_list(r, json, "grants", REGION_GRANTS_MAX, get_grant, &r->grants, sizeof *r->grants, &r->grant_count,
                      err);
    return rc;
}

static int get_history(struct region *r, json_t *json, struct err *err)
{
    json_t *array = NULL;
    const struct place top = {.err = err};
    int rc = get_array(&top, json, "history", REGION_HISTORY_MAX, &array, &r->history_count);
    if (rc == 0)
        rc = make_room(&r->history, r->history_count, sizeof *r->history, err);
    for (size_t i = 0; rc == 0 && i < r->history_count; i++) {
        const char *hex = json_string_value(json_array_get(array, i));
        if (hex == NULL || !bytes_from_hex(r->history[i], REGION_DIGEST_SIZE, hex))
            rc = wrong(&top, "history", "64 hexadecimal digits each are needed");
    }
    return rc;
}

static int get_head(struct region *r, json_t *json, struct err *err)
{
    const struct place top = {.err = err};
    uint64_t format = 0, quorum = 0, threshold = 0, witnesses = 0;
    int rc = only(&top, json, "concord", "name", "version", "history", "coordinators", "quorum", "matcher", "witnesses",
                  "custodians", "threshold", "purposes", "agencies", "limits", "registers", "duties", "grants", NULL);
    if (rc == 0)
        rc = get_number(&top, json, "concord", INT64_MAX, &format);
    if (rc == 0 && format != FORMAT)
        rc = wrong(&top, "concord", "this program reads format 2");
    if (rc == 0)
        rc = get_name(&top, json, "name", r->name);
    if (rc == 0)
        rc = get_number(&top, json, "version", INT64_MAX, &r->version);
    if (rc == 0)
        rc = get_history(r, json, err);
    if (rc == 0)
        rc = get_number(&top, json, "quorum", REGION_COORDINATORS_MAX, &quorum);
    if (rc == 0)
        rc = get_number(&top, json, "threshold", REGION_CUSTODIANS_MAX, &threshold);
    if (rc == 0)
        rc = get_number(&top, json, "witnesses", REGION_CUSTODIANS_MAX, &witnesses);
    r->quorum = quorum;
    r->threshold = threshold;
    r->witnesses = witnesses;
    return rc;
}

static int get_all(struct region *r, json_t *json, struct err *err)
{
    int rc = get_head(r, json, err);
    if (rc == 0)
        rc = get_parties(r, json, err);
    if (rc == 0)
        rc = get_purposes(r, json, err);
    if (rc == 0)
        rc = get_agencies(r, json, err);
    if (rc == 0)
        rc = get_lists(r, json, err);
    if (rc == 0)
        rc = region_check(r, err);
    return rc;
}

int region_parse(struct region **out, const void *text, size_t len, struct err *err)
{
    json_error_t fault;
    struct region *r = calloc(1, sizeof *r);
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &fault);
    int rc = r == NULL      ? err_set(err, ERR_NO_MEMORY, "out of memory for the manifest")
             : json == NULL ? err_set(err, ERR_INPUT, "manifest: line %d: not JSON: %s", fault.line, fault.text)
                            : get_all(r, json, err);
    json_decref(json);
    if (rc != 0) {
        region_free(r);
        return rc;
    }
    crypto_hash_sha256(r->digest, text, len);
    *out = r;
    return 0;
}
