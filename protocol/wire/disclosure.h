/*
 * The bodies of letters of disclosure: an officer asks about a match, another one answers, both record an outcome, and
 * what was disclosed is recalled (docs/letters.md). Personal data: whoever decodes one wipes it. A decoded message
 * borrows the values from the bytes that it was read from.
 */
#ifndef PROTOCOL_WIRE_DISCLOSURE_H
#define PROTOCOL_WIRE_DISCLOSURE_H

#include "protocol/base/buf.h"

#define DISCLOSURE_HANDLE_SIZE 16
#define DISCLOSURE_TEXT_MAX 2000          /* bytes of a reason or remark */
#define DISCLOSURE_NAME_MAX 100           /* of an officer's name, an authority's, a file's */
#define DISCLOSURE_CODE_MAX 63            /* of a legal basis */
#define DISCLOSURE_VALUE_MAX (5u << 20)   /* of one value, so of a photograph */
#define DISCLOSURE_VALUES_MAX 16          /* in an answer */
#define DISCLOSURE_NUMBER_MAX 1000        /* questions of one side in a thread */
#define DISCLOSURE_ANSWER_MAX (16u << 20) /* bytes of an answer's values together */

/* What may be asked for. Numbers stand in letters: bits of `fields`. */
enum disclosure_field {
    DISCLOSE_FAMILY_NAME,
    DISCLOSE_GIVEN_NAMES,
    DISCLOSE_NAME_NATIVE,
    DISCLOSE_ALIASES,
    DISCLOSE_SEX,
    DISCLOSE_DATE_OF_BIRTH,
    DISCLOSE_NATIONALITY,
    DISCLOSE_DOC_TYPE,
    DISCLOSE_DOC_ISSUER,
    DISCLOSE_DOC_NUMBER,
    DISCLOSE_DOC_EXPIRY,
    DISCLOSE_PHOTOGRAPH, /* these two are files */
    DISCLOSE_SCAN,
    DISCLOSE_TEXT,
    DISCLOSURE_FIELDS
};

enum disclosure_subject { ABOUT_MATCH = 1, ABOUT_NOTICE };

/* A question. `about` is the handle of what the recipient holds or asked about, `own` that of the sender's record. */
struct disclosure_ask {
    uint32_t epoch;
    uint8_t about[DISCLOSURE_HANDLE_SIZE], own[DISCLOSURE_HANDLE_SIZE];
    uint64_t subject, number, fields, urgency; /* number: of the sender's questions in the thread, from 1 */
    char basis[DISCLOSURE_CODE_MAX + 1], by[DISCLOSURE_NAME_MAX + 1], reason[DISCLOSURE_TEXT_MAX + 1];
};

enum disclosure_code { ANSWER_ALL = 1, ANSWER_SOME, ANSWER_NONE, ANSWER_ASK_BACK, ANSWER_FORWARDED, ANSWER_CODES };

/* Why something was not released. */
enum disclosure_why {
    WHY_NONE,
    WHY_NOT_HELD,
    WHY_NOT_PERMITTED,
    WHY_BASIS,
    WHY_INVESTIGATION,
    WHY_PROTECTION,
    WHY_OTHER,
    DISCLOSURE_WHYS
};

enum disclosure_source { SOURCE_FEED = 1, SOURCE_TYPED, SOURCE_ATTACHED, DISCLOSURE_SOURCES };

/* What the recipient may do with a value. */
enum disclosure_handling { HANDLING_INFORMATION = 1, HANDLING_COURT, HANDLING_PASS_ON, DISCLOSURE_HANDLINGS };

struct disclosure_value {
    uint64_t field, source, handling;
    char name[DISCLOSURE_NAME_MAX + 1]; /* of the file; "" for text */
    struct span bytes;
};

/* The answer to the recipient's question of that number; forwarded: `to` whom. */
struct disclosure_answer {
    uint64_t number, code, why;
    char by[DISCLOSURE_NAME_MAX + 1], second[DISCLOSURE_NAME_MAX + 1]; /* officers; second "": none was needed */
    char to[DISCLOSURE_NAME_MAX + 1], text[DISCLOSURE_TEXT_MAX + 1];
    size_t count;
    struct disclosure_value value[DISCLOSURE_VALUES_MAX]; /* each field once, ascending */
};

enum disclosure_result {
    OUTCOME_SAME_PERSON = 1,
    OUTCOME_DIFFERENT,
    OUTCOME_IDENTITY_FRAUD,
    OUTCOME_DOCUMENT_FRAUD,
    OUTCOME_UNDECIDED,
    DISCLOSURE_RESULTS
};

struct disclosure_outcome {
    uint32_t epoch;
    uint8_t about[DISCLOSURE_HANDLE_SIZE], own[DISCLOSURE_HANDLE_SIZE];
    uint64_t outcome;
    char by[DISCLOSURE_NAME_MAX + 1], text[DISCLOSURE_TEXT_MAX + 1];
};

enum disclosure_recall_step { RECALL_ORDERED = 1, RECALL_DONE };
enum disclosure_recall_why { RECALL_WRONG = 1, RECALL_ERASED, DISCLOSURE_RECALL_WHYS };

/* Of what the sender (ordered) or the recipient (done) answered to the other's question of that number. */
struct disclosure_recall {
    uint64_t number, step, why;
    char by[DISCLOSURE_NAME_MAX + 1], text[DISCLOSURE_TEXT_MAX + 1];
};

/* Encoders append to out. Decoders: ERR_INPUT names the field; nothing beside the message is accepted. */
int disclosure_ask_encode(struct buf *out, const struct disclosure_ask *in, struct err *err);
int disclosure_ask_decode(struct disclosure_ask *out, struct span body, struct err *err);
int disclosure_answer_encode(struct buf *out, const struct disclosure_answer *in, struct err *err);
int disclosure_answer_decode(struct disclosure_answer *out, struct span body, struct err *err);
int disclosure_outcome_encode(struct buf *out, const struct disclosure_outcome *in, struct err *err);
int disclosure_outcome_decode(struct disclosure_outcome *out, struct span body, struct err *err);
int disclosure_recall_encode(struct buf *out, const struct disclosure_recall *in, struct err *err);
int disclosure_recall_decode(struct disclosure_recall *out, struct span body, struct err *err);

#endif
