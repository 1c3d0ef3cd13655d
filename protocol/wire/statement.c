#include "protocol/wire/statement.h"

#include "protocol/base/clock.h"
#include "protocol/base/sha256.h"

#include <sodium.h>
#include <string.h>

/* Everything has its largest size here: name of a region, 16 scopes. */
_Static_assert(WIRE_STATEMENT_MAX >= 20 + 65 + 2 * 34 + 3 + 18 + 3 + WIRE_SCOPE_MAX * (65 + 6) + 10 + 34,
               "a statement fits");

static void add(struct wire_statement *s, const void *part, size_t len)
{
    bytes_put_u16be(s->bytes + s->len, (uint16_t)len);
    memcpy(s->bytes + s->len + 2, part, len);
    s->len += 2 + len;
}

void wire_statement_make(struct wire_statement *out, const struct wire_request *request,
                         const uint8_t body_hash[WIRE_HASH_SIZE], const struct wire_ends *ends)
{
    static const char label[] = "concord request v2";
    const uint8_t type = (uint8_t)request->type, scopes = (uint8_t)request->scope_count;
    uint8_t number[8];
    out->len = 0;
    add(out, label, sizeof label - 1);
    add(out, ends->region, strlen(ends->region));
    add(out, ends->peer, sizeof ends->peer);
    add(out, ends->sender, sizeof ends->sender);
    add(out, &type, 1);
    add(out, request->id, sizeof request->id);
    add(out, &scopes, 1);
    for (size_t i = 0; i < request->scope_count; i++) {
        add(out, request->scope[i].purpose, strlen(request->scope[i].purpose));
        bytes_put_u32be(number, request->scope[i].epoch);
        add(out, number, 4);
    }
    bytes_put_u64be(number, request->time);
    add(out, number, 8);
    add(out, body_hash, WIRE_HASH_SIZE);
}

static void state(struct wire_statement *out, const struct wire_request *request, const struct wire_ends *ends)
{
    uint8_t body[WIRE_HASH_SIZE];
    sha256(body, request->body);
    wire_statement_make(out, request, body, ends);
}

void wire_request_hash(uint8_t out[WIRE_HASH_SIZE], const struct wire_request *request, const struct wire_ends *ends)
{
    struct wire_statement s;
    state(&s, request, ends);
    sha256(out, span_of(s.bytes, s.len));
}

void wire_request_sign(struct wire_request *request, const struct wire_ends *ends, const uint8_t sign_secret[64])
{
    struct wire_statement s;
    state(&s, request, ends);
    crypto_sign_detached(request->signature, NULL, s.bytes, s.len, sign_secret);
}

static int check(const struct wire_statement *s, const struct wire_request *request, const uint8_t sign[32],
                 struct err *err)
{
    if (crypto_sign_verify_detached(request->signature, s->bytes, s->len, sign) != 0)
        return err_set(err, ERR_VERIFY, "signature: %s is not signed by its sender's key for this region and this peer",
                       wire_type_name(request->type));
    return 0;
}

int wire_request_verify(uint8_t hash[WIRE_HASH_SIZE], const struct wire_request *request, const struct wire_ends *ends,
                        const uint8_t sign[32], struct err *err)
{
    struct wire_statement s;
    state(&s, request, ends);
    sha256(hash, span_of(s.bytes, s.len));
    return check(&s, request, sign, err);
}

int wire_statement_verify(const struct wire_request *request, const uint8_t body_hash[WIRE_HASH_SIZE],
                          const struct wire_ends *ends, const uint8_t sign[32], struct err *err)
{
    struct wire_statement s;
    wire_statement_make(&s, request, body_hash, ends);
    return check(&s, request, sign, err);
}

int wire_request_timely(const struct wire_request *request, uint64_t now, struct err *err)
{
    bool ahead = request->time > now && request->time - now > WIRE_AHEAD_MAX;
    bool old = now > request->time && now - request->time > WIRE_AGE_MAX;
    if (!ahead && !old)
        return 0;
    char theirs[CLOCK_TEXT_SIZE], ours[CLOCK_TEXT_SIZE];
    return err_set(err, ERR_CLOCK, "clock: the request was signed at %s, the clock here says %s: %s",
                   clock_text(theirs, request->time), clock_text(ours, now),
                   ahead ? "more than 5 minutes ahead; set its sender's clock by NTP"
                         : "more than 7 days ago; set the clock, or give the order again");
}
