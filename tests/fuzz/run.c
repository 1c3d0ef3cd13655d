/*
 * A run of the vault, sealed as its own program would seal it, so that what stands behind the seal is reached: u8 kind,
 * u8 blocks, u8 entries, u16be length of what is sealed as the first block, that, and what is sealed as the index.
 */
#include "client/vault/run.h"
#include "tests/fuzz/fuzz.h"

#include <sodium.h>
#include <string.h>

#define SEAL crypto_aead_chacha20poly1305_ietf_ABYTES
#define NONCE crypto_aead_chacha20poly1305_ietf_NPUBBYTES

static char dir[64], path[PATH_LIMIT];
static const uint8_t key[32] = {1}, name[RUN_NAME_SIZE] = {2};

static void remove_run(void)
{
    unlink(path);
    rmdir(dir);
}

static void prepare(void)
{
    if (dir[0] != '\0')
        return;
    snprintf(dir, sizeof dir, "%s/concord-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    FUZZ_HOLDS(mkdtemp(dir) != NULL && run_path(path, dir, name, ERR_IGNORED) == 0 && atexit(remove_run) == 0);
}

static void seal(FILE *file, const uint8_t of[32], uint8_t nonce_byte, struct span plain)
{
    static uint8_t sealed[1u << 17];
    uint8_t nonce[NONCE];
    memset(nonce, nonce_byte, sizeof nonce);
    crypto_aead_chacha20poly1305_ietf_encrypt(sealed, NULL, plain.data, plain.len, NULL, 0, NULL, nonce, of);
    FUZZ_HOLDS(fwrite(sealed, 1, plain.len + SEAL, file) == plain.len + SEAL);
}

/* As run.h says. */
static void write_run(const struct run_kind *kind, struct span block, struct span index)
{
    uint8_t of[RUN_NAME_SIZE + 12], own[32];
    memcpy(of, name, RUN_NAME_SIZE);
    bytes_put_u32be(of + RUN_NAME_SIZE, kind->kind);
    bytes_put_u64be(of + RUN_NAME_SIZE + 4, (uint64_t)kind->domain);
    crypto_generichash(own, 32, of, sizeof of, kind->key, 32);
    FILE *file = fopen(path, "wb");
    FUZZ_HOLDS(file != NULL);
    seal(file, own, 0, block);
    seal(file, own, 0xff, index);
    FUZZ_HOLDS(fclose(file) == 0);
}

static void read_run(const struct run *run)
{
    static const uint8_t somewhere[RUN_KEY_MAX] = {0x40};
    struct err err = {0};
    struct run_cursor c;
    FUZZ_HOLDS(run_check(run, &err) == 0 || err.text[0] != '\0');
    (void)run_may_have(run, somewhere);
    run_cursor_open(&c, run);
    int rc = run_seek(&c, somewhere, &err);
    for (size_t n = 0; rc == 0 && c.valid; n++) {
        FUZZ_HOLDS(c.gone ||
                   (c.value.data >= c.plain.data && c.value.data + c.value.len <= c.plain.data + c.plain.len));
        FUZZ_HOLDS(n < 1u << 20);
        rc = run_next(&c, &err);
    }
    FUZZ_HOLDS(rc == 0 || err.text[0] != '\0');
    run_cursor_close(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t len = size >= 5 ? (size_t)data[3] << 8 | data[4] : 0;
    if (size < 5 + len || size > 1u << 16)
        return 0;
    prepare();
    const struct run_kind kind = {.dir = dir,
                                  .key = key,
                                  .kind = 1,
                                  .key_size = (data[0] & 1) != 0 ? 8 : RUN_KEY_MAX,
                                  .block = 4096,
                                  .filtered = (data[0] & 2) != 0};
    const struct span block = span_of(data + 5, len), index = span_of(data + 5 + len, size - 5 - len);
    struct run_info info = {.entries = data[2], .blocks = data[1], .index_at = len + SEAL, .size = size - 5 + 2 * SEAL};
    memcpy(info.name, name, sizeof info.name);
    struct run *run = NULL;
    struct err err = {0};
    write_run(&kind, block, index);
    if (run_open(&run, &kind, &info, &err) != 0) {
        FUZZ_HOLDS(err.text[0] != '\0');
        return 0;
    }
    read_run(run);
    run_close(run);
    return 0;
}
