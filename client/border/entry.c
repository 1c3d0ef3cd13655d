/* Who asks, and whether it may; and answers that come later. */
#include "client/border/border_internal.h"

#include "client/border/body.h"
#include "protocol/base/clock.h"
#include "protocol/base/log.h"

#include <string.h>

#define BURST_SECONDS 2 /* of the rate, at once */

/* A file that was changed holds from the next request on; one that cannot be read changes nothing. */
static void follow_posts(struct border *b)
{
    struct stat st;
    struct posts new;
    struct err err;
    if (stat(b->options->posts, &st) != 0 ||
        (st.st_mtim.tv_sec == b->read.tv_sec && st.st_mtim.tv_nsec == b->read.tv_nsec))
        return;
    b->read = st.st_mtim;
    if (posts_load(&new, b->options->posts, &err) != 0) {
        log_event(LOG_ERROR, "posts-not-read", "reason=\"%s\"", err.text);
        posts_free(&new);
        return;
    }
    posts_free(&b->posts);
    b->posts = new;
    memset(b->bucket, 0, sizeof b->bucket);
}

static bool take_from_bucket(struct border *b, const struct post *post, size_t requests)
{
    struct bucket *bucket = &b->bucket[post - b->posts.post];
    const uint64_t now = clock_monotonic_ms(), rate = b->options->rate, most = 1000 * BURST_SECONDS * rate;
    bucket->level = bucket->at_ms == 0 ? most : bucket->level + (now - bucket->at_ms) * rate;
    bucket->level = bucket->level < most ? bucket->level : most;
    bucket->at_ms = now;
    if (bucket->level < 1000 * requests)
        return false;
    bucket->level -= 1000 * requests;
    return true;
}

const struct post *border_post(struct border *border, const struct web_request *request, bool reads, size_t requests,
                               struct web_reply *reply, int *rc, struct err *err)
{
    static const char scheme[] = "Bearer ";
    const char *header = web_header(request, "Authorization");
    const bool fits = header != NULL && strncmp(header, scheme, sizeof scheme - 1) == 0;
    follow_posts(border);
    const int at = fits ? posts_find(&border->posts, header + sizeof scheme - 1) : -1;
    const struct post *post = at >= 0 ? &border->posts.post[at] : NULL;
    if (post != NULL && post->reads == reads && take_from_bucket(border, post, requests))
        return post;
    if (post == NULL) {
        web_set_header(reply, "WWW-Authenticate", "Bearer");
        *rc = body_refuse(reply, 401, "no such post", "the token of a border post is needed", err);
    } else if (post->reads != reads) {
        *rc = body_refuse(reply, 403, "not with this token",
                          reads ? "this token asks, and reads nothing" : "this token reads, and asks nothing", err);
    } else {
        *rc = body_refuse_busy(reply, 429, "this post has asked as much as it may in a second", err);
    }
    return NULL;
}

void border_answer(void *context, unsigned status, json_t *body)
{
    struct web_reply reply = {.status = status,
                              .type = status == 200 ? "application/json" : "application/problem+json"};
    reply.body = buf_of(WEB_REPLY_MAX);
    (void)body_put(&reply.body, json_incref(body), ERR_IGNORED);
    web_answer(context, &reply);
}
