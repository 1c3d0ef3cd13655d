/*
 * A page of matches as officers turn them at the desk: those in a state, of a partner, the surest or the newest first;
 * each stands with those that may be of the same person, as on the board (board.h), at the place of the first of them.
 * It is read from indexes: a page takes as long where there are many matches as where there are few, but for counting.
 */
#ifndef CLIENT_REVIEW_VIEW_H
#define CLIENT_REVIEW_VIEW_H

#include "client/agency/agency.h"

#define VIEW_ROWS 50       /* a page ends behind the first person with which it has so many */
#define VIEW_PERSON_MAX 64 /* matches of one person that stand together; the others stand by themselves */
#define VIEW_ITEMS_MAX (VIEW_ROWS + VIEW_PERSON_MAX)
#define VIEW_PARTNERS_MAX 256

struct view_wish {
    int state;           /* enum review_state; -1: any */
    const char *partner; /* "": any */
    enum review_order order;
    const struct review_place *after; /* NULL: the first page */
};

struct view_item {
    int64_t number; /* of the match */
    bool follows;   /* of the same person as the one before, perhaps */
};

struct view {
    struct view_item item[VIEW_ITEMS_MAX];
    size_t items;
    uint64_t count;                                      /* on all pages */
    bool more;                                           /* there is another page, */
    struct review_place last;                            /* which begins behind this */
    char partner[VIEW_PARTNERS_MAX][PARTY_NAME_MAX + 1]; /* that there are matches with in that state, by name */
    size_t partners;
};

int view_load(struct view *out, struct agency *agency, const struct view_wish *wish, struct err *err);

#endif
