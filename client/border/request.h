/*
 * What a border post asks, as JSON: fields or a zone, for which purposes, whom not to ask, and by when an answer is
 * wanted. Personal data: whoever holds one wipes it.
 */
#ifndef CLIENT_BORDER_REQUEST_H
#define CLIENT_BORDER_REQUEST_H

#include "client/feed/check.h"
#include "protocol/base/buf.h"
#include "protocol/identity/party.h"

#define REQUEST_BODY_MAX 16384u /* bytes */
#define REQUEST_NAMES_MAX 16    /* purposes; agencies not to be asked */
#define REQUEST_DEADLINE_MS 2000
#define REQUEST_DEADLINE_MAX_MS 30000

struct check_request {
    char value[FIELDS][FIELD_SIZE_MAX + 1]; /* "" where none was given */
    char purpose[REQUEST_NAMES_MAX][PARTY_NAME_MAX + 1], not_for[REQUEST_NAMES_MAX][PARTY_NAME_MAX + 1];
    size_t purposes, not_fors;
    uint64_t deadline_ms;
    struct field_problem told[RECORD_PROBLEMS_MAX]; /* fields that could not be used, and why */
    size_t problems;
};

/*
 * Members: family_name, given_names, name_native, aliases, sex, date_of_birth, calendar, nationality, doc_type,
 * doc_issuer, doc_number, mrz; purposes, not_for: arrays of names; deadline_ms. Others are refused. ERR_INPUT names the
 * member, never a value.
 */
int request_parse(struct check_request *out, struct span json, struct err *err);

/*
 * The same from values that came another way: request_start(), then fill in, then request_end(), which empties fields
 * that cannot be used and tells of them. ERR_INPUT: nothing is left that could be asked.
 */
void request_start(struct check_request *out);
int request_end(struct check_request *out, struct err *err);

/* As a row of a feed would be; borrows the values. */
struct record request_record(const struct check_request *request);

#endif
