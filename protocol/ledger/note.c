#include "protocol/ledger/note.h"

#include "protocol/base/text.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define DASH "\xe2\x80\x94 " /* em dash and blank */
#define BASE64 sodium_base64_VARIANT_ORIGINAL
#define ID 4
#define PLAIN_BLOB (ID + crypto_sign_BYTES)
#define COSIGNED_BLOB (ID + 8 + crypto_sign_BYTES)

int ledger_origin(char out[NOTE_NAME_MAX + 1], const char *region, const char *party, struct err *err)
{
    if (snprintf(out, NOTE_NAME_MAX + 1, "%s/%s", region, party) > NOTE_NAME_MAX)
        return err_set(err, ERR_INPUT, "the names of region and party are too long");
    return 0;
}

int witness_name(char out[NOTE_NAME_MAX + 1], const char *region, const char *party, struct err *err)
{
    if (snprintf(out, NOTE_NAME_MAX + 1, "%s/%s/witness", region, party) > NOTE_NAME_MAX)
        return err_set(err, ERR_INPUT, "the names of region and party are too long");
    return 0;
}

void note_key_id(uint8_t out[4], const char *name, enum note_key type, const uint8_t key[32])
{
    crypto_hash_sha256_state state;
    uint8_t digest[32], separator = '\n', kind = (uint8_t)type;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)name, strlen(name));
    crypto_hash_sha256_update(&state, &separator, 1);
    crypto_hash_sha256_update(&state, &kind, 1);
    crypto_hash_sha256_update(&state, key, 32);
    crypto_hash_sha256_final(&state, digest);
    memcpy(out, digest, ID);
}

int note_verifier_key(struct buf *out, const char *name, enum note_key type, const uint8_t key[32], struct err *err)
{
    uint8_t id[ID], blob[33];
    char hex[2 * ID + 1], text[sodium_base64_ENCODED_LEN(33, BASE64)];
    note_key_id(id, name, type, key);
    blob[0] = (uint8_t)type;
    memcpy(blob + 1, key, 32);
    return buf_printf(out, err, "%s+%s+%s", name, bytes_to_hex(hex, id, ID),
                      sodium_bin2base64(text, sizeof text, blob, sizeof blob, BASE64));
}

static int put_signature(struct buf *out, const char *name, const uint8_t *blob, size_t len, struct err *err)
{
    char text[sodium_base64_ENCODED_LEN(COSIGNED_BLOB, BASE64)];
    return buf_printf(out, err, DASH "%s %s\n", name, sodium_bin2base64(text, sizeof text, blob, len, BASE64));
}

int checkpoint_sign(struct buf *out, const struct checkpoint *checkpoint, const uint8_t secret[64], struct err *err)
{
    uint8_t blob[PLAIN_BLOB];
    char root[sodium_base64_ENCODED_LEN(MERKLE_HASH, BASE64)];
    size_t start = out->len;
    int rc = buf_printf(out, err, "%s\n%" PRIu64 "\n%s\n", checkpoint->origin, checkpoint->size,
                        sodium_bin2base64(root, sizeof root, checkpoint->root.bytes, MERKLE_HASH, BASE64));
    if (rc != 0)
        return rc;
    note_key_id(blob, checkpoint->origin, NOTE_ED25519, secret + 32);
    crypto_sign_detached(blob + ID, NULL, out->data + start, out->len - start, secret);
    rc = buf_put(out, "\n", 1, err);
    if (rc == 0)
        rc = put_signature(out, checkpoint->origin, blob, sizeof blob, err);
    return rc;
}

/* A key's name: not empty, no blanks, no plus, no control characters. */
static bool name_is_valid(struct span name)
{
    if (name.len == 0 || name.len > NOTE_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] <= 0x20 || name.data[i] == '+' || name.data[i] == 0x7f)
            return false;
    return true;
}

int checkpoint_parse(struct checkpoint *out, struct span note, struct span *body, struct span *signatures,
                     struct err *err)
{
    struct span rest = note, origin, size, root, blank;
    size_t got = 0;
    memset(out, 0, sizeof *out);
    if (note.len > NOTE_MAX || !text_take_line(&rest, &origin) || !text_take_line(&rest, &size) ||
        !text_take_line(&rest, &root))
        return err_set(err, ERR_INPUT, "not a checkpoint: three lines are needed");
    if (!name_is_valid(origin) || !text_is_number(size, &out->size) ||
        !bytes_from_base64(out->root.bytes, MERKLE_HASH, &got, root) || got != MERKLE_HASH)
        return err_set(err, ERR_INPUT, "not a checkpoint: origin, size or root is malformed");
    memcpy(out->origin, origin.data, origin.len);
    *body = span_of(note.data, (size_t)(rest.data - note.data));
    if (!text_take_line(&rest, &blank) || blank.len != 0)
        return err_set(err, ERR_INPUT, "not a checkpoint: a blank line must follow the root");
    *signatures = rest;
    return 0;
}

/* One signature line: name and decoded blob. */
static bool take_signature(struct span *lines, struct span *name, uint8_t *blob, size_t size, size_t *len)
{
    struct span line;
    if (!text_take_line(lines, &line) || !text_take(&line, DASH) || line.len == 0)
        return false;
    const uint8_t *space = memchr(line.data, ' ', line.len);
    if (space == NULL)
        return false;
    *name = span_of(line.data, (size_t)(space - line.data));
    struct span text = span_of(space + 1, line.len - name->len - 1);
    if (!name_is_valid(*name))
        return false;
    if (!bytes_from_base64(blob, size, len, text))
        *len = 0; /* a signature of a kind we do not know: somebody else's business */
    return true;
}

/* Finds the line of this key; blob_len is its exact size. */
static int find_signature(struct span signatures, const char *name, enum note_key type, const uint8_t key[32],
                          uint8_t *blob, size_t blob_len, struct err *err)
{
    uint8_t id[ID], candidate[COSIGNED_BLOB];
    struct span who;
    size_t len;
    note_key_id(id, name, type, key);
    for (int i = 0; signatures.len > 0; i++) {
        if (i == NOTE_SIGNATURES_MAX || !take_signature(&signatures, &who, candidate, sizeof candidate, &len))
            return err_set(err, ERR_INPUT, "not a signed note: a signature line is malformed");
        if (who.len == strlen(name) && memcmp(who.data, name, who.len) == 0 && len == blob_len &&
            memcmp(candidate, id, ID) == 0) {
            memcpy(blob, candidate, blob_len);
            return 0;
        }
    }
    return err_set(err, ERR_VERIFY, "there is no signature by %s with that key", name);
}

int checkpoint_verify(struct checkpoint *out, struct span note, const uint8_t log_key[32], struct err *err)
{
    struct span body, signatures;
    uint8_t blob[PLAIN_BLOB];
    int rc = checkpoint_parse(out, note, &body, &signatures, err);
    if (rc == 0)
        rc = find_signature(signatures, out->origin, NOTE_ED25519, log_key, blob, sizeof blob, err);
    if (rc == 0 && crypto_sign_verify_detached(blob + ID, body.data, body.len, log_key) != 0)
        rc = err_set(err, ERR_VERIFY, "the signature of %s does not verify", out->origin);
    return rc;
}

/* What a cosignature signs: "cosignature/v1\ntime N\n" and the body. */
static int cosigned_text(struct buf *out, struct span body, uint64_t time, struct err *err)
{
    int rc = buf_printf(out, err, "cosignature/v1\ntime %" PRIu64 "\n", time);
    if (rc == 0)
        rc = buf_put(out, body.data, body.len, err);
    return rc;
}

int cosignature_sign(struct buf *out, struct span body, const char *name, uint64_t time, const uint8_t secret[64],
                     struct err *err)
{
    uint8_t blob[COSIGNED_BLOB];
    struct buf text = buf_of(NOTE_MAX + 64);
    int rc = cosigned_text(&text, body, time, err);
    if (rc == 0) {
        note_key_id(blob, name, NOTE_COSIGNATURE, secret + 32);
        bytes_put_u64be(blob + ID, time);
        crypto_sign_detached(blob + ID + 8, NULL, text.data, text.len, secret);
        rc = put_signature(out, name, blob, sizeof blob, err);
    }
    buf_free(&text);
    return rc;
}

int cosignature_verify(struct span note, const char *name, const uint8_t key[32], uint64_t *time, struct err *err)
{
    struct checkpoint checkpoint;
    struct span body, signatures;
    uint8_t blob[COSIGNED_BLOB];
    struct buf text = buf_of(NOTE_MAX + 64);
    int rc = checkpoint_parse(&checkpoint, note, &body, &signatures, err);
    if (rc == 0)
        rc = find_signature(signatures, name, NOTE_COSIGNATURE, key, blob, sizeof blob, err);
    if (rc == 0) {
        *time = bytes_get_u64be(blob + ID);
        rc = cosigned_text(&text, body, *time, err);
    }
    if (rc == 0 && crypto_sign_verify_detached(blob + ID + 8, text.data, text.len, key) != 0)
        rc = err_set(err, ERR_VERIFY, "the cosignature of %s does not verify", name);
    buf_free(&text);
    return rc;
}
