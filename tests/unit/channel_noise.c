/* The handshake against the published vectors, and what a wrong key or a changed byte does to it. */
#include "protocol/base/bytes.h"
#include "protocol/channel/noise.h"
#include "protocol/channel/session.h"

#include <jansson.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MESSAGE_MAX 1024

static size_t hex(uint8_t *out, size_t max, json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    assert_non_null(text);
    size_t len = strlen(text) / 2;
    assert_true(len <= max && bytes_from_hex(out, len, text));
    return len;
}

static void transport(const uint8_t key[32], uint64_t counter, json_t *message)
{
    uint8_t plain[MESSAGE_MAX], expected[MESSAGE_MAX], got[MESSAGE_MAX], nonce[12] = {0};
    size_t len = hex(plain, sizeof plain, message, "payload");
    size_t expected_len = hex(expected, sizeof expected, message, "ciphertext");
    bytes_put_u64le(nonce + 4, counter);
    crypto_aead_chacha20poly1305_ietf_encrypt(got, NULL, plain, len, NULL, 0, NULL, nonce, key);
    assert_int_equal(expected_len, len + 16);
    assert_memory_equal(got, expected, expected_len);
}

static void run_ikpsk2(json_t *v)
{
    struct err err;
    struct noise i, r;
    uint8_t prologue[256], is[32], ie[32], rs[32], re[32], remote[32], psk[32], expected_hash[64];
    uint8_t plain[MESSAGE_MAX], cipher[MESSAGE_MAX], got[MESSAGE_MAX], opened[MESSAGE_MAX], hash_i[64], hash_r[64];
    uint8_t to_r[32], to_i[32], to_r2[32], to_i2[32];
    size_t prologue_len = hex(prologue, sizeof prologue, v, "init_prologue");
    hex(is, 32, v, "init_static");
    hex(ie, 32, v, "init_ephemeral");
    hex(rs, 32, v, "resp_static");
    hex(re, 32, v, "resp_ephemeral");
    hex(remote, 32, v, "init_remote_static");
    json_t *psks = json_object_get(v, "init_psks"), *messages = json_object_get(v, "messages");
    assert_true(bytes_from_hex(psk, 32, json_string_value(json_array_get(psks, 0))));

    noise_initiator(&i, NOISE_IKPSK2, prologue, prologue_len, is, remote, ie);
    noise_responder(&r, NOISE_IKPSK2, prologue, prologue_len, rs, re);
    size_t len = hex(plain, sizeof plain, json_array_get(messages, 0), "payload");
    size_t clen = hex(cipher, sizeof cipher, json_array_get(messages, 0), "ciphertext");
    assert_int_equal(noise_write1(&i, got, plain, len, &err), 0);
    assert_int_equal(clen, len + NOISE_MESSAGE1_OVERHEAD);
    assert_memory_equal(got, cipher, clen);
    assert_int_equal(noise_read1(&r, opened, got, clen, &err), 0);
    assert_memory_equal(opened, plain, len);
    assert_memory_equal(r.remote_s, i.s, 32);

    len = hex(plain, sizeof plain, json_array_get(messages, 1), "payload");
    clen = hex(cipher, sizeof cipher, json_array_get(messages, 1), "ciphertext");
    assert_int_equal(noise_write2(&r, got, psk, plain, len, &err), 0);
    assert_memory_equal(got, cipher, clen);
    assert_int_equal(noise_read2(&i, opened, psk, got, clen, &err), 0);
    noise_split(&i, to_r, to_i, hash_i);
    noise_split(&r, to_r2, to_i2, hash_r);
    assert_memory_equal(to_r, to_r2, 32);
    assert_memory_equal(to_i, to_i2, 32);
    if (json_object_get(v, "handshake_hash") != NULL) {
        hex(expected_hash, 64, v, "handshake_hash");
        assert_memory_equal(hash_i, expected_hash, 64);
        assert_memory_equal(hash_r, expected_hash, 64);
    }
    for (size_t m = 2; m < json_array_size(messages); m++)
        transport(m % 2 == 0 ? to_r : to_i, (m - 2) / 2, json_array_get(messages, m));
}

/* One message of the handshake; what follows goes one way under the first key. */
static void run_x(json_t *v)
{
    struct err err;
    struct noise i, r;
    uint8_t prologue[256], is[32], ie[32], rs[32], remote[32], expected_hash[64], hash_i[64], hash_r[64];
    uint8_t plain[MESSAGE_MAX], cipher[MESSAGE_MAX], got[MESSAGE_MAX], opened[MESSAGE_MAX], to_r[32], to_r2[32],
        none[32];
    size_t prologue_len = hex(prologue, sizeof prologue, v, "init_prologue");
    json_t *messages = json_object_get(v, "messages");
    hex(is, 32, v, "init_static");
    hex(ie, 32, v, "init_ephemeral");
    hex(rs, 32, v, "resp_static");
    hex(remote, 32, v, "init_remote_static");

    noise_initiator(&i, NOISE_X, prologue, prologue_len, is, remote, ie);
    noise_responder(&r, NOISE_X, prologue, prologue_len, rs, NULL);
    size_t len = hex(plain, sizeof plain, json_array_get(messages, 0), "payload");
    size_t clen = hex(cipher, sizeof cipher, json_array_get(messages, 0), "ciphertext");
    assert_int_equal(noise_write1(&i, got, plain, len, &err), 0);
    assert_int_equal(clen, len + NOISE_MESSAGE1_OVERHEAD);
    assert_memory_equal(got, cipher, clen);
    assert_int_equal(noise_read1(&r, opened, got, clen, &err), 0);
    assert_memory_equal(opened, plain, len);
    assert_memory_equal(r.remote_s, i.s, 32);
    noise_split(&i, to_r, none, hash_i);
    noise_split(&r, to_r2, none, hash_r);
    assert_memory_equal(to_r, to_r2, 32);
    if (json_object_get(v, "handshake_hash") != NULL) {
        hex(expected_hash, 64, v, "handshake_hash");
        assert_memory_equal(hash_i, expected_hash, 64);
        assert_memory_equal(hash_r, expected_hash, 64);
    }
    for (size_t m = 1; m < json_array_size(messages); m++)
        transport(to_r, m - 1, json_array_get(messages, m));
}

static void run_vectors(const char *path, const char *name, void (*run)(json_t *))
{
    json_error_t fault;
    json_t *file = json_load_file(path, 0, &fault), *list = json_object_get(file, "vectors");
    size_t ran = 0;
    assert_non_null(list);
    for (size_t n = 0; n < json_array_size(list); n++) {
        json_t *v = json_array_get(list, n);
        if (strcmp(json_string_value(json_object_get(v, "protocol_name")), name) != 0)
            continue;
        run(v);
        ran++;
    }
    json_decref(file);
    assert_true(ran > 0);
}

static void published_vectors(void **state)
{
    (void)state;
    run_vectors("tests/vectors/noise.json", "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2b", run_ikpsk2);
}

static void published_vectors_of_the_one_way_pattern(void **state)
{
    (void)state;
    run_vectors("tests/vectors/noise-oneway.json", "Noise_X_25519_ChaChaPoly_BLAKE2b", run_x);
}

static void wrong_keys_and_changed_bytes_fail(void **state)
{
    (void)state;
    struct err err;
    uint8_t secret[32], server[32], server_public[32], psk[32] = {1}, other[32] = {2}, m1[128], m2[128], none[32];
    randombytes_buf(secret, 32);
    randombytes_buf(server, 32);
    crypto_scalarmult_base(server_public, server);
    for (size_t byte = 0; byte < NOISE_MESSAGE1_OVERHEAD; byte++) {
        struct noise i, r;
        noise_initiator(&i, NOISE_IKPSK2, "p", 1, secret, server_public, NULL);
        noise_responder(&r, NOISE_IKPSK2, "p", 1, server, NULL);
        assert_int_equal(noise_write1(&i, m1, NULL, 0, &err), 0);
        m1[byte] ^= 1;
        assert_int_equal(noise_read1(&r, none, m1, NOISE_MESSAGE1_OVERHEAD, &err), ERR_VERIFY);
        assert_true(sodium_is_zero((uint8_t *)&r, sizeof r));
    }
    struct noise i, r;
    noise_initiator(&i, NOISE_IKPSK2, "p", 1, secret, server_public, NULL);
    noise_responder(&r, NOISE_IKPSK2, "p", 1, server, NULL);
    assert_int_equal(noise_write1(&i, m1, NULL, 0, &err), 0);
    assert_int_equal(noise_read1(&r, none, m1, NOISE_MESSAGE1_OVERHEAD, &err), 0);
    assert_int_equal(noise_write2(&r, m2, psk, NULL, 0, &err), 0);
    assert_int_equal(noise_read2(&i, none, other, m2, NOISE_MESSAGE2_OVERHEAD, &err), ERR_VERIFY);
}

static void replay_window_boundaries(void **state)
{
    (void)state;
    static const struct {
        uint64_t counter;
        enum window_verdict expected;
    } steps[] = {
        {0, WINDOW_NEW},
        {0, WINDOW_SEEN},
        {1, WINDOW_NEW},
        {63, WINDOW_NEW},
        {64, WINDOW_NEW},
        {63, WINDOW_SEEN},
        {WINDOW_SIZE - 1, WINDOW_NEW},
        {0, WINDOW_SEEN},
        {2, WINDOW_NEW},
        {WINDOW_SIZE, WINDOW_NEW},
        {0, WINDOW_OLD},
        {1, WINDOW_SEEN},
        {3, WINDOW_NEW},
        {10 * WINDOW_SIZE, WINDOW_NEW},
        {9 * WINDOW_SIZE, WINDOW_OLD},
        {9 * WINDOW_SIZE + 1, WINDOW_NEW},
        {9 * WINDOW_SIZE + 1, WINDOW_SEEN},
        {10 * WINDOW_SIZE - 1, WINDOW_NEW},
        {UINT64_MAX, WINDOW_NEW},
        {UINT64_MAX, WINDOW_SEEN},
        {UINT64_MAX - WINDOW_SIZE + 1, WINDOW_NEW},
        {UINT64_MAX - WINDOW_SIZE, WINDOW_OLD},
        {0, WINDOW_OLD},
    };
    struct window w = {0};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        enum window_verdict got = window_check(&w, steps[i].counter);
        if (got != steps[i].expected)
            fail_msg("step %zu: expected %d, got %d", i, steps[i].expected, got);
        if (got == WINDOW_NEW)
            window_update(&w, steps[i].counter);
    }
}

/* Against a plain list of what was seen. */
static void replay_window_agrees_with_a_list(void **state)
{
    (void)state;
    static bool seen[20000];
    struct window w = {0};
    uint64_t last = 0;
    for (int i = 0; i < 100000; i++) {
        uint64_t base = last > 1500 ? last - 1500 : 0;
        uint64_t c = base + randombytes_uniform(1700);
        if (c >= 20000)
            break;
        enum window_verdict expected = last >= c && last - c >= WINDOW_SIZE ? WINDOW_OLD
                                       : seen[c]                            ? WINDOW_SEEN
                                                                            : WINDOW_NEW;
        assert_int_equal(window_check(&w, c), expected);
        if (expected == WINDOW_NEW) {
            window_update(&w, c);
            seen[c] = true;
            last = c > last ? c : last;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(published_vectors_of_the_one_way_pattern),
        cmocka_unit_test(wrong_keys_and_changed_bytes_fail),
        cmocka_unit_test(replay_window_boundaries),
        cmocka_unit_test(replay_window_agrees_with_a_list),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests_name("channel_noise", tests, NULL, NULL);
}
