/*
 * Border posts, and what each may ask about; and programs of the agency that read what it has, and ask nothing. Each
 * has a token, 32 random bytes; the file has its hash alone. A line each:
 *
 *     NAME SHA-256 PURPOSE,PURPOSE...           all of them: *
 *     NAME SHA-256 PURPOSE,PURPOSE... reads     one that reads
 */
#ifndef CLIENT_BORDER_POSTS_H
#define CLIENT_BORDER_POSTS_H

#include "protocol/base/buf.h"
#include "protocol/identity/party.h"
#include "protocol/region/region.h"

#define POSTS_MAX 1024
#define POST_HASH_SIZE 32
#define POST_TOKEN_SIZE 32
#define POST_TOKEN_TEXT (2 * POST_TOKEN_SIZE + 1) /* hexadecimal */

struct post {
    char name[PARTY_NAME_MAX + 1];
    uint8_t hash[POST_HASH_SIZE];
    char purpose[REGION_PURPOSES_MAX][PARTY_NAME_MAX + 1];
    size_t purposes; /* 0: all */
    bool reads;      /* matches and letters, and asks nothing */
};

struct posts {
    struct post *post; /* owned */
    size_t count;
};

/* ERR_INPUT names the line. posts_free() in any case. */
int posts_load(struct posts *out, const char *path, struct err *err);
int posts_parse(struct posts *out, struct span text, struct err *err);
void posts_free(struct posts *posts);

/* The post that this token is of, by its position; -1: none. Takes as long for each. */
int posts_find(const struct posts *posts, const char *token);

/* Whether the post may ask about a purpose, or read of it. */
bool post_may(const struct post *post, const char *purpose);

/* Appends a post with a new token, which nothing keeps. purposes: "*" or names parted by commas. */
int posts_add(const char *path, const char *name, const char *purposes, bool reads, char token[POST_TOKEN_TEXT],
              struct err *err);

#endif
