#include "protocol/letter/letter.h"

#include "protocol/base/cursor.h"
#include "protocol/channel/noise.h"

#include <sodium.h>
#include <string.h>

#define VERSION 1
#define OUTER_SIZE (1 + 8)                           /* version, prekey number */
#define HEAD_SIZE (16 + 8 + 32 + 1 + 16 + 2 + 2 + 4) /* from the stream to the length of the body */
#define SIGNATURE_SIZE 64
#define TEXT_MAX 1024 /* of a prologue or of what is signed */

static const size_t sizes[] = {2u << 10, 8u << 10, 32u << 10, 128u << 10, LETTER_SIZE_MAX};
#define SIZES (sizeof sizes / sizeof *sizes)

static struct span text_of(const char *text)
{
    return span_of(text, strlen(text));
}

size_t letter_size(size_t len)
{
    for (size_t i = 0; i < SIZES; i++)
        if (len <= sizes[i] - LETTER_OVERHEAD)
            return sizes[i];
    return 0;
}

static bool is_size(size_t len)
{
    for (size_t i = 0; i < SIZES; i++)
        if (len == sizes[i])
            return true;
    return false;
}

static bool is_kind(unsigned kind)
{
    static const uint8_t kinds[] = {LETTER_JUDGE1,  LETTER_JUDGE2, LETTER_JUDGE3,  LETTER_JUDGE_ANEW,
                                    LETTER_ASK,     LETTER_ANSWER, LETTER_OUTCOME, LETTER_RECALL,
                                    LETTER_PICTURE, LETTER_OTHER,  LETTER_RECEIPT, LETTER_CANNOT_OPEN};
    return kind != 0 && memchr(kinds, (int)kind, sizeof kinds) != NULL;
}

bool letter_is_control(enum letter_kind kind)
{
    return kind == LETTER_RECEIPT || kind == LETTER_CANNOT_OPEN;
}

static int check_control(const struct letter *l, struct err *err)
{
    if (l->number == 0 && l->parts == 1 && sodium_is_zero(l->stream, sizeof l->stream) &&
        sodium_is_zero(l->before, sizeof l->before))
        return 0;
    return err_set(err, ERR_INPUT, "a letter of kind %u has a place in a stream", (unsigned)l->kind);
}

/* What both sides ask of a letter. */
static int check_letter(const struct letter *l, struct err *err)
{
    if (!is_kind(l->kind))
        return err_set(err, ERR_INPUT, "a letter of kind %u, which this version does not know", (unsigned)l->kind);
    if (l->part == 0 || l->part > l->parts || l->parts > LETTER_PARTS_MAX)
        return err_set(err, ERR_INPUT, "a letter is part %u of %u, the limit is %d", l->part, l->parts,
                       LETTER_PARTS_MAX);
    if (letter_is_control(l->kind) && check_control(l, err) != 0)
        return err_code(err);
    if (!letter_is_control(l->kind) && l->number < l->part)
        return err_set(err, ERR_INPUT, "a letter has the number %llu in its stream, as part %u",
                       (unsigned long long)l->number, l->part);
    if (l->body.len > LETTER_BODY_MAX || (l->part < l->parts && l->body.len != LETTER_BODY_MAX))
        return err_set(err, ERR_INPUT,
                       "part %u of %u of a letter has %zu bytes; all but the last have %u, the last at most", l->part,
                       l->parts, l->body.len, LETTER_BODY_MAX);
    return 0;
}

/* --- what is bound --- */

static int put_prologue(struct buf *out, const struct letter_context *c, struct err *err)
{
    uint8_t number[8];
    bytes_put_u64be(number, c->prekey);
    const struct span part[] = {text_of("concord letter v1"), c->region,  span_of(c->sender, 32),
                                span_of(c->recipient, 32),    c->purpose, {number, 8}};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof part / sizeof *part; i++)
        rc = buf_put_part(out, part[i], err);
    return rc != 0 ? err_wrap(err, "the names of a letter") : 0;
}

static uint8_t *put(uint8_t *at, const void *data, size_t len)
{
    memcpy(at, data, len);
    return at + len;
}

static void write_head(uint8_t out[HEAD_SIZE], const struct letter *l)
{
    uint8_t *at = put(out, l->stream, sizeof l->stream);
    bytes_put_u64be(at, l->number);
    at = put(at + 8, l->before, sizeof l->before);
    *at++ = (uint8_t)l->kind;
    at = put(at, l->thread, sizeof l->thread);
    bytes_put_u16be(at, l->part);
    bytes_put_u16be(at + 2, l->parts);
    bytes_put_u32be(at + 4, (uint32_t)l->body.len);
}

/* The end of what is signed, and of what is digested: the head and the hash of the body. */
struct summary {
    uint8_t head[HEAD_SIZE], body[32];
};

static void summarise(struct summary *out, const struct letter *l)
{
    write_head(out->head, l);
    crypto_generichash(out->body, sizeof out->body, l->body.data, l->body.len, NULL, 0);
}

void letter_digest(uint8_t out[32], const struct letter *letter)
{
    static const uint8_t label[] = "\0\x18"
                                   "concord letter digest v1";
    struct summary summary;
    crypto_generichash_state state;
    summarise(&summary, letter);
    crypto_generichash_init(&state, NULL, 0, 32);
    crypto_generichash_update(&state, label, sizeof label - 1);
    crypto_generichash_update(&state, (const uint8_t *)&summary, sizeof summary);
    crypto_generichash_final(&state, out, 32);
    sodium_memzero(&summary, sizeof summary);
    sodium_memzero(&state, sizeof state);
}

/*
 * The signature binds prologue and ephemeral, so that a recipient cannot seal a letter of a partner to somebody else
 * and the thief of a prekey cannot put another's signature into a letter of his own.
 */
static int put_signed(struct buf *out, struct span prologue, const uint8_t e[32], const struct letter *l,
                      struct err *err)
{
    struct summary summary;
    summarise(&summary, l);
    int rc = buf_put_part(out, text_of("concord letter signature v1"), err);
    if (rc == 0)
        rc = buf_put_part(out, prologue, err);
    if (rc == 0)
        rc = buf_put(out, e, 32, err);
    if (rc == 0)
        rc = buf_put(out, &summary, sizeof summary, err);
    sodium_memzero(&summary, sizeof summary);
    return rc;
}

/* --- sealing --- */

/* head, body, signature, zeros. */
static int write_payload(struct buf *out, size_t len, struct span prologue, const uint8_t e[32], const struct letter *l,
                         const uint8_t sign_secret[64], struct err *err)
{
    struct buf text = buf_of(TEXT_MAX);
    uint8_t *to = buf_reserve(out, len, err);
    int rc = to != NULL ? put_signed(&text, prologue, e, l, err) : err_code(err);
    if (rc == 0) {
        memset(to, 0, len);
        write_head(to, l);
        if (l->body.len > 0)
            memcpy(to + HEAD_SIZE, l->body.data, l->body.len);
        crypto_sign_detached(to + HEAD_SIZE + l->body.len, NULL, text.data, text.len, sign_secret);
        out->len += len;
    }
    buf_free(&text);
    return rc;
}

static int seal(uint8_t *out, size_t size, struct span prologue, const struct letter *l, const struct identity *sender,
                const uint8_t prekey[32], struct err *err)
{
    const size_t len = size - OUTER_SIZE - NOISE_MESSAGE1_OVERHEAD;
    struct noise noise;
    struct buf payload = buf_of(len);
    noise_initiator(&noise, NOISE_X, prologue.data, prologue.len, sender->channel_secret, prekey, NULL);
    int rc = write_payload(&payload, len, prologue, noise.e, l, sender->sign_secret, err);
    if (rc == 0)
        rc = noise_write1(&noise, out, payload.data, len, err);
    sodium_memzero(&noise, sizeof noise);
    buf_free(&payload);
    return rc;
}

int letter_seal(struct buf *out, const struct letter_context *context, const struct letter *letter,
                const struct identity *sender, const uint8_t prekey[32], struct err *err)
{
    struct buf prologue = buf_of(TEXT_MAX);
    const size_t size = letter_size(letter->body.len);
    uint8_t *to = NULL;
    int rc = check_letter(letter, err);
    if (rc == 0)
        rc = put_prologue(&prologue, context, err);
    if (rc == 0 && (to = buf_reserve(out, size, err)) == NULL)
        rc = err_code(err);
    if (rc == 0)
        rc = seal(to + OUTER_SIZE, size, buf_span(&prologue), letter, sender, prekey, err);
    if (rc == 0) {
        to[0] = VERSION;
        bytes_put_u64be(to + 1, context->prekey);
        out->len += size;
    }
    buf_free(&prologue);
    return rc;
}

/* --- opening --- */

int letter_prekey(uint64_t *out, struct span sealed, struct err *err)
{
    if (!is_size(sealed.len) || sealed.data[0] != VERSION)
        return err_set(err, ERR_INPUT, "%zu bytes are no letter of version %d", sealed.len, VERSION);
    *out = bytes_get_u64be(sealed.data + 1);
    return 0;
}

const uint8_t *letter_ephemeral(struct span sealed)
{
    return sealed.data + OUTER_SIZE;
}

/* Takes a payload apart; the signature is handed out, the padding is looked at. */
static int read_payload(struct letter *out, const uint8_t **signature, struct span payload, struct err *err)
{
    struct cursor c = cursor_of(payload);
    cursor_copy(&c, out->stream, sizeof out->stream);
    out->number = cursor_u64be(&c);
    cursor_copy(&c, out->before, sizeof out->before);
    out->kind = cursor_u8(&c);
    cursor_copy(&c, out->thread, sizeof out->thread);
    out->part = cursor_u16be(&c);
    out->parts = cursor_u16be(&c);
    out->body.len = cursor_u32be(&c);
    out->body.data = cursor_take(&c, out->body.len);
    *signature = cursor_take(&c, SIGNATURE_SIZE);
    if (c.cut)
        return err_set(err, ERR_INPUT, "a letter's body is longer than the letter");
    if (!sodium_is_zero(c.at, (size_t)(c.end - c.at)))
        return err_set(err, ERR_INPUT, "a letter's padding is not zeros");
    if (letter_size(out->body.len) != OUTER_SIZE + NOISE_MESSAGE1_OVERHEAD + payload.len)
        return err_set(err, ERR_INPUT, "a letter is larger than its body needs");
    return check_letter(out, err);
}

static int check_signature(const struct letter *l, struct span prologue, const uint8_t e[32],
                           const uint8_t signature[SIGNATURE_SIZE], const struct party *sender, struct err *err)
{
    struct buf text = buf_of(TEXT_MAX);
    int rc = put_signed(&text, prologue, e, l, err);
    if (rc == 0 && crypto_sign_verify_detached(signature, text.data, text.len, sender->sign) != 0)
        rc = err_set(err, ERR_VERIFY, "a letter in the name of %s is not signed by its key", sender->name);
    buf_free(&text);
    return rc;
}

/* The payload of a sealed letter, appended to plain. */
static int unseal(struct buf *plain, struct span prologue, const struct party *sender, const uint8_t secret[32],
                  struct span message, struct err *err)
{
    const size_t len = message.len - NOISE_MESSAGE1_OVERHEAD;
    struct noise noise;
    uint8_t *to = buf_reserve(plain, len, err);
    if (to == NULL)
        return err_code(err);
    noise_responder(&noise, NOISE_X, prologue.data, prologue.len, secret, NULL);
    int rc = noise_read1(&noise, to, message.data, message.len, err);
    if (rc == 0 && memcmp(noise.remote_s, sender->channel, 32) != 0)
        rc = err_set(err, ERR_VERIFY, "a letter in the name of %s is sealed by another key", sender->name);
    if (rc == 0)
        plain->len += len;
    sodium_memzero(&noise, sizeof noise);
    return rc;
}

static int open_payload(struct letter *out, struct buf *plain, struct span prologue, const struct party *sender,
                        const uint8_t secret[32], struct span sealed, struct err *err)
{
    const struct span message = span_of(sealed.data + OUTER_SIZE, sealed.len - OUTER_SIZE);
    const uint8_t *signature;
    int rc = unseal(plain, prologue, sender, secret, message, err);
    if (rc == 0)
        rc = read_payload(out, &signature, buf_span(plain), err);
    if (rc == 0)
        rc = check_signature(out, prologue, letter_ephemeral(sealed), signature, sender, err);
    return rc;
}

int letter_open(struct letter *out, struct buf *plain, const struct letter_context *context, const struct party *sender,
                const uint8_t prekey_secret[32], struct span sealed, struct err *err)
{
    struct buf prologue = buf_of(TEXT_MAX);
    uint64_t prekey = 0;
    memset(out, 0, sizeof *out);
    buf_clear(plain);
    int rc = letter_prekey(&prekey, sealed, err);
    if (rc == 0 && prekey != context->prekey)
        rc = err_set(err, ERR_VERIFY, "a letter is sealed to prekey %llu, not %llu", (unsigned long long)prekey,
                     (unsigned long long)context->prekey);
    if (rc == 0)
        rc = put_prologue(&prologue, context, err);
    if (rc == 0)
        rc = open_payload(out, plain, buf_span(&prologue), sender, prekey_secret, sealed, err);
    if (rc != 0) {
        memset(out, 0, sizeof *out);
        buf_free(plain);
    }
    buf_free(&prologue);
    return rc;
}

/* --- streams and parts --- */

void letter_stream_begins(uint8_t before[32], const uint8_t *old_stream)
{
    memset(before, 0, 32);
    if (old_stream != NULL)
        memcpy(before, old_stream, 16);
}

size_t letter_parts(size_t len)
{
    const size_t parts = len == 0 ? 1 : (len - 1) / LETTER_BODY_MAX + 1;
    return parts <= LETTER_PARTS_MAX ? parts : 0;
}

struct span letter_part(struct span body, size_t part)
{
    const size_t from = (part - 1) * LETTER_BODY_MAX, rest = body.len - from;
    return span_of(body.data + from, rest < LETTER_BODY_MAX ? rest : LETTER_BODY_MAX);
}

/* Room for all parts, when the first of them comes. */
static int begin_assembly(struct letter_assembly *a, const struct letter *part, struct err *err)
{
    const size_t most = (size_t)part->parts * LETTER_BODY_MAX;
    a->body = buf_of(most);
    if (buf_reserve(&a->body, most, err) == NULL)
        return err_code(err);
    a->first = *part;
    a->first.body = (struct span){NULL, 0};
    a->first.number = part->number - (part->part - 1u);
    return 0;
}

static bool belongs(const struct letter *first, const struct letter *part)
{
    return memcmp(first->stream, part->stream, sizeof first->stream) == 0 &&
           memcmp(first->thread, part->thread, sizeof first->thread) == 0 && first->kind == part->kind &&
           first->parts == part->parts && first->number == part->number - (part->part - 1u);
}

int letter_assemble(struct letter_assembly *assembly, bool *complete, const struct letter *part, struct err *err)
{
    int rc = check_letter(part, err);
    if (rc == 0 && assembly->seen == 0)
        rc = begin_assembly(assembly, part, err);
    if (rc != 0)
        return rc;
    if (!belongs(&assembly->first, part))
        return err_set(err, ERR_INPUT, "part %u of %u belongs to another letter", part->part, part->parts);
    const uint64_t bit = (uint64_t)1 << (part->part - 1);
    if ((assembly->seen & bit) == 0 && part->body.len > 0)
        memcpy(assembly->body.data + (size_t)(part->part - 1) * LETTER_BODY_MAX, part->body.data, part->body.len);
    if ((assembly->seen & bit) == 0 && part->part == part->parts)
        assembly->last_len = part->body.len;
    assembly->seen |= bit;
    *complete = assembly->seen == UINT64_MAX >> (LETTER_PARTS_MAX - part->parts);
    if (*complete)
        assembly->body.len = (size_t)(part->parts - 1) * LETTER_BODY_MAX + assembly->last_len;
    return 0;
}

void letter_assembly_free(struct letter_assembly *assembly)
{
    buf_free(&assembly->body);
    memset(assembly, 0, sizeof *assembly);
}
