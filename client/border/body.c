#include "client/border/body.h"

#include <stdlib.h>
#include <string.h>

int body_put(struct buf *out, json_t *value, struct err *err)
{
    char *text = value != NULL ? json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    int rc = text == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for an answer")
                          : buf_put(out, text, strlen(text), err);
    free(text);
    json_decref(value);
    return rc;
}

json_t *body_problem(unsigned status, const char *title, const char *detail)
{
    return json_pack("{s:s, s:s, s:i, s:s}", "type", "about:blank", "title", title, "status", (int)status, "detail",
                     detail);
}

int body_refuse(struct web_reply *reply, unsigned status, const char *title, const char *detail, struct err *err)
{
    reply->status = status;
    reply->type = "application/problem+json";
    return body_put(&reply->body, body_problem(status, title, detail), err);
}

int body_refuse_busy(struct web_reply *reply, unsigned status, const char *detail, struct err *err)
{
    web_set_header(reply, "Retry-After", "1");
    return body_refuse(reply, status, status == 429 ? "too many requests" : "not now", detail, err);
}
