/*
 * canary-batches TAP: of what a custodian decrypted (tap.c, with lengths), each blinded element of each EVALUATE in
 * hexadecimal, a line each: id of the request, element. It fails if there is none.
 */
#include "protocol/base/file.h"
#include "protocol/wire/evaluate.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define ELEMENT_BYTES 32

static void print(const struct wire_request *request, struct span blinded)
{
    char id[2 * WIRE_ID_SIZE + 1], element[2 * ELEMENT_BYTES + 1];
    sodium_bin2hex(id, sizeof id, request->id, WIRE_ID_SIZE);
    for (size_t at = 0; at + ELEMENT_BYTES <= blinded.len; at += ELEMENT_BYTES)
        printf("%s %s\n", id, sodium_bin2hex(element, sizeof element, blinded.data + at, ELEMENT_BYTES));
}

/* What is no EVALUATE, handshakes among it, is passed over. */
static size_t print_message(struct span message)
{
    struct wire_request request;
    struct evaluate_request ask;
    size_t elements = 0;
    if (wire_request_decode(&request, message, ERR_IGNORED) != 0 || request.type != WIRE_EVALUATE ||
        evaluate_request_decode(&ask, request.scope_count, request.body, ERR_IGNORED) != 0)
        return 0;
    for (size_t i = 0; i < ask.count; i++) {
        print(&request, ask.batch[i].blinded);
        elements += ask.batch[i].blinded.len / ELEMENT_BYTES;
    }
    return elements;
}

int main(int argc, char **argv)
{
    struct buf tap = buf_of(1u << 30);
    struct err err;
    size_t elements = 0;
    uint32_t len;
    if (argc != 2 || file_read(&tap, argv[1], &err) != 0)
        return 2;
    for (size_t at = 0; at + sizeof len <= tap.len; at += len) {
        memcpy(&len, tap.data + at, sizeof len);
        at += sizeof len;
        if (len > tap.len - at)
            return 2;
        elements += print_message(span_of(tap.data + at, len));
    }
    buf_free(&tap);
    return elements > 0 ? 0 : 1;
}
