/* Loading a manifest and trusting it: signatures, succession, pin. */
#include "protocol/region/region.h"

#include "protocol/base/file.h"
#include "protocol/region/minisign.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define PIN_FILE_MAX 256

int region_signature_path(char *out, size_t size, const char *manifest, const char *coordinator, struct err *err)
{
    if ((size_t)snprintf(out, size, "%s.%s.minisig", manifest, coordinator) >= size)
        return err_set(err, ERR_INPUT, "path too long: %s", manifest);
    return 0;
}

/* Where signatures are: in files beside path, or in a list. */
struct signatures {
    const char *path;
    const struct region_signature *list;
    size_t count;
};

static int signature_verify(const struct region *r, size_t coordinator, struct span text, struct span signature,
                            struct err *err)
{
    return minisign_verify(text.data, text.len, (const char *)signature.data, signature.len,
                           r->coordinators[coordinator].sign, err);
}

static int file_signed_by(const struct region *r, size_t coordinator, const char *file, struct span text,
                          struct err *err)
{
    struct buf signature = buf_of(REGION_SIGNATURE_MAX);
    int rc = file_read(&signature, file, err);
    if (rc == 0)
        rc = signature_verify(r, coordinator, text, buf_span(&signature), err);
    buf_free(&signature);
    return rc;
}

/* One that region_install() was about to put in place counts, too: the manifest may be there already. */
static int path_signed_by(const struct region *r, size_t coordinator, const char *path, struct span text,
                          struct err *err)
{
    char file[PATH_LIMIT], next[PATH_LIMIT + sizeof REGION_NEXT];
    int rc = region_signature_path(file, sizeof file, path, r->coordinators[coordinator].name, err);
    if (rc != 0)
        return rc;
    snprintf(next, sizeof next, "%s" REGION_NEXT, file);
    return file_signed_by(r, coordinator, next, text, ERR_IGNORED) == 0
               ? 0
               : file_signed_by(r, coordinator, file, text, err);
}

static int list_signed_by(const struct region *r, size_t coordinator, const struct signatures *from, struct span text,
                          struct err *err)
{
    for (size_t i = 0; i < from->count; i++)
        if (strcmp(from->list[i].coordinator, r->coordinators[coordinator].name) == 0)
            return signature_verify(r, coordinator, text, from->list[i].text, err);
    return err_set(err, ERR_NOT_FOUND, "no signature");
}

/* How many coordinators' signatures verify; why says what is wrong with the last that does not. */
static size_t count_signatures(const struct region *r, const struct signatures *from, struct span text, bool *by,
                               struct err *why)
{
    size_t count = 0;
    for (size_t i = 0; i < r->coordinator_count; i++) {
        bool good = (from->path != NULL ? path_signed_by(r, i, from->path, text, why)
                                        : list_signed_by(r, i, from, text, why)) == 0;
        if (!good)
            err_wrap(why, "%s", r->coordinators[i].name);
        if (by != NULL)
            by[i] = good;
        count += good;
    }
    return count;
}

size_t region_signatures(const struct region *region, const char *path, struct span text, bool *by, struct err *why)
{
    return count_signatures(region, &(struct signatures){.path = path}, text, by, why);
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
static int check_signatures(const struct region *r, const struct region *authority, const char *name,
                            const struct signatures *from, struct span text, struct err *err)
{
    struct err why = {0};
    size_t count = count_signatures(authority, from, text, NULL, &why);
    if (count >= authority->quorum)
        return 0;
    return err_set(err, ERR_VERIFY,
                   "%s (version %" PRIu64 ") carries %zu of the %zu coordinators' signatures it needs (%.200s): the "
                   "coordinators sign it (concord-keys manifest sign) and hand out their .minisig files with it",
                   name, r->version, count, authority->quorum, why.text);
}

static int trust(struct region **out, struct span text, const char *name, const struct signatures *from,
                 const struct region *trusted, struct err *err)
{
    struct region *r = NULL;
    int rc = region_parse(&r, text.data, text.len, err);
    if (rc == 0)
        rc = check_signatures(r, r, name, from, text, err);
    if (rc == 0 && trusted != NULL && (rc = check_succession(r, trusted, name, err)) == 0)
        rc = check_signatures(r, trusted, name, from, text, err);
    if (rc != 0)
        region_free(r);
    else
        *out = r;
    return rc;
}

int region_load(struct region **out, const char *path, const struct region *trusted, struct err *err)
{
    struct buf text = buf_of(REGION_FILE_MAX);
    int rc = file_read(&text, path, err);
    if (rc == 0)
        rc = trust(out, buf_span(&text), path, &(struct signatures){.path = path}, trusted, err);
    buf_free(&text);
    return rc;
}

int region_take(struct region **out, struct span text, const struct region_signature *signatures, size_t count,
                const struct region *trusted, struct err *err)
{
    return trust(out, text, "what came", &(struct signatures){.list = signatures, .count = count}, trusted, err);
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
