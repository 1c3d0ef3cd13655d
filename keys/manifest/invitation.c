#include "keys/manifest/invitation.h"

#include "keys/ceremony/ceremony.h"
#include "protocol/base/file.h"
#include "protocol/identity/identity.h"
#include "protocol/identity/psk.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "concord-invitation-v1\n"
#define MAGIC_SIZE (sizeof MAGIC - 1)

static void put_key(json_t *keys, const char *name, const uint8_t key[PSK_SIZE])
{
    json_object_set_new(keys, name, json_hex(key, PSK_SIZE));
}

/* The key for calling a party that serves. */
static void put_caller_key(json_t *keys, const struct party *server, const struct party *caller, const uint8_t *secret)
{
    char name[PARTY_NAME_MAX + sizeof ".psk"];
    uint8_t root[PSK_SIZE], key[PSK_SIZE];
    psk_derive(root, secret, server);
    psk_derive(key, root, caller);
    snprintf(name, sizeof name, "%s.psk", server->name);
    put_key(keys, name, key);
    sodium_memzero(root, sizeof root);
    sodium_memzero(key, sizeof key);
}

json_t *invitation_keys(const struct region *region, const struct party *party, const uint8_t secret[static 32])
{
    json_t *keys = json_object();
    uint8_t root[PSK_SIZE];
    bool matcher = strcmp(party->name, region->matcher.name) == 0;
    bool custodian = region_find_custodian(region, party->name) >= 0;
    if (matcher || custodian) {
        psk_derive(root, secret, party);
        put_key(keys, PSK_ROOT, root);
        sodium_memzero(root, sizeof root);
    }
    if (!matcher)
        put_caller_key(keys, &region->matcher, party, secret);
    for (size_t i = 0; !matcher && !custodian && i < region->custodian_count; i++)
        put_caller_key(keys, &region->custodians[i].party, party, secret);
    return keys;
}

static void text_free(char *text)
{
    if (text != NULL)
        sodium_memzero(text, strlen(text));
    free(text);
}

int invitation_seal(struct buf *out, json_t *json, const struct identity *by, const struct party *to, struct err *err)
{
    char *text = NULL;
    uint8_t *box = NULL;
    size_t len = 0;
    int rc = json_sign(json, by, err);
    if (rc == 0 && (text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS)) == NULL)
        rc = err_set(err, ERR_NO_MEMORY, "out of memory for an invitation");
    if (rc == 0)
        rc = buf_put(out, MAGIC, MAGIC_SIZE, err);
    if (rc == 0) {
        len = strlen(text);
        box = buf_reserve(out, len + crypto_box_SEALBYTES, err);
        rc = box == NULL ? err_code(err) : 0;
    }
    if (rc == 0 && crypto_box_seal(box, (const uint8_t *)text, len, to->channel) != 0)
        rc = err_set(err, ERR_INPUT, "the key of %s is none", to->name);
    if (rc == 0)
        out->len += len + crypto_box_SEALBYTES;
    text_free(text);
    return rc;
}

static int open_box(json_t **out, const struct buf *file, const char *path, const struct identity *me, struct err *err)
{
    json_error_t fault;
    if (file->len < MAGIC_SIZE + crypto_box_SEALBYTES || memcmp(file->data, MAGIC, MAGIC_SIZE) != 0)
        return err_set(err, ERR_INPUT, "%s is no invitation (concord-keys invite writes one)", path);
    size_t len = file->len - MAGIC_SIZE - crypto_box_SEALBYTES;
    struct buf text = buf_of(INVITATION_MAX);
    uint8_t *plain = buf_reserve(&text, len + 1, err);
    int rc = plain == NULL ? err_code(err) : 0;
    if (rc == 0) {
        text.len = len;
        if (crypto_box_seal_open(plain, file->data + MAGIC_SIZE, file->len - MAGIC_SIZE, me->party.channel,
                                 me->channel_secret) != 0)
            rc = err_set(err, ERR_VERIFY,
                         "%s is not sealed to this identity of %s, or was changed on the way: ask the coordinators for "
                         "one that is made with your .pub file",
                         path, me->party.name);
    }
    if (rc == 0 && !json_is_object(*out = json_loadb((const char *)plain, len, JSON_REJECT_DUPLICATES, &fault))) {
        json_decref(*out);
        *out = NULL;
        rc = err_set(err, ERR_INPUT, "%s is damaged: not a JSON object", path);
    }
    buf_free(&text);
    return rc;
}

size_t invitation_signatures(struct region_signature out[REGION_COORDINATORS_MAX], const json_t *json)
{
    const char *name;
    json_t *text;
    size_t count = 0;
    json_object_foreach(json_object_get(json, "signatures"), name, text)
    {
        if (count == REGION_COORDINATORS_MAX)
            break;
        if (strlen(name) > PARTY_NAME_MAX || !json_is_string(text))
            continue;
        strcpy(out[count].coordinator, name);
        out[count++].text = span_of(json_string_value(text), json_string_length(text));
    }
    return count;
}

/* By a coordinator of its own manifest, for this party. */
static int check_signer(const struct region *region, json_t *json, const char *path, const struct identity *me,
                        struct err *err)
{
    uint8_t digest[PARTY_DIGEST_SIZE], wanted[PARTY_DIGEST_SIZE];
    const char *by = json_string_value(json_object_get(json, "by"));
    const struct party *coordinator = NULL;
    for (size_t i = 0; by != NULL && i < region->coordinator_count; i++)
        if (strcmp(region->coordinators[i].name, by) == 0)
            coordinator = &region->coordinators[i];
    if (coordinator == NULL)
        return err_set(err, ERR_VERIFY, "%s is not by a coordinator of its region", path);
    int rc = json_check_signature(json, coordinator, path, err);
    if (rc == 0)
        rc = json_get_hex(json, "for", digest, sizeof digest, path, err);
    party_digest(wanted, &me->party);
    if (rc == 0 && memcmp(digest, wanted, sizeof digest) != 0)
        rc = err_set(err, ERR_VERIFY, "%s is for another party than %s", path, me->party.name);
    if (rc == 0 && region_find_party_by_channel(region, me->party.channel) == NULL)
        rc = err_set(err, ERR_DENIED, "the manifest in %s does not have %s", path, me->party.name);
    return rc;
}

int invitation_open(struct region **region, json_t **json, const char *path, const struct identity *me,
                    const struct region *trusted, struct err *err)
{
    struct region_signature signature[REGION_COORDINATORS_MAX];
    struct buf file = buf_of(INVITATION_MAX);
    *json = NULL;
    *region = NULL;
    int rc = file_read(&file, path, err);
    if (rc == 0)
        rc = open_box(json, &file, path, me, err);
    if (rc == 0 && json_integer_value(json_object_get(*json, "concord-invitation")) != 1)
        rc = err_set(err, ERR_INPUT, "%s is an invitation of another version of Concord", path);
    if (rc == 0) {
        const json_t *manifest = json_object_get(*json, "manifest");
        rc = region_take(region, span_of(json_string_value(manifest), json_string_length(manifest)), signature,
                         invitation_signatures(signature, *json), trusted, err);
        if (rc != 0)
            err_wrap(err, "%s", path);
    }
    if (rc == 0)
        rc = check_signer(*region, *json, path, me, err);
    if (rc != 0) {
        invitation_free(*json);
        region_free(*region);
        *json = NULL;
        *region = NULL;
    }
    buf_free(&file);
    return rc;
}

void invitation_free(json_t *json)
{
    const char *name;
    json_t *key;
    json_object_foreach(json_object_get(json, "psk"), name, key)
    {
        if (json_is_string(key)) /* the memory is jansson's, and not constant */
            sodium_memzero((char *)(uintptr_t)json_string_value(key), json_string_length(key));
    }
    json_decref(json);
}
