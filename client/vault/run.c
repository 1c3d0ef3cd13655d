#include "client/vault/run.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEAL_SIZE crypto_aead_chacha20poly1305_ietf_ABYTES
#define NONCE_SIZE crypto_aead_chacha20poly1305_ietf_NPUBBYTES
#define WRITE_BYTES (512u << 10) /* handed to the kernel at once */
#define INDEX_MAX (1u << 30)
#define FILTER_BITS 10 /* for each key: one look-up in a hundred reads in vain */
#define FILTER_PROBES 6
#define ENTRY_HEAD 8 /* a varint and the byte of what is shared, and some */

/* --- what writing and reading share --- */

static void derive_key(uint8_t out[32], const struct run_kind *kind, const uint8_t name[RUN_NAME_SIZE])
{
    uint8_t of[RUN_NAME_SIZE + 12];
    memcpy(of, name, RUN_NAME_SIZE);
    bytes_put_u32be(of + RUN_NAME_SIZE, kind->kind);
    bytes_put_u64be(of + RUN_NAME_SIZE + 4, (uint64_t)kind->domain);
    crypto_generichash(out, 32, of, sizeof of, kind->key, 32);
}

static void nonce_of(uint8_t out[NONCE_SIZE], uint64_t block)
{
    memset(out, block == UINT64_MAX ? 0xff : 0, NONCE_SIZE);
    bytes_put_u64le(out, block);
}

int run_path(char out[PATH_LIMIT], const char *dir, const uint8_t name[RUN_NAME_SIZE], struct err *err)
{
    char hex[2 * RUN_NAME_SIZE + 1];
    return snprintf(out, PATH_LIMIT, "%s/%s.run", dir, bytes_to_hex(hex, name, RUN_NAME_SIZE)) < PATH_LIMIT
               ? 0
               : err_set(err, ERR_INPUT, "path too long: %s", dir);
}

void run_remove(const struct run_kind *kind, const uint8_t name[RUN_NAME_SIZE])
{
    char path[PATH_LIMIT];
    if (run_path(path, kind->dir, name, ERR_IGNORED) == 0)
        unlink(path);
}

static uint64_t filter_bit(const uint8_t *key, unsigned probe, uint64_t bits)
{
    uint64_t h = bytes_get_u64le(key), step = (h >> 17 | h << 47) | 1;
    return (uint64_t)((unsigned __int128)(h + probe * step) * bits >> 64);
}

/* --- writing --- */

struct run_writer {
    const struct run_kind *kind;
    struct run_info info;
    int fd;
    uint8_t key[32], last[RUN_KEY_MAX];
    struct buf plain, sealed, index; /* the block at hand; what goes to the kernel next; keys and offsets */
    uint8_t *filter;
    uint64_t filter_bits, written;
};

static int cannot_write(const struct run_writer *w, struct err *err)
{
    if (errno == ENOSPC || errno == EDQUOT)
        return err_set(err, ERR_NO_MEMORY,
                       "the disk under the vault %s is full (make room and do it again: what was done is kept)",
                       w->kind->dir);
    char hex[2 * RUN_NAME_SIZE + 1];
    return err_errno(err, "cannot write %s/%s.run", w->kind->dir, bytes_to_hex(hex, w->info.name, RUN_NAME_SIZE));
}

static int flush(struct run_writer *w, struct err *err)
{
    for (size_t at = 0; at < w->sealed.len;) {
        ssize_t put = write(w->fd, w->sealed.data + at, w->sealed.len - at);
        if (put < 0 && errno != EINTR)
            return cannot_write(w, err);
        at += put > 0 ? (size_t)put : 0;
    }
    w->written += w->sealed.len;
    buf_clear(&w->sealed);
    return 0;
}

static int seal_bytes(struct run_writer *w, const struct buf *plain, uint64_t block, struct err *err)
{
    uint8_t nonce[NONCE_SIZE];
    int rc = w->sealed.len >= WRITE_BYTES ? flush(w, err) : 0;
    uint8_t *to = rc == 0 ? buf_reserve(&w->sealed, plain->len + SEAL_SIZE, err) : NULL;
    if (to == NULL)
        return err_code(err);
    nonce_of(nonce, block);
    crypto_aead_chacha20poly1305_ietf_encrypt(to, NULL, plain->data, plain->len, NULL, 0, NULL, nonce, w->key);
    w->sealed.len += plain->len + SEAL_SIZE;
    return 0;
}

static int end_block(struct run_writer *w, struct err *err)
{
    if (w->plain.len == 0)
        return 0;
    int rc = seal_bytes(w, &w->plain, w->info.blocks, err);
    w->info.blocks++;
    buf_clear(&w->plain);
    return rc;
}

static int begin_block(struct run_writer *w, const uint8_t *key, struct err *err)
{
    uint8_t offset[8];
    bytes_put_u64le(offset, w->written + w->sealed.len);
    int rc = buf_put(&w->index, key, w->kind->key_size, err);
    if (rc == 0)
        rc = buf_put(&w->index, offset, sizeof offset, err);
    return rc;
}

int run_create(struct run_writer **out, const struct run_kind *kind, uint64_t expected, struct err *err)
{
    char path[PATH_LIMIT];
    struct run_writer *w = calloc(1, sizeof *w);
    if (w == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the vault");
    w->kind = kind;
    w->plain = buf_of(kind->block + RUN_VALUE_MAX + RUN_KEY_MAX + ENTRY_HEAD);
    w->sealed = buf_of(INDEX_MAX);
    w->index = buf_of(INDEX_MAX);
    w->filter_bits = kind->filtered ? FILTER_BITS * (expected + 8) / 8 * 8 : 0;
    w->filter = calloc(1, w->filter_bits / 8 + 1);
    randombytes_buf(w->info.name, sizeof w->info.name);
    derive_key(w->key, kind, w->info.name);
    int rc = run_path(path, kind->dir, w->info.name, err);
    w->fd = rc == 0 ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (rc == 0 && w->fd < 0)
        rc = err_errno(err, "cannot create %s", path);
    if (rc == 0 && w->filter == NULL)
        rc = err_set(err, ERR_NO_MEMORY, "out of memory for the vault");
    if (rc == 0 && (buf_reserve(&w->plain, 2 * kind->block, err) == NULL ||
                    buf_reserve(&w->sealed, WRITE_BYTES + 2 * kind->block, err) == NULL))
        rc = err_code(err); /* once, not by doubling */
    if (rc != 0)
        run_abandon(w);
    else
        *out = w;
    return rc;
}

static size_t shared_bytes(const uint8_t *a, const uint8_t *b, size_t len)
{
    size_t n = 0;
    while (n < len && a[n] == b[n])
        n++;
    return n;
}

static size_t put_varint(uint8_t *out, size_t value)
{
    size_t n = 0;
    for (; value >= 0x80; value >>= 7)
        out[n++] = (uint8_t)(value | 0x80);
    out[n++] = (uint8_t)value;
    return n;
}

int run_put(struct run_writer *writer, const uint8_t *key, const struct span *value, struct err *err)
{
    struct run_writer *w = writer;
    size_t size = w->kind->key_size, len = value != NULL ? value->len : 0;
    int rc = w->plain.len >= w->kind->block ? end_block(w, err) : 0;
    bool begins = w->plain.len == 0;
    if (rc == 0 && begins)
        rc = begin_block(w, key, err);
    if (rc == 0 && len > RUN_VALUE_MAX)
        rc = err_set(err, ERR_INTERNAL, "a value of %zu bytes is too long for the vault", len);
    uint8_t *to = rc == 0 ? buf_reserve(&w->plain, size + ENTRY_HEAD + len, err) : NULL;
    if (to == NULL)
        return err_code(err);
    size_t shared = begins ? 0 : shared_bytes(w->last, key, size);
    *to++ = (uint8_t)shared;
    memcpy(to, key + shared, size - shared);
    to += size - shared;
    to += put_varint(to, value != NULL ? len + 1 : 0);
    if (len > 0)
        memcpy(to, value->data, len);
    w->plain.len = (size_t)(to + len - w->plain.data);
    for (unsigned i = 0; w->filter_bits > 0 && i < FILTER_PROBES; i++) {
        uint64_t bit = filter_bit(key, i, w->filter_bits);
        w->filter[bit / 8] |= (uint8_t)(1u << bit % 8);
    }
    memcpy(w->last, key, size);
    w->info.entries++;
    return 0;
}

static void writer_free(struct run_writer *w)
{
    if (w->fd >= 0)
        close(w->fd);
    buf_free(&w->plain);
    buf_free(&w->sealed);
    buf_free(&w->index);
    free(w->filter);
    sodium_memzero(w, sizeof *w);
    free(w);
}

void run_abandon(struct run_writer *writer)
{
    if (writer == NULL)
        return;
    run_remove(writer->kind, writer->info.name);
    writer_free(writer);
}

int run_finish(struct run_writer *writer, struct run_info *info, struct err *err)
{
    struct run_writer *w = writer;
    int rc = end_block(w, err);
    w->info.index_at = w->written + w->sealed.len;
    if (rc == 0 && w->filter_bits > 0)
        rc = buf_put(&w->index, w->filter, w->filter_bits / 8, err);
    if (rc == 0)
        rc = seal_bytes(w, &w->index, UINT64_MAX, err);
    if (rc == 0)
        rc = flush(w, err);
    if (rc == 0 && fsync(w->fd) != 0)
        rc = cannot_write(w, err);
    w->info.size = w->written;
    *info = w->info;
    if (rc != 0)
        run_abandon(w);
    else
        writer_free(w);
    return rc;
}

/* --- reading --- */

struct run {
    const struct run_kind *kind;
    struct run_info info;
    int fd;
    uint8_t key[32];
    struct buf index;
    uint64_t filter_bits;
};

const struct run_info *run_info(const struct run *run)
{
    return &run->info;
}

static int damaged(const struct run *r, struct err *err)
{
    char hex[2 * RUN_NAME_SIZE + 1];
    return err_set(err, ERR_VERIFY, "the vault is damaged (%s.run): restore it from a backup, or enrol anew",
                   bytes_to_hex(hex, r->info.name, RUN_NAME_SIZE));
}

static int cannot_read(const struct run *r, struct err *err)
{
    char hex[2 * RUN_NAME_SIZE + 1];
    return err_errno(err, "cannot read %s/%s.run", r->kind->dir, bytes_to_hex(hex, r->info.name, RUN_NAME_SIZE));
}

static int read_sealed(const struct run *r, struct buf *out, uint64_t from, uint64_t to, uint64_t block,
                       struct err *err)
{
    uint8_t nonce[NONCE_SIZE];
    size_t len = (size_t)(to - from), got = 0;
    buf_clear(out);
    uint8_t *bytes = to > from + SEAL_SIZE - 1 && to - from <= INDEX_MAX ? buf_reserve(out, len, err) : NULL;
    if (bytes == NULL)
        return to - from > INDEX_MAX || to < from + SEAL_SIZE ? damaged(r, err) : err_code(err);
    while (got < len) {
        ssize_t n = pread(r->fd, bytes + got, len - got, (off_t)(from + got));
        if (n < 0 && errno != EINTR)
            return cannot_read(r, err);
        if (n == 0)
            return damaged(r, err);
        got += n > 0 ? (size_t)n : 0;
    }
    nonce_of(nonce, block);
    if (crypto_aead_chacha20poly1305_ietf_decrypt(bytes, NULL, NULL, bytes, len, NULL, 0, nonce, r->key) != 0)
        return damaged(r, err);
    out->len = len - SEAL_SIZE;
    return 0;
}

static size_t index_entry(const struct run *r)
{
    return r->kind->key_size + 8;
}

static const uint8_t *block_key(const struct run *r, size_t block)
{
    return r->index.data + block * index_entry(r);
}

/* Where a block begins; of the one behind the last, where the index does. */
static uint64_t block_at(const struct run *r, size_t block)
{
    return block < r->info.blocks ? bytes_get_u64le(block_key(r, block) + r->kind->key_size) : r->info.index_at;
}

/* Blocks lie one behind the other; what is behind their keys is the filter. */
static int read_index(struct run *r, struct err *err)
{
    int rc = read_sealed(r, &r->index, r->info.index_at, r->info.size, UINT64_MAX, err);
    if (rc != 0)
        return rc;
    if (r->info.blocks > r->index.len / index_entry(r))
        return damaged(r, err);
    size_t keys = (size_t)r->info.blocks * index_entry(r);
    r->filter_bits = 8 * (r->index.len - keys);
    if (r->kind->filtered != (r->filter_bits > 0) || (r->info.blocks > 0 && block_at(r, 0) != 0))
        return damaged(r, err);
    for (size_t i = 0; i < r->info.blocks; i++)
        if (block_at(r, i + 1) < block_at(r, i) + SEAL_SIZE)
            return damaged(r, err);
    return 0;
}

int run_open(struct run **out, const struct run_kind *kind, const struct run_info *info, struct err *err)
{
    char path[PATH_LIMIT];
    struct stat st;
    struct run *r = calloc(1, sizeof *r);
    if (r == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the vault");
    r->kind = kind;
    r->info = *info;
    r->index = buf_of(INDEX_MAX);
    derive_key(r->key, kind, info->name);
    int rc = run_path(path, kind->dir, info->name, err);
    r->fd = rc == 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (rc == 0 && r->fd < 0)
        rc = err_errno(err, "cannot open %s", path);
    if (rc == 0 && (fstat(r->fd, &st) != 0 || (uint64_t)st.st_size != info->size || info->index_at > info->size))
        rc = damaged(r, err);
    if (rc == 0)
        rc = read_index(r, err);
    if (rc != 0)
        run_close(r);
    else
        *out = r;
    return rc;
}

void run_close(struct run *run)
{
    if (run == NULL)
        return;
    if (run->fd >= 0)
        close(run->fd);
    buf_free(&run->index);
    sodium_memzero(run, sizeof *run);
    free(run);
}

bool run_may_have(const struct run *run, const uint8_t *key)
{
    const uint8_t *filter = run->index.data + run->info.blocks * index_entry(run);
    for (unsigned i = 0; run->filter_bits > 0 && i < FILTER_PROBES; i++) {
        uint64_t bit = filter_bit(key, i, run->filter_bits);
        if ((filter[bit / 8] >> bit % 8 & 1) == 0)
            return false;
    }
    return true;
}

/* --- cursors --- */

void run_cursor_open(struct run_cursor *cursor, const struct run *run)
{
    *cursor = (struct run_cursor){.run = run, .block = SIZE_MAX, .plain = buf_of(INDEX_MAX)};
}

void run_cursor_close(struct run_cursor *cursor)
{
    buf_free(&cursor->plain);
    sodium_memzero(cursor, sizeof *cursor);
}

static int enter_block(struct run_cursor *c, size_t block, struct err *err)
{
    const struct run *r = c->run;
    int rc = 0;
    c->at = 0;
    c->valid = false;
    if (block != c->block)
        rc = read_sealed(r, &c->plain, block_at(r, block), block_at(r, block + 1), block, err);
    c->block = rc == 0 ? block : SIZE_MAX;
    return rc;
}

static size_t get_varint(struct span *in, size_t *value)
{
    size_t n = 0;
    *value = 0;
    for (; n < in->len && n < 4; n++) {
        *value |= (size_t)(in->data[n] & 0x7f) << 7 * n;
        if ((in->data[n] & 0x80) == 0)
            return n + 1;
    }
    return 0;
}

/* What lies at c->at of the block in plain. */
struct entry {
    size_t shared;
    const uint8_t *rest; /* of the key */
    bool gone;
    struct span value;
    size_t end; /* where the next one begins */
};

static int find_entry(const struct run_cursor *c, struct entry *out, struct err *err)
{
    size_t size = c->run->kind->key_size, used, len;
    struct span left = {c->plain.data + c->at, c->plain.len - c->at};
    if (left.len < 1 || (out->shared = left.data[0]) > size || left.len < 1 + size - out->shared)
        return damaged(c->run, err);
    out->rest = left.data + 1;
    left = span_of(out->rest + size - out->shared, left.len - 1 - size + out->shared);
    used = get_varint(&left, &len);
    if (used == 0 || (len > 0 && len - 1 > left.len - used))
        return damaged(c->run, err);
    out->gone = len == 0;
    out->value = span_of(left.data + used, len > 0 ? len - 1 : 0);
    out->end = (size_t)(left.data + used + out->value.len - c->plain.data);
    return 0;
}

static int read_entry(struct run_cursor *c, struct err *err)
{
    struct entry e;
    int rc = find_entry(c, &e, err);
    if (rc != 0)
        return rc;
    memcpy(c->key + e.shared, e.rest, c->run->kind->key_size - e.shared);
    c->gone = e.gone;
    c->value = e.value;
    c->at = e.end;
    c->valid = true;
    return 0;
}

int run_next(struct run_cursor *cursor, struct err *err)
{
    struct run_cursor *c = cursor;
    if (c->at < c->plain.len)
        return read_entry(c, err);
    c->valid = false;
    if (c->block + 1 >= c->run->info.blocks)
        return 0;
    int rc = enter_block(c, c->block + 1, err);
    if (rc == 0)
        rc = read_entry(c, err);
    return rc;
}

int run_first(struct run_cursor *cursor, struct err *err)
{
    cursor->valid = false;
    if (cursor->run->info.blocks == 0)
        return 0;
    int rc = enter_block(cursor, 0, err);
    if (rc == 0)
        rc = read_entry(cursor, err);
    return rc;
}

/* The last block whose first key is not above. */
static size_t find_block(const struct run *r, const uint8_t *key)
{
    size_t low = 0, high = (size_t)r->info.blocks;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(block_key(r, middle), key, r->kind->key_size) <= 0)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Whether the key, at or behind the cursor, is in the block that the cursor is in. */
static bool is_ahead(const struct run_cursor *c, const uint8_t *key)
{
    const struct run *r = c->run;
    return c->valid && memcmp(c->key, key, r->kind->key_size) <= 0 &&
           (c->block + 1 >= r->info.blocks || memcmp(key, block_key(r, c->block + 1), r->kind->key_size) < 0);
}

/*
 * On to the first entry that is not below the key. What shares more with the entry before than that
 * one does with the key differs from the key in the same byte, and is below it as well: most are passed by that alone,
 * and c->key stays as it was, of which the next one that counts shares no more.
 */
static int pass_below(struct run_cursor *c, const uint8_t *key, struct err *err)
{
    const size_t size = c->run->kind->key_size;
    struct entry e;
    int rc = 0;
    while (rc == 0 && c->valid) {
        const size_t same = shared_bytes(c->key, key, size);
        if (same == size || c->key[same] > key[same])
            break;
        while (rc == 0 && c->at < c->plain.len && c->plain.data[c->at] > same) {
            rc = find_entry(c, &e, err);
            c->at = rc == 0 ? e.end : c->at;
        }
        if (rc == 0)
            rc = run_next(c, err);
    }
    return rc;
}

int run_seek(struct run_cursor *cursor, const uint8_t *key, struct err *err)
{
    struct run_cursor *c = cursor;
    int rc = 0;
    if (c->run->info.blocks == 0)
        return 0;
    if (!is_ahead(c, key)) {
        rc = enter_block(c, find_block(c->run, key), err);
        if (rc == 0)
            rc = read_entry(c, err);
    }
    return rc == 0 ? pass_below(c, key, err) : rc;
}

int run_check(const struct run *run, struct err *err)
{
    uint8_t last[RUN_KEY_MAX];
    struct run_cursor c;
    uint64_t n = 0;
    run_cursor_open(&c, run);
    int rc = run_first(&c, err);
    for (; rc == 0 && c.valid; n++) {
        if ((n > 0 && memcmp(last, c.key, run->kind->key_size) >= 0) || !run_may_have(run, c.key))
            rc = damaged(run, err);
        memcpy(last, c.key, run->kind->key_size);
        if (rc == 0)
            rc = run_next(&c, err);
    }
    run_cursor_close(&c);
    return rc == 0 && n != run->info.entries ? damaged(run, err) : rc;
}
