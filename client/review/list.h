/* The board on paper: for people, for spreadsheets, for programs (docs/review.md describes the members). */
#ifndef CLIENT_REVIEW_LIST_H
#define CLIENT_REVIEW_LIST_H

#include "client/review/board.h"

#include <jansson.h>

enum list_form { LIST_TABLE, LIST_CSV, LIST_JSON };

struct list_look {
    enum list_form form;
    bool keys;           /* the table names, under each match, the keys that agreed and those that did not */
    uint64_t page, most; /* matches `most` by `most`, pages from 1; most 0: all on one */
};

/* ERR_USAGE: there is no such page. */
int list_print(const struct board *board, struct agency *agency, const struct list_look *look, struct err *err);

/* One match with its history, as text or JSON. */
int list_show(struct agency *agency, int64_t number, bool json, struct err *err);

/* The same without its history, as a value. ERR_NOT_FOUND, also of one of a purpose that the manifest does not have. */
int list_object(struct agency *agency, int64_t number, json_t **out, struct err *err);

/* What explain() begins and ends with: the facts of a match, and its history. *own: keys. ERR_NOT_FOUND. */
int list_show_facts(struct agency *agency, int64_t number, struct vault_review *review,
                    const struct agency_purpose **purpose, uint32_t *own, struct err *err);
int list_show_history(struct agency *agency, int64_t number, struct err *err);

#endif
