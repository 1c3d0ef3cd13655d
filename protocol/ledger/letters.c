#include "protocol/ledger/letters.h"

#include <string.h>

static void digest_letter(const struct event *event, struct span sealed, uint8_t out[EVENT_DIGEST_SIZE])
{
    struct event_digest digest;
    event_digest_start(&digest, event->salt);
    event_digest_add(&digest, sealed);
    event_digest_end(&digest, out);
}

void letters_describe(struct event *event, struct span sealed)
{
    uint64_t prekey = 0;
    (void)letter_prekey(&prekey, sealed, ERR_IGNORED);
    event->sequence = prekey;
    event->size = sealed.len;
    digest_letter(event, sealed, event->digest);
}

int letters_verify(const struct event *event, struct span sealed, const char *from, const char *to, const char *purpose,
                   struct err *err)
{
    uint64_t prekey = 0;
    uint8_t digest[EVENT_DIGEST_SIZE];
    int rc = letter_prekey(&prekey, sealed, err);
    if (rc != 0)
        return rc;
    digest_letter(event, sealed, digest);
    bool same = event->kind == EVENT_LETTER && strcmp(event->party, from) == 0 && strcmp(event->partner, to) == 0 &&
                strcmp(event->purpose, purpose) == 0 && event->sequence == prekey && event->size == sealed.len &&
                memcmp(event->digest, digest, sizeof digest) == 0;
    return same ? 0 : err_set(err, ERR_VERIFY, "the event of a letter in the name of %s is about another", from);
}

int letters_describe_prekey(struct event *event, const struct prekey *prekey, struct err *err)
{
    event->sequence = prekey->number;
    event->until = prekey->valid_until;
    memcpy(event->chain, prekey->previous, sizeof event->chain);
    return prekey_digest(event->digest, prekey, err);
}

int letters_verify_prekey(const struct event *event, const struct prekey *prekey, const char *party, struct err *err)
{
    struct event said = {.kind = EVENT_PREKEY};
    int rc = letters_describe_prekey(&said, prekey, err);
    if (rc != 0)
        return rc;
    bool same = event->kind == EVENT_PREKEY && strcmp(event->party, party) == 0 && event->sequence == said.sequence &&
                event->until == said.until && memcmp(event->chain, said.chain, sizeof said.chain) == 0 &&
                memcmp(event->digest, said.digest, sizeof said.digest) == 0;
    return same ? 0
                : err_set(err, ERR_VERIFY, "prekey %llu of %s is not the one that the matcher's ledger has",
                          (unsigned long long)prekey->number, party);
}
