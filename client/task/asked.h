/*
 * What one question asks of one purpose: the inputs of its match keys, and what comes of them. Personal data and
 * secrets: whoever holds one wipes it.
 */
#ifndef CLIENT_TASK_ASKED_H
#define CLIENT_TASK_ASKED_H

#include "client/agency/agency.h"
#include "client/schema/elements_pack.h"
#include "client/schema/keys.h"

struct asked {
    const struct agency_purpose *purpose;
    size_t whose; /* for who asks several questions: which one it is of */
    struct match_inputs inputs;
    struct buf bytes;   /* where they lie */
    uint32_t keys;      /* bitmap of those that it has */
    uint8_t digest[32]; /* of inputs and elements: a question in which nothing but a sex changed is another one */
    uint8_t elements[ELEMENTS_PACKED_MAX];
    size_t elements_len;
    struct record_secret secret; /* its shares go out with its tags */
    uint8_t seed[RECORD_SEED_SIZE];
    bool is_kept;        /* the vault has the seed */
    struct token *token; /* of each input once it is evaluated; borrowed */
};

/* Reads them; its seed is the one of the last time, or drawn. asked_wipe() in any case. */
int asked_fill(struct asked *out, const struct agency *agency, const struct agency_purpose *purpose,
               const struct person *person, struct err *err);
void asked_wipe(struct asked *asked);

/* Whether the two have an input in common: then they cannot travel in one request, of which a tag has one payload. */
bool asked_collide(const struct asked *a, const struct asked *b);

#endif
