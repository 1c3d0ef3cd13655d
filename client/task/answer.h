/* What a question was answered. */
#ifndef CLIENT_TASK_ANSWER_H
#define CLIENT_TASK_ANSWER_H

#include "client/task/asking.h"
#include "client/vault/judging.h"

/* A partner's record that opened. */
struct answer_hit {
    const struct agency_purpose *purpose;
    struct vault_match match;
    struct vault_judging pair; /* number 0: it is not judged */
};

/* A partner that was not asked. */
struct answer_unasked {
    const struct agency_purpose *purpose;
    const char *partner;
    enum query_reason reason;
};

/* A partner's register of valid documents that was asked, and as of when it is complete. */
struct answer_register {
    const struct agency_purpose *purpose;
    const char *partner;
    uint64_t time; /* seconds since 1970 */
};

struct answer {
    struct answer_hit *hit;
    struct answer_unasked *unasked;
    struct answer_register *registers;
    size_t hits, unasked_count, register_count;
    char issuer[PERSON_DOCUMENTS_MAX][4]; /* of the documents asked about, each once; "" where nobody told */
    size_t issuers;
    uint32_t purposes;                      /* bitmap of those that the question is about */
    bool keyless[REGION_PURPOSES_MAX];      /* purposes of which no value given is a key: not asked about */
    bool ungranted[REGION_PURPOSES_MAX];    /* purposes that nobody and this agency granted each other: left out */
    char *denied[REGION_PURPOSES_MAX];      /* why a purpose was refused while others were answered; NULL: it was not */
    bool cut;                               /* there were more hits than a reply holds */
    uint64_t unopened[REGION_AGENCIES_MAX]; /* hits by partner that did not open */
    uint64_t refused[REGION_AGENCIES_MAX];  /* hits by partner that were refused (client/mail/hits.h) */
    uint64_t refused_all;                   /* all that was refused, or did not come though it was written down */
    uint64_t manifest;                      /* not 0: the matcher works under this newer version, which grants more */
};

void answer_free(struct answer *answer);

/*
 * Takes what a request was answered about what it asked for question `whose`, beside what others were. Within a
 * transaction of the vault where *writes (answer_writes()); what opened is noted for judging.
 */
int answer_take(struct answer *answer, const struct asking *asking, size_t whose, struct err *err);
bool answer_writes(const struct asking *asking);

/*
 * How far judging has come, anew; whether a partner's part is awaited; and whether a hit is one: as both judged it, or
 * by its keys as long as they have not.
 */
int answer_refresh(struct answer *answer, struct agency *agency, struct err *err);
bool answer_waits(const struct answer *answer);
bool answer_hit_counts(const struct answer_hit *hit);

#endif
