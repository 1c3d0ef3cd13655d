#include "protocol/identity/party.h"

#include "protocol/base/file.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define KEYS ARRAY_LEN(key_names)

static const char *const key_names[] = {"channel", "sign", "log", "witness"};
static const size_t key_offsets[] = {offsetof(struct party, channel), offsetof(struct party, sign),
                                     offsetof(struct party, log), offsetof(struct party, witness)};
_Static_assert(ARRAY_LEN(key_names) == ARRAY_LEN(key_offsets), "each key has a name");

int party_name_check(const char *name, struct err *err)
{
    size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    if (len == 0 || len > PARTY_NAME_MAX || name[len] != '\0' || name[0] == '.' || name[0] == '-')
        return err_set(err, ERR_INPUT,
                       "'%.80s' is no usable name: 1 to %d letters, digits, '.', '_', '-', beginning with none of '.-'",
                       name, PARTY_NAME_MAX);
    return 0;
}

int party_save(const struct party *party, const char *path, struct err *err)
{
    char hex[2 * PARTY_KEY_SIZE + 1];
    struct buf text = buf_of(PARTY_FILE_MAX);
    int rc = buf_printf(&text, err, "{\n  \"name\": \"%s\"", party->name);
    for (size_t i = 0; rc == 0 && i < KEYS; i++)
        rc = buf_printf(&text, err, ",\n  \"%s\": \"%s\"", key_names[i],
                        bytes_to_hex(hex, (const uint8_t *)party + key_offsets[i], PARTY_KEY_SIZE));
    if (rc == 0)
        rc = buf_printf(&text, err, "\n}\n");
    if (rc == 0)
        rc = file_write(path, text.data, text.len, 0644, err);
    buf_free(&text);
    return rc;
}

static int from_json(struct party *out, json_t *json, const char *path, struct err *err)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    if (name == NULL || json_object_size(json) != 1 + KEYS)
        return err_set(err, ERR_INPUT, "%s is no public identity file (concord-keys init writes one)", path);
    int rc = party_name_check(name, err);
    if (rc != 0)
        return rc;
    memset(out, 0, sizeof *out);
    snprintf(out->name, sizeof out->name, "%s", name);
    for (size_t i = 0; rc == 0 && i < KEYS; i++) {
        const char *hex = json_string_value(json_object_get(json, key_names[i]));
        if (hex == NULL || !bytes_from_hex((uint8_t *)out + key_offsets[i], PARTY_KEY_SIZE, hex))
            rc = err_set(err, ERR_INPUT, "%s: member '%s' is not 64 hexadecimal digits", path, key_names[i]);
    }
    return rc;
}

int party_load(struct party *out, const char *path, struct err *err)
{
    json_error_t fault;
    struct buf text = buf_of(PARTY_FILE_MAX);
    int rc = file_read(&text, path, err);
    if (rc == 0) {
        json_t *json = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &fault);
        rc = from_json(out, json, path, err);
        json_decref(json);
    }
    buf_free(&text);
    return rc;
}

void party_digest(uint8_t out[PARTY_DIGEST_SIZE], const struct party *party)
{
    static const char label[] = "concord identity v2";
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, PARTY_DIGEST_SIZE);
    crypto_generichash_update(&state, (const uint8_t *)label, sizeof label - 1);
    crypto_generichash_update(&state, party->channel, PARTY_KEY_SIZE);
    crypto_generichash_update(&state, party->sign, PARTY_KEY_SIZE);
    crypto_generichash_update(&state, party->log, PARTY_KEY_SIZE);
    crypto_generichash_update(&state, party->witness, PARTY_KEY_SIZE);
    crypto_generichash_final(&state, out, PARTY_DIGEST_SIZE);
}
