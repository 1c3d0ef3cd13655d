/* Letters: what is sealed opens for the recipient alone, as what it was, from whom it was; nothing else opens. */
#include "protocol/letter/letter.h"
#include "protocol/channel/noise.h"
#include "protocol/letter/prekey.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct identity tha, mys;
static uint8_t prekey_secret[32], prekey_key[32];

static void must(int rc, const struct err *err)
{
    if (rc != 0)
        fail_msg("unexpected error %d: %s", rc, err->text);
}

/* The digest of a party's keys is the region's business; here any 32 bytes do. */
static struct letter_context context_of(void)
{
    struct letter_context c = {span_of("asia-pacific", 12), span_of("persons", 7), {1}, {2}, 7};
    return c;
}

static struct letter letter_of(const void *body, size_t len)
{
    return (struct letter){.stream = {3},
                           .number = 5,
                           .before = {4},
                           .kind = LETTER_ASK,
                           .thread = {6},
                           .part = 1,
                           .parts = 1,
                           .body = span_of(body, len)};
}

static void seal(struct buf *out, const struct letter *l)
{
    struct err err;
    const struct letter_context c = context_of();
    buf_clear(out);
    must(letter_seal(out, &c, l, &tha, prekey_key, &err), &err);
}

static int open_as(const struct letter_context *c, const struct party *sender, const uint8_t secret[32],
                   struct span sealed, struct letter *out, struct buf *plain, struct err *err)
{
    int rc = letter_open(out, plain, c, sender, secret, sealed, err);
    if (rc != 0)
        assert_true(plain->len == 0 && out->body.data == NULL && out->number == 0);
    return rc;
}

static int opens(struct span sealed)
{
    struct err err;
    struct letter l;
    struct buf plain = buf_of(LETTER_SIZE_MAX);
    const struct letter_context c = context_of();
    int rc = open_as(&c, &tha.party, prekey_secret, sealed, &l, &plain, &err);
    buf_free(&plain);
    return rc;
}

static void every_size_opens_as_it_was(void **state)
{
    (void)state;
    static const size_t classes[] = {2048, 8192, 32768, 131072, 1048576};
    static uint8_t body[LETTER_BODY_MAX];
    struct buf sealed = buf_of(LETTER_SIZE_MAX), plain = buf_of(LETTER_SIZE_MAX);
    const struct letter_context c = context_of();
    randombytes_buf(body, sizeof body);
    for (size_t i = 0; i < 5; i++)
        for (size_t less = 0; less < 2; less++) {
            const size_t len = i == 0 && less == 1 ? 0 : classes[i] - LETTER_OVERHEAD - less;
            const struct letter in = letter_of(body, len);
            struct letter out;
            struct err err;
            seal(&sealed, &in);
            assert_int_equal(sealed.len, classes[i]);
            must(letter_open(&out, &plain, &c, &tha.party, prekey_secret, buf_span(&sealed), &err), &err);
            assert_int_equal(out.body.len, len);
            assert_memory_equal(out.body.data, body, len);
            assert_memory_equal(out.stream, in.stream, 16);
            assert_memory_equal(out.before, in.before, 32);
            assert_memory_equal(out.thread, in.thread, 16);
            assert_true(out.number == 5 && out.kind == LETTER_ASK && out.part == 1 && out.parts == 1);
            assert_true(len + 1 > LETTER_BODY_MAX || less == 1 || letter_size(len + 1) > classes[i]);
        }
    assert_int_equal(letter_size(LETTER_BODY_MAX + 1), 0);
    buf_free(&sealed);
    buf_free(&plain);
}

static void no_changed_bit_opens(void **state)
{
    (void)state;
    struct buf sealed = buf_of(LETTER_SIZE_MAX);
    const struct letter l = letter_of("who is it?", 10);
    seal(&sealed, &l);
    for (size_t bit = 0; bit < 8 * sealed.len; bit += bit < 8 * 200 ? 1 : 61) {
        sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(opens(buf_span(&sealed)), 0);
        sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(opens(buf_span(&sealed)), 0);
    for (size_t len = 0; len < sealed.len; len += 17)
        assert_int_equal(opens(span_of(sealed.data, len)), ERR_INPUT);
    buf_free(&sealed);
}

static void what_is_bound_cannot_be_swapped(void **state)
{
    (void)state;
    struct err err;
    struct letter out;
    struct buf sealed = buf_of(LETTER_SIZE_MAX), plain = buf_of(LETTER_SIZE_MAX);
    const struct letter l = letter_of("who is it?", 10);
    seal(&sealed, &l);
    for (int what = 0; what < 8; what++) {
        struct letter_context c = context_of();
        struct party sender = tha.party;
        uint8_t secret[32];
        memcpy(secret, prekey_secret, 32);
        if (what == 0)
            c.region = span_of("africa", 6);
        if (what == 1)
            c.purpose = span_of("documents", 9);
        if (what == 2)
            c.sender[0] ^= 1;
        if (what == 3)
            c.recipient[0] ^= 1;
        if (what == 4)
            c.prekey++;
        if (what == 5)
            sender = mys.party;
        if (what == 6)
            memcpy(secret, mys.channel_secret, 32);
        if (what == 7)
            memcpy(sender.sign, mys.party.sign, 32); /* of whom the channel key is right and the signature is not */
        assert_int_equal(open_as(&c, &sender, secret, buf_span(&sealed), &out, &plain, &err), ERR_VERIFY);
    }
    assert_int_equal(opens(buf_span(&sealed)), 0);
    buf_free(&sealed);
    buf_free(&plain);
}

/* Names that flow together are told apart by their lengths. */
static void names_do_not_flow_together(void **state)
{
    (void)state;
    struct err err;
    struct letter out;
    struct buf sealed = buf_of(LETTER_SIZE_MAX), plain = buf_of(LETTER_SIZE_MAX);
    const struct letter l = letter_of("x", 1);
    struct letter_context c = context_of();
    seal(&sealed, &l);
    c.region = span_of("asia-pacifi", 11);
    assert_int_equal(open_as(&c, &tha.party, prekey_secret, buf_span(&sealed), &out, &plain, &err), ERR_VERIFY);
    buf_free(&sealed);
    buf_free(&plain);
}

/* --- a thief who has the secret of the recipient's prekey --- */

static void put_prologue(struct buf *out)
{
    struct err err;
    const struct letter_context c = context_of();
    const uint8_t number[8] = {[7] = 7};
    const struct span part[] = {span_of("concord letter v1", 17), c.region,  span_of(c.sender, 32),
                                span_of(c.recipient, 32),         c.purpose, span_of(number, 8)};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        must(buf_put_part(out, part[i], &err), &err);
}

/* The payload of a letter, signature and padding with it. */
static void unseal(struct buf *out, struct span sealed)
{
    struct err err;
    struct noise n;
    struct buf prologue = buf_of(1024);
    put_prologue(&prologue);
    noise_responder(&n, NOISE_X, prologue.data, prologue.len, prekey_secret, NULL);
    uint8_t *to = buf_reserve(out, sealed.len, &err);
    must(noise_read1(&n, to, sealed.data + 9, sealed.len - 9, &err), &err);
    assert_memory_equal(n.remote_s, tha.party.channel, 32);
    out->len = sealed.len - 9 - NOISE_MESSAGE1_OVERHEAD;
    buf_free(&prologue);
}

/*
 * Noise X from anybody: both of its secrets, DH(e, rs) and DH(s, rs), can be had from rs' secret and the public keys.
 * The thief takes the claimed sender's key for e as well, so that one is the other.
 */
static void seal_as_thief(uint8_t *out, struct span payload)
{
    struct err err;
    struct noise n;
    struct buf prologue = buf_of(1024);
    put_prologue(&prologue);
    noise_initiator(&n, NOISE_X, prologue.data, prologue.len, prekey_secret, prekey_key, prekey_secret);
    memcpy(n.e, tha.party.channel, 32);
    memcpy(n.s, tha.party.channel, 32);
    memcpy(n.remote_s, tha.party.channel, 32);
    must(noise_write1(&n, out + 9, payload.data, payload.len, &err), &err);
    buf_free(&prologue);
}

static void the_thief_of_a_prekey_forges_noise_but_no_letter(void **state)
{
    (void)state;
    struct buf sealed = buf_of(LETTER_SIZE_MAX), payload = buf_of(LETTER_SIZE_MAX), again = buf_of(LETTER_SIZE_MAX);
    const struct letter l = letter_of("release everything", 18);
    seal(&sealed, &l);
    unseal(&payload, buf_span(&sealed));
    /* What THA wrote and signed, under another ephemeral: Noise says that it came from THA. */
    seal_as_thief(sealed.data, buf_span(&payload));
    unseal(&again, buf_span(&sealed));
    assert_int_equal(again.len, payload.len);
    assert_memory_equal(again.data, payload.data, payload.len);
    assert_int_equal(opens(buf_span(&sealed)), ERR_VERIFY);
    /* What the thief wrote and could not sign. */
    payload.data[81] ^= 1;
    seal_as_thief(sealed.data, buf_span(&payload));
    unseal(&again, buf_span(&sealed));
    assert_int_equal(opens(buf_span(&sealed)), ERR_VERIFY);
    buf_free(&sealed);
    buf_free(&payload);
    buf_free(&again);
}

/* --- streams, parts --- */

static void sealing_anew_keeps_the_chain(void **state)
{
    (void)state;
    struct buf first = buf_of(LETTER_SIZE_MAX), second = buf_of(LETTER_SIZE_MAX);
    uint8_t a[32], b[32];
    struct letter l = letter_of("who is it?", 10);
    seal(&first, &l);
    letter_digest(a, &l);
    seal(&second, &l);
    assert_memory_not_equal(letter_ephemeral(buf_span(&first)), letter_ephemeral(buf_span(&second)), 32);
    struct letter changed[] = {l, l, l, l, l, l, l};
    changed[0].stream[0]++;
    changed[1].number++;
    changed[2].before[0]++;
    changed[3].kind = LETTER_ANSWER;
    changed[4].thread[0]++;
    changed[5].parts++;
    changed[6].body.len--;
    for (size_t i = 0; i < 7; i++) {
        letter_digest(b, &changed[i]);
        assert_memory_not_equal(a, b, 32);
    }
    uint64_t number;
    struct err err;
    must(letter_prekey(&number, buf_span(&first), &err), &err);
    assert_int_equal(number, 7);
    letter_stream_begins(b, NULL);
    assert_true(sodium_is_zero(b, 32));
    letter_stream_begins(b, a);
    assert_true(memcmp(a, b, 16) == 0 && sodium_is_zero(b + 16, 16));
    buf_free(&first);
    buf_free(&second);
}

static void letters_that_cannot_be_are_not_sealed(void **state)
{
    (void)state;
    static const uint8_t body[LETTER_BODY_MAX + 1];
    struct buf out = buf_of(LETTER_SIZE_MAX);
    struct err err;
    const struct letter_context c = context_of();
    struct letter bad[] = {letter_of("x", 1), letter_of("x", 1), letter_of("x", 1),
                           letter_of("x", 1), letter_of("x", 1), letter_of(body, sizeof body)};
    bad[0].kind = (enum letter_kind)99;
    bad[1].part = 0;
    bad[2].part = 2;
    bad[3].parts = LETTER_PARTS_MAX + 1;
    bad[4].parts = 2; /* not the last, and not full */
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(letter_seal(&out, &c, &bad[i], &tha, prekey_key, &err), ERR_INPUT);
    static const uint8_t low_order[32];
    const struct letter l = letter_of("x", 1);
    assert_int_equal(letter_seal(&out, &c, &l, &tha, low_order, &err), ERR_VERIFY);
    assert_int_equal(out.len, 0);
    buf_free(&out);
}

static void parts_come_together_in_any_order(void **state)
{
    (void)state;
    const size_t len = 2 * LETTER_BODY_MAX + 12345, parts = letter_parts(len);
    static const uint16_t orders[][4] = {{1, 2, 3, 3}, {3, 1, 1, 2}, {2, 3, 2, 1}};
    uint8_t *body = malloc(len);
    randombytes_buf(body, len);
    assert_int_equal(parts, 3);
    for (size_t o = 0; o < 3; o++) {
        struct letter_assembly assembly = {0};
        struct err err;
        bool complete = false;
        for (size_t i = 0; i < 4; i++) {
            struct letter l = letter_of(NULL, 0);
            l.part = orders[o][i];
            l.parts = 3;
            l.number = 10u + l.part;
            l.body = letter_part(span_of(body, len), l.part);
            must(letter_assemble(&assembly, &complete, &l, &err), &err);
            assert_int_equal(complete, i == 3 || (o == 0 && i == 2));
        }
        assert_int_equal(assembly.body.len, len);
        assert_memory_equal(assembly.body.data, body, len);
        letter_assembly_free(&assembly);
    }
    free(body);
}

static void parts_of_others_are_refused(void **state)
{
    (void)state;
    static const uint8_t body[LETTER_BODY_MAX];
    struct letter_assembly assembly = {0};
    struct err err;
    bool complete;
    struct letter l = letter_of(body, sizeof body);
    l.parts = 3;
    must(letter_assemble(&assembly, &complete, &l, &err), &err);
    for (int what = 0; what < 5; what++) {
        struct letter other = l;
        other.part = 2;
        other.number = 6;
        if (what == 0)
            other.number = 7;
        if (what == 1)
            other.stream[0]++;
        if (what == 2)
            other.thread[0]++;
        if (what == 3)
            other.kind = LETTER_ANSWER;
        if (what == 4)
            other.parts = 4;
        assert_int_equal(letter_assemble(&assembly, &complete, &other, &err), ERR_INPUT);
    }
    letter_assembly_free(&assembly);
    assert_int_equal(letter_parts(0), 1);
    assert_int_equal(letter_parts(LETTER_BODY_MAX), 1);
    assert_int_equal(letter_parts(LETTER_BODY_MAX + 1), 2);
    assert_int_equal(letter_parts((size_t)LETTER_PARTS_MAX * LETTER_BODY_MAX), LETTER_PARTS_MAX);
    assert_int_equal(letter_parts((size_t)LETTER_PARTS_MAX * LETTER_BODY_MAX + 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_opens_as_it_was),
        cmocka_unit_test(no_changed_bit_opens),
        cmocka_unit_test(what_is_bound_cannot_be_swapped),
        cmocka_unit_test(names_do_not_flow_together),
        cmocka_unit_test(the_thief_of_a_prekey_forges_noise_but_no_letter),
        cmocka_unit_test(sealing_anew_keeps_the_chain),
        cmocka_unit_test(letters_that_cannot_be_are_not_sealed),
        cmocka_unit_test(parts_come_together_in_any_order),
        cmocka_unit_test(parts_of_others_are_refused),
    };
    const uint8_t seed[2][32] = {{1}, {2}};
    if (sodium_init() < 0 || identity_from_seed(&tha, "THA", seed[0], ERR_IGNORED) != 0 ||
        identity_from_seed(&mys, "MYS", seed[1], ERR_IGNORED) != 0)
        return 1;
    prekey_generate(prekey_secret, prekey_key);
    return cmocka_run_group_tests_name("letter_letter", tests, NULL, NULL);
}
