/*
 * What the vault remembers of judging (docs/judging.md): pairs of handles that opened, how far each has come, exchanges
 * under way, what officers released, what was refused. A pair that counted stays, whatever becomes of its record: it is
 * what the limit of a record and a partner is reckoned by.
 */
#ifndef CLIENT_VAULT_JUDGING_H
#define CLIENT_VAULT_JUDGING_H

#include "client/vault/vault.h"

/* How far a pair has come. Numbers stand in the tables. */
enum judge_state {
    JUDGE_WAITING,   /* nothing is known yet */
    JUDGE_JUDGED,    /* both sides know which of their elements agree, and have the same verdict */
    JUDGE_DIFFERENT, /* below the schema's `consider`: who begins knows which agree, who ends only that it is so */
    JUDGE_UNKNOWN,   /* the partner does not have the pair, or sees other documents shared: tried again
                        once keys change, or after JUDGING_AGAIN */
    JUDGE_LIMIT,     /* a side has judged its record for the other as often as it may */
    JUDGE_REFUSED,   /* the partner sent something forged */
    JUDGE_STATES
};

#define JUDGING_AGREE_MAX 64 /* slots of a record */
#define JUDGING_SEEN_MAX 64  /* of a verdict */
#define JUDGING_WHY_MAX 200  /* bytes of a reason */
#define JUDGING_YEAR (365 * 86400u)
#define JUDGING_AGAIN 86400u /* seconds after which a partner is asked again that did not know a pair, or had enough */

/* A pair of handles of the own record and a partner's. */
struct vault_judging {
    int64_t number, domain, exchange; /* exchange: under way; 0: none */
    unsigned place;                   /* in it */
    struct vault_ref record;
    char partner[PARTY_NAME_MAX + 1];
    uint8_t peer[PARTY_DIGEST_SIZE]; /* the partner's identity digest */
    uint8_t own[HANDLE_SIZE], other[HANDLE_SIZE];
    uint32_t keys; /* shared */
    bool begins;   /* this side sends letter 1 */
    bool check;    /* it came of a question */
    enum judge_state state;
    uint64_t at;      /* of the state, seconds since 1970 */
    uint64_t counted; /* when letter 2 went or came; 0: not yet */
    /* What came of it. */
    unsigned kind, score, class;
    bool accepted;
    uint32_t presence;                /* of the partner's record, packed */
    uint8_t agree[JUDGING_AGREE_MAX]; /* own slots */
    uint8_t seen[JUDGING_SEEN_MAX];
};

/*
 * The pairs that a record has with handles that open now, in place of those of before that nothing was begun of. Of
 * each: partner, peer, own, other, keys, begins; and, cleared, the rest, which becomes what is known of a pair that was
 * there. Within a transaction, as all that changes something here.
 */
int vault_judging_put(struct vault *vault, int64_t domain, const struct vault_ref *record, struct vault_judging *pair,
                      size_t count, struct err *err);

/*
 * A pair that an own question made, or a partner's; keys come together. Of an own question, which has no record:
 * pair->record is of vault_question_ref(), and packed its elements, which are kept for JUDGING_ASKED seconds from when
 * its state was set. *number of the pair.
 */
#define JUDGING_ASKED (7 * 86400u)
int vault_judging_ask(struct vault *vault, const struct vault_judging *pair, struct span packed, int64_t *number,
                      struct err *err);

/*
 * At that time: values that were asked about go, since letters do not take longer; the pair itself once it does not
 * count.
 */
int vault_judging_age(struct vault *vault, uint64_t time, struct err *err);

/* Whether a pair is to be shown as a match. Until it is judged, and where it is not judged, keys decide: `by_keys`. */
bool judging_lists(const struct vault_judging *pair, bool by_keys);

/* What stands for an own question in the place of a record. digest: as of vault_question_seed(). */
struct vault_ref vault_question_ref(const uint8_t digest[32]);

/* ERR_NOT_FOUND. */
int vault_judging_find(struct vault *vault, int64_t domain, const uint8_t peer[PARTY_DIGEST_SIZE],
                       const uint8_t own[HANDLE_SIZE], const uint8_t other[HANDLE_SIZE], struct vault_judging *out,
                       struct err *err);
int vault_judging_get(struct vault *vault, int64_t number, struct vault_judging *out, struct err *err);

typedef int vault_visit_judging(void *context, const struct vault_judging *pair, struct err *err);

/*
 * Those that wait to be begun by this side, or that the partner wants judged anew; most keys in common first. checks:
 * only those that came of questions.
 */
int vault_judging_waiting(struct vault *vault, int64_t domain, const uint8_t peer[PARTY_DIGEST_SIZE], bool checks,
                          size_t limit, vault_visit_judging *visit, void *context, struct err *err);

/* Those of standing entries that wait for the partner to begin, and of which it was not told within JUDGING_AGAIN. */
int vault_judging_unbegun(struct vault *vault, int64_t domain, const uint8_t peer[PARTY_DIGEST_SIZE], size_t limit,
                          vault_visit_judging *visit, void *context, struct err *err);

/* Those of an exchange, in their places. All of a domain, newest first. */
int vault_judging_of(struct vault *vault, int64_t exchange, vault_visit_judging *visit, void *context, struct err *err);
int vault_judgings(struct vault *vault, int64_t domain, vault_visit_judging *visit, void *context, struct err *err);

/* It is to be judged anew, as the side that ends says: now. What is known of it stays until there is a verdict. */
int vault_judging_anew(struct vault *vault, int64_t number, struct err *err);

/* Puts the pair into an exchange, at its place. Counts that exchange now. */
int vault_judging_begin(struct vault *vault, int64_t number, int64_t exchange, size_t place, struct err *err);
int vault_judging_count(struct vault *vault, int64_t number, struct err *err);

/* State and what came of it; out of its exchange. The record is looked at anew. */
int vault_judging_end(struct vault *vault, const struct vault_judging *pair, struct err *err);

/* Sets the state alone of a pair that no exchange is about; a verdict stays. Forgets one that never counted. */
int vault_judging_set(struct vault *vault, int64_t number, enum judge_state state, struct err *err);
int vault_judging_forget(struct vault *vault, int64_t number, struct err *err);

/* Pairs that the partner did not know, or that a limit held back, wait again after JUDGING_AGAIN. */
int vault_judging_again(struct vault *vault, struct err *err);

/*
 * A vault that was put back from a backup, or is another one than the agency had, does not know what was judged before:
 * every limit counts as used up for a year, but for what is released from then on. vault_judging_lose() says that it is
 * so; vault_judging_first() whether it is so of a vault of which that is not known yet. Both within a transaction.
 * vault_judging_lost(): *at is when it was so last, if that is less than a year ago; 0: never.
 */
int vault_judging_lose(struct vault *vault, struct err *err);
int vault_judging_first(struct vault *vault, bool had_another, struct err *err);
int vault_judging_lost(struct vault *vault, uint64_t *at, struct err *err);

/*
 * How many exchanges with this party were about this record within a year in this domain's purpose, those under way
 * among them, each as often as it was judged anew; and how many more an officer released. Where judgings were lost:
 * since then. lost: as of vault_judging_lost().
 */
int vault_judging_used(struct vault *vault, int64_t domain, const struct vault_ref *record,
                       const uint8_t peer[PARTY_DIGEST_SIZE], uint64_t lost, uint64_t *used, uint64_t *released,
                       struct err *err);

struct vault_judging_counts {
    uint64_t pairs, state[JUDGE_STATES]; /* pairs in all, and in each state */
    uint64_t refused;                    /* letters */
};
int vault_judging_counts(struct vault *vault, int64_t domain, struct vault_judging_counts *out, struct err *err);

/* How many pairs with a party were judged, and how many of them are matches: an officer sees by it who only guesses. */
int vault_judging_with(struct vault *vault, int64_t domain, const uint8_t peer[PARTY_DIGEST_SIZE], uint64_t *judged,
                       uint64_t *matches, struct err *err);

/* An officer's: `count` more handles of a partner for a record, or for each; the statement and its signature. */
struct vault_judging_release {
    int64_t domain;
    const struct vault_ref *record; /* NULL: each */
    uint8_t peer[PARTY_DIGEST_SIZE];
    uint64_t count;
    const char *by;
    struct span statement;
    uint8_t signature[64];
};
int vault_judging_release(struct vault *vault, const struct vault_judging_release *release, struct err *err);

/* A letter that was refused, and why. */
int vault_judging_refuse(struct vault *vault, int64_t domain, const uint8_t peer[PARTY_DIGEST_SIZE], const char *why,
                         struct err *err);

/* The elements of a record or an own question, packed; appended. ERR_NOT_FOUND. Secret. */
int vault_elements(struct vault *vault, const struct vault_judging *pair, struct buf *packed, struct err *err);

/* The handle that the record has now. ERR_NOT_FOUND. */
int vault_record_handle(struct vault *vault, int64_t domain, const struct vault_ref *record, uint8_t out[HANDLE_SIZE],
                        struct err *err);

/* --- exchanges --- */

struct vault_exchange {
    int64_t number, domain;
    uint8_t peer[PARTY_DIGEST_SIZE], id[16];
    bool begins;
    struct buf packed; /* exchange_pack(); secret */
};

/* ERR_CONFLICT: this peer has one of this id. *number of the new one. */
int vault_exchange_put(struct vault *vault, const struct vault_exchange *exchange, int64_t *number, struct err *err);
int vault_exchange_set(struct vault *vault, int64_t number, struct span packed, struct err *err);
int vault_exchange_find(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], const uint8_t id[16], bool begins,
                        struct vault_exchange *out, bool *found, struct err *err);

/* A secret of this vault's for the exponents of judging. */
void vault_judging_secret(const struct vault *vault, uint8_t out[32]);

#endif
