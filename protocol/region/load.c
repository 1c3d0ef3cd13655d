/* Loading a manifest and trusting it: signatures, succession, pin. */
#include "protocol/region/region.h"

#include "protocol/base/file.h"
#include "protocol/region/minisign.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define SIGNATURE_FILE_MAX 4096
#define PIN_FILE_MAX 256

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

/* Does the manifest come from that version? It names the digests of all versions before it. */
static int check_history(const struct region *r, uint64_t version, const uint8_t digest[REGION_DIGEST_SIZE],
                         struct err *err)
{
    char ours[65], theirs[65];
    if (version >= 1 && version <= r->history_count && memcmp(r->history[version - 1], digest, 32) == 0)
        return 0;
    if (version < 1 || version > r->history_count)
        return err_set(err, ERR_VERIFY, "the manifest (version %" PRIu64 ") does not know version %" PRIu64, r->version,
                       version);
    return err_set(err, ERR_VERIFY,
                   "the manifest (version %" PRIu64 ") is a fork: its version %" PRIu64
                   " has digest %s, the one accepted before has %s",
                   r->version, version, bytes_to_hex(theirs, r->history[version - 1], 32),
                   bytes_to_hex(ours, digest, 32));
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
    return check_history(r, trusted->version, trusted->digest, err);
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

/* The pin file's line: region, version, digest, digest of the coordinators. */
struct pin {
    char name[PARTY_NAME_MAX + 1], coordinators[65];
    uint64_t version;
    uint8_t digest[REGION_DIGEST_SIZE];
};

static int pin_read(struct pin *out, const char *path, struct err *err)
{
    char digest[65];
    struct buf text = buf_of(PIN_FILE_MAX);
    int rc = file_read(&text, path, err);
    if (rc == 0)
        rc = buf_put(&text, "", 1, err);
    if (rc == 0 && (sscanf((char *)text.data, "%63s %" SCNu64 " %64s %64s", out->name, &out->version, digest,
                           out->coordinators) != 4 ||
                    !bytes_from_hex(out->digest, sizeof out->digest, digest)))
        rc = err_set(err, ERR_INPUT, "%s is damaged: restore it, or remove it to trust the manifest afresh", path);
    buf_free(&text);
    return rc;
}

static int pin_write(const struct region *r, const char *coordinators, const char *path, struct err *err)
{
    char line[PARTY_NAME_MAX + 200], digest[65];
    int len = snprintf(line, sizeof line, "%s %" PRIu64 " %s %s\n", r->name, r->version,
                       bytes_to_hex(digest, r->digest, sizeof r->digest), coordinators);
    return file_write(path, line, (size_t)len, 0600, err);
}

static int check_pinned(const struct region *r, const struct pin *pin, const char *coordinators, const char *path,
                        struct err *err)
{
    if (strcmp(pin->name, r->name) != 0)
        return err_set(err, ERR_VERIFY, "the manifest is of region %s, but %s was accepted before", r->name, pin->name);
    if (r->version < pin->version)
        return err_set(err, ERR_VERIFY,
                       "the manifest is version %" PRIu64 ", older than version %" PRIu64 " accepted before",
                       r->version, pin->version);
    if (r->version == pin->version && memcmp(r->digest, pin->digest, sizeof r->digest) != 0)
        return err_set(err, ERR_VERIFY, "the manifest is a fork: another version %" PRIu64 " was accepted before",
                       pin->version);
    if (strcmp(coordinators, pin->coordinators) != 0)
        return err_set(err, ERR_VERIFY,
                       "the manifest names other coordinators than the one accepted before: confirm them with "
                       "people you know, then remove %s",
                       path);
    return r->version == pin->version ? 0 : check_history(r, pin->version, pin->digest, err);
}

int region_pin_check(const struct region *region, const char *pin_path, struct err *err)
{
    char coordinators[65];
    uint8_t hash[32];
    struct pin pin = {.version = 0};
    coordinators_digest(region, hash);
    bytes_to_hex(coordinators, hash, sizeof hash);
    int rc = pin_read(&pin, pin_path, err);
    if (rc == ERR_NOT_FOUND)
        return pin_write(region, coordinators, pin_path, err);
    if (rc == 0)
        rc = check_pinned(region, &pin, coordinators, pin_path, err);
    return rc == 0 && region->version > pin.version ? pin_write(region, coordinators, pin_path, err) : rc;
}
