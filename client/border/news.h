/*
 * What programs of the agency read over the border interface: its matches and letters, the oldest first, from a cursor
 * on, and new ones as they come (server-sent events). A thread has an agency of its own for it. Letters are told of,
 * never what they disclose.
 */
#ifndef CLIENT_BORDER_NEWS_H
#define CLIENT_BORDER_NEWS_H

#include "client/agency/agency.h"
#include "client/border/posts.h"
#include "protocol/web/web.h"

#include <jansson.h>

#define NEWS_PAGE_MAX 100   /* of a list */
#define NEWS_STREAMS_MAX 16 /* at once, */
#define NEWS_POST_MAX 4     /* of one post */

enum news_kind { NEWS_MATCHES, NEWS_LETTERS, NEWS_KINDS };

/* The numbers of the last ones that were read. */
struct news_cursor {
    int64_t after[NEWS_KINDS];
};

struct news;

/* config and identity are borrowed. The agency is opened when something is read first. */
int news_open(struct news **out, const struct agency_config *config, const struct identity *identity, struct err *err);

/* Answers what waits, ends all streams and the thread: nothing is taken any more. */
void news_end(struct news *news);

/* The same, and frees. NULL is fine, here and there. */
void news_close(struct news *news);

/* As checker_tell (checker.h): called once, by another thread. */
typedef void news_tell(void *context, unsigned status, json_t *body);

/* Those of the post's purposes after a number, 1 <= most <= NEWS_PAGE_MAX of them. False: too many wait. */
bool news_list(struct news *news, const struct post *post, enum news_kind kind, int64_t after, size_t most,
               news_tell *tell, void *context);

/*
 * Writes events into the stream as they come, from a cursor on (NULL: from now). Ends it; a reader that is too slow, or
 * has gone, is let go. False: there are too many streams, of this post or in all, and the stream is the caller's.
 */
bool news_listen(struct news *news, const struct post *post, const struct news_cursor *from, struct web_stream *stream);

/* "12-7": of matches, then of letters. False: it is none. */
bool news_cursor_parse(struct news_cursor *out, const char *text);

#endif
