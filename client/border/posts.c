#include "client/border/posts.h"

#include "protocol/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX (1u << 20)

static int parse_purposes(struct post *out, char *list, size_t line, struct err *err)
{
    char *rest = list;
    if (strcmp(list, "*") == 0)
        return 0;
    for (char *name; (name = strsep(&rest, ",")) != NULL;) {
        if (out->purposes == REGION_PURPOSES_MAX || strlen(name) > PARTY_NAME_MAX ||
            party_name_check(name, ERR_IGNORED) != 0)
            return err_set(err, ERR_INPUT, "line %zu: at most %d names of purposes, or *", line, REGION_PURPOSES_MAX);
        snprintf(out->purpose[out->purposes++], sizeof out->purpose[0], "%s", name);
    }
    return 0;
}

static int parse_line(struct posts *out, char *text, size_t line, struct err *err)
{
    struct post *p = &out->post[out->count];
    char *rest = text, *name = strsep(&rest, " "), *hash = strsep(&rest, " "), *purposes = strsep(&rest, " ");
    memset(p, 0, sizeof *p);
    p->reads = rest != NULL && strcmp(rest, "reads") == 0;
    if (purposes == NULL || (rest != NULL && !p->reads) || strlen(name) > PARTY_NAME_MAX ||
        party_name_check(name, ERR_IGNORED) != 0 || !bytes_from_hex(p->hash, sizeof p->hash, hash))
        return err_set(err, ERR_INPUT,
                       "line %zu: a name, a hash of 64 digits and purposes are needed, and no more than \"reads\"",
                       line);
    for (size_t i = 0; i < out->count; i++)
        if (strcmp(out->post[i].name, name) == 0)
            return err_set(err, ERR_INPUT, "line %zu: the post %s stands twice", line, name);
    snprintf(p->name, sizeof p->name, "%s", name);
    int rc = parse_purposes(p, purposes, line, err);
    out->count += rc == 0;
    return rc;
}

int posts_parse(struct posts *out, struct span text, struct err *err)
{
    char *copy = malloc(text.len + 1), *rest = copy;
    size_t line = 0;
    int rc = 0;
    *out = (struct posts){.post = calloc(POSTS_MAX, sizeof *out->post)};
    if (copy == NULL || out->post == NULL) {
        free(copy);
        return err_set(err, ERR_NO_MEMORY, "out of memory for border posts");
    }
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    if (memchr(copy, '\0', text.len) != NULL)
        rc = err_set(err, ERR_INPUT, "it is no text");
    for (char *one; rc == 0 && (one = strsep(&rest, "\n")) != NULL;) {
        line++;
        if (one[0] == '\0' || one[0] == '#')
            continue;
        rc = out->count == POSTS_MAX ? err_set(err, ERR_INPUT, "there are more than %d posts", POSTS_MAX)
                                     : parse_line(out, one, line, err);
    }
    free(copy);
    return rc;
}

int posts_load(struct posts *out, const char *path, struct err *err)
{
    struct buf text = buf_of(FILE_MAX);
    *out = (struct posts){.count = 0};
    int rc = file_read(&text, path, err);
    if (rc == 0 && (rc = posts_parse(out, buf_span(&text), err)) != 0)
        err_wrap(err, "%s", path);
    buf_free(&text);
    return rc;
}

void posts_free(struct posts *posts)
{
    free(posts->post);
    *posts = (struct posts){.count = 0};
}

int posts_find(const struct posts *posts, const char *token)
{
    uint8_t bytes[POST_TOKEN_SIZE], hash[POST_HASH_SIZE];
    int found = -1;
    if (!bytes_from_hex(bytes, sizeof bytes, token))
        return -1;
    crypto_hash_sha256(hash, bytes, sizeof bytes);
    for (size_t i = 0; i < posts->count; i++)
        if (sodium_memcmp(posts->post[i].hash, hash, sizeof hash) == 0)
            found = (int)i;
    sodium_memzero(bytes, sizeof bytes);
    return found;
}

bool post_may(const struct post *post, const char *purpose)
{
    bool may = post->purposes == 0;
    for (size_t i = 0; i < post->purposes; i++)
        may = may || strcmp(post->purpose[i], purpose) == 0;
    return may;
}

static int append(const char *path, const char *line, struct err *err)
{
    const int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(err, "%s", path);
    const bool whole = write(fd, line, strlen(line)) == (ssize_t)strlen(line) && fsync(fd) == 0;
    int rc = whole ? 0 : err_errno(err, "%s", path);
    close(fd);
    return rc;
}

int posts_add(const char *path, const char *name, const char *purposes, bool reads, char token[POST_TOKEN_TEXT],
              struct err *err)
{
    uint8_t bytes[POST_TOKEN_SIZE], hash[POST_HASH_SIZE];
    char hex[2 * POST_HASH_SIZE + 1], line[2048];
    struct posts known = {.count = 0}, new = {.count = 0};
    int rc = access(path, F_OK) == 0 ? posts_load(&known, path, err) : 0;
    for (size_t i = 0; rc == 0 && i < known.count; i++)
        if (strcmp(known.post[i].name, name) == 0)
            rc = err_set(err, ERR_USAGE, "there is a post %s already: take its line out of %s first", name, path);
    randombytes_buf(bytes, sizeof bytes);
    crypto_hash_sha256(hash, bytes, sizeof bytes);
    if (rc == 0 && (size_t)snprintf(line, sizeof line, "%s %s %s%s\n", name, bytes_to_hex(hex, hash, sizeof hash),
                                    purposes, reads ? " reads" : "") >= sizeof line)
        rc = err_set(err, ERR_USAGE, "too many purposes");
    if (rc == 0)
        rc = posts_parse(&new, span_of(line, strlen(line)), err);
    if (rc == 0)
        rc = append(path, line, err);
    bytes_to_hex(token, bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
    posts_free(&known);
    posts_free(&new);
    return rc;
}
