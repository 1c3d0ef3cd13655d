#include "protocol/ledger/receipt.h"

#include "protocol/base/text.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define HEADER "c2sp.org/tlog-proof@v1\n"
#define BASE64 sodium_base64_VARIANT_ORIGINAL
#define PROOF_HASHES_MAX 64

int receipt_verify(const struct receipt *receipt, const char *origin, const uint8_t log_key[32], struct event *event,
                   struct checkpoint *checkpoint, struct err *err)
{
    struct hash leaf;
    int rc = checkpoint_verify(checkpoint, receipt->checkpoint, log_key, err);
    if (rc == 0 && strcmp(checkpoint->origin, origin) != 0)
        rc = err_set(err, ERR_VERIFY, "the receipt is from the ledger %s, not %s", checkpoint->origin, origin);
    if (rc != 0)
        return rc;
    merkle_leaf(&leaf, receipt->event);
    rc = merkle_verify_inclusion(&leaf, receipt->index, checkpoint->size, receipt->proof, &checkpoint->root, err);
    if (rc == 0)
        rc = event_decode(event, receipt->event, err);
    return rc;
}

static int put_base64(struct buf *out, struct span bytes, struct err *err)
{
    size_t size = sodium_base64_encoded_len(bytes.len, BASE64);
    uint8_t *to = buf_reserve(out, size, err);
    if (to == NULL)
        return err_code(err);
    sodium_bin2base64((char *)to, size, bytes.data, bytes.len, BASE64);
    out->len += size - 1;
    return buf_put(out, "\n", 1, err);
}

int receipt_print(struct buf *out, const struct receipt *receipt, struct err *err)
{
    int rc = buf_printf(out, err, HEADER "extra ");
    if (rc == 0)
        rc = put_base64(out, receipt->event, err);
    if (rc == 0)
        rc = buf_printf(out, err, "index %" PRIu64 "\n", receipt->index);
    for (size_t at = 0; rc == 0 && at < receipt->proof.len; at += MERKLE_HASH)
        rc = put_base64(out, span_of(receipt->proof.data + at, MERKLE_HASH), err);
    if (rc == 0)
        rc = buf_put(out, "\n", 1, err);
    if (rc == 0)
        rc = buf_put(out, receipt->checkpoint.data, receipt->checkpoint.len, err);
    return rc;
}

/* Decodes into out, which never moves: it was reserved beforehand. */
static bool decode(struct buf *out, size_t max, struct span text, struct span *bytes)
{
    size_t got = 0;
    uint8_t *to = out->data + out->len;
    if (max > out->cap - out->len || !bytes_from_base64(to, max, &got, text))
        return false;
    *bytes = span_of(to, got);
    out->len += got;
    return true;
}

int receipt_parse(struct receipt *out, struct span text, struct buf *storage, struct err *err)
{
    struct span line, hash;
    memset(out, 0, sizeof *out);
    buf_clear(storage);
    if (buf_reserve(storage, EVENT_SIZE_MAX + PROOF_HASHES_MAX * MERKLE_HASH, err) == NULL)
        return err_code(err);
    if (text.len > NOTE_MAX + 4 * EVENT_SIZE_MAX || !text_take(&text, HEADER) || !text_take_line(&text, &line) ||
        !text_take(&line, "extra ") || !decode(storage, EVENT_SIZE_MAX, line, &out->event) ||
        !text_take_line(&text, &line) || !text_take(&line, "index ") || !text_is_number(line, &out->index))
        return err_set(err, ERR_INPUT, "not a receipt: header, event or index is malformed");
    out->proof = span_of(storage->data + storage->len, 0);
    for (int hashes = 0;; hashes++) {
        if (!text_take_line(&text, &line) || hashes > PROOF_HASHES_MAX)
            return err_set(err, ERR_INPUT, "not a receipt: the proof does not end");
        if (line.len == 0)
            break;
        if (!decode(storage, MERKLE_HASH, line, &hash) || hash.len != MERKLE_HASH)
            return err_set(err, ERR_INPUT, "not a receipt: a hash of the proof is malformed");
        out->proof.len += MERKLE_HASH;
    }
    out->checkpoint = text;
    return 0;
}
