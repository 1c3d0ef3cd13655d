/* Identities and pre-shared keys as files; signature files that minisign itself reads, and the other way about. */
#include "tests/unit/region_test.h"
#include "protocol/identity/identity.h"
#include "protocol/identity/passphrase.h"
#include "protocol/identity/psk.h"

#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/concord-party-XXXXXX";

static const char *in(const char *name)
{
    static char path[4][128];
    static unsigned next;
    char *out = path[next++ % 4];
    snprintf(out, 128, "%s/%s", dir, name);
    return out;
}

static void expect_error(int rc, int code, const struct err *err, const char *text)
{
    if (rc != code || strstr(err->text, text) == NULL)
        fail_msg("got %d '%s', expected %d '%s'", rc, err->text, code, text);
}

static void names(void **state)
{
    (void)state;
    static const char *const good[] = {"THA",   "a", "custodian-1",
                                       "x.y_z", "0", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    static const char *const bad[] = {
        "",    ".",   "..",  "-x",       ".hidden",
        "a/b", "a b", "a\n", "\xc3\xa9", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        MUST(party_name_check(good[i], why));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(party_name_check(bad[i], ERR_IGNORED), ERR_INPUT);
}

static void roles_have_keys_of_their_own(void **state)
{
    (void)state;
    const uint8_t seed[32] = {1}, other[32] = {2};
    struct identity a, b, c;
    MUST(identity_from_seed(&a, "THA", seed, why));
    MUST(identity_from_seed(&b, "THA", seed, why));
    MUST(identity_from_seed(&c, "THA", other, why));
    assert_memory_equal(&a, &b, sizeof a);
    const uint8_t *keys[] = {a.party.channel,  a.party.sign,     a.party.log,     a.party.witness,
                             a.channel_secret, a.storage_secret, c.party.channel, c.party.sign};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(keys[i], keys[j], 32);
}

static void a_file_in_the_clear(void **state)
{
    (void)state;
    struct identity identity;
    struct party party;
    struct err err = {.text = ""};
    struct stat st;
    const char *path = in("clear.key");
    MUST(identity_create(path, "THA", NULL, why));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    MUST(identity_load(&identity, path, NULL, why));
    assert_string_equal(identity.party.name, "THA");
    MUST(party_load(&party, in("clear.key.pub"), why));
    assert_memory_equal(&party, &identity.party, sizeof party);
    expect_error(identity_create(path, "THA", NULL, &err), ERR_CONFLICT, &err, "is not overwritten");
    assert_int_equal(chmod(path, 0640), 0);
    expect_error(identity_load(&identity, path, NULL, &err), ERR_DENIED, &err, "chmod 600");
    expect_error(identity_load(&identity, in("nowhere"), NULL, &err), ERR_NOT_FOUND, &err, "No such file");
    expect_error(identity_load(&identity, dir, NULL, &err), ERR_INPUT, &err, "is a directory");
}

static void a_file_under_a_passphrase(void **state)
{
    (void)state;
    struct identity identity;
    struct party party;
    struct err err = {.text = ""};
    struct buf text = buf_of(4096);
    const char *path = in("sealed.key");
    MUST(identity_create(path, "THA", "correct horse", why));
    MUST(identity_load(&identity, path, "correct horse", why));
    MUST(party_load(&party, in("sealed.key.pub"), why));
    assert_memory_equal(&party, &identity.party, sizeof party);
    expect_error(identity_load(&identity, path, "battery staple", &err), ERR_VERIFY, &err, "wrong passphrase");
    /* The name is bound to the seed. */
    MUST(file_read(&text, path, why));
    memcpy(strstr((char *)text.data, "THA"), "IDN", 3);
    MUST(file_write(path, text.data, text.len, 0600, why));
    expect_error(identity_load(&identity, path, "correct horse", &err), ERR_VERIFY, &err,
                 "wrong passphrase, or the file is damaged");
    buf_free(&text);
}

static void half_an_identity_is_not_left_behind(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    assert_int_equal(mkdir(in("half.key.pub"), 0700), 0);
    assert_int_not_equal(identity_create(in("half.key"), "THA", NULL, &err), 0);
    assert_int_not_equal(access(in("half.key"), F_OK), 0);
}

static void damaged_identities_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"", "is no identity file"},
        {"concord-identity-v3 THA\nseed 00\n", "is no identity file"},
        {"concord-identity-v2 THA\nseed 00\n", "is damaged"},
        {"concord-identity-v2 THA\nsealed 00 11 22\n", "is damaged"},
        {"concord-identity-v2 ../x\nseed 0000000000000000000000000000000000000000000000000000000000000000\n",
         "no usable name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct identity identity;
        struct err err = {.text = ""};
        MUST(file_write(in("bad.key"), cases[i].text, strlen(cases[i].text), 0600, why));
        expect_error(identity_load(&identity, in("bad.key"), "", &err), ERR_INPUT, &err, cases[i].said);
    }
}

static void pre_shared_keys(void **state)
{
    (void)state;
    static const char hex[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
    uint8_t key[32];
    bool found;
    const struct party matcher = {.name = "matcher", .channel = {1}};
    struct party other = matcher;
    struct err err = {.text = ""};
    MUST(psk_load(key, &found, "", &matcher, why));
    assert_false(found);
    MUST(psk_load(key, &found, dir, &matcher, why));
    assert_false(found);
    assert_true(sodium_is_zero(key, 32));
    MUST(file_write(in("matcher.psk"), hex, strlen(hex), 0600, why));
    MUST(psk_load(key, &found, dir, &matcher, why));
    assert_true(found);
    assert_int_equal(key[31], 0x1f);
    assert_int_equal(chmod(in("matcher.psk"), 0644), 0);
    expect_error(psk_load(key, &found, dir, &matcher, &err), ERR_DENIED, &err, "chmod 600");
    MUST(file_write(in("matcher.psk"), hex, 63, 0600, why));
    expect_error(psk_load(key, &found, dir, &matcher, &err), ERR_INPUT, &err, "is not 64 hexadecimal digits");
    /* One root in place of a file for each; a party's own file counts first, and other keys are another party. */
    uint8_t root[32] = {0}, derived[32];
    for (int i = 0; i < 32; i++)
        root[i] = (uint8_t)i;
    MUST(file_write(in(PSK_ROOT), hex, strlen(hex), 0600, why));
    expect_error(psk_load(key, &found, dir, &matcher, &err), ERR_INPUT, &err, "is not 64 hexadecimal digits");
    assert_int_equal(unlink(in("matcher.psk")), 0);
    MUST(psk_load(key, &found, dir, &matcher, why));
    assert_true(found);
    psk_derive(derived, root, &matcher);
    assert_memory_equal(key, derived, 32);
    other.channel[0] = 2;
    MUST(psk_load(key, &found, dir, &other, why));
    assert_memory_not_equal(key, derived, 32);
    /* A key that is there but cannot be reached must not be taken for none. */
    MUST(file_write(in("loop"), "", 0, 0600, why));
    assert_int_equal(unlink(in("loop")), 0);
    assert_int_equal(symlink(in("loop"), in("loop")), 0);
    expect_error(psk_load(key, &found, in("loop"), &matcher, &err), ERR_IO, &err, "cannot open");
}

/* --- minisign --- */

static struct identity signer;
static const char text[] = "{\n  \"a manifest\": true\n}\n";

static int system_ok(const char *format, const char *a, const char *b, const char *c)
{
    char command[512];
    snprintf(command, sizeof command, format, a, b, c);
    return system(command);
}

static bool have_minisign(void)
{
    if (system("command -v minisign >/dev/null") == 0)
        return true;
    printf("# note: minisign is not installed: its agreement with ours was not tried\n");
    return false;
}

static void minisign_reads_ours(void **state)
{
    (void)state;
    struct buf out = buf_of(4096);
    if (!have_minisign())
        return;
    MUST(minisign_sign(&out, text, strlen(text), signer.sign_secret, "region test, version 1", why));
    MUST(file_write(in("m"), text, strlen(text), 0644, why));
    MUST(file_write(in("m.minisig"), out.data, out.len, 0644, why));
    buf_clear(&out);
    MUST(minisign_public_key(&out, signer.party.sign, "coordinator", why));
    MUST(file_write(in("m.pub"), out.data, out.len, 0644, why));
    assert_int_equal(system_ok("minisign -V -p %s -m %s | grep -q '%s'", in("m.pub"), in("m"),
                               "Trusted comment: region test, version 1"),
                     0);
    MUST(file_write(in("m"), text, strlen(text) - 1, 0644, why));
    assert_int_not_equal(system_ok("minisign -V -p %s -m %s >%s 2>&1", in("m.pub"), in("m"), "/dev/null"), 0);
    buf_free(&out);
}

static void ours_reads_minisign(void **state)
{
    (void)state;
    struct buf signature = buf_of(4096), key = buf_of(4096);
    struct err err = {.text = ""};
    uint8_t blob[42];
    size_t len;
    if (!have_minisign())
        return;
    MUST(file_write(in("f"), text, strlen(text), 0644, why));
    assert_int_equal(
        system_ok("cd %s && minisign -G -W -p g.pub -s g.sec >/dev/null && minisign -S -s g.sec -m f -t %s >%s", dir,
                  "hello", "/dev/null"),
        0);
    MUST(file_read(&signature, in("f.minisig"), why));
    MUST(file_read(&key, in("g.pub"), why));
    MUST(buf_put(&key, "", 1, why));
    const char *line = strchr((const char *)key.data, '\n') + 1;
    assert_true(bytes_from_base64(blob, sizeof blob, &len, span_of(line, strcspn(line, "\n"))));
    assert_int_equal(len, sizeof blob);
    /* minisign chooses its key ids at random, ours follow from the key: an honest difference, and told as such. */
    expect_error(minisign_verify(text, strlen(text), (const char *)signature.data, signature.len, blob + 10, &err),
                 ERR_VERIFY, &err, "another key");
    buf_free(&signature);
    buf_free(&key);
}

static void every_byte_of_a_signature_file_counts(void **state)
{
    (void)state;
    struct buf out = buf_of(4096);
    MUST(minisign_sign(&out, text, strlen(text), signer.sign_secret, "comment", why));
    MUST(minisign_verify(text, strlen(text), (const char *)out.data, out.len, signer.party.sign, why));
    size_t first = (size_t)((uint8_t *)memchr(out.data, '\n', out.len) - out.data);
    for (size_t i = first + 1; i + 1 < out.len; i++) {
        uint8_t kept = out.data[i];
        out.data[i] = kept == 'A' ? 'B' : 'A';
        if (minisign_verify(text, strlen(text), (const char *)out.data, out.len, signer.party.sign, ERR_IGNORED) == 0)
            fail_msg("byte %zu of the signature file does not matter", i);
        out.data[i] = kept;
    }
    for (size_t len = 0; len + 1 < out.len; len++)
        assert_int_not_equal(
            minisign_verify(text, strlen(text), (const char *)out.data, len, signer.party.sign, ERR_IGNORED), 0);
    for (size_t len = 0; len < strlen(text); len++)
        assert_int_equal(minisign_verify(text, len, (const char *)out.data, out.len, signer.party.sign, ERR_IGNORED),
                         ERR_VERIFY);
    assert_int_equal(minisign_sign(&out, text, strlen(text), signer.sign_secret, "two\nlines", ERR_IGNORED), ERR_INPUT);
    buf_free(&out);
}

/* Kept in disguise, so that the only copies in memory are those that are looked for. */
static const char disguised[] = "dpssfdu!ipstf!cbuufsz!tubqmf";

__attribute__((no_sanitize_address, no_sanitize_thread)) static bool stands_at(const char *at, size_t first)
{
    for (size_t i = first; i < sizeof disguised - 1; i++)
        if (at[i] != disguised[i] - 1)
            return false;
    return true;
}

#define FREED 16                /* bytes that free() overwrites with what it notes there */
#define MAPPING_MAX (64u << 20) /* more is a sanitizer's */

/* Whether the passphrase stands anywhere in what this process can write. Allocates nothing, which would overwrite
 * it. */
static bool is_in_memory(void)
{
    static char maps[1 << 16];
    char access[8];
    unsigned long from, to;
    size_t len = 0;
    int fd = open("/proc/self/maps", O_RDONLY);
    for (ssize_t got; (got = read(fd, maps + len, sizeof maps - 1 - len)) > 0;)
        len += (size_t)got;
    close(fd);
    for (const char *line = maps; line != NULL && line[0] != '\0'; line = strchr(line, '\n')) {
        line += line[0] == '\n';
        if (sscanf(line, "%lx-%lx %7s", &from, &to, access) != 3 || strncmp(access, "rw", 2) != 0 ||
            to - from > MAPPING_MAX)
            continue;
        for (unsigned long at = from; at + sizeof disguised <= to; at++)
            if (stands_at((const char *)at, FREED))
                return true;
    }
    return len == 0;
}

/* The child's exit status: 0 it got the passphrase and nothing of it is left, 1 it did not get it, 2 a copy is left. */
static int ask_and_look(void)
{
    char passphrase[PASSPHRASE_MAX];
    struct err err;
    unsetenv("CONCORD_PASSPHRASE_FILE");
    bool got = passphrase_read(passphrase, "some.key", &err) == 0 && stands_at(passphrase, 0) &&
               strlen(passphrase) == sizeof disguised - 1;
    sodium_memzero(passphrase, sizeof passphrase);
    return !got ? 1 : is_in_memory() ? 2 : 0;
}

static void a_passphrase_leaves_no_copy(void **state)
{
    (void)state;
    int terminal, status;
    char shown[256] = "", typed[sizeof disguised];
    pid_t child = forkpty(&terminal, NULL, NULL, NULL);
    assert_true(child >= 0);
    if (child == 0)
        _exit(ask_and_look());
    for (size_t len = 0; strstr(shown, "some.key: ") == NULL && len < sizeof shown - 1;) {
        ssize_t got = read(terminal, shown + len, sizeof shown - 1 - len);
        assert_true(got > 0);
        len += (size_t)got;
    }
    for (size_t i = 0; i < sizeof disguised - 1; i++)
        typed[i] = (char)(disguised[i] - 1);
    typed[sizeof disguised - 1] = '\n';
    assert_int_equal(write(terminal, typed, sizeof typed), sizeof typed);
    assert_int_equal(waitpid(child, &status, 0), child);
    close(terminal);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* Every key counts, the name does not: BLAKE2b-256("concord identity v2" || channel || sign || log || witness). */
static void a_digest_is_of_all_keys(void **state)
{
    (void)state;
    struct party party = {.name = "THA"}, other;
    uint8_t digest[PARTY_DIGEST_SIZE], changed[PARTY_DIGEST_SIZE], bytes[19 + 128];
    memset(party.channel, 1, 32);
    memset(party.sign, 2, 32);
    memset(party.log, 3, 32);
    memset(party.witness, 4, 32);
    memcpy(bytes, "concord identity v2", 19);
    for (size_t i = 0; i < 4; i++)
        memset(bytes + 19 + 32 * i, (int)i + 1, 32);
    crypto_generichash(changed, sizeof changed, bytes, sizeof bytes, NULL, 0);
    party_digest(digest, &party);
    assert_memory_equal(digest, changed, sizeof digest);
    for (size_t i = 0; i < 4; i++) {
        other = party;
        *(uint8_t *[]){other.channel, other.sign, other.log, other.witness}[i] ^= 1;
        party_digest(changed, &other);
        assert_memory_not_equal(digest, changed, sizeof digest);
    }
    other = party;
    strcpy(other.name, "IDN");
    party_digest(changed, &other);
    assert_memory_equal(digest, changed, sizeof digest);
}

int main(void)
{
    const uint8_t seed[32] = {42};
    char command[64];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_digest_is_of_all_keys),
        cmocka_unit_test(names),
        cmocka_unit_test(roles_have_keys_of_their_own),
        cmocka_unit_test(a_file_in_the_clear),
        cmocka_unit_test(a_file_under_a_passphrase),
        cmocka_unit_test(a_passphrase_leaves_no_copy),
        cmocka_unit_test(half_an_identity_is_not_left_behind),
        cmocka_unit_test(damaged_identities_are_told),
        cmocka_unit_test(pre_shared_keys),
        cmocka_unit_test(minisign_reads_ours),
        cmocka_unit_test(ours_reads_minisign),
        cmocka_unit_test(every_byte_of_a_signature_file_counts),
    };
    if (sodium_init() < 0 || mkdtemp(dir) == NULL || identity_from_seed(&signer, "coordinator", seed, ERR_IGNORED) != 0)
        return 1;
    int failed = cmocka_run_group_tests_name("identity_party", tests, NULL, NULL);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command) != 0 ? 1 : failed;
}
