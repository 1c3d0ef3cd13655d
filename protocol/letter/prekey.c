#include "protocol/letter/prekey.h"

#include "protocol/base/cursor.h"

#include <sodium.h>
#include <string.h>

#define VERSION 1
#define LABEL "concord prekey v1"

static int put_u64(struct buf *out, uint64_t value, struct err *err)
{
    uint8_t bytes[8];
    bytes_put_u64be(bytes, value);
    return buf_put(out, bytes, sizeof bytes, err);
}

/* All but the signature. */
static int put_unsigned(struct buf *out, const struct prekey *p, struct err *err)
{
    const uint8_t head[2] = {VERSION, (uint8_t)strlen(p->region)};
    int rc = buf_put(out, head, sizeof head, err);
    if (rc == 0)
        rc = buf_put(out, p->region, strlen(p->region), err);
    if (rc == 0)
        rc = buf_put(out, p->identity, sizeof p->identity, err);
    if (rc == 0)
        rc = put_u64(out, p->number, err);
    if (rc == 0)
        rc = buf_put(out, p->key, sizeof p->key, err);
    if (rc == 0)
        rc = put_u64(out, p->valid_from, err);
    if (rc == 0)
        rc = put_u64(out, p->valid_until, err);
    if (rc == 0)
        rc = buf_put(out, p->previous, sizeof p->previous, err);
    return rc;
}

/* What the signature and the digest are over: the label behind its length, then the statement without its signature. */
static int signed_text(struct buf *out, const struct prekey *p, struct err *err)
{
    int rc = buf_put_part(out, span_of(LABEL, strlen(LABEL)), err);
    if (rc == 0)
        rc = put_unsigned(out, p, err);
    return rc;
}

static int check_members(const struct prekey *p, struct err *err)
{
    if (p->number == 0)
        return err_set(err, ERR_INPUT, "a prekey has the number 0; they begin at 1");
    if (p->valid_until <= p->valid_from || p->valid_until - p->valid_from > PREKEY_VALID)
        return err_set(err, ERR_INPUT, "prekey %llu is valid for no time or for more than %u days",
                       (unsigned long long)p->number, PREKEY_VALID / 86400);
    return 0;
}

void prekey_generate(uint8_t secret[32], uint8_t key[32])
{
    randombytes_buf(secret, 32);
    crypto_scalarmult_base(key, secret);
}

int prekey_sign(struct prekey *prekey, const uint8_t sign_secret[64], struct err *err)
{
    struct buf text = buf_of(PREKEY_STATEMENT_MAX);
    int rc = check_members(prekey, err);
    if (rc == 0)
        rc = signed_text(&text, prekey, err);
    if (rc == 0)
        crypto_sign_detached(prekey->signature, NULL, text.data, text.len, sign_secret);
    buf_free(&text);
    return rc;
}

int prekey_encode(struct buf *out, const struct prekey *prekey, struct err *err)
{
    int rc = put_unsigned(out, prekey, err);
    if (rc == 0)
        rc = buf_put(out, prekey->signature, sizeof prekey->signature, err);
    return rc;
}

int prekey_decode(struct prekey *out, struct span statement, struct err *err)
{
    struct cursor c = cursor_of(statement);
    memset(out, 0, sizeof *out);
    const uint8_t version = cursor_u8(&c);
    const size_t len = cursor_u8(&c);
    const uint8_t *region = cursor_take(&c, len);
    cursor_copy(&c, out->identity, sizeof out->identity);
    out->number = cursor_u64be(&c);
    cursor_copy(&c, out->key, sizeof out->key);
    out->valid_from = cursor_u64be(&c);
    out->valid_until = cursor_u64be(&c);
    cursor_copy(&c, out->previous, sizeof out->previous);
    cursor_copy(&c, out->signature, sizeof out->signature);
    if (!cursor_ends(&c) || version != VERSION || len > REGION_NAME_MAX)
        return err_set(err, ERR_INPUT, "%zu bytes are no prekey statement of version %d", statement.len, VERSION);
    memcpy(out->region, region, len);
    return party_name_check(out->region, err) != 0 || strlen(out->region) != len
               ? err_set(err, ERR_INPUT, "a prekey statement does not name a region")
               : 0;
}

int prekey_verify(const struct prekey *prekey, const char *region, const uint8_t identity[32], const uint8_t sign[32],
                  struct err *err)
{
    struct buf text = buf_of(PREKEY_STATEMENT_MAX);
    int rc = 0;
    if (strcmp(prekey->region, region) != 0 || memcmp(prekey->identity, identity, 32) != 0)
        rc = err_set(err, ERR_VERIFY, "prekey %llu is another party's or of another region",
                     (unsigned long long)prekey->number);
    if (rc == 0)
        rc = signed_text(&text, prekey, err);
    if (rc == 0 && crypto_sign_verify_detached(prekey->signature, text.data, text.len, sign) != 0)
        rc = err_set(err, ERR_VERIFY, "the signature of prekey %llu does not verify",
                     (unsigned long long)prekey->number);
    buf_free(&text);
    if (rc == 0)
        rc = check_members(prekey, err);
    return rc;
}

int prekey_digest(uint8_t out[32], const struct prekey *prekey, struct err *err)
{
    struct buf text = buf_of(PREKEY_STATEMENT_MAX);
    int rc = signed_text(&text, prekey, err);
    if (rc == 0)
        crypto_generichash(out, 32, text.data, text.len, NULL, 0);
    buf_free(&text);
    return rc;
}

/* Above the number that comes next, and after none. */
static bool begins_anew(const struct prekey *next, const struct prekey *previous)
{
    return next->number > (previous != NULL ? previous->number : 0) + 1 &&
           sodium_is_zero(next->previous, sizeof next->previous) == 1;
}

int prekey_follows(const struct prekey *next, const struct prekey *previous, struct err *err)
{
    uint8_t digest[32] = {0};
    if (begins_anew(next, previous))
        return 0;
    if (next->number != (previous != NULL ? previous->number + 1 : 1))
        return err_set(err, ERR_VERIFY, "prekey %llu where %llu comes next", (unsigned long long)next->number,
                       previous != NULL ? (unsigned long long)previous->number + 1 : 1);
    int rc = previous != NULL ? prekey_digest(digest, previous, err) : 0;
    if (rc != 0)
        return rc;
    if (memcmp(digest, next->previous, sizeof digest) != 0)
        return err_set(err, ERR_VERIFY, "prekey %llu names another statement before it than the one that is known",
                       (unsigned long long)next->number);
    if (previous != NULL &&
        (strcmp(previous->region, next->region) != 0 || memcmp(previous->identity, next->identity, 32) != 0 ||
         next->valid_from < previous->valid_from))
        return err_set(err, ERR_VERIFY, "prekey %llu is another party's than the one before, or valid from earlier",
                       (unsigned long long)next->number);
    return 0;
}

int prekey_usable(const struct prekey *prekey, uint64_t now, struct err *err)
{
    if (now + PREKEY_CLOCK_AHEAD < prekey->valid_from)
        return err_set(err, ERR_DENIED, "prekey %llu is not valid yet", (unsigned long long)prekey->number);
    if (now >= prekey->valid_until)
        return err_set(err, ERR_DENIED, "prekey %llu is no longer valid: its owner has not published a new one",
                       (unsigned long long)prekey->number);
    return 0;
}
