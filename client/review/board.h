/*
 * The board: all matches that the agency has, as an officer wants to work through them. Matches that speak of one
 * person stand together: own records that match the same record of a partner as the same person, and all that these
 * match with. A match that was dismissed or withdrawn links nothing.
 */
#ifndef CLIENT_REVIEW_BOARD_H
#define CLIENT_REVIEW_BOARD_H

#include "client/agency/agency.h"
#include "client/schema/score.h"

/* In which order: by person, the surest first; or each match by itself. */
enum board_sort { SORT_PERSON, SORT_SCORE, SORT_NEWEST, SORT_NUMBER };

/* Which matches to show, and how. Empty lists: all. */
struct board_filter {
    const struct setting_list *partners, *kinds, *states, *records;
    uint64_t min_score;
    enum board_sort sort;
    uint64_t since; /* found or withdrawn at this time or later; 0: any */
};

struct board_item {
    int64_t number; /* of the match */
    int64_t group;  /* the least number of a match in its group */
    uint64_t last;  /* when it was found or withdrawn */
    int64_t best;   /* the surest match that either record has with the other's agency; 0: none is surer */
    uint8_t own[VAULT_RECORD_SIZE]; /* the own record, in whatever purpose */
    uint8_t handle[HANDLE_SIZE];
    uint16_t purpose, partner; /* position in agency.purpose, in board.partner */
    uint8_t score, best_score, group_score, own_score;
    uint8_t state, kind; /* enum review_state, enum match_kind */
    bool links, shown;
};

struct board {
    struct board_item *item; /* shown ones first; best group first, in it the best own record, of that the best match */
    size_t count, room, shown;
    enum board_sort sort;
    char (*partner)[PARTY_NAME_MAX + 1];
    size_t partners;
};

/* ERR_USAGE: the filter names a kind, state, partner or score that does not exist. */
int board_load(struct board *board, struct agency *agency, const struct board_filter *filter, struct err *err);
void board_free(struct board *board);

/* "person", "score", "newest", "number"; "" is the first. ERR_USAGE. */
int board_sort_named(enum board_sort *out, const char *name, struct err *err);

/* "new", "confirmed", "dismissed", "withdrawn", "returned". */
const char *review_state_name(enum review_state state);

/* Whether other keys agree than when it was decided on: look again. */
bool review_is_outdated(const struct vault_review *review);

#endif
