/*
 * The border interface: JSON over HTTP for the systems of border posts (docs/border.md, client/border/openapi.json).
 * Each post shows its token. Errors are problem details (RFC 9457). Nothing personal is in addresses or logs.
 */
#ifndef CLIENT_BORDER_BORDER_H
#define CLIENT_BORDER_BORDER_H

#include "client/agency/agency.h"
#include "protocol/web/web.h"

struct border_options {
    const char *listen;            /* as of struct web_options; "": another server has its routes */
    const char *posts;             /* the file of posts (posts.h) */
    const char *certificate, *key; /* files in PEM, "" for none */
    uint64_t rate;                 /* requests a second of one post */
};

struct border;

/* Everything is borrowed. ERR_INPUT, ERR_IO: the posts cannot be read, or it cannot listen. */
int border_open(struct border **out, const struct border_options *options, const struct agency_config *config,
                const struct identity *identity, struct err *err);

/* Answers what waits, and takes nothing any more: before the server that has its routes is closed. */
void border_end(struct border *border);
void border_close(struct border *border); /* NULL is fine, here and there */

/* Its routes, for a server of whoever has others; at most `most`; how many. */
size_t border_routes(struct border *border, struct web_route *out, size_t most);

unsigned border_port(const struct border *border);

#endif
