/* What the files of the border interface share. */
#ifndef CLIENT_BORDER_BORDER_INTERNAL_H
#define CLIENT_BORDER_BORDER_INTERNAL_H

#include "client/border/border.h"
#include "client/border/news.h"
#include "client/border/posts.h"

#include <sys/stat.h>

/* What a post may ask at this moment, in thousandths of a request. */
struct bucket {
    uint64_t level, at_ms;
};

#define BORDER_ROUTES 7

struct border {
    const struct border_options *options;
    struct posts posts;
    struct timespec read; /* when the file was written that they come from */
    struct bucket bucket[POSTS_MAX];
    struct checker *checker;
    struct news *news;
    struct web_route route[BORDER_ROUTES];
    struct web *web; /* NULL: another server has the routes */
};

/*
 * The post whose token the request shows, if it is one of those that read, or that ask, and has not asked too much for
 * now. NULL: none, and the reply says so.
 */
const struct post *border_post(struct border *border, const struct web_request *request, bool reads, size_t requests,
                               struct web_reply *reply, int *rc, struct err *err);

/* An answer by another thread, whose context is the struct web_later of the request. */
void border_answer(void *context, unsigned status, json_t *body);

/* Handlers of reading.c. */
int border_get_matches(void *context, const struct web_request *request, struct web_reply *reply, struct err *err);
int border_get_letters(void *context, const struct web_request *request, struct web_reply *reply, struct err *err);
int border_get_events(void *context, const struct web_request *request, struct web_reply *reply, struct err *err);

#endif
