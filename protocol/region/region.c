#include "protocol/region/region.h"

#include "protocol/base/file.h"
#include "protocol/region/minisign.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGNATURE_FILE_MAX 4096
#define PIN_FILE_MAX 128

void region_free(struct region *region)
{
    if (region == NULL)
        return;
    free(region->agencies);
    free(region->grants);
    free(region);
}

int region_grant_text(struct buf *out, const char *region, const char *purpose, const char *from, const char *to,
                      struct err *err)
{
    return buf_printf(out, err, "concord-grant v1\n%s\n%s\n%s\n%s\n", region, purpose, from, to);
}

/* --- looking things up --- */

int region_find_agency(const struct region *region, const char *name)
{
    for (size_t i = 0; i < region->agency_count; i++)
        if (strcmp(region->agencies[i].name, name) == 0)
            return (int)i;
    return -1;
}

int region_find_agency_by_channel(const struct region *region, const uint8_t channel[32])
{
    for (size_t i = 0; i < region->agency_count; i++)
        if (memcmp(region->agencies[i].channel, channel, 32) == 0)
            return (int)i;
    return -1;
}

int region_find_purpose(const struct region *region, const char *name)
{
    for (size_t i = 0; i < region->purpose_count; i++)
        if (strcmp(region->purposes[i].name, name) == 0)
            return (int)i;
    return -1;
}

int region_find_custodian(const struct region *region, const char *name)
{
    for (size_t i = 0; i < region->custodian_count; i++)
        if (strcmp(region->custodians[i].party.name, name) == 0)
            return (int)i;
    return -1;
}

static bool has_grant(const struct region *r, int from, int to, int purpose)
{
    for (size_t i = 0; i < r->grant_count; i++)
        if (r->grants[i].from == from && r->grants[i].to == to && r->grants[i].purpose == purpose)
            return true;
    return false;
}

bool region_mutual_grant(const struct region *region, int a, int b, int purpose)
{
    return has_grant(region, a, b, purpose) && has_grant(region, b, a, purpose);
}

/* --- printing --- */

static int print_party(struct buf *out, const struct party *p, const char *url, struct err *err)
{
    char a[65], b[65], c[65], d[65];
    int rc = buf_printf(out, err,
                        "{\n      \"name\": \"%s\",\n      \"channel\": \"%s\",\n      \"sign\": \"%s\",\n"
                        "      \"log\": \"%s\",\n      \"witness\": \"%s\"",
                        p->name, bytes_to_hex(a, p->channel, 32), bytes_to_hex(b, p->sign, 32),
                        bytes_to_hex(c, p->log, 32), bytes_to_hex(d, p->witness, 32));
    if (rc == 0 && url != NULL)
        rc = buf_printf(out, err, ",\n      \"url\": \"%s\"", url);
    return rc != 0 ? rc : buf_printf(out, err, "\n    }");
}

static int print_purpose(struct buf *out, const struct region *r, const struct region_purpose *p, struct err *err)
{
    char a[65], b[65];
    int rc = buf_printf(out, err,
                        "{\n      \"name\": \"%s\",\n      \"schema\": \"%s\",\n      \"epoch\": %" PRIu32 ",\n"
                        "      \"retention\": %" PRIu64 ",\n      \"budget\": %" PRIu64 ",\n      \"key\": \"%s\",\n"
                        "      \"shares\": [",
                        p->name, bytes_to_hex(a, p->schema, 32), p->epoch, p->retention, p->budget,
                        bytes_to_hex(b, p->key.bytes, 32));
    for (size_t i = 0; rc == 0 && i < r->custodian_count; i++)
        rc = buf_printf(out, err, "%s\n        \"%s\"", i > 0 ? "," : "", bytes_to_hex(a, p->share[i].bytes, 32));
    return rc != 0 ? rc : buf_printf(out, err, "\n      ]\n    }");
}

static int print_grant(struct buf *out, const struct region *r, const struct region_grant *g, struct err *err)
{
    char hex[129];
    return buf_printf(out, err,
                      "{ \"from\": \"%s\", \"to\": \"%s\", \"purpose\": \"%s\",\n      \"signature\": \"%s\" }",
                      r->agencies[g->from].name, r->agencies[g->to].name, r->purposes[g->purpose].name,
                      bytes_to_hex(hex, g->signature, 64));
}

static int print_lists(struct buf *out, const struct region *r, struct err *err)
{
    int rc = buf_printf(out, err, "  \"coordinators\": [");
    for (size_t i = 0; rc == 0 && i < r->coordinator_count; i++)
        if ((rc = buf_printf(out, err, "%s\n    ", i > 0 ? "," : "")) == 0)
            rc = print_party(out, &r->coordinators[i], NULL, err);
    if (rc == 0)
        rc = buf_printf(out, err, "\n  ],\n  \"custodians\": [");
    for (size_t i = 0; rc == 0 && i < r->custodian_count; i++)
        if ((rc = buf_printf(out, err, "%s\n    ", i > 0 ? "," : "")) == 0)
            rc = print_party(out, &r->custodians[i].party, r->custodians[i].url, err);
    if (rc == 0)
        rc = buf_printf(out, err, "\n  ],\n  \"purposes\": [");
    for (size_t i = 0; rc == 0 && i < r->purpose_count; i++)
        if ((rc = buf_printf(out, err, "%s\n    ", i > 0 ? "," : "")) == 0)
            rc = print_purpose(out, r, &r->purposes[i], err);
    if (rc == 0)
        rc = buf_printf(out, err, "\n  ],\n  \"agencies\": [");
    for (size_t i = 0; rc == 0 && i < r->agency_count; i++)
        if ((rc = buf_printf(out, err, "%s\n    ", i > 0 ? "," : "")) == 0)
            rc = print_party(out, &r->agencies[i], NULL, err);
    if (rc == 0)
        rc = buf_printf(out, err, "\n  ],\n  \"grants\": [");
    for (size_t i = 0; rc == 0 && i < r->grant_count; i++)
        if ((rc = buf_printf(out, err, "%s\n    ", i > 0 ? "," : "")) == 0)
            rc = print_grant(out, r, &r->grants[i], err);
    return rc != 0 ? rc : buf_printf(out, err, "\n  ]\n}\n");
}

int region_print(const struct region *r, struct buf *out, struct err *err)
{
    char previous[65], normaliser[65];
    int rc =
        buf_printf(out, err,
                   "{\n  \"concord\": 1,\n  \"name\": \"%s\",\n  \"version\": %" PRIu64 ",\n  \"previous\": \"%s\",\n"
                   "  \"normaliser\": \"%s\",\n  \"quorum\": %zu,\n  \"threshold\": %zu,\n  \"witnesses\": %zu,\n"
                   "  \"matcher\": ",
                   r->name, r->version, bytes_to_hex(previous, r->previous, 32),
                   bytes_to_hex(normaliser, r->normaliser, 32), r->quorum, r->threshold, r->witnesses);
    if (rc == 0)
        rc = print_party(out, &r->matcher, r->matcher_url, err);
    if (rc == 0)
        rc = buf_printf(out, err, ",\n");
    return rc != 0 ? rc : print_lists(out, r, err);
}

/* --- loading and trusting --- */

int region_signature_path(char *out, size_t size, const char *manifest, const char *coordinator, struct err *err)
{
    if ((size_t)snprintf(out, size, "%s.%s.minisig", manifest, coordinator) >= size)
        return err_set(err, ERR_INPUT, "path too long: %s", manifest);
    return 0;
}

/* Whether this coordinator's signature file is there and verifies; why says what is wrong with one that is there. */
static bool signed_by(const struct region *r, size_t coordinator, const char *path, struct span text, struct err *why)
{
    char file[PATH_LIMIT];
    struct buf signature = buf_of(SIGNATURE_FILE_MAX);
    bool good = region_signature_path(file, sizeof file, path, r->coordinators[coordinator].name, why) == 0 &&
                file_read(&signature, file, why) == 0 &&
                minisign_verify(text.data, text.len, (const char *)signature.data, signature.len,
                                r->coordinators[coordinator].sign, why) == 0;
    if (!good)
        err_wrap(why, "%s", r->coordinators[coordinator].name);
    buf_free(&signature);
    return good;
}

size_t region_signatures(const struct region *region, const char *path, struct span text, bool *by, struct err *why)
{
    size_t count = 0;
    for (size_t i = 0; i < region->coordinator_count; i++) {
        bool good = signed_by(region, i, path, text, why);
        if (by != NULL)
            by[i] = good;
        count += good;
    }
    return count;
}

static int check_succession(const struct region *r, const struct region *trusted, const char *path, struct err *err)
{
    if (strcmp(r->name, trusted->name) != 0)
        return err_set(err, ERR_VERIFY, "%s is the manifest of %s, not of %s", path, r->name, trusted->name);
    if (memcmp(r->digest, trusted->digest, sizeof r->digest) == 0)
        return 0;
    if (r->version <= trusted->version)
        return err_set(err, ERR_VERIFY,
                       "%s is version %" PRIu64 ", older than or forked from version %" PRIu64 " in force", path,
                       r->version, trusted->version);
    if (r->version == trusted->version + 1 && memcmp(r->previous, trusted->digest, sizeof r->previous) != 0)
        return err_set(err, ERR_VERIFY,
                       "%s is version %" PRIu64 " but does not follow the version %" PRIu64 " in force", path,
                       r->version, trusted->version);
    return 0;
}

/* A newer manifest is signed by the coordinators that the one in force names: a new set cannot appoint itself. */
static int check_signatures(const struct region *r, const struct region *authority, const char *path, struct span text,
                            struct err *err)
{
    struct err why = {0};
    size_t count = region_signatures(authority, path, text, NULL, &why);
    if (count >= authority->quorum)
        return 0;
    return err_set(err, ERR_VERIFY,
                   "%s (version %" PRIu64 ") carries %zu of the %zu coordinators' signatures it needs (%.200s): "
                   "concord-keys manifest sign",
                   path, r->version, count, authority->quorum, why.text);
}

int region_load(struct region **out, const char *path, const struct region *trusted, struct err *err)
{
    struct buf text = buf_of(REGION_FILE_MAX);
    struct region *r = NULL;
    int rc = file_read(&text, path, err);
    if (rc == 0)
        rc = region_parse(&r, text.data, text.len, err);
    if (rc == 0)
        rc = check_signatures(r, r, path, buf_span(&text), err);
    if (rc == 0 && trusted != NULL && (rc = check_succession(r, trusted, path, err)) == 0)
        rc = check_signatures(r, trusted, path, buf_span(&text), err);
    buf_free(&text);
    if (rc != 0)
        region_free(r);
    else
        *out = r;
    return rc;
}

static void coordinators_digest(const struct region *r, uint8_t out[32])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, 32);
    uint8_t quorum = (uint8_t)r->quorum;
    crypto_generichash_update(&state, &quorum, 1);
    for (size_t i = 0; i < r->coordinator_count; i++)
        crypto_generichash_update(&state, r->coordinators[i].sign, 32);
    crypto_generichash_final(&state, out, 32);
}

int region_pin_check(const struct region *region, const char *pin_path, struct err *err)
{
    char line[PARTY_NAME_MAX + 200], digest[65], coordinators[65], name[PARTY_NAME_MAX + 1];
    char pinned_digest[65], pinned_coordinators[65];
    uint8_t hash[32];
    uint64_t version;
    struct buf text = buf_of(sizeof line);
    bytes_to_hex(digest, region->digest, 32);
    coordinators_digest(region, hash);
    bytes_to_hex(coordinators, hash, 32);
    int len =
        snprintf(line, sizeof line, "%s %" PRIu64 " %s %s\n", region->name, region->version, digest, coordinators);
    int rc = file_read(&text, pin_path, err);
    if (rc == ERR_NOT_FOUND) {
        rc = file_write(pin_path, line, (size_t)len, 0600, err);
        goto out;
    }
    if (rc == 0)
        rc = buf_put(&text, "", 1, err);
    if (rc != 0)
        goto out;
    if (sscanf((char *)text.data, "%63s %" SCNu64 " %64s %64s", name, &version, pinned_digest, pinned_coordinators) !=
        4)
        rc = err_set(err, ERR_INPUT, "%s is damaged: restore it, or remove it to trust the manifest afresh", pin_path);
    else if (strcmp(name, region->name) != 0)
        rc = err_set(err, ERR_VERIFY, "the manifest is of region %s, but %s was accepted before", region->name, name);
    else if (region->version < version)
        rc = err_set(err, ERR_VERIFY,
                     "the manifest is version %" PRIu64 ", older than version %" PRIu64 " accepted before",
                     region->version, version);
    else if (region->version == version && strcmp(digest, pinned_digest) != 0)
        rc = err_set(err, ERR_VERIFY, "the manifest is a fork: another version %" PRIu64 " was accepted before",
                     version);
    else if (strcmp(coordinators, pinned_coordinators) != 0)
        rc = err_set(err, ERR_VERIFY,
                     "the manifest names other coordinators than the one accepted before: confirm them with "
                     "people you know, then remove %s",
                     pin_path);
    else if (region->version > version)
        rc = file_write(pin_path, line, (size_t)len, 0600, err);
out:
    buf_free(&text);
    return rc;
}
