#include "keys/manifest/invitation.h"
#include "keys/verbs.h"
#include "protocol/base/file.h"
#include "protocol/identity/identity.h"
#include "protocol/identity/psk.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KEPT_MAX (1u << 20)

struct options {
    char identity[SETTINGS_TEXT_MAX], directory[SETTINGS_TEXT_MAX];
};

/* What is put where: first everything is looked at, then everything is written. */
struct putting {
    const char *directory;
    bool write;
    size_t keys, schemas;
};

/* A file that is there and says something else is the reader's to move: it may be the better one. */
static int put_file(const struct putting *p, const char *folder, const char *name, struct span data, mode_t mode,
                    struct err *err)
{
    char dir[PATH_LIMIT], path[PATH_LIMIT];
    struct buf there = buf_of(KEPT_MAX);
    int rc = path_join(dir, sizeof dir, p->directory, folder, err);
    if (rc == 0)
        rc = path_join(path, sizeof path, dir, name, err);
    if (rc == 0 && p->write)
        rc = dir_make(dir, mode == 0600 ? 0700 : 0755, err);
    if (rc != 0)
        return rc;
    rc = file_read(&there, path, err);
    if (rc == ERR_NOT_FOUND)
        rc = p->write ? file_write(path, data.data, data.len, mode, err) : 0;
    else if (rc == 0 && (there.len != data.len || memcmp(there.data, data.data, data.len) != 0))
        rc = err_set(
            err, ERR_CONFLICT,
            "%s is there and is not what the invitation has: move it away, and join again. Nothing was changed", path);
    buf_free(&there);
    return rc;
}

static int put_key(struct putting *p, const json_t *json, const char *name, struct err *err)
{
    char line[2 * PSK_SIZE + 2];
    uint8_t key[PSK_SIZE];
    const char *hex = json_string_value(json_object_get(json_object_get(json, "psk"), name));
    if (hex == NULL)
        return 0;
    if (!bytes_from_hex(key, sizeof key, hex))
        return err_set(err, ERR_INPUT, "the invitation's key %s is none", name);
    p->keys++;
    snprintf(line, sizeof line, "%s\n", hex);
    int rc = put_file(p, "psk", name, span_of(line, strlen(line)), 0600, err);
    sodium_memzero(key, sizeof key);
    sodium_memzero(line, sizeof line);
    return rc;
}

static int put_peer_key(struct putting *p, const json_t *json, const struct party *peer, struct err *err)
{
    char name[PARTY_NAME_MAX + sizeof ".psk"];
    snprintf(name, sizeof name, "%s.psk", peer->name);
    return put_key(p, json, name, err);
}

static int put_schema(struct putting *p, const json_t *json, const struct region_purpose *purpose, struct err *err)
{
    char name[PARTY_NAME_MAX + sizeof ".json"];
    uint8_t digest[crypto_hash_sha256_BYTES];
    const json_t *text = json_object_get(json_object_get(json, "schemas"), purpose->name);
    if (!json_is_string(text))
        return 0;
    struct span data = span_of(json_string_value(text), json_string_length(text));
    crypto_hash_sha256(digest, data.data, data.len);
    if (memcmp(digest, region_current(purpose)->schema, sizeof digest) != 0)
        return err_set(err, ERR_VERIFY, "the invitation's schema of %s is not the manifest's", purpose->name);
    p->schemas++;
    snprintf(name, sizeof name, "%s.json", purpose->name);
    return put_file(p, "schema", name, data, 0644, err);
}

/* By the names that the manifest has: what else the file names is nobody's. */
static int put_all(struct putting *p, const struct region *region, const json_t *json, struct err *err)
{
    p->keys = p->schemas = 0;
    int rc = put_key(p, json, PSK_ROOT, err);
    if (rc == 0)
        rc = put_peer_key(p, json, &region->matcher, err);
    for (size_t i = 0; rc == 0 && i < region->custodian_count; i++)
        rc = put_peer_key(p, json, &region->custodians[i].party, err);
    for (size_t i = 0; rc == 0 && i < region->purpose_count; i++)
        rc = put_schema(p, json, &region->purposes[i], err);
    return rc;
}

static int put_manifest(const char *path, const json_t *json, struct err *err)
{
    struct region_signature signature[REGION_COORDINATORS_MAX];
    const json_t *manifest = json_object_get(json, "manifest");
    return region_install(path, span_of(json_string_value(manifest), json_string_length(manifest)), signature,
                          invitation_signatures(signature, json), err);
}

static void say(const struct region *r, const struct putting *p, const struct identity *me, bool first)
{
    char groups[BYTES_GROUPED(32)];
    printf("%s of %s, version %" PRIu64 ": %s/region.json, in psk keys: %zu, in schema schemas: %zu\n", me->party.name,
           r->name, r->version, p->directory, p->keys, p->schemas);
    printf("digest %s\n", bytes_to_groups(groups, r->digest, sizeof r->digest));
    if (first)
        printf("Have a coordinator read this digest to you, by telephone, before you go on.\n");
}

static int run(struct call *call, struct err *err)
{
    struct options *o = call->options;
    char manifest[PATH_LIMIT], directory[PATH_LIMIT];
    struct identity me = {0};
    struct region *trusted = NULL, *region = NULL;
    json_t *json = NULL;
    int rc = o->directory[0] != '\0' ? path_join(directory, sizeof directory, "", o->directory, err)
                                     : path_dir(directory, sizeof directory, o->identity, err);
    if (rc == 0)
        rc = path_join(manifest, sizeof manifest, directory, "region.json", err);
    bool first = rc == 0 && access(manifest, F_OK) != 0;
    if (rc == 0 && !first)
        rc = region_load(&trusted, manifest, NULL, err);
    if (rc == 0)
        rc = identity_load(&me, o->identity, NULL, err);
    if (rc == 0)
        rc = invitation_open(&region, &json, call->operand[0], &me, trusted, err);
    struct putting p = {.directory = directory};
    if (rc == 0)
        rc = put_all(&p, region, json, err);
    p.write = true;
    if (rc == 0)
        rc = put_all(&p, region, json, err);
    if (rc == 0 && (first || region->version > trusted->version))
        rc = put_manifest(manifest, json, err);
    if (rc == 0)
        say(region, &p, &me, first);
    invitation_free(json);
    region_free(region);
    region_free(trusted);
    identity_wipe(&me);
    return rc;
}

static const struct options defaults = {.identity = "/etc/concord/identity.key"};

static const struct setting settings[] = {
    {"identity", NULL, NULL, SETTING_PATH, offsetof(struct options, identity), "FILE",
     "your identity (/etc/concord/identity.key)"},
    {"directory", NULL, NULL, SETTING_PATH, offsetof(struct options, directory), "DIR",
     "where to put everything (the identity's directory)"},
};

const struct verb join_verb = {
    .name = "join",
    .brief = "take an invitation: manifest, schemas, pre-shared keys",
    .operands = "INVITATION",
    .least = 1,
    .most = 1,
    .summary =
        "Opens an invitation (concord-keys invite) and puts region.json with its signatures, schema/ and psk/ beside the\n"
        "identity. Everything is checked before anything is written; a file that is there and says something else is left.",
    SETTINGS(settings),
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = run,
};
