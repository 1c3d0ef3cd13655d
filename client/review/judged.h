/* Pairs that are judged, before an officer: how far each has come, and what agrees in it, element by element. */
#ifndef CLIENT_REVIEW_JUDGED_H
#define CLIENT_REVIEW_JUDGED_H

#include "client/agency/agency.h"
#include "client/vault/judging.h"

#include <jansson.h>

/* The pair of handles that a match is about. *found false: nothing is judged there, or nothing any more. */
int judged_find(const struct agency *agency, int64_t domain, const struct vault_match *match, struct vault_judging *out,
                bool *found, struct err *err);

/* "by keys, waiting for IDN", "judged", "different", ... pair NULL: the score is by keys alone. */
#define JUDGED_WORDS_MAX 96
void judged_in_words(char out[JUDGED_WORDS_MAX], const struct vault_judging *pair);

/* What stands for the id of a pair's record where there is none: of an own question, or of a record that is gone. */
const char *judged_without_record(const struct vault_judging *pair);

/* What was seen of the pair, for programs. NULL: out of memory. */
json_t *judged_object(const struct vault_judging *pair);

/*
 * Element by element: the own value, and whether the partner has it, too; nothing where no side knows. ERR_NOT_FOUND:
 * the own values are gone. Personal data of this agency.
 */
enum judged_met { MET_SAME, MET_NEAR, MET_AGAINST, MET_UNKNOWN };
struct judged_line {
    const char *label; /* "name", "day", ... */
    unsigned number;   /* of a word of the name, from 1; 0: it is none */
    const char *own;
    enum judged_met met;
    const char *words; /* what is so of the partner's */
};
typedef int judged_visit(void *context, const struct judged_line *line, struct err *err);
int judged_each(const struct agency *agency, const struct vault_judging *pair, judged_visit *visit, void *context,
                struct err *err);

/* The same on paper. */
int judged_print(const struct agency *agency, const struct vault_judging *pair, struct err *err);

/* All pairs of a purpose: a line each, or an object in the array. */
int judged_list(struct agency *agency, const struct agency_purpose *purpose, json_t *array, struct err *err);

#endif
