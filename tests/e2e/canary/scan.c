/*
 * canary-scan VALUES PATH...: searches files and directory trees for values that must not occur in them.
 *
 * VALUES holds one value a line, in hexadecimal. Each is looked for as it is, in hexadecimal of either case, in base64
 * of both alphabets at each of the three alignments, and the same for its unkeyed SHA-256, SHA-512, BLAKE2b-256 and
 * BLAKE2b-512 digests. Patterns below PATTERN_MIN bytes, in hexadecimal below HEX_MIN and in base64 below BASE64_MIN
 * characters, all 48 bits, are left out: they occur by chance. The digests of short values are looked for all the same.
 *
 * Exit status: 0 nothing found, 1 something found (each named by line of VALUES, never by value), 2 could not look.
 */
#include <fcntl.h>
#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATTERN_MIN 6
#define HEX_MIN 12
#define BASE64_MIN 8
#define VALUE_MAX 512
#define BUCKETS (1u << 22)

struct pattern {
    uint64_t key; /* the first PATTERN_MIN bytes */
    uint8_t *bytes;
    uint32_t len;
    uint32_t line;
    char form[24];
    struct pattern *next;
};

static struct pattern **table;
static uint64_t pattern_count, scanned_bytes, scanned_files, found;
static int trouble;

static uint64_t key_of(const uint8_t *p)
{
    uint64_t key = 0;
    memcpy(&key, p, PATTERN_MIN);
    return key;
}

static size_t bucket_of(uint64_t key)
{
    return (size_t)((key * 0x9e3779b97f4a7c15u) >> 42) & (BUCKETS - 1);
}

static void add_pattern(const void *bytes, size_t len, uint32_t line, const char *what, const char *how)
{
    if (len < PATTERN_MIN)
        return;
    struct pattern *p = calloc(1, sizeof *p);
    uint8_t *copy = malloc(len);
    if (p == NULL || copy == NULL) {
        fprintf(stderr, "canary-scan: out of memory\n");
        exit(2);
    }
    memcpy(copy, bytes, len);
    *p = (struct pattern){.key = key_of(bytes), .bytes = copy, .len = (uint32_t)len, .line = line};
    snprintf(p->form, sizeof p->form, "%s%s", what, how);
    size_t b = bucket_of(p->key);
    p->next = table[b];
    table[b] = p;
    pattern_count++;
}

static void add_base64(const uint8_t *bytes, size_t len, int variant, uint32_t line, const char *what)
{
    uint8_t shifted[VALUE_MAX + 2] = {0};
    char text[2 * VALUE_MAX];
    for (size_t shift = 0; shift < 3; shift++) {
        memcpy(shifted + shift, bytes, len);
        sodium_bin2base64(text, sizeof text, shifted, len + shift, variant);
        /* Only the characters that depend on the value alone. */
        size_t from = (shift * 8 + 5) / 6, to = (shift + len) * 8 / 6;
        if (to >= from + BASE64_MIN)
            add_pattern(text + from, to - from, line, what, " in base64");
    }
}

static void add_encodings(const uint8_t *bytes, size_t len, uint32_t line, const char *what)
{
    char hex[2 * VALUE_MAX + 1];
    add_pattern(bytes, len, line, what, "");
    sodium_bin2hex(hex, sizeof hex, bytes, len);
    if (2 * len >= HEX_MIN)
        add_pattern(hex, 2 * len, line, what, " in hex");
    for (char *c = hex; *c != '\0'; c++)
        *c = (char)(*c >= 'a' ? *c - 'a' + 'A' : *c);
    if (2 * len >= HEX_MIN)
        add_pattern(hex, 2 * len, line, what, " in hex");
    add_base64(bytes, len, sodium_base64_VARIANT_ORIGINAL_NO_PADDING, line, what);
    add_base64(bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING, line, what);
}

static void add_value(const uint8_t *bytes, size_t len, uint32_t line)
{
    uint8_t digest[64];
    add_encodings(bytes, len, line, "the value");
    crypto_hash_sha256(digest, bytes, len);
    add_encodings(digest, 32, line, "SHA-256");
    crypto_hash_sha512(digest, bytes, len);
    add_encodings(digest, 64, line, "SHA-512");
    crypto_generichash(digest, 32, bytes, len, NULL, 0);
    add_encodings(digest, 32, line, "BLAKE2b-256");
    crypto_generichash(digest, 64, bytes, len, NULL, 0);
    add_encodings(digest, 64, line, "BLAKE2b-512");
}

static void load_values(const char *path)
{
    char text[2 * VALUE_MAX + 2];
    uint8_t value[VALUE_MAX];
    uint32_t line = 0;
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        perror(path);
        exit(2);
    }
    while (fgets(text, sizeof text, f) != NULL) {
        const char *end;
        size_t len;
        line++;
        if (sodium_hex2bin(value, sizeof value, text, strlen(text), NULL, &len, &end) != 0 || *end != '\n' ||
            len == 0) {
            fprintf(stderr, "canary-scan: %s: line %u is no value in hexadecimal\n", path, line);
            exit(2);
        }
        add_value(value, len, line);
    }
    fclose(f);
}

static void scan_bytes(const char *path, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i + PATTERN_MIN <= len; i++) {
        uint64_t key = key_of(data + i);
        for (const struct pattern *p = table[bucket_of(key)]; p != NULL; p = p->next) {
            if (p->key != key || p->len > len - i || memcmp(p->bytes, data + i, p->len) != 0)
                continue;
            found++;
            printf("%s: byte %zu: %s of line %u\n", path, i, p->form, p->line);
        }
    }
    scanned_bytes += len;
    scanned_files++;
}

static int scan_file(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)ftw;
    if (kind != FTW_F || !S_ISREG(st->st_mode) || st->st_size == 0)
        return 0;
    int fd = open(path, O_RDONLY);
    void *data = fd < 0 ? MAP_FAILED : mmap(NULL, (size_t)st->st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED) {
        perror(path);
        trouble = 1;
    } else {
        scan_bytes(path, data, (size_t)st->st_size);
        munmap(data, (size_t)st->st_size);
    }
    if (fd >= 0)
        close(fd);
    return 0;
}

int main(int argc, char **argv)
{
    table = calloc(BUCKETS, sizeof *table);
    if (argc < 3 || sodium_init() < 0 || table == NULL) {
        fprintf(stderr, "usage: canary-scan VALUES PATH...\n");
        return 2;
    }
    load_values(argv[1]);
    for (int i = 2; i < argc; i++)
        if (nftw(argv[i], scan_file, 16, FTW_PHYS) != 0) {
            perror(argv[i]);
            trouble = 1;
        }
    printf("%llu patterns, %llu files, %llu bytes, %llu found\n", (unsigned long long)pattern_count,
           (unsigned long long)scanned_files, (unsigned long long)scanned_bytes, (unsigned long long)found);
    if (trouble || scanned_files == 0)
        return 2;
    return found > 0;
}
