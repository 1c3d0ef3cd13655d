/* What pages bring with them: compiled in, and nothing comes from anywhere else. */
#include "client/office/office_internal.h"

static const uint8_t style[] = {
#include "served/style.css.inc"
};

static const uint8_t zone[] = {
#include "served/zone.js.inc"
};

int office_serve_style(struct visit *visit, struct err *err)
{
    visit->reply->type = "text/css; charset=utf-8";
    web_set_header(visit->reply, "Cache-Control", "max-age=3600");
    return buf_put(&visit->reply->body, style, sizeof style, err);
}

int office_serve_zone(struct visit *visit, struct err *err)
{
    visit->reply->type = "text/javascript; charset=utf-8";
    web_set_header(visit->reply, "Cache-Control", "max-age=3600");
    return buf_put(&visit->reply->body, zone, sizeof zone, err);
}
