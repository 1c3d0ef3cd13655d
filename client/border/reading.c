/* What programs of the agency read: handlers of matches, letters and events. */
#include "client/border/border_internal.h"

#include "client/border/body.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 50 /* unless said */

/* A number of at most 18 digits; NULL is `usual`. */
static bool read_number(int64_t *out, const char *text, int64_t usual)
{
    *out = text != NULL ? strtoll(text, NULL, 10) : usual;
    return text == NULL || (text[0] != '\0' && strlen(text) <= 18 && strspn(text, "0123456789") == strlen(text));
}

static int get_list(struct border *b, const struct web_request *request, enum news_kind kind, struct web_reply *reply,
                    struct err *err)
{
    struct web_reply refusal = {.body = buf_of(WEB_REPLY_MAX)};
    int64_t after, limit;
    int rc = 0;
    const struct post *post = border_post(b, request, true, 1, reply, &rc, err);
    if (post == NULL)
        return rc;
    if (!read_number(&after, web_query(request, "after"), 0) ||
        !read_number(&limit, web_query(request, "limit"), PAGE) || limit < 1 || limit > NEWS_PAGE_MAX)
        return body_refuse(reply, 400, "no such page", "after is a cursor, limit a number from 1 to 100", err);
    struct web_later *later = web_wait(request);
    if (later == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for an answer");
    if (news_list(b->news, post, kind, after, (size_t)limit, border_answer, later))
        return 0;
    rc = body_refuse_busy(&refusal, 503, "too many wait for an answer", err);
    web_answer(later, &refusal);
    return rc;
}

int border_get_matches(void *context, const struct web_request *request, struct web_reply *reply, struct err *err)
{
    return get_list(context, request, NEWS_MATCHES, reply, err);
}

int border_get_letters(void *context, const struct web_request *request, struct web_reply *reply, struct err *err)
{
    return get_list(context, request, NEWS_LETTERS, reply, err);
}

int border_get_events(void *context, const struct web_request *request, struct web_reply *reply, struct err *err)
{
    struct border *b = context;
    struct news_cursor from;
    const char *at = web_header(request, "Last-Event-ID");
    int rc = 0;
    const struct post *post = border_post(b, request, true, 1, reply, &rc, err);
    if (post == NULL)
        return rc;
    at = at != NULL ? at : web_query(request, "after");
    if (at != NULL && !news_cursor_parse(&from, at))
        return body_refuse(reply, 400, "no such cursor", "Last-Event-ID and after are the id of an event", err);
    struct web_stream *stream = web_stream_new(request);
    if (stream == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for events");
    if (!news_listen(b->news, post, at != NULL ? &from : NULL, stream)) {
        web_stream_drop(stream);
        return body_refuse_busy(reply, 429, "more streams of events are open than may be", err);
    }
    reply->stream = stream;
    reply->type = "text/event-stream";
    return 0;
}
