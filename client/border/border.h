/*
 * The border interface: JSON over HTTP for the systems of border posts (docs/border.md, client/border/openapi.json).
 * Each post shows its token. Errors are problem details (RFC 9457). Nothing personal is in addresses or logs.
 */
#ifndef CLIENT_BORDER_BORDER_H
#define CLIENT_BORDER_BORDER_H

#include "client/agency/agency.h"

struct border_options {
    const char *listen, *posts;    /* where; the file of posts (posts.h) */
    const char *certificate, *key; /* files in PEM, "" for none */
    uint64_t rate;                 /* checks a second of one post */
};

struct border;

/* Everything is borrowed. ERR_INPUT, ERR_IO: the posts cannot be read, or it cannot listen. */
int border_open(struct border **out, const struct border_options *options, const struct agency_config *config,
                const struct identity *identity, struct err *err);
void border_close(struct border *border); /* NULL is fine */

unsigned border_port(const struct border *border);

#endif
