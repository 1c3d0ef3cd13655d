/* The small records: names, the manifest in force, and how far joining anew has come. */
#include "matcher/store/rocksdb.h"

#include <stdlib.h>

/* --- names --- */

static uint16_t find_agency(const struct store *s, size_t names, const uint8_t digest[PARTY_DIGEST_SIZE])
{
    for (size_t i = 0; i < names; i++)
        if (s->name[i].kind == NAME_AGENCY && memcmp(s->name[i].digest, digest, PARTY_DIGEST_SIZE) == 0)
            return (uint16_t)(i + 1);
    return 0;
}

static uint16_t find_purpose(const struct store *s, const char *name)
{
    for (size_t i = 0; i < s->names_pending; i++)
        if (s->name[i].kind == NAME_PURPOSE && strcmp(s->name[i].text, name) == 0)
            return (uint16_t)(i + 1);
    return 0;
}

uint16_t store_agency(struct store *store, const uint8_t digest[PARTY_DIGEST_SIZE])
{
    pthread_rwlock_rdlock(&store->lock);
    uint16_t id = find_agency(store, store->names, digest);
    pthread_rwlock_unlock(&store->lock);
    return id;
}

const char *store_name(struct store *store, uint16_t id)
{
    pthread_rwlock_rdlock(&store->lock);
    const char *name = id > 0 && id <= store->names ? store->name[id - 1].text : NULL;
    pthread_rwlock_unlock(&store->lock);
    return name;
}

const uint8_t *store_digest(struct store *store, uint16_t id)
{
    pthread_rwlock_rdlock(&store->lock);
    const uint8_t *digest = id > 0 && id <= store->names ? store->name[id - 1].digest : NULL;
    pthread_rwlock_unlock(&store->lock);
    return digest;
}

static void stage_name(struct store_write *write, uint16_t id)
{
    const struct name *name = &write->store->name[id - 1];
    uint8_t value[1 + PARTY_DIGEST_SIZE + PARTY_NAME_MAX];
    size_t len = strlen(name->text);
    struct key key = key_of('N');
    key_u16(&key, id);
    value[0] = (uint8_t)name->kind;
    memcpy(value + 1, name->digest, PARTY_DIGEST_SIZE);
    memcpy(value + 1 + PARTY_DIGEST_SIZE, name->text, len);
    write_put(write, &key, value, 1 + PARTY_DIGEST_SIZE + len);
}

static int add_name(struct store_write *write, enum name_kind kind, const uint8_t *digest, const char *name,
                    uint16_t *id, struct err *err)
{
    struct store *s = write->store;
    if (s->names_pending == STORE_NAMES_MAX)
        return err_set(err, ERR_DENIED, "the store knows %d agencies and purposes and can know no more",
                       STORE_NAMES_MAX);
    if (strlen(name) > PARTY_NAME_MAX)
        return err_set(err, ERR_INTERNAL, "a name is too long for the store");
    struct name new = {.kind = kind, .text = strdup(name)};
    if (new.text == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a name");
    if (digest != NULL)
        memcpy(new.digest, digest, sizeof new.digest);
    /* Not under the lock: readers look at committed names alone. */
    s->name[s->names_pending++] = new;
    *id = (uint16_t)s->names_pending;
    stage_name(write, *id);
    return 0;
}

/* An agency that is called otherwise than before. What it was called stays for those who still have the pointer. */
static int rename_agency(struct store_write *write, uint16_t id, const char *name, struct err *err)
{
    struct name *known = &write->store->name[id - 1];
    if (strcmp(known->text, name) == 0)
        return 0;
    if (known->former != NULL)
        return err_set(err, ERR_DENIED,
                       "%s is called otherwise for the second time since the matcher's start: restart it", name);
    char *text = strdup(name);
    if (text == NULL || strlen(name) > PARTY_NAME_MAX) {
        free(text);
        return err_set(err, ERR_NO_MEMORY, "out of memory for a name");
    }
    pthread_rwlock_wrlock(&write->store->lock);
    known->former = known->text;
    known->text = text;
    pthread_rwlock_unlock(&write->store->lock);
    stage_name(write, id);
    return 0;
}

int store_agency_add(struct store_write *write, const uint8_t digest[PARTY_DIGEST_SIZE], const char *name, uint16_t *id,
                     struct err *err)
{
    *id = find_agency(write->store, write->store->names_pending, digest);
    return *id != 0 ? rename_agency(write, *id, name, err) : add_name(write, NAME_AGENCY, digest, name, id, err);
}

int store_purpose_add(struct store_write *write, const char *name, uint16_t *id, struct err *err)
{
    *id = find_purpose(write->store, name);
    return *id != 0 ? 0 : add_name(write, NAME_PURPOSE, NULL, name, id, err);
}

/* --- the manifest in force --- */

struct store_manifest store_manifest(struct store *store)
{
    pthread_rwlock_rdlock(&store->lock);
    struct store_manifest manifest = store->manifest;
    pthread_rwlock_unlock(&store->lock);
    return manifest;
}

void store_manifest_put(struct store_write *write, const struct store_manifest *manifest)
{
    write->store->manifest_pending = *manifest;
    write->staged = true;
}

/* --- how far joining has come --- */

static struct key progress_key(uint16_t purpose)
{
    struct key key = key_of('J');
    key_u16(&key, purpose);
    return key;
}

int store_progress_get(struct store *store, uint16_t purpose, struct store_position *out, struct err *err)
{
    const struct key key = progress_key(purpose);
    struct buf value = buf_of(32);
    int rc = kv_get(store->kv, key.bytes, key.len, &value, err);
    if (rc == 0 && value.len != 21)
        rc = err_set(err, ERR_VERIFY, "the matcher's store is damaged: progress of a join");
    if (rc == 0) {
        out->started = value.data[0] != 0;
        out->epoch = bytes_get_u32be(value.data + 1);
        memcpy(out->tag, value.data + 5, WIRE_TAG_SIZE);
    }
    buf_free(&value);
    return rc;
}

void store_progress_put(struct store_write *write, uint16_t purpose, const struct store_position *position)
{
    const struct key key = progress_key(purpose);
    uint8_t value[21] = {position->started};
    bytes_put_u32be(value + 1, position->epoch);
    memcpy(value + 5, position->tag, WIRE_TAG_SIZE);
    write_put(write, &key, value, sizeof value);
}

void store_progress_end(struct store_write *write, uint16_t purpose)
{
    const struct key key = progress_key(purpose);
    write_delete(write, &key);
}
