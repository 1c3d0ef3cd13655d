#include "protocol/region/minisign.h"

#include "protocol/base/text.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define KEY_ID_SIZE 8
#define BLOB_SIZE (2 + KEY_ID_SIZE + crypto_sign_BYTES)
#define PUBLIC_BLOB_SIZE (2 + KEY_ID_SIZE + crypto_sign_PUBLICKEYBYTES)
#define COMMENT_MAX 512
#define BASE64 sodium_base64_VARIANT_ORIGINAL
#define UNTRUSTED "untrusted comment: "
#define TRUSTED "trusted comment: "

static void key_id(uint8_t out[KEY_ID_SIZE], const uint8_t public_key[32])
{
    uint8_t digest[32];
    crypto_generichash(digest, sizeof digest, public_key, 32, NULL, 0);
    memcpy(out, digest, KEY_ID_SIZE);
}

int minisign_sign(struct buf *out, const void *data, size_t len, const uint8_t secret[64], const char *trusted_comment,
                  struct err *err)
{
    uint8_t blob[BLOB_SIZE], digest[64], global[crypto_sign_BYTES + COMMENT_MAX], global_signature[crypto_sign_BYTES];
    char a[sodium_base64_ENCODED_LEN(BLOB_SIZE, BASE64)], b[sodium_base64_ENCODED_LEN(crypto_sign_BYTES, BASE64)];
    size_t comment_len = strlen(trusted_comment);
    if (comment_len > COMMENT_MAX || strpbrk(trusted_comment, "\r\n") != NULL)
        return err_set(err, ERR_INPUT, "a trusted comment is one line of at most %d bytes", COMMENT_MAX);
    memcpy(blob, "ED", 2);
    key_id(blob + 2, secret + 32);
    crypto_generichash(digest, sizeof digest, data, len, NULL, 0);
    crypto_sign_detached(blob + 2 + KEY_ID_SIZE, NULL, digest, sizeof digest, secret);
    memcpy(global, blob + 2 + KEY_ID_SIZE, crypto_sign_BYTES);
    memcpy(global + crypto_sign_BYTES, trusted_comment, comment_len);
    crypto_sign_detached(global_signature, NULL, global, crypto_sign_BYTES + comment_len, secret);
    return buf_printf(out, err, UNTRUSTED "signature by a Concord identity\n%s\n" TRUSTED "%s\n%s\n",
                      sodium_bin2base64(a, sizeof a, blob, sizeof blob, BASE64), trusted_comment,
                      sodium_bin2base64(b, sizeof b, global_signature, sizeof global_signature, BASE64));
}

/* minisign reads files from other systems, too: a carriage return may stand at a line's end, and no newline at the
 * last's. */
static bool next_line(struct span *text, struct span *line)
{
    if (text->len == 0)
        return false;
    if (!text_take_line(text, line)) {
        *line = *text;
        *text = span_of(NULL, 0);
    }
    if (line->len > 0 && line->data[line->len - 1] == '\r')
        line->len--;
    return true;
}

static bool from_base64(uint8_t *out, size_t size, struct span line)
{
    size_t got;
    return bytes_from_base64(out, size, &got, line) && got == size;
}

int minisign_verify(const void *data, size_t len, const char *text, size_t text_len, const uint8_t public_key[32],
                    struct err *err)
{
    struct span rest = span_of(text, text_len), comment, signature, trusted, global_line;
    uint8_t blob[BLOB_SIZE], id[KEY_ID_SIZE], digest[64], global_signature[crypto_sign_BYTES];
    uint8_t global[crypto_sign_BYTES + COMMENT_MAX];
    if (!next_line(&rest, &comment) || !next_line(&rest, &signature) || !next_line(&rest, &trusted) ||
        !next_line(&rest, &global_line) || !text_take(&trusted, TRUSTED) || trusted.len > COMMENT_MAX ||
        !from_base64(blob, sizeof blob, signature) ||
        !from_base64(global_signature, sizeof global_signature, global_line) || memcmp(blob, "ED", 2) != 0)
        return err_set(err, ERR_INPUT, "this is no prehashed minisign signature");
    key_id(id, public_key);
    if (memcmp(id, blob + 2, KEY_ID_SIZE) != 0)
        return err_set(err, ERR_VERIFY, "the signature was made with another key");
    crypto_generichash(digest, sizeof digest, data, len, NULL, 0);
    memcpy(global, blob + 2 + KEY_ID_SIZE, crypto_sign_BYTES);
    memcpy(global + crypto_sign_BYTES, trusted.data, trusted.len);
    if (crypto_sign_verify_detached(blob + 2 + KEY_ID_SIZE, digest, sizeof digest, public_key) != 0)
        return err_set(err, ERR_VERIFY, "the signature does not verify: the file was changed");
    if (crypto_sign_verify_detached(global_signature, global, crypto_sign_BYTES + trusted.len, public_key) != 0)
        return err_set(err, ERR_VERIFY, "the trusted comment does not verify");
    return 0;
}

int minisign_public_key(struct buf *out, const uint8_t public_key[32], const char *comment, struct err *err)
{
    uint8_t blob[PUBLIC_BLOB_SIZE];
    char text[sodium_base64_ENCODED_LEN(PUBLIC_BLOB_SIZE, BASE64)];
    memcpy(blob, "Ed", 2);
    key_id(blob + 2, public_key);
    memcpy(blob + 2 + KEY_ID_SIZE, public_key, 32);
    return buf_printf(out, err, UNTRUSTED "%s\n%s\n", comment,
                      sodium_bin2base64(text, sizeof text, blob, sizeof blob, BASE64));
}
