/* SHA-512, its expansion and keyed BLAKE2b against libsodium's, on every engine that the processor offers. */
#include "tests/unit/group_test.h"

#include "protocol/group/blake2b.h"
#include "protocol/group/group.h"
#include "protocol/group/hash.h"

#include <sodium.h>
#include <sys/wait.h>
#include <unistd.h>

#define LENGTH_MAX 300
#define BATCH 67 /* whole lanes and a rest */

static const char *const engines[] = {"portable", "avx2", "ifma"};

/* The engine is chosen once in a process: each has one of its own. */
static void on_every_engine(void (*check)(void))
{
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        struct err err;
        int status;
        fflush(NULL);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            setenv("CONCORD_GROUP", engines[i], 1);
            bool offered = group_init(&err) == 0;
            if (offered)
                check();
            else
                printf("# note: not tried: %s\n", err.text);
            fflush(NULL);
            _exit(!offered || strcmp(group_engine(), engines[i]) == 0 ? 0 : 3);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        if (status != 0)
            fail_msg("the engine %s gives another hash, or is not the one that was asked for", engines[i]);
    }
}

static void die(const char *what, size_t len)
{
    printf("# %s: %s, %zu bytes\n", group_engine(), what, len);
    fflush(NULL);
    _exit(1);
}

static void hex_equals(const uint8_t *hash, const char *hex)
{
    char text[2 * HASH_SIZE + 1];
    if (strcmp(bytes_to_hex(text, hash, HASH_SIZE), hex) != 0)
        die(text, 0);
}

/* FIPS 180-4's examples, each in several lanes. */
static void check_fips(void)
{
    static const char *const text[3] = {
        "", "abc",
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"};
    static const char *const hex[3] = {
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"};
    struct hash_message m[9] = {0};
    uint8_t out[9][HASH_SIZE];
    for (size_t i = 0; i < 9; i++)
        m[i].part[0] = span_of(text[i % 3], strlen(text[i % 3]));
    hash_sha512(out, m, 9);
    for (size_t i = 0; i < 9; i++)
        hex_equals(out[i], hex[i % 3]);
}

/* RFC 9380 section 5.3.1, written down plainly. */
static void expand_by_libsodium(uint8_t out[64], struct span message, struct span dst)
{
    static const uint8_t zeroes[128], length[3] = {0, 64, 0};
    const uint8_t one = 1, dst_len = (uint8_t)dst.len;
    crypto_hash_sha512_state s;
    crypto_hash_sha512_init(&s);
    crypto_hash_sha512_update(&s, zeroes, sizeof zeroes);
    crypto_hash_sha512_update(&s, message.data, message.len);
    crypto_hash_sha512_update(&s, length, sizeof length);
    crypto_hash_sha512_update(&s, dst.data, dst.len);
    crypto_hash_sha512_update(&s, &dst_len, 1);
    crypto_hash_sha512_final(&s, out);
    crypto_hash_sha512_init(&s);
    crypto_hash_sha512_update(&s, out, 64);
    crypto_hash_sha512_update(&s, &one, 1);
    crypto_hash_sha512_update(&s, dst.data, dst.len);
    crypto_hash_sha512_update(&s, &dst_len, 1);
    crypto_hash_sha512_final(&s, out);
}

/* Splits a message into the parts at hand, some of them empty. */
static struct hash_message in_parts(const uint8_t *data, size_t len)
{
    struct hash_message m = {0};
    size_t cut[HASH_PARTS_MAX + 1] = {0, len / 7, len / 7, len / 2, len};
    for (int p = 0; p < HASH_PARTS_MAX; p++)
        m.part[p] = span_of(data + cut[p], cut[p + 1] - cut[p]);
    return m;
}

static void check_batch(const struct span *message, size_t n, struct span dst)
{
    static struct hash_message m[BATCH];
    static uint8_t got[BATCH][HASH_SIZE];
    uint8_t want[HASH_SIZE];
    for (size_t i = 0; i < n; i++)
        m[i] = in_parts(message[i].data, message[i].len);
    hash_sha512(got, m, n);
    for (size_t i = 0; i < n; i++) {
        crypto_hash_sha512(want, message[i].data, message[i].len);
        if (memcmp(got[i], want, HASH_SIZE) != 0)
            die("SHA-512 differs", message[i].len);
    }
    hash_expand(got, m, n, dst);
    for (size_t i = 0; i < n; i++) {
        expand_by_libsodium(want, message[i], dst);
        if (memcmp(got[i], want, HASH_SIZE) != 0)
            die("the expansion differs", message[i].len);
    }
}

static void check_lengths(void)
{
    static uint8_t data[BATCH][LENGTH_MAX];
    struct span message[BATCH];
    randombytes_buf(data, sizeof data);
    for (size_t len = 0; len <= LENGTH_MAX; len++) {
        size_t n = 1 + len % 19;
        for (size_t i = 0; i < n; i++)
            message[i] = span_of(data[i], len);
        check_batch(message, n, span_of(data[0], len % (HASH_DST_MAX + 1)));
    }
}

/* Every mixture of lengths, those among them that no lane takes. */
static void check_mixed(void)
{
    static uint8_t data[BATCH][1000];
    struct span message[BATCH];
    randombytes_buf(data, sizeof data);
    for (int round = 0; round < 300; round++) {
        size_t n = 1 + randombytes_uniform(BATCH);
        for (size_t i = 0; i < n; i++)
            message[i] = span_of(data[i], randombytes_uniform(round % 2 == 0 ? 150 : 1001));
        check_batch(message, n, span_of(data[0], randombytes_uniform(HASH_DST_MAX + 1)));
    }
}

/* Texts, keys and outputs of every length; some outputs over their own keys. */
static void check_keyed(void)
{
    uint8_t text[BLAKE2B_BLOCK], key[BATCH][64], got[BATCH][64], want[64];
    const uint8_t *from[BATCH];
    uint8_t *to[BATCH];
    for (size_t round = 0; round < 400; round++) {
        const size_t n = 1 + round % BATCH, key_len = 16 + 8 * (round % 7), out_len = 16 + round % 49;
        const size_t len = 1 + round % BLAKE2B_BLOCK;
        randombytes_buf(text, sizeof text);
        randombytes_buf(key, sizeof key);
        memcpy(got, key, sizeof got);
        for (size_t i = 0; i < n; i++) {
            to[i] = got[i];
            from[i] = i % 2 == 0 ? key[i] : got[i];
        }
        blake2b_keyed(to, out_len, span_of(text, len), from, key_len, n);
        for (size_t i = 0; i < n; i++) {
            crypto_generichash(want, out_len, text, len, key[i], key_len);
            if (memcmp(got[i], want, out_len) != 0)
                die("the keyed hash differs", len);
        }
    }
}

static void test_fips(void **state)
{
    (void)state;
    on_every_engine(check_fips);
}

static void test_lengths(void **state)
{
    (void)state;
    on_every_engine(check_lengths);
}

static void test_mixed(void **state)
{
    (void)state;
    on_every_engine(check_mixed);
}

static void test_keyed(void **state)
{
    (void)state;
    on_every_engine(check_keyed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fips),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_mixed),
        cmocka_unit_test(test_keyed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
