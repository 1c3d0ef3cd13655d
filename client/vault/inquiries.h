/*
 * What the vault remembers of disclosure (docs/letters.md): inquiries, each a thread with one partner about one match
 * or notice, and the letters in them, ours and the partner's, with what they disclosed until its time is over.
 */
#ifndef CLIENT_VAULT_INQUIRIES_H
#define CLIENT_VAULT_INQUIRIES_H

#include "client/vault/vault.h"
#include "protocol/letter/letter.h"
#include "protocol/wire/disclosure.h"

struct vault_inquiry {
    int64_t number, domain;
    uint8_t peer[PARTY_DIGEST_SIZE], thread[LETTER_THREAD_SIZE];
    char purpose[PARTY_NAME_MAX + 1], id[VAULT_ID_MAX + 1]; /* id: of the own record; "": none is known */
    uint8_t own[HANDLE_SIZE], other[HANDLE_SIZE];           /* handles */
    unsigned subject;                                       /* enum disclosure_subject */
};

/* Begins one; its number is set. */
int vault_inquiry_put(struct vault *vault, struct vault_inquiry *inquiry, struct err *err);

/* By number (ERR_NOT_FOUND); by thread; the latest one with this peer about this record and its own. */
int vault_inquiry_get(struct vault *vault, int64_t number, struct vault_inquiry *out, struct err *err);
int vault_inquiry_find(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE],
                       const uint8_t thread[LETTER_THREAD_SIZE], struct vault_inquiry *out, bool *found,
                       struct err *err);
int vault_inquiry_about(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], int64_t domain, const char *id,
                        const uint8_t other[HANDLE_SIZE], struct vault_inquiry *out, bool *found, struct err *err);

enum inquiry_state {
    INQUIRY_PENDING, /* an answer that waits for a second officer */
    INQUIRY_OPEN,    /* a question that is not answered, a recall that is not acknowledged */
    INQUIRY_DONE,
    INQUIRY_DROPPED,  /* an answer that the second officer did not confirm */
    INQUIRY_RECALLED, /* an answer that is recalled */
    INQUIRY_STATES
};

struct vault_inquiry_letter {
    int64_t number, inquiry;
    bool ours;
    enum letter_kind kind;
    uint64_t ask;     /* the number of the question that it is, or is about; 0: an outcome */
    uint64_t at, due; /* seconds since 1970; due 0: no date */
    uint64_t code;    /* of an answer, outcome, recall: enum in protocol/wire/disclosure.h; of a question its urgency */
    uint64_t shown;   /* when its values were shown or exported first; 0: never */
    uint64_t until;   /* when its body is wiped; 0: when it is erased */
    enum inquiry_state state;
    char by[DISCLOSURE_NAME_MAX + 1];
    struct span body; /* empty where it was wiped; personal data */
};

/* Keeps one; its number is set. */
int vault_inquiry_letter_put(struct vault *vault, struct vault_inquiry_letter *letter, struct err *err);

/* ERR_NOT_FOUND. The body is read into bytes. */
int vault_inquiry_letter_get(struct vault *vault, int64_t number, struct vault_inquiry_letter *out, struct buf *bytes,
                             struct err *err);

/* The latest of a thread of this kind and side that is about this question; any question: 0. */
int vault_inquiry_letter_find(struct vault *vault, int64_t inquiry, bool ours, enum letter_kind kind, uint64_t ask,
                              struct vault_inquiry_letter *out, struct buf *bytes, bool *found, struct err *err);
int vault_inquiry_letter_set(struct vault *vault, int64_t number, enum inquiry_state state, struct err *err);
int vault_inquiry_letter_body(struct vault *vault, int64_t number, struct span body, uint64_t at, struct err *err);
int vault_inquiry_shown(struct vault *vault, int64_t inquiry, uint64_t at, struct err *err); /* all of its letters */
int vault_inquiry_letter_shown(struct vault *vault, int64_t number, uint64_t at, struct err *err);

/* Overwrites the body of one; of all whose time is over, *wiped of them. */
int vault_inquiry_letter_wipe(struct vault *vault, int64_t number, struct err *err);
int vault_inquiries_age(struct vault *vault, uint64_t now, uint64_t *wiped, struct err *err);

/* How many questions and recalls are late: those that we are to answer, those that partners are. */
int vault_inquiries_late(struct vault *vault, uint64_t now, uint64_t *by_us, uint64_t *by_them, struct err *err);

/*
 * Questions of an urgency, or recalls, with one partner about one purpose, of one side, since that time: how many, and
 * what became of them by now.
 */
struct vault_inquiry_counts {
    uint8_t peer[PARTY_DIGEST_SIZE];
    char purpose[PARTY_NAME_MAX + 1];
    bool ours, recalls;
    uint64_t urgency, letters, in_time, late, open, open_late; /* open_late: of the open ones */
};
typedef int vault_visit_counts(void *context, const struct vault_inquiry_counts *counts, struct err *err);
int vault_inquiries_count(struct vault *vault, uint64_t since, uint64_t now, vault_visit_counts *visit, void *context,
                          struct err *err);

/* All of an inquiry, the oldest first; or (0) of all, in an order. */
enum inquiry_order {
    INQUIRY_BY_NEED, /* what is late first, then what is open, then the newest */
    INQUIRY_BY_TIME, /* the newest first */
    INQUIRY_BY_DUE,  /* what is to be answered first comes first; what has no date, or is done, last */
    INQUIRY_BY_PARTNER,
    INQUIRY_WAITING, /* by need, and only what waits: for an answer, a second officer, to be read, an acknowledgement */
    INQUIRY_ORDERS
};
typedef int vault_visit_inquiry_letter(void *context, const struct vault_inquiry *inquiry,
                                       const struct vault_inquiry_letter *letter, struct err *err);
int vault_inquiry_letters(struct vault *vault, int64_t inquiry, enum inquiry_order order, uint64_t now,
                          vault_visit_inquiry_letter *visit, void *context, struct err *err);

/* Those after this number, the oldest first, at most so many. A number is never given twice. */
int vault_inquiry_letters_after(struct vault *vault, int64_t after, size_t most, vault_visit_inquiry_letter *visit,
                                void *context, struct err *err);

/*
 * Erases what a record's inquiries hold: bodies, and what waits to be sent or was not acknowledged. *erased: letters.
 */
int vault_inquiries_erase(struct vault *vault, const char *id, uint64_t *erased, struct err *err);

#endif
