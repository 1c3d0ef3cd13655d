/* HashToGroup and the hash of Finalize (RFC 9497 sections 4.1 and 3.3.2), many at a time. */
#include "protocol/group/hash.h"
#include "protocol/oprf/oprf_internal.h"

#include <sodium.h>
#include <string.h>

static const struct span dst_group = OPRF_SPAN("HashToGroup-" OPRF_CONTEXT);
static const struct span label_finalize = OPRF_SPAN("Finalize");

int oprf_hash_to_group(struct point *out, const struct span *input, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (input[i].len > OPRF_INPUT_MAX)
            return err_set(err, ERR_INPUT, "input %zu has %zu bytes, the limit is %d", i, input[i].len, OPRF_INPUT_MAX);

    struct hash_message m[OPRF_CHUNK] = {0};
    int rc = 0;
    for (size_t done = 0, len; done < n && rc == 0; done += len) {
        len = oprf_chunk_of(n, done);
        for (size_t i = 0; i < len; i++)
            m[i].part[0] = input[done + i];
        rc = hash_to_group(out + done, m, len, dst_group, err);
    }
    return rc;
}

void oprf_hash_output(uint8_t (*out)[OPRF_OUTPUT_SIZE], const struct span *input, const struct element *unblinded,
                      size_t n)
{
    uint8_t input_len[OPRF_CHUNK][2];
    static const uint8_t element_len[2] = {0, sizeof(struct element)};
    struct hash_message m[OPRF_CHUNK] = {0};
    uint8_t tail[OPRF_CHUNK][sizeof element_len + sizeof(struct element) + sizeof "Finalize" - 1];
    for (size_t done = 0, len; done < n; done += len) {
        len = oprf_chunk_of(n, done);
        for (size_t i = 0; i < len; i++) {
            bytes_put_u16be(input_len[i], (uint16_t)input[done + i].len);
            memcpy(tail[i], element_len, sizeof element_len);
            memcpy(tail[i] + sizeof element_len, unblinded[done + i].bytes, sizeof(struct element));
            memcpy(tail[i] + sizeof element_len + sizeof(struct element), label_finalize.data, label_finalize.len);
            m[i].part[0] = span_of(input_len[i], sizeof input_len[i]);
            m[i].part[1] = input[done + i];
            m[i].part[2] = span_of(tail[i], sizeof tail[i]);
        }
        hash_sha512(out + done, m, len);
    }
    sodium_memzero(tail, sizeof tail);
}
